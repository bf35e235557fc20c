#include "eval/data/listing.h"

#include <algorithm>

#include "core/check.h"
#include "image/image_folder.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestName = 4096;

}  // namespace

std::vector<std::string> pictures_in(const fs::path& folder) { return list_images(folder).images; }

std::string without_ending(const std::string& name) {
  const std::size_t slash = name.rfind('/'), dot = name.rfind('.');
  const bool in_name = dot != std::string::npos && (slash == std::string::npos || dot > slash + 1) && dot > 0;
  return in_name ? name.substr(0, dot) : name;
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
  if (name.empty() || name == "." || name.ends_with('/')) refuse("is no file's name");
  return name;
}

std::vector<std::string> chosen_splits(const std::string& asked, const std::string& own) {
  if (asked.empty()) return {own};
  if (asked == "all") return {"train", "test"};
  if (asked == "train" || asked == "test") return {asked};
  fail(ErrorKind::kBadInput, "There is no split '{}': it is 'train', 'test' or 'all'.", in_message(asked));
}

void check_mask(const Sample& sample) {
  if (!is_file(sample.mask))
    fail(ErrorKind::kBadInput, "The picture '{}' has no mask: '{}' is not there.", sample.image.string(),
         sample.mask.string());
}

void refuse_splits(const std::string& asked, const std::string& layout) {
  if (!asked.empty() && asked != "all")
    fail(ErrorKind::kBadInput, "The layout '{}' has no split '{}': all its pictures are one set.", layout,
         in_message(asked));
}

}  // namespace anomalyvlm::eval
