// KolektorSDD2: train/NNNNN.png with train/NNNNN_GT.png, test/ likewise. KolektorSDD: kosNN/PartN.jpg with
// kosNN/PartN_label.bmp. Every image has a mask; where that is empty, it is normal.
#include <algorithm>
#include <string_view>

#include "core/check.h"
#include "eval/data/categories.h"
#include "eval/data/listing.h"
#include "eval/data/readers.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Masks, and copies that a file manager left behind, have more than digits in their names.
bool is_ksdd2_image(const std::string& name) { return is_number(without_extension(name)); }
bool is_ksdd_image(const std::string& name) {
  return name.starts_with("Part") && is_number(std::string_view(without_extension(name)).substr(4));
}

struct Form {
  bool (*is_image)(const std::string& name);
  const char* mask_tail;  // with the extension
};

void read_folder(const fs::path& root, const std::string& folder, const Form& form, ImageLister& lister,
                 std::vector<Sample>& samples) {
  const std::vector<std::string> names = lister.images(folder + "/");
  for (const std::string& name : names) {
    if (!form.is_image(name)) {
      if (!name.ends_with(form.mask_tail)) lister.pass_over_image(folder + "/" + name);
      continue;
    }
    Sample sample;
    sample.id = folder + "/" + name;
    sample.kind = "defect";
    sample.label = Label::kByMask;
    sample.image = root / sample.id;
    sample.masks = {existing_mask(sample.image, root / folder / (without_extension(name) + form.mask_tail))};
    samples.push_back(std::move(sample));
  }
}

Dataset of_one_category(const std::string& dataset_name, const fs::path& root,
                        const DatasetOptions& options) {
  Dataset dataset;
  for (const std::string& name : chosen_categories(dataset_name, root, {dataset_name}, options.categories))
    dataset.categories.push_back({name, group_of(dataset_name, name), {}});
  return dataset;
}

bool is_part_folder(const std::string& name) {
  return name.starts_with("kos") && is_number(std::string_view(name).substr(3));
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
  Dataset dataset = of_one_category("ksdd2", root, options);
  ImageLister lister(root);
  // The counts of the paper (2085 normal, 246 abnormal) are the training split's.
  for (const std::string& split : chosen_splits(options.split, "train")) {
    if (!is_folder(root / split))
      fail(ErrorKind::kBadInput, "There is no folder '{}' in '{}'; found {}.", split, root.string(),
           entries_in_message(root));
    read_folder(root, split, {is_ksdd2_image, "_GT.png"}, lister, dataset.categories.front().samples);
  }
  lister.note(dataset.notes);
  return dataset;
}

bool is_ksdd(const fs::path& root) {
  for (const std::string& folder : list_folder(root).folders) {
    if (!is_part_folder(folder)) continue;
    for (const std::string& name : list_folder(root / folder).files)
      if (name.ends_with("_label.bmp")) return true;
  }
  return false;
}

Dataset open_ksdd(const fs::path& root, const DatasetOptions& options) {
  refuse_splits(options.split, "ksdd");
  Dataset dataset = of_one_category("ksdd", root, options);
  ImageLister lister(root);
  for (const std::string& folder : list_folder(root).folders)
    if (is_part_folder(folder))
      read_folder(root, folder, {is_ksdd_image, "_label.bmp"}, lister, dataset.categories.front().samples);
  lister.note(dataset.notes);
  return dataset;
}

}  // namespace anomalyvlm::eval
