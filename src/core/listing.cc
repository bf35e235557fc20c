#include "core/listing.h"

#include <algorithm>

#include "core/check.h"
#include "core/printable.h"

namespace anomalyvlm {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestText = 120, kMostNames = 8;

}  // namespace

Listing list_folder(const fs::path& folder) {
  Listing listing;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.')) continue;
    if (entry->is_directory(ignored)) {
      listing.folders.push_back(std::move(name));
    } else {
      (entry->is_regular_file(ignored) ? listing.files : listing.neither).push_back(std::move(name));
    }
  }
  if (error) fail(ErrorKind::kIo, "The folder '{}' cannot be read: {}.", folder.string(), error.message());
  for (auto* names : {&listing.folders, &listing.files, &listing.neither})
    std::sort(names->begin(), names->end());
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

fs::path place_of(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  const fs::path folder = fs::weakly_canonical(whole.parent_path(), error);
  return (error ? whole.parent_path() : folder) / whole.filename();
}

bool is_same_place(const fs::path& a, const fs::path& b) {
  return a.filename() == b.filename() && place_of(a) == place_of(b);
}

std::string without_extension(const std::string& name) {
  const std::size_t slash = name.rfind('/'), dot = name.rfind('.');
  const bool in_name = dot != std::string::npos && (slash == std::string::npos || dot > slash + 1) && dot > 0;
  return in_name ? name.substr(0, dot) : name;
}

std::string in_message(std::string_view text) {
  std::size_t length = std::min(text.size(), kLongestText);
  while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) --length;  // no half letter
  std::string shown = printable(text.substr(0, length));
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

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

}  // namespace anomalyvlm
