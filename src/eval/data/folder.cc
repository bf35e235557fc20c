// Pictures of the user's own: images/ with masks/, labels.csv or boxes.json beside it, or a folder a kind.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

#include "core/check.h"
#include "eval/data/categories.h"
#include "eval/data/coco.h"
#include "eval/data/csv.h"
#include "eval/data/listing.h"
#include "eval/data/readers.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

constexpr const char *kImages = "images", *kMasks = "masks", *kLabels = "labels.csv", *kBoxes = "boxes.json";

// true: anomalous; none: the word says nothing, as a folder's name it is a kind of defect.
std::optional<bool> meaning(std::string word) {
  constexpr std::array<std::string_view, 5> kNormal = {"good", "normal", "ok", "defect_free", "0"};
  constexpr std::array<std::string_view, 11> kAnomalous = {"bad",     "defect",    "defects",   "defective",
                                                           "anomaly", "anomalies", "anomalous", "abnormal",
                                                           "ng",      "nok",       "1"};
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
  if (std::find(kNormal.begin(), kNormal.end(), word) != kNormal.end()) return false;
  if (std::find(kAnomalous.begin(), kAnomalous.end(), word) != kAnomalous.end()) return true;
  return std::nullopt;
}

// What labels.csv says of a picture.
struct Said {
  bool anomalous = false;
  std::string kind;   // empty: no word of it
  std::string where;  // for messages
  bool met = false;   // the picture was found
};

class FolderSet {
 public:
  explicit FolderSet(const fs::path& root)
      : root_(root),
        images_(is_folder(root / kImages)),
        masks_there_(is_folder(root / kMasks)),
        labels_there_(is_file(root / kLabels)),
        boxes_there_(is_file(root / kBoxes)) {
    if (labels_there_) read_labels();
    if (boxes_there_) read_boxes();
    if (masks_there_) read_masks();
  }

  std::vector<Sample> samples() {
    std::vector<Sample> all;
    for (const std::string& id : pictures()) all.push_back(sample_of(id));
    for (const auto& [id, said] : labels_)
      if (!said.met)
        fail(ErrorKind::kBadInput, "{} names '{}', which is not among the pictures in '{}'.", said.where,
             in_message(id), (root_ / base()).string());
    for (const auto& [id, entry] : boxes_)
      if (!entry.met)
        fail(ErrorKind::kBadInput, "'{}' names '{}', which is not among the pictures in '{}'.",
             (root_ / kBoxes).string(), in_message(id), (root_ / base()).string());
    for (const auto& [key, mask] : masks_)
      if (mask.picture.empty())
        fail(ErrorKind::kBadInput, "The mask '{}' has no picture: there is no '{}' of any picture's ending.",
             mask.file.string(), (root_ / base() / key).string());
    return all;
  }

 private:
  struct MaskFile {
    fs::path file;
    std::string picture;  // whose it is
  };
  struct BoxEntry {
    CocoImage image;
    bool met = false;
  };

  std::string base() const { return images_ ? "images/" : ""; }

  // Lists name pictures below the root or below images/.
  std::string id_of(const std::string& name, const std::string& where) const {
    if (images_ && is_file(root_ / kImages / name)) return base() + name;
    if (!is_file(root_ / name))
      fail(ErrorKind::kBadInput, "{} names the file '{}', which is not in '{}'.", where, in_message(name),
           (root_ / base()).string());
    return name;
  }

  void read_labels() {
    const CsvTable table = read_csv(root_ / kLabels);
    const std::size_t file = table.column("file"), label = table.column("label");
    const std::optional<std::size_t> kind = table.find_column("class");
    for (const CsvRow& row : table.rows) {
      const std::string where = table.where(row);
      const std::optional<bool> anomalous = meaning(row.fields[label]);
      if (!anomalous)
        fail(ErrorKind::kBadInput, "{} has the label '{}': it is 0 or 1, or a word such as good or bad.",
             where, in_message(row.fields[label]));
      const std::string id = id_of(relative_name(row.fields[file], where), where);
      if (!labels_.try_emplace(id, Said{*anomalous, kind ? row.fields[*kind] : "", where}).second)
        fail(ErrorKind::kBadInput, "{} names '{}' for the second time.", where, in_message(id));
    }
  }

