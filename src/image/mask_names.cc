#include "image/mask_names.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "core/check.h"
#include "core/listing.h"
#include "image/formats.h"
#include "image/image_folder.h"
#include "image/mask_levels.h"
#include "text/unicode.h"

namespace anomalyvlm {

namespace fs = std::filesystem;

namespace {

using std::string_view_literals::operator""sv;

// Without blanks, hyphens and underscores.
constexpr std::array kMaskFolders = {"mask"sv,
                                     "masks"sv,
                                     "groundtruth"sv,
                                     "groundtruths"sv,
                                     "gt"sv,
                                     "gts"sv,
                                     "label"sv,
                                     "labels"sv,
                                     "annotation"sv,
                                     "annotations"sv,
                                     "segmentation"sv,
                                     "segmentations"sv,
                                     "seg"sv,
                                     "segs"sv,
                                     "segmentationclass"sv,
                                     "segmentationclasspng"sv,
                                     "segmentationobject"sv,
                                     "labelled"sv,
                                     "labeled"sv,
                                     "annotated"sv,
                                     "truth"sv,
                                     "truths"sv,
                                     "truthmasks"sv,
                                     "maske"sv,  // German, French, Spanish, Italian
                                     "masken"sv,
                                     "masque"sv,
                                     "masques"sv,
                                     "mascaras"sv,
                                     "m\u00E1scaras"sv,
                                     "maschere"sv,
                                     "maskimages"sv,
                                     "anomalymasks"sv,
                                     "defectmasks"sv,
                                     "segmentationmasks"sv,
                                     "segmentationmask"sv};
constexpr std::array kTails = {"mask"sv,  "masks"sv,  "gt"sv,  "groundtruth"sv,  "ground_truth"sv,
                               "label"sv, "labels"sv, "seg"sv, "segmentation"sv, "annotation"sv};

std::string plain(std::string_view name) {
  std::string text = folded_text(name);
  std::erase_if(text, [](char c) { return c == '_' || c == '-' || c == ' '; });
  return text;
}

bool is_separator(char c) { return c == '_' || c == '-' || c == '.' || c == ' '; }

bool is_thing(std::string_view name) {
  const std::string folded = lower_text(name);
  return folded.starts_with("label") || folded.starts_with("annotat");
}

bool is_usual_folder_name(std::string_view name) {
  return std::find(kMaskFolders.begin(), kMaskFolders.end(), plain(name)) != kMaskFolders.end();
}

bool has_word(std::string_view name, std::initializer_list<std::string_view> words) {
  const std::string text = lower_text(name) + " ";
  for (std::size_t from = 0, i = 0; i < text.size(); ++i) {
    if (!is_separator(text[i])) continue;
    if (std::find(words.begin(), words.end(), std::string_view(text).substr(from, i - from)) != words.end())
      return true;
    from = i + 1;
  }
  return false;
}

// Most of a mask is one level.
bool looks_like_mask(const fs::path& file) {
  std::array<std::size_t, 256> counts{};
  const MaskLevels mask = read_mask_levels(file);
  for (const std::uint8_t level : mask.values) ++counts[level];
  return 2 * *std::max_element(counts.begin(), counts.end()) >= mask.values.size();
}

}  // namespace

bool is_mask_folder_name(std::string_view name) {
  return is_usual_folder_name(name) || has_word(name, {"mask", "masks", "gt"});
}

bool may_hold_masks(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (is_usual_folder_name(name) && !is_thing(name)) return true;
  try {
    const std::vector<std::string> images = list_images(folder).images;
    return images.empty() || looks_like_mask(folder / images.front());
  } catch (const Error&) {
    return true;
  }
}

std::set<std::string> masks_beside(const fs::path& folder, const std::vector<std::string>& names) {
  std::set<std::string> stems, masks;
  std::optional<bool> things;  // whether names of things are of images
  for (const std::string& name : names) stems.insert(folded_text(without_extension(name)));
  for (const std::string& name : names) {
    const std::string stem = without_extension(name), image = without_mask_tail(stem);
    if (image.empty() || !stems.contains(folded_text(image))) continue;
    const bool is_called_thing = is_thing(stem.substr(image.size() + 1));
    if (is_called_thing && !things) things = !looks_like_mask(folder / name);
    if (!is_called_thing || !*things) masks.insert(name);
  }
  return masks;
}

std::string_view without_number(std::string_view stem) {
  const std::size_t last = stem.find_last_not_of("0123456789");
  if (last == std::string_view::npos || last + 1 == stem.size()) return stem;
  return stem.substr(0, is_separator(stem[last]) ? last : last + 1);
}

std::string without_mask_tail(std::string_view whole) {
  const std::string_view stem = without_number(whole);
  const std::string folded = lower_text(stem);
  if (folded.size() != stem.size()) return "";  // letters whose small form is longer: not one of ours
  for (const std::string_view tail : kTails)
    if (folded.size() > tail.size() + 1 && folded.ends_with(tail) &&
        is_separator(folded[folded.size() - tail.size() - 1]))
      return std::string(stem.substr(0, stem.size() - tail.size() - 1));
  return "";
}

std::string kind_of_mask_folder(std::string_view folder) {
  if (std::string kind = without_mask_tail(folder); !kind.empty()) return kind;
  const std::string folded = lower_text(folder);
  for (const std::string_view head : kTails)
    if (folded.size() == folder.size() && folded.size() > head.size() + 1 && folded.starts_with(head) &&
        is_separator(folded[head.size()]))
      return std::string(folder.substr(head.size() + 1));
  return "";
}

}  // namespace anomalyvlm
