#include "inputs.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/check.h"
#include "image/formats.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kResults = {".anomaly.tiff", ".anomaly.png", ".mask.png",
                                                      ".overlay.png", ".input.png"};

bool is_picture(const fs::path& path) {
  const std::string name = path.filename().string();
  const bool result = std::any_of(kResults.begin(), kResults.end(),
                                  [&](std::string_view tail) { return name.ends_with(tail); });
  return !result && !name.starts_with('.') && is_image_name(name);
}

std::vector<fs::path> pictures_in(const fs::path& folder) {
  std::vector<fs::path> pictures;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_directory(ignored) && is_picture(entry->path())) pictures.push_back(entry->path());
  }
  if (error) fail(ErrorKind::kIo, "The folder '{}' cannot be read: {}.", folder.string(), error.message());
  if (pictures.empty())
    fail(ErrorKind::kBadInput,
         "The folder '{}' holds no pictures (endings {}); folders inside it are not searched.",
         folder.string(), fmt::join(image_endings(), " "));
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

}  // namespace

std::vector<fs::path> find_images(const std::vector<std::string>& arguments) {
  std::vector<fs::path> images;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (fs::is_directory(argument, error)) {
      const std::vector<fs::path> inside = pictures_in(argument);
      images.insert(images.end(), inside.begin(), inside.end());
    } else {
      images.emplace_back(argument);
    }
  }
  return images;
}

}  // namespace anomalyvlm::cli
