#include "eval/data/mask_names.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "eval/data/listing.h"
#include "image/formats.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {
namespace {

using std::string_view_literals::operator""sv;

// Without blanks, hyphens and underscores.
constexpr std::array kFolders = {"mask"sv,
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

}  // namespace

bool is_mask_folder_name(std::string_view name) {
  return std::find(kFolders.begin(), kFolders.end(), plain(name)) != kFolders.end();
}

std::string without_mask_tail(std::string_view stem) {
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

void MaskIndex::add(const std::string& key, const std::filesystem::path& file) {
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

std::filesystem::path MaskIndex::take(const std::string& key, const std::string& id) {
  const std::vector<std::size_t> found = find(key);
  if (found.empty()) return {};
  if (found.size() > 1)
    fail(ErrorKind::kBadInput, "Two masks are for the same image: '{}' and '{}'.",
         masks_[found[0]].file.string(), masks_[found[1]].file.string());
  MaskFile& mask = masks_[found[0]];
  if (!mask.taken.empty())
    fail(ErrorKind::kBadInput, "The mask '{}' fits two images: '{}' and '{}'.", mask.file.string(),
         in_message(mask.taken), in_message(id));
  mask.taken = id;
  return mask.file;
}

void MaskIndex::check_all_taken(const std::filesystem::path& images) const {
  for (const MaskFile& mask : masks_)
    if (mask.taken.empty())
      fail(ErrorKind::kBadInput, "The mask '{}' has no image: there is no '{}' of any image's ending.",
           mask.file.string(), (images / mask.key).string());
}

}  // namespace anomalyvlm::eval
