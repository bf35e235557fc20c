#include "anomalyvlm/inputs.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "anomalyvlm/results.h"
#include "core/check.h"
#include "core/listing.h"
#include "image/formats.h"
#include "image/image_folder.h"
#include "image/mask_names.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kResultImages = {".anomaly.tiff", ".anomaly.png", ".mask.png",
                                                           ".overlay.png", ".input.png"};

// By its name alone, which a ground truth mask beside an image may have too.
bool is_called_result(std::string_view name) {
  return std::any_of(kResultImages.begin(), kResultImages.end(),
                     [&](std::string_view tail) { return name.ends_with(tail); });
}

bool is_same_folder(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

class Search {
 public:
  Search(bool recursive, const fs::path& results, Inputs& inputs)
      : recursive_(recursive), results_(results), inputs_(inputs) {}

  // `below`: the folder's path relative to the one that was named.
  void operator()(const fs::path& folder, const fs::path& below) {
    const Listing listing = list_folder(folder);
    const std::vector<std::string> names = names_in(folder, listing);
    std::vector<std::string> images, other_files, other_folders, masks;
    std::copy_if(names.begin(), names.end(), std::back_inserter(images), is_image_name);
    const std::set<std::string> beside = masks_beside(folder, images);
    for (const std::string& name : names) {
      if (beside.contains(name)) {
        masks.push_back(name);
      } else if (is_image_name(name) && !is_called_result(name)) {
        inputs_.images.push_back(folder / name);
        inputs_.folders.push_back(below);
      } else {
        other_files.push_back(name);
      }
    }
    for (const std::string& name : listing.folders) {
      if (is_same_folder(folder / name, results_)) continue;
      if (!recursive_ || fs::is_symlink(folder / name))  // a link may lead to a folder above
        other_folders.push_back(name);
      else if (is_mask_folder_name(name) && may_hold_masks(folder / name))
        masks.push_back(name + "/");
      else
        (*this)(folder / name, below / name);
    }
    tell(folder, other_files, other_folders);
    tell_masks(folder, masks);
  }

 private:
  void tell(const fs::path& folder, const std::vector<std::string>& files,
            const std::vector<std::string>& folders) {
    const std::string what = passed_over(files, folders);
    if (what.empty()) return;
    const char* advice = folders.empty() ? "."
                         : recursive_    ? "; links to folders are not followed."
                                         : "; --recursive includes subfolders.";
    inputs_.skipped.push_back(
        fmt::format("Skipped in '{}': {}{}{}", folder.string(), what, advice, conversion_advice(files)));
  }

  void tell_masks(const fs::path& folder, const std::vector<std::string>& masks) {
    if (!masks.empty())
      inputs_.skipped.push_back(
          fmt::format("Skipped in '{}' as masks: {}; name what is to be judged all the same.",
                      folder.string(), in_message(masks)));
  }

  // Of files that an earlier call did not write.
  static std::vector<std::string> names_in(const fs::path& folder, const Listing& listing) {
    std::vector<std::string> names = listing.files;  // a link to nowhere is reported when it is read
    std::copy_if(listing.neither.begin(), listing.neither.end(), std::back_inserter(names), is_image_name);
    std::sort(names.begin(), names.end());
    std::erase_if(names, [&](const std::string& name) {
      const bool may_be_result = !is_image_name(name) || is_called_result(name);
      return is_bookkeeping(name) || (may_be_result && is_result_file(folder / name));
    });
    return names;
  }

  bool recursive_;
  const fs::path& results_;
  Inputs& inputs_;
};

}  // namespace

Inputs find_images(const std::vector<fs::path>& files_and_folders, bool recursive, const fs::path& results) {
  Inputs inputs;
  for (const fs::path& place : files_and_folders) {
    if (!place.empty() && !place.has_filename() && !is_folder(place))  // it ends in a slash
      fail(ErrorKind::kIo, "There is no folder '{}'.", place.string());
    if (!is_folder(place)) {
      inputs.images.push_back(place);
      inputs.folders.emplace_back();
      continue;
    }
    const std::size_t before = inputs.images.size();
    Search(recursive, results, inputs)(place, {});
    if (inputs.images.size() > before) continue;
    fail(ErrorKind::kBadInput, "The folder '{}' holds no images (extensions {}){}.{}", place.string(),
         fmt::join(image_extensions(), " "),
         recursive ? "" : "; folders inside it are searched with --recursive only",
         inputs.skipped.empty() ? "" : " " + inputs.skipped.back());
  }
  return inputs;
}

}  // namespace anomalyvlm
