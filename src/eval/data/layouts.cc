#include "eval/data/layouts.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/check.h"
#include "eval/data/listing.h"
#include "eval/data/mask_survey.h"
#include "eval/data/readers.h"
#include "eval/data/turned_images.h"
#include "image/mask_names.h"
#include "prompts/characters.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

constexpr Layout kLayouts[] = {
    {"mvtec", "MVTec AD", "CATEGORY/test/KIND/NNN.png and CATEGORY/ground_truth/KIND/NNN_mask.png", false,
     is_mvtec, open_mvtec},
    {"visa", "VisA", "split_csv/1cls.csv and the images that it lists", true, is_visa, open_visa},
    {"ksdd2", "KolektorSDD2", "train/NNNNN.png and train/NNNNN_GT.png, test/ likewise", true, is_ksdd2,
     open_ksdd2},
    {"mtd", "MTD (magnetic tile defects)", "MT_KIND/Imgs/STEM.jpg and MT_KIND/Imgs/STEM.png", true, is_mtd,
     open_mtd},
    {"btad", "BTAD (beanTech)", "CATEGORY/test/ok, CATEGORY/test/ko and CATEGORY/ground_truth/ko", false,
     is_btad, open_btad},
    {"loco", "MVTec LOCO AD",
     "CATEGORY/test/logical_anomalies/NNN.png and CATEGORY/ground_truth/logical_anomalies/NNN/000.png", true,
     is_loco, open_loco},
    {"mvtec2", "MVTec AD 2",
     "CATEGORY/test_public/bad/NNN.png and CATEGORY/test_public/ground_truth/bad/NNN_mask.png", false,
     is_mvtec2, open_mvtec2},
    {"ksdd", "KolektorSDD", "kosNN/PartN.jpg and kosNN/PartN_label.bmp", true, is_ksdd, open_ksdd},
    {"folder", "Folder of images",
     "images/ with masks/, labels.csv or boxes.json, or folders of images such as good/ and bad/", false,
     is_folder_set, open_folder_set},
};

bool fits(const Layout& layout, const fs::path& folder) {
  try {
    return is_folder(folder) && layout.is_root(folder);
  } catch (const Error&) {
    return false;  // a folder that may not be read holds no data set
  }
}

// The folder that a path names, with or without '/' at its end.
fs::path folder_above(const fs::path& root) {
  const fs::path whole = fs::absolute(root).lexically_normal();
  return whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
}

// What the user may have meant: another layout, or a folder one step away. Empty: no idea. Much looks like a
// folder of images, so that this is asked last.
std::string hint(const Layout& wanted, const fs::path& root) {
  const auto looks_like = [](const Layout& layout) {
    return fmt::format(" It looks like the layout '{}' ({}).", layout.name, layout.title);
  };
  const Layout& any_folder = kLayouts[std::size(kLayouts) - 1];
  for (const Layout& layout : kLayouts)
    if (&layout != &wanted && &layout != &any_folder && fits(layout, root)) return looks_like(layout);
  for (const std::string& name : list_folder(root).folders)
    if (!is_mask_folder_name(name) && fits(wanted, root / name))
      return fmt::format(" '{}' looks like it.", (root / name).string());
  const fs::path above = folder_above(root);
  if (fits(wanted, above)) return fmt::format(" The folder above it, '{}', looks like it.", above.string());
  return &wanted != &any_folder && fits(any_folder, root) ? looks_like(any_folder) : "";
}

[[noreturn]] void fail_layout(const Layout& layout, const fs::path& root) {
  std::error_code ignored;
  if (!fs::exists(root, ignored))
    fail(ErrorKind::kBadInput, "There is no folder '{}', where {} was looked for: {}.", root.string(),
         layout.title, layout.expects);
  if (!is_folder(root))
    fail(ErrorKind::kBadInput, "'{}' is a file: give the folder that holds {}.", root.string(),
         layout.expects);
  fail(ErrorKind::kBadInput, "'{}' is not laid out as {}: looked for {}; found {}.{}", root.string(),
       layout.title, layout.expects, entries_in_message(root), hint(layout, root));
}

// What holds for every data set, however it was read.
void finish(Dataset& dataset, const fs::path& root) {
  std::set<std::string> ids;
  for (Category& category : dataset.categories) {
    if (category.samples.empty())
      fail(ErrorKind::kBadInput, "There are no images of '{}' in '{}'.", in_message(category.name),
           root.string());
    std::sort(category.samples.begin(), category.samples.end(),
              [](const Sample& a, const Sample& b) { return a.id < b.id; });
    for (const Sample& sample : category.samples) {
      if (!prompts::is_utf8(sample.id))
        fail(ErrorKind::kBadInput, "The name of '{}' is not text in UTF-8: rename it.", sample.id);
      if (!ids.insert(sample.id).second)
        fail(ErrorKind::kBadInput, "The image '{}' is listed twice.", in_message(sample.id));
    }
  }
  std::sort(dataset.categories.begin(), dataset.categories.end(),
            [](const Category& a, const Category& b) { return a.name < b.name; });
}

}  // namespace

std::span<const Layout> layouts() { return kLayouts; }

const Layout& layout_named(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Layout& layout : kLayouts) {
    if (layout.name == name) return layout;
    names.emplace_back(layout.name);
  }
  const std::string word = lower_text(name);
  const bool list = word == "coco" || word == "csv" || word == "cvat" || word == "labelme" || word == "voc";
  fail(ErrorKind::kBadInput, "There is no layout '{}' of data sets; there are: {}.{}", in_message(name),
       fmt::join(names, ", "),
       list ? " The layout 'folder' reads COCO's annotations, labels.csv and masks beside the images." : "");
}

Dataset open_dataset(const std::string& name, const fs::path& root, const DatasetOptions& options) {
  const Layout& layout = layout_named(name);
  if (options.mask_above && (*options.mask_above < 0 || *options.mask_above > 254))
    fail(ErrorKind::kBadInput, "A mask's pixel is a defect above a grey level of 0 to 254, not above {}.",
         *options.mask_above);
  if (!is_folder(root) || !layout.is_root(root)) fail_layout(layout, root);
  Dataset dataset = layout.open(root, options);
  dataset.name = layout.name;
  dataset.title = layout.title;
  finish(dataset, root);
  if (options.mask_above) {
    dataset.mask_rule = {*options.mask_above, {}};
  } else if (dataset.mask_rule.above > 0) {  // else no level is below it
    survey_masks(dataset, !layout.known_masks);
  }
  settle_turns(dataset, options);
  return dataset;
}

}  // namespace anomalyvlm::eval
