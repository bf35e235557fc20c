#include "eval/data/mask_names.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "core/check.h"
#include "eval/data/listing.h"
#include "eval/data/mask_file.h"
#include "image/formats.h"
#include "image/image_folder.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {

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
  return folded.starts_with("label") || folded.starts_with("annotation");
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

// "a_mask_2", "a_mask2" -> "a_mask"
std::string_view without_number(std::string_view stem) {
  const std::size_t last = stem.find_last_not_of("0123456789");
  if (last == std::string_view::npos || last + 1 == stem.size()) return stem;
  return stem.substr(0, is_separator(stem[last]) ? last : last + 1);
}

// Most of a mask is one level.
bool looks_like_mask(const fs::path& file) {
  std::array<std::size_t, 256> counts{};
  const MaskFile mask = read_mask_file(file);
  for (const std::uint8_t level : mask.levels) ++counts[level];
  return 2 * *std::max_element(counts.begin(), counts.end()) >= mask.levels.size();
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
  for (const std::string& name : names) stems.insert(folded_text(without_ending(name)));
  for (const std::string& name : names) {
    const std::string stem = without_ending(name), image = without_mask_tail(stem);
    if (image.empty() || !stems.contains(folded_text(image))) continue;
    const bool is_called_thing = is_thing(stem.substr(image.size() + 1));
    if (is_called_thing && !things) things = !looks_like_mask(folder / name);
    if (!is_called_thing || !*things) masks.insert(name);
  }
  return masks;
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

void MaskIndex::add(const std::string& key, const fs::path& file) {
  whole_[folded_text(key)].push_back(masks_.size());
  std::string shorter = without_mask_tail(key);
  if (shorter.empty() && is_image_name(key)) shorter = without_ending(key);  // of "a.jpg.png"
  if (!shorter.empty()) short_[folded_text(shorter)].push_back(masks_.size());
  masks_.push_back({file, key, ""});
}

std::vector<std::size_t> MaskIndex::find(const std::string& key) const {
  std::vector<std::size_t> found;
  for (const auto* index : {&whole_, &short_})
    if (const auto at = index->find(folded_text(key)); at != index->end())
      found.insert(found.end(), at->second.begin(), at->second.end());
  return found;
}

std::vector<fs::path> MaskIndex::take(const std::string& key, const std::string& id) {
  const std::vector<std::size_t> found = find(key);
  std::vector<fs::path> files;
  for (const std::size_t i : found) {
    MaskFile& mask = masks_[i];
    if (found.size() > 1 && without_number(mask.key) == mask.key)
      fail(ErrorKind::kBadInput, "Two masks are for the same image: '{}' and '{}'.",
           masks_[found[0]].file.string(), masks_[found[1]].file.string());
    if (!mask.taken.empty())
      fail(ErrorKind::kBadInput, "The mask '{}' fits two images: '{}' and '{}'.", mask.file.string(),
           in_message(mask.taken), in_message(id));
    mask.taken = id;
    files.push_back(mask.file);
  }
  return files;
}

void MaskIndex::check_all_taken(const fs::path& images) const {
  for (const MaskFile& mask : masks_)
    if (mask.taken.empty())
      fail(ErrorKind::kBadInput, "The mask '{}' has no image: there is no '{}' of any image's ending.",
           mask.file.string(), (images / mask.key).string());
}

}  // namespace anomalyvlm::eval
