#include "eval/data/listing.h"

#include <algorithm>

#include "core/check.h"
#include "image/image_folder.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestName = 4096;

}  // namespace

std::vector<std::string> ImageLister::images_beside_folders(const std::string& below) {
  ImageFolder found = list_images(root_ / below);
  for (const std::string& name : found.others) files_.push_back(below + name);
  return std::move(found.images);
}

std::vector<std::string> ImageLister::images(const std::string& below) {
  for (const std::string& name : list_folder(root_ / below).folders) pass_over_folder(below + name);
  return images_beside_folders(below);
}

void ImageLister::note(std::vector<std::string>& notes) const {
  std::string text;
  if (!images_.empty())
    text = fmt::format(" {} of another place or name than the data set's ({});",
                       counted(images_.size(), "image"), in_message(images_));
  if (const std::string others = passed_over(files_, folders_); !others.empty())
    text += fmt::format(" {};", others);
  if (text.empty()) return;
  text.pop_back();  // the last ';'
  notes.push_back(fmt::format("Skipped:{}.{}", text, conversion_advice(files_)));
}

std::string relative_name(std::string_view written, const std::string& where) {
  const auto refuse = [&](const char* why) {
    fail(ErrorKind::kBadInput, "{} names the file '{}', which {}.", where, in_message(written), why);
  };
  if (written.size() > kLongestName) refuse("is too long for a name");
  if (std::any_of(written.begin(), written.end(), [](unsigned char c) { return c < ' '; }))
    refuse("has control characters in its name");
  std::string name(written);
  std::replace(name.begin(), name.end(), '\\', '/');  // as Windows writes it
  const bool drive = name.size() > 1 && name[1] == ':';
  if (name.starts_with('/') || drive) refuse("is not a name below the data set's folder");
  const fs::path path(name);
  if (std::find(path.begin(), path.end(), "..") != path.end()) refuse("leads out of the data set's folder");
  name = path.lexically_normal().generic_string();
  if (name.empty() || name == "." || name.ends_with('/')) refuse("is not a file name");
  return name;
}

std::vector<std::string> chosen_splits(const std::string& asked, const std::string& own) {
  if (asked.empty()) return {own};
  if (asked == "all") return {"train", "test"};
  if (asked == "train" || asked == "test") return {asked};
  fail(ErrorKind::kBadInput, "There is no split '{}': it is 'train', 'test' or 'all'.", in_message(asked));
}

fs::path existing_mask(const fs::path& image, const fs::path& mask) {
  if (!is_file(mask))
    fail(ErrorKind::kBadInput, "The image '{}' has no mask: '{}' is not there.", image.string(),
         mask.string());
  return mask;
}

void refuse_splits(const std::string& asked, const std::string& layout) {
  if (!asked.empty() && asked != "all")
    fail(ErrorKind::kBadInput, "The layout '{}' has no split '{}': all its images are one set.", layout,
         in_message(asked));
}

}  // namespace anomalyvlm::eval
