// MVTec AD: CATEGORY/test/KIND/NNN.png with CATEGORY/ground_truth/KIND/NNN_mask.png; "good" has no masks. And
// those that lie much the same: BTAD, MVTec LOCO AD, MVTec AD 2.
#include "core/check.h"
#include "eval/data/categories.h"
#include "eval/data/label_words.h"
#include "eval/data/listing.h"
#include "eval/data/mask_index.h"
#include "eval/data/readers.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

struct Form {
  const char* dataset;
  const char* test = "test";                  // the folder of the split of this name
  const char* ground_truth = "ground_truth";  // below the category
  bool folder_of_masks = false;               // an image's masks lie in a folder of its name
};

bool is_normal(const std::string& kind) { return !means_anomalous(kind).value_or(true); }

class CategoryReader {
 public:
  CategoryReader(const fs::path& root, const std::string& name, const Form& form, ImageLister& lister)
      : root_(root), form_(form), lister_(lister), category_{name, group_of(form.dataset, name), {}} {
    const std::string truth = name + "/" + form.ground_truth;
    if (form.folder_of_masks || !is_folder(root / truth)) return;
    for (const std::string& kind : list_folder(root / truth).folders)
      for (const std::string& mask : lister.images(truth + "/" + kind + "/"))
        masks_.add(kind + "/" + without_extension(mask), root / truth / kind / mask);
  }

  Category read(const std::vector<std::string>& splits) {
    for (const std::string& split : splits) {
      const std::string below = category_.name + "/" + (split == "test" ? form_.test : split);
      if (!is_folder(root_ / below))
        fail(ErrorKind::kBadInput, "The category '{}' has no folder '{}' in '{}'; found {}.", category_.name,
             split, (root_ / category_.name).string(), entries_in_message(root_ / category_.name));
      for (const std::string& image : lister_.images_beside_folders(below + "/"))
        lister_.pass_over_image(below + "/" + image);
      for (const std::string& kind : list_folder(root_ / below).folders) {
        if (below + "/" + kind == category_.name + "/" + form_.ground_truth) continue;
        for (const std::string& image : lister_.images(below + "/" + kind + "/"))
          category_.samples.push_back(sample_of(below + "/" + kind + "/" + image, kind));
      }
    }
    return std::move(category_);
  }

 private:
  Sample sample_of(const std::string& id, const std::string& kind) {
    Sample sample;
    sample.id = id;
    sample.kind = is_normal(kind) ? "good" : kind;
    sample.image = root_ / id;
    if (is_normal(kind)) return sample;
    sample.label = Label::kAnomalous;
    sample.masks = masks_of(id, kind, without_extension(sample.image.filename().string()));
    return sample;
  }

  std::vector<fs::path> masks_of(const std::string& id, const std::string& kind, const std::string& stem) {
    const fs::path folder = root_ / category_.name / form_.ground_truth / kind;
    std::vector<fs::path> masks;
    if (form_.folder_of_masks) {
      if (is_folder(folder / stem))
        for (const std::string& mask :
             lister_.images(fs::relative(folder / stem, root_).generic_string() + "/"))
          masks.push_back(folder / stem / mask);
    } else {
      masks = masks_.take(kind + "/" + stem, id);
    }
    if (masks.empty())
      fail(ErrorKind::kBadInput, "The image '{}' has no mask: '{}' is not there.", (root_ / id).string(),
           (folder / (stem + (form_.folder_of_masks ? "/" : "_mask.png"))).string());
    return masks;
  }

  const fs::path& root_;
  const Form& form_;
  ImageLister& lister_;
  MaskIndex masks_;
  Category category_;
};

// A category's folder is known by its name or by what it holds.
std::vector<std::string> categories_in(const fs::path& root, const Form& form) {
  std::vector<std::string> found;
  for (const std::string& name : list_folder(root).folders)
    if (is_known_category(form.dataset, name) || is_folder(root / name / form.test)) found.push_back(name);
  return found;
}

bool any_category_has(const fs::path& root, const std::vector<std::string>& folders) {
  for (const std::string& name : list_folder(root).folders)
    for (const std::string& folder : folders)
      if (is_folder(root / name / folder)) return true;
  return false;
}

Dataset open_form(const fs::path& root, const DatasetOptions& options, const Form& form) {
  const std::vector<std::string> splits = chosen_splits(options.split, "test");
  Dataset dataset;
  ImageLister lister(root);
  for (const std::string& name :
       chosen_categories(form.dataset, root, categories_in(root, form), options.categories))
    dataset.categories.push_back(CategoryReader(root, name, form, lister).read(splits));
  lister.note(dataset.notes);
  return dataset;
}

}  // namespace

bool is_mvtec(const fs::path& root) {
  return any_category_has(root, {"test"}) && !is_btad(root) && !is_loco(root);
}

Dataset open_mvtec(const fs::path& root, const DatasetOptions& options) {
  return open_form(root, options, {.dataset = "mvtec"});
}

bool is_btad(const fs::path& root) { return any_category_has(root, {"test/ko", "test/KO"}); }

Dataset open_btad(const fs::path& root, const DatasetOptions& options) {
  return open_form(root, options, {.dataset = "btad"});
}

bool is_loco(const fs::path& root) {
  return any_category_has(root, {"test/logical_anomalies", "test/structural_anomalies"});
}

// Each defect has a mask of its own, whose level says which of the category's defects it is.
Dataset open_loco(const fs::path& root, const DatasetOptions& options) {
  Dataset dataset = open_form(root, options, {.dataset = "loco", .folder_of_masks = true});
  dataset.mask_rule.above = 0;
  for (const Category& category : dataset.categories) {
    if (!is_file(root / category.name / "defects_config.json")) continue;
    dataset.notes.emplace_back(
        "Saturation thresholds (defects_config.json) are not used: every marked pixel counts as a defect, "
        "which "
        "asks for more than the data set's own measure does of defects that may lie anywhere in a large "
        "area.");
    break;
  }
  return dataset;
}

bool is_mvtec2(const fs::path& root) { return any_category_has(root, {"test_public"}); }

Dataset open_mvtec2(const fs::path& root, const DatasetOptions& options) {
  const Form form{.dataset = "mvtec2", .test = "test_public", .ground_truth = "test_public/ground_truth"};
  Dataset dataset = open_form(root, options, form);
  std::vector<std::string> hidden;
  for (const Category& category : dataset.categories)
    for (const char* folder : {"test_private", "test_private_mixed"})
      if (is_folder(root / category.name / folder)) hidden.push_back(category.name + "/" + folder);
  if (!hidden.empty())
    dataset.notes.push_back(
        fmt::format("Skipped, since their ground truth is not public: {}.", in_message(hidden)));
  return dataset;
}

}  // namespace anomalyvlm::eval
