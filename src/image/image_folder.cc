#include "image/image_folder.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/check.h"
#include "core/listing.h"
#include "image/formats.h"

namespace anomalyvlm {

namespace fs = std::filesystem;

bool is_bookkeeping(std::string_view name) {
  return name == "Thumbs.db" || name == "desktop.ini" || name == "Desktop.ini";
}

ImageFolder list_images(const fs::path& folder) {
  Listing listing = list_folder(folder);
  for (const std::string& name : listing.neither)
    if (is_image_name(name))
      fail(ErrorKind::kIo, "'{}' is called an image, but no file is there.", (folder / name).string());
  ImageFolder found{{}, {}, std::move(listing.folders)};
  for (std::string& name : listing.files)
    if (!is_bookkeeping(name)) (is_image_name(name) ? found.images : found.others).push_back(std::move(name));
  return found;
}

std::string passed_over(const std::vector<std::string>& files, const std::vector<std::string>& folders) {
  std::string text;
  if (!files.empty())
    text = fmt::format("{} ({})",
                       files.size() == 1 ? "1 file that is not read as an image"
                                         : fmt::format("{} files that are not read as images", files.size()),
                       in_message(files));
  if (!folders.empty())
    text += fmt::format("{}{} ({})", text.empty() ? "" : " and ", counted(folders.size(), "subfolder"),
                        in_message(folders));
  return text;
}

std::string conversion_advice(const std::vector<std::string>& files) {
  std::vector<std::string_view> formats;
  for (const std::string& file : files)
    if (const std::string_view format = unread_format_of_name(file);
        !format.empty() && std::find(formats.begin(), formats.end(), format) == formats.end())
      formats.push_back(format);
  if (formats.empty()) return {};
  if (formats.size() == 1) return fmt::format(" {} is not read; convert it to PNG.", formats.front());
  const std::string_view last = formats.back();
  formats.pop_back();
  return fmt::format(" {} and {} are not read; convert them to PNG.", fmt::join(formats, ", "), last);
}

}  // namespace anomalyvlm
