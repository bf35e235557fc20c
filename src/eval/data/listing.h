#pragma once
// Lists folders, and checks names from untrusted files. Links are followed; nothing here descends into
// subfolders by itself, so a link to a parent folder does no harm.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/listing.h"
#include "eval/data/dataset.h"

namespace anomalyvlm::eval {

using anomalyvlm::counted;
using anomalyvlm::entries_in_message;
using anomalyvlm::in_message;
using anomalyvlm::without_extension;

// Lists a data set's folders of images and remembers what in them is skipped.
class ImageLister {
 public:
  explicit ImageLister(std::filesystem::path root) : root_(std::move(root)) {}

  // Names of the images right in a folder below the root ("" or one that ends in '/'), sorted. Throws
  // Error(kIo).
  std::vector<std::string> images(const std::string& below);
  // The same, where subfolders are looked at as well.
  std::vector<std::string> images_beside_folders(const std::string& below);

  void pass_over_image(const std::string& name) { images_.push_back(name); }  // it lies in the wrong place
  void pass_over_folder(const std::string& name) { folders_.push_back(name); }
  // A sentence for the data set's notes, if anything was skipped.
  void note(std::vector<std::string>& notes) const;

 private:
  std::filesystem::path root_;
  std::vector<std::string> images_, files_, folders_;  // below the root
};

// A file's name as another file gives it, made relative with '/': "./images\\x.png" -> "images/x.png". Throws
// Error(kBadInput) that begins with `where` for what is empty, absolute or leads out of its folder.
std::string relative_name(std::string_view written, const std::string& where);

// The folders to read for DatasetOptions::split: `own` where nothing is asked for, both for "all". Throws
// Error(kBadInput) for anything but "train" and "test".
std::vector<std::string> chosen_splits(const std::string& asked, const std::string& own);

// The mask, if it is there. Throws Error(kBadInput) naming both files otherwise.
std::filesystem::path existing_mask(const std::filesystem::path& image, const std::filesystem::path& mask);

// For layouts without splits: only "" and "all".
void refuse_splits(const std::string& asked, const std::string& layout);

}  // namespace anomalyvlm::eval
