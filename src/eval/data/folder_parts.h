#pragma once
// What lies where in a folder of the user's own images: images, kinds of defects, masks, lists.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "eval/data/mask_index.h"

namespace anomalyvlm::eval {

struct FolderParts {
  std::string base;                            // "images/", "" or "Images/": where the images are
  std::vector<std::string> images;             // ids: names below the root
  std::map<std::string, std::string> kind_of;  // of ids: the folder that they lie in, where that is a kind
  bool masks_there = false;                    // a folder of masks, perhaps empty, or masks beside images
  MaskIndex masks;                             // by their images' names below base, without extension
  std::filesystem::path labels, annotations;   // the lists; empty: none
  std::vector<std::string> notes;

  bool has_images_folder() const { return !base.empty(); }
};

// Throws Error(kBadInput) for folders that cannot be meant, kIo.
FolderParts find_folder_parts(const std::filesystem::path& root);

// Whether there is anything of it.
bool has_folder_parts(const std::filesystem::path& root);

}  // namespace anomalyvlm::eval
