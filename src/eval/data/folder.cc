// Images of the user's own: images/ with masks/, labels.csv or boxes.json beside it, or a folder a kind.
#include <fmt/ranges.h>

#include <array>
#include <map>
#include <optional>

#include "core/check.h"
#include "eval/data/categories.h"
#include "eval/data/coco.h"
#include "eval/data/csv.h"
#include "eval/data/folder_parts.h"
#include "eval/data/label_words.h"
#include "eval/data/listing.h"
#include "eval/data/name_finder.h"
#include "eval/data/readers.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

// What labels.csv says of an image.
struct Said {
  bool anomalous = false;
  std::string kind;   // empty: no word of it
  std::string where;  // for messages
  bool met = false;   // the image was found
};

// The first of these columns that there is.
std::optional<std::size_t> find_any(const CsvTable& table, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto found = table.find_column(name)) return found;
  return std::nullopt;
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

class FolderSet {
 public:
  explicit FolderSet(const fs::path& root) : root_(root), parts_(find_folder_parts(root)), finder_(root) {
    for (const std::string& id : parts_.images) {
      by_file_name_[folded_text(last_part(id))].push_back(id);
      ++by_stem_[stem_key(id)];
    }
    if (!parts_.labels.empty()) read_labels();
    if (!parts_.annotations.empty()) read_annotations();
  }

  Category read(const std::string& name, std::vector<std::string>& notes) {
    Category all{name, "", {}};
    for (const std::string& id : images()) all.samples.push_back(sample_of(id));
    check_all_met();
    notes = std::move(parts_.notes);
    return all;
  }

 private:
  struct Annotated {
    CocoImage image;
    bool met = false;
  };

  // Lists name images below the root or below images/, or only the files of images that lie in folders.
  std::string id_of(const std::string& name, const std::string& where, const std::string& hint) {
    if (parts_.has_images_folder())
      if (auto found = finder_.find(parts_.base + name, where)) return *std::move(found);
    if (auto found = finder_.find(name, where)) return *std::move(found);
    const auto same = by_file_name_.find(folded_text(last_part(name)));
    if (same != by_file_name_.end() && same->second.size() == 1) return same->second.front();
    fail(ErrorKind::kBadInput, "{} names the file '{}', which is not in '{}'.{}", where, in_message(name),
         (root_ / parts_.base).string(), hint);
  }

  void read_labels() {
    const CsvTable table = read_csv(parts_.labels);
    const std::size_t file = find_any(table, {"file", "filename", "file_name", "file name", "image",
                                              "image_name", "image_path", "path"})
                                 .value_or(table.columns.size());
    const auto label =
        find_any(table, {"label", "defect", "defective", "anomaly", "anomalous", "is_anomaly"});
    const auto kind = find_any(table, {"class", "kind", "type", "defect_type"});
    if (file == table.columns.size() || !label)
      static_cast<void>(
          table.column(file == table.columns.size() ? "file" : "label"));  // says what is missing
    const std::string hint = table.guessed_encoding
                                 ? " The list is not in UTF-8 and was read as Windows-1252: save it as UTF-8."
                                 : "";
    for (const CsvRow& row : table.rows) {
      const std::string where = table.where(row);
      const std::optional<bool> anomalous = means_anomalous(row.fields[*label]);
      if (!anomalous)
        fail(ErrorKind::kBadInput, "{} has the label '{}': it is 0 or 1, or a word such as good or bad.",
             where, in_message(row.fields[*label]));
      const std::string id = id_of(relative_name(row.fields[file], where), where, hint);
      if (!labels_.try_emplace(id, Said{*anomalous, kind ? row.fields[*kind] : "", where}).second)
        fail(ErrorKind::kBadInput, "{} names '{}' for the second time.", where, in_message(id));
    }
    note_spelling(parts_.labels);
  }

  void read_annotations() {
    const std::string where = fmt::format("'{}'", parts_.annotations.string());
    CocoList list = read_coco(parts_.annotations);
    for (CocoImage& image : list.images) {
      const std::string id = id_of(image.file, where, "");
      if (!annotations_.try_emplace(id, Annotated{std::move(image)}).second)
        fail(ErrorKind::kBadInput, "{} lists '{}' twice.", where, in_message(id));
    }
    parts_.notes.insert(parts_.notes.end(), list.notes.begin(), list.notes.end());
    note_spelling(parts_.annotations);
  }

  void note_spelling(const fs::path& list) {
    if (const std::string note = finder_.note(list.filename().string()); !note.empty())
      parts_.notes.push_back(note);
    finder_ = NameFinder(root_);
  }

  std::vector<std::string> images() const {
    std::vector<std::string> ids = parts_.images;
    const bool labels = !parts_.labels.empty(), annotations = !parts_.annotations.empty();
    if (ids.empty() && !parts_.has_images_folder()) {  // only lists say which images there are
      for (const auto& [id, said] : labels_) ids.push_back(id);
      if (!labels)
        for (const auto& [id, entry] : annotations_) ids.push_back(id);
    }
    if (!ids.empty() && parts_.kind_of.empty() && !parts_.masks_there && !labels && !annotations)
      fail(ErrorKind::kBadInput,
           "Nothing in '{}' says which images show a defect: looked for masks in masks/, labels.csv, "
           "boxes.json, or folders such as good/ and bad/ instead of images/; found {}.{}{}",
           root_.string(), entries_in_message(root_), parts_.notes.empty() ? "" : " ",
           fmt::join(parts_.notes, " "));
    return ids;
  }