  void read_boxes() {
    const std::string where = fmt::format("'{}'", (root_ / kBoxes).string());
    for (CocoImage& image : read_coco(root_ / kBoxes)) {
      const std::string id = id_of(image.file, where);
      if (!boxes_.try_emplace(id, BoxEntry{std::move(image)}).second)
        fail(ErrorKind::kBadInput, "{} lists '{}' twice.", where, in_message(id));
    }
  }

  // By the name of their picture below base(), without ending.
  void read_masks() {
    const auto add = [&](const std::string& below) {
      for (const std::string& name : pictures_in(root_ / kMasks / below)) {
        const fs::path file = root_ / kMasks / below / name;
        const auto [at, is_new] = masks_.try_emplace(below + without_ending(name), MaskFile{file, ""});
        if (!is_new)
          fail(ErrorKind::kBadInput, "Two masks are for the same picture: '{}' and '{}'.",
               at->second.file.string(), file.string());
      }
    };
    add("");
    for (const std::string& folder : list_folder(root_ / kMasks).folders) add(folder + "/");
  }

  // Folders of pictures, each a kind.
  std::vector<std::string> kind_folders() const {
    std::vector<std::string> kinds;
    bool known = images_;
    for (const std::string& name : list_folder(root_ / base()).folders) {
      if (!images_ && name == kMasks) continue;
      const bool word = meaning(name).has_value();
      if (!pictures_in(root_ / base() / name).empty()) {
        kinds.push_back(name);
      } else if (word) {
        fail(ErrorKind::kBadInput, "There are no pictures in '{}'; found {}.",
             (root_ / base() / name).string(), entries_in_message(root_ / base() / name));
      }
      known = known || word;
    }
    return known ? kinds : std::vector<std::string>();
  }

  std::vector<std::string> pictures() {
    const std::vector<std::string> kinds = kind_folders();
    std::vector<std::string> ids;
    if (images_)
      for (const std::string& name : pictures_in(root_ / kImages)) ids.push_back(base() + name);
    if (!ids.empty() && !kinds.empty())
      fail(ErrorKind::kBadInput,
           "'{}' holds pictures and folders of pictures ({}): it may hold one or the other.",
           (root_ / kImages).string(), in_message(kinds));
    for (const std::string& kind : kinds)
      for (const std::string& name : pictures_in(root_ / base() / kind)) {
        ids.push_back(base() + kind + "/" + name);
        kind_of_[ids.back()] = kind;
      }
    if (ids.empty() && !images_) {  // only lists say which pictures there are
      for (const auto& [id, said] : labels_) ids.push_back(id);
      if (!labels_there_)
        for (const auto& [id, entry] : boxes_) ids.push_back(id);
    }
    if (!ids.empty() && kinds.empty() && !masks_there_ && !labels_there_ && !boxes_there_)
      fail(ErrorKind::kBadInput,
           "Nothing in '{}' says which pictures show a defect: looked for masks/, labels.csv, boxes.json, or "
           "folders such as good/ and bad/ instead of images/; found {}.",
           root_.string(), entries_in_message(root_));
    return ids;
  }

  Sample sample_of(const std::string& id) {
    Sample sample;
    sample.id = id;
    sample.image = root_ / id;
    sample.mask = mask_of(id);
    const auto boxes = boxes_.find(id);
    if (boxes != boxes_.end()) boxes->second.met = true;
    const CocoImage* marked =
        boxes != boxes_.end() && !boxes->second.image.boxes.empty() ? &boxes->second.image : nullptr;
    sample.label = label_of(id, !sample.mask.empty(), marked != nullptr, boxes != boxes_.end());
    if (sample.mask.empty() && marked) {
      sample.boxes = marked->boxes;
      sample.boxes_width = marked->width, sample.boxes_height = marked->height;
    }
    sample.kind = kind_of(id, sample.label, marked);
    return sample;
  }

