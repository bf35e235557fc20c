// MVTec AD: CATEGORY/test/KIND/NNN.png with CATEGORY/ground_truth/KIND/NNN_mask.png; "good" has no masks.
#include "core/check.h"
#include "eval/data/categories.h"
#include "eval/data/listing.h"
#include "eval/data/readers.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

constexpr const char* kGood = "good";

// A category's folder is known by its name or by what it holds.
std::vector<std::string> categories_in(const fs::path& root) {
  std::vector<std::string> found;
  for (const std::string& name : list_folder(root).folders)
    if (!group_of("mvtec", name).empty() || is_folder(root / name / "test")) found.push_back(name);
  return found;
}

Sample sample_of(const fs::path& root, const std::string& category, const std::string& split,
                 const std::string& kind, const std::string& picture) {
  Sample sample;
  sample.id = fmt::format("{}/{}/{}/{}", category, split, kind, picture);
  sample.kind = kind;
  sample.image = root / sample.id;
  if (kind == kGood) return sample;
  sample.label = Label::kAnomalous;
  sample.mask = root / category / "ground_truth" / kind / (without_ending(picture) + "_mask.png");
  check_mask(sample);
  return sample;
}

Category read_category(const fs::path& root, const std::string& name,
                       const std::vector<std::string>& splits) {
  Category category{name, group_of("mvtec", name), {}};
  for (const std::string& split : splits) {
    const fs::path folder = root / name / split;
    if (!is_folder(folder))
      fail(ErrorKind::kBadInput, "The category '{}' has no folder '{}' in '{}'; found {}.", name, split,
           (root / name).string(), entries_in_message(root / name));
    for (const std::string& kind : list_folder(folder).folders)
      for (const std::string& picture : pictures_in(folder / kind))
        category.samples.push_back(sample_of(root, name, split, kind, picture));
  }
  return category;
}

}  // namespace

bool is_mvtec(const fs::path& root) {
  for (const std::string& name : list_folder(root).folders)
    if (is_folder(root / name / "test")) return true;
  return false;
}

Dataset open_mvtec(const fs::path& root, const DatasetOptions& options) {
  const std::vector<std::string> splits = chosen_splits(options.split, "test");
  Dataset dataset;
  for (const std::string& name : chosen_categories("mvtec", root, categories_in(root), options.categories))
    dataset.categories.push_back(read_category(root, name, splits));
  return dataset;
}

}  // namespace anomalyvlm::eval
