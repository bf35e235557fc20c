#pragma once
// Image files in folders, for batches.
#include <filesystem>
#include <string>
#include <vector>

#include "anomalyvlm/export.h"

namespace anomalyvlm {

struct Inputs {
  std::vector<std::filesystem::path> images;
  std::vector<std::filesystem::path> folders;  // of each image, below the folder that was named; may be empty
  std::vector<std::string> skipped;            // sentences on what else lies beside them
};

// Files are taken as they are, whether they exist or not. Folders are searched for images, by file
// extension and in alphabetical order, also in folders below them if `recursive`. Left out are results of
// earlier calls (is_result_file()), masks beside images, links to folders, and the folder `results`. Throws
// Error(kIo) for a folder that cannot be read and Error(kBadInput) for one without images. The folders suit
// plan_outputs().
ANOMALYVLM_API Inputs find_images(const std::vector<std::filesystem::path>& files_and_folders, bool recursive,
                                  const std::filesystem::path& results = {});

}  // namespace anomalyvlm
