#include "eval/data/mask_index.h"

#include "core/check.h"
#include "core/listing.h"
#include "image/formats.h"
#include "image/mask_names.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

void MaskIndex::add(const std::string& key, const fs::path& file) {
  whole_[folded_text(key)].push_back(masks_.size());
  std::string shorter = without_mask_tail(key);
  if (shorter.empty() && is_image_name(key)) shorter = without_extension(key);  // of "a.jpg.png"
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
      fail(ErrorKind::kBadInput, "The mask '{}' has no image: there is no '{}' with any image's extension.",
           mask.file.string(), (images / mask.key).string());
}

}  // namespace anomalyvlm::eval
