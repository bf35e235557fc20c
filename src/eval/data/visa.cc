// VisA: split_csv/1cls.csv lists the images; its masks hold small numbers, 0 where nothing is.
#include <algorithm>
#include <map>

#include "core/check.h"
#include "eval/data/categories.h"
#include "eval/data/csv.h"
#include "eval/data/listing.h"
#include "eval/data/name_finder.h"
#include "eval/data/readers.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSplitFile = "split_csv/1cls.csv";

struct Columns {
  explicit Columns(const CsvTable& table)
      : object(table.column("object")),
        split(table.column("split")),
        label(table.column("label")),
        image(table.column("image")),
        mask(table.column("mask")) {}
  std::size_t object, split, label, image, mask;
};

Sample sample_of(const fs::path& root, NameFinder& files, const CsvTable& table, const Columns& columns,
                 const CsvRow& row) {
  const std::string where = table.where(row);
  const std::string &label = row.fields[columns.label], &mask = row.fields[columns.mask];
  if (label != "normal" && label != "anomaly")
    fail(ErrorKind::kBadInput, "{} has the label '{}': it is 'normal' or 'anomaly'.", where,
         in_message(label));
  Sample sample;
  sample.id = files.existing(relative_name(row.fields[columns.image], where), where);
  sample.image = root / sample.id;
  sample.label = label == "normal" ? Label::kNormal : Label::kAnomalous;
  sample.kind = label == "normal" ? "good" : label;
  if (!mask.empty()) {
    sample.masks = {root / files.existing(relative_name(mask, where), where)};
  } else if (label == "anomaly") {
    fail(ErrorKind::kBadInput, "{} is an anomaly without a mask.", where);
  }
  return sample;
}

// Categories of the list whose folder is there: others were not unpacked.
std::vector<std::string> categories_of(const fs::path& root, const CsvTable& table, std::size_t column) {
  std::map<std::string, bool> seen;
  for (const CsvRow& row : table.rows) {
    const auto [at, is_new] = seen.try_emplace(row.fields[column]);
    if (is_new) at->second = is_folder(root / relative_name(at->first, table.where(row)));
  }
  std::vector<std::string> found;
  for (const auto& [name, there] : seen)
    if (there) found.push_back(name);
  return found;
}

}  // namespace

bool is_visa(const fs::path& root) { return is_file(root / kSplitFile); }

Dataset open_visa(const fs::path& root, const DatasetOptions& options) {
  const std::vector<std::string> splits = chosen_splits(options.split, "test");
  const CsvTable table = read_csv(root / kSplitFile);
  const Columns columns(table);
  const std::vector<std::string> there = categories_of(root, table, columns.object);
  if (there.empty())
    fail(ErrorKind::kBadInput, "'{}' holds none of the categories that its {} lists; found {}.",
         root.string(), kSplitFile, entries_in_message(root));
  Dataset dataset;
  dataset.mask_rule.above = 0;
  for (const std::string& name : chosen_categories("visa", root, there, options.categories))
    dataset.categories.push_back({name, group_of("visa", name), {}});
  NameFinder files(root);
  for (const CsvRow& row : table.rows) {
    const std::string& split = row.fields[columns.split];
    if (split != "train" && split != "test")
      fail(ErrorKind::kBadInput, "{} has the split '{}': it is 'train' or 'test'.", table.where(row),
           in_message(split));
    if (std::find(splits.begin(), splits.end(), split) == splits.end()) continue;
    for (Category& category : dataset.categories)
      if (category.name == row.fields[columns.object])
        category.samples.push_back(sample_of(root, files, table, columns, row));
  }
  if (const std::string note = files.note(kSplitFile); !note.empty()) dataset.notes.push_back(note);
  return dataset;
}

}  // namespace anomalyvlm::eval