  fs::path mask_of(const std::string& id) {
    const auto found = masks_.find(without_ending(id.substr(base().size())));
    if (found == masks_.end()) return {};
    if (!found->second.picture.empty())
      fail(ErrorKind::kBadInput, "The mask '{}' fits two pictures: '{}' and '{}'.",
           found->second.file.string(), in_message(found->second.picture), in_message(id));
    found->second.picture = id;
    return found->second.file;
  }

  Label label_of(const std::string& id, bool has_mask, bool has_boxes, bool listed) {
    std::optional<bool> anomalous;
    std::string who;
    if (const auto folder = kind_of_.find(id); folder != kind_of_.end()) {
      anomalous = meaning(folder->second).value_or(true);
      who = fmt::format("the folder '{}'", folder->second);
    }
    if (const auto row = labels_.find(id); row != labels_.end()) {
      row->second.met = true;
      if (anomalous && *anomalous != row->second.anomalous)
        fail(ErrorKind::kBadInput, "{} and {} do not agree whether '{}' shows a defect.", row->second.where,
             who, in_message(id));
      anomalous = row->second.anomalous;
      who = row->second.where;
    } else if (labels_there_) {
      fail(ErrorKind::kBadInput, "'{}' does not name the picture '{}'.", (root_ / kLabels).string(),
           in_message(id));
    }
    if (anomalous && !*anomalous && has_boxes)
      fail(ErrorKind::kBadInput, "'{}' has boxes for '{}', but {} says that it is normal.",
           (root_ / kBoxes).string(), in_message(id), who);
    if (anomalous) return *anomalous ? Label::kAnomalous : Label::kNormal;
    if (!masks_there_ && !listed)
      fail(ErrorKind::kBadInput,
           "'{}' does not list the picture '{}': list it, without a box if it is normal.",
           (root_ / kBoxes).string(), in_message(id));
    return has_mask ? Label::kByMask : has_boxes ? Label::kAnomalous : Label::kNormal;
  }

  std::string kind_of(const std::string& id, Label label, const CocoImage* marked) const {
    if (label == Label::kNormal) return "good";
    const auto row = labels_.find(id);
    if (row != labels_.end() && !row->second.kind.empty()) return row->second.kind;
    const auto folder = kind_of_.find(id);
    if (folder != kind_of_.end()) return folder->second;
    return marked ? marked->kind : "defect";
  }

  const fs::path root_;
  const bool images_, masks_there_, labels_there_, boxes_there_;
  std::map<std::string, Said> labels_;          // by id, as all that follow but masks_
  std::map<std::string, BoxEntry> boxes_;       //
  std::map<std::string, std::string> kind_of_;  // the folder that it lies in
  std::map<std::string, MaskFile> masks_;
};

std::string name_of(const fs::path& root) {
  fs::path whole = fs::absolute(root).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  const std::string name = whole.filename().string();
  return name.empty() ? "folder" : name;
}

}  // namespace

bool is_folder_set(const fs::path& root) {
  if (is_folder(root / kImages) || is_file(root / kLabels) || is_file(root / kBoxes)) return true;
  for (const std::string& name : list_folder(root).folders)
    if (meaning(name)) return true;
  return false;
}

Dataset open_folder_set(const fs::path& root, const DatasetOptions& options) {
  refuse_splits(options.split, "folder");
  const std::string name = name_of(root);
  if (!options.categories.empty()) chosen_categories("folder", root, {name}, options.categories);
  Dataset dataset;
  dataset.categories.push_back({name, "", FolderSet(root).samples()});
  return dataset;
}

}  // namespace anomalyvlm::eval
