#include "eval/data/listing.h"

#include <algorithm>

#include "core/check.h"
#include "image/codec.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestText = 120, kMostNames = 8, kLongestName = 4096;

// Calls use(entry) for all that is not hidden.
template <typename Use>
void for_each_entry(const fs::path& folder, const Use& use) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (!entry->path().filename().string().starts_with('.')) use(*entry);
  if (error) fail(ErrorKind::kIo, "The folder '{}' cannot be read: {}.", folder.string(), error.message());
}

}  // namespace

Listing list_folder(const fs::path& folder) {
  Listing listing;
  for_each_entry(folder, [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    if (entry.is_directory(ignored)) {
      listing.folders.push_back(entry.path().filename().string());
    } else if (entry.is_regular_file(ignored)) {
      listing.files.push_back(entry.path().filename().string());
    }
  });
  std::sort(listing.folders.begin(), listing.folders.end());
  std::sort(listing.files.begin(), listing.files.end());
  return listing;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::vector<std::string> pictures_in(const fs::path& folder) {
  std::vector<std::string> pictures;
  for_each_entry(folder, [&](const fs::directory_entry& entry) {
    std::string name = entry.path().filename().string();
    if (!is_picture_name(name) || is_folder(entry.path())) return;
    if (!is_file(entry.path()))
      fail(ErrorKind::kIo, "'{}' is called a picture, but no file is there.", entry.path().string());
    pictures.push_back(std::move(name));
  });
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

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

std::string in_message(std::string_view text) {
  std::size_t length = std::min(text.size(), kLongestText);
  while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) --length;  // no half letter
  std::string shown(text.substr(0, length));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = '?';
  return length < text.size() ? shown + "..." : shown;
}

std::string in_message(const std::vector<std::string>& names) {
  if (names.empty()) return "nothing";
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
    text += fmt::format("{}'{}'", i == 0 ? "" : ", ", in_message(names[i]));
  return names.size() > kMostNames ? fmt::format("{} and {} more", text, names.size() - kMostNames) : text;
}

std::string entries_in_message(const fs::path& folder) {
  Listing listing = list_folder(folder);
  for (std::string& name : listing.folders) name += '/';
  listing.folders.insert(listing.folders.end(), listing.files.begin(), listing.files.end());
  return in_message(listing.folders);
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
