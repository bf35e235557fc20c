#pragma once
// From what a command line names to image files.
#include <filesystem>
#include <string>
#include <vector>

namespace anomalyvlm::cli {

// Files as they are; of a folder, the pictures directly in it (by their ending, in the order of their names),
// without those that an earlier call wrote there. Throws Error(kIo) for what does not exist and
// Error(kBadInput) for a folder without pictures.
std::vector<std::filesystem::path> find_images(const std::vector<std::string>& arguments);

}  // namespace anomalyvlm::cli
