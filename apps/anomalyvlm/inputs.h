#pragma once
// From what a command line names to image files.
#include <filesystem>
#include <string>
#include <vector>

namespace anomalyvlm::cli {

// Files as they are, whether they exist or not; of a folder, the pictures directly in it (by their ending, in
// the order of their names), without those that an earlier call wrote there. Throws Error(kIo) for a folder
// that cannot be read and Error(kBadInput) for one without pictures.
std::vector<std::filesystem::path> find_images(const std::vector<std::string>& arguments);

}  // namespace anomalyvlm::cli
