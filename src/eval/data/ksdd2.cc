// KolektorSDD2: train/NNNNN.png with train/NNNNN_GT.png, test/ likewise. Every picture has a mask; where that
// is empty, it is normal.
#include <algorithm>

#include "core/check.h"
#include "eval/data/categories.h"
#include "eval/data/listing.h"
#include "eval/data/readers.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

// Masks, and copies that a file manager left behind, have more than digits in their names.
bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void read_split(const fs::path& root, const std::string& split, std::vector<Sample>& samples) {
  if (!is_folder(root / split))
    fail(ErrorKind::kBadInput, "There is no folder '{}' in '{}'; found {}.", split, root.string(),
         entries_in_message(root));
  for (const std::string& picture : pictures_in(root / split)) {
    const std::string number = without_ending(picture);
    if (!is_number(number)) continue;
    Sample sample;
    sample.id = split + "/" + picture;
    sample.kind = "defect";
    sample.label = Label::kByMask;
    sample.image = root / sample.id;
    sample.mask = root / split / (number + "_GT.png");
    check_mask(sample);
    samples.push_back(std::move(sample));
  }
}

}  // namespace

bool is_ksdd2(const fs::path& root) {
  for (const char* split : {"train", "test"}) {
    if (!is_folder(root / split)) continue;
    for (const std::string& name : list_folder(root / split).files)
      if (name.ends_with("_GT.png")) return true;
  }
  return false;
}

Dataset open_ksdd2(const fs::path& root, const DatasetOptions& options) {
  Dataset dataset;
  for (const std::string& name : chosen_categories("ksdd2", root, {"ksdd2"}, options.categories))
    dataset.categories.push_back({name, group_of("ksdd2", name), {}});
  // The counts of the paper (2085 normal, 246 abnormal) are the training split's.
  for (const std::string& split : chosen_splits(options.split, "train"))
    read_split(root, split, dataset.categories.front().samples);
  return dataset;
}

}  // namespace anomalyvlm::eval
