#pragma once
// From what a command line names to image files.
#include <filesystem>
#include <string>
#include <vector>

namespace anomalyvlm::cli {

// What names the image that comes from standard input.
inline constexpr const char* kStandardInput = "-";

struct Inputs {
  std::vector<std::filesystem::path> images;
  std::vector<std::filesystem::path> folders;  // of each image, below the folder that was named; may be empty
  std::vector<std::string> passed_over;        // sentences on what lies beside them
};

// Files as they are, whether they exist or not; of a folder, the images in it (by their ending, in the order
// of their names) - also in folders below it if `recursive` - without those that an earlier call wrote there,
// and without the folder `out`. Throws Error(kIo) for a folder that cannot be read and Error(kBadInput) for
// one without images.
Inputs find_images(const std::vector<std::string>& arguments, bool recursive,
                   const std::filesystem::path& out);

}  // namespace anomalyvlm::cli