  Sample sample_of(const std::string& id) {
    Sample sample;
    sample.id = id;
    sample.image = root_ / id;
    sample.masks = masks_of(id);
    const auto entry = annotations_.find(id);
    const CocoImage* listed = entry == annotations_.end() ? nullptr : &entry->second.image;
    if (listed) entry->second.met = true;
    const CocoImage* annotated = listed && listed->annotated ? listed : nullptr;
    sample.label = label_of(id, !sample.masks.empty(), annotated != nullptr, listed != nullptr);
    if (sample.masks.empty() && annotated) {
      sample.marks = annotated->marks;
      sample.marks_width = annotated->width, sample.marks_height = annotated->height;
    }
    sample.kind = kind_of(id, sample.label, annotated);
    return sample;
  }

  // Masks of images in folders of kinds lie in folders of the same names, or all in one, if their names are
  // different.
  std::vector<fs::path> masks_of(const std::string& id) {
    const std::string key =
        without_extension(id.substr(id.starts_with(parts_.base) ? parts_.base.size() : 0));
    std::vector<fs::path> masks = parts_.masks.take(key, id);
    const auto kind = parts_.kind_of.find(id);
    if (!masks.empty() || kind == parts_.kind_of.end()) return masks;
    const bool may_share = by_stem_.at(stem_key(id)) == 1 || means_anomalous(kind->second).value_or(true);
    return may_share ? parts_.masks.take(last_part(key), id) : masks;
  }

  static std::string stem_key(const std::string& id) { return folded_text(without_extension(last_part(id))); }

  Label label_of(const std::string& id, bool has_mask, bool annotated, bool listed) {
    std::optional<bool> anomalous;
    std::string who;
    if (const auto folder = parts_.kind_of.find(id); folder != parts_.kind_of.end()) {
      anomalous = means_anomalous(folder->second).value_or(true);
      who = fmt::format("the folder '{}'", folder->second);
    }
    if (const auto row = labels_.find(id); row != labels_.end()) {
      row->second.met = true;
      if (anomalous && *anomalous != row->second.anomalous)
        fail(ErrorKind::kBadInput, "{} and {} do not agree whether '{}' shows a defect.", row->second.where,
             who, in_message(id));
      anomalous = row->second.anomalous;
      who = row->second.where;
    } else if (!parts_.labels.empty()) {
      fail(ErrorKind::kBadInput, "'{}' does not name the image '{}'.", parts_.labels.string(),
           in_message(id));
    }
    if (anomalous && !*anomalous && annotated)
      fail(ErrorKind::kBadInput, "'{}' has annotations of '{}', but {} says that it is normal.",
           parts_.annotations.string(), in_message(id), who);
    if (anomalous) return *anomalous ? Label::kAnomalous : Label::kNormal;
    if (!parts_.masks_there && !listed)
      fail(ErrorKind::kBadInput,
           "'{}' does not list the image '{}': list it, without an annotation if it is normal.",
           parts_.annotations.string(), in_message(id));
    return has_mask ? Label::kByMask : annotated ? Label::kAnomalous : Label::kNormal;
  }

  std::string kind_of(const std::string& id, Label label, const CocoImage* annotated) const {
    if (label == Label::kNormal) return "good";
    const auto row = labels_.find(id);
    if (row != labels_.end() && !row->second.kind.empty()) return row->second.kind;
    const auto folder = parts_.kind_of.find(id);
    if (folder != parts_.kind_of.end()) return folder->second;
    return annotated ? annotated->kind : "defect";
  }

  // What does not belong to any image is a mistake more often than not.
  void check_all_met() const {
    const std::string where = (root_ / parts_.base).string();
    for (const auto& [id, said] : labels_)
      if (!said.met)
        fail(ErrorKind::kBadInput, "{} names '{}', which is not among the images in '{}'.", said.where,
             in_message(id), where);
    for (const auto& [id, entry] : annotations_)
      if (!entry.met)
        fail(ErrorKind::kBadInput, "'{}' names '{}', which is not among the images in '{}'.",
             parts_.annotations.string(), in_message(id), where);
    parts_.masks.check_all_taken(root_ / parts_.base);
  }

  const fs::path root_;
  FolderParts parts_;
  NameFinder finder_;
  std::map<std::string, std::vector<std::string>> by_file_name_;  // ids
  std::map<std::string, int> by_stem_;                            // images
  std::map<std::string, Said> labels_;                            // by id
  std::map<std::string, Annotated> annotations_;                  // by id
};

std::string name_of(const fs::path& root) {
  fs::path whole = fs::absolute(root).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  const std::string name = whole.filename().string();
  return name.empty() ? "folder" : name;
}

}  // namespace

bool is_folder_set(const fs::path& root) { return has_folder_parts(root); }

Dataset open_folder_set(const fs::path& root, const DatasetOptions& options) {
  refuse_splits(options.split, "folder");
  const std::string name = name_of(root);
  if (!options.categories.empty()) chosen_categories("folder", root, {name}, options.categories);
  Dataset dataset;
  dataset.categories.push_back(FolderSet(root).read(name, dataset.notes));
  return dataset;
}

}  // namespace anomalyvlm::eval
