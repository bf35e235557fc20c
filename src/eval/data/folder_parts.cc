#include "eval/data/folder_parts.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/check.h"
#include "eval/data/label_words.h"
#include "eval/data/listing.h"
#include "image/image_folder.h"
#include "image/mask_names.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kImageFolders = {"images"sv, "image"sv, "imgs"sv, "img"sv, "jpegimages"sv};
constexpr std::array kLabelLists = {"labels.csv"sv, "labels.tsv"sv};
// As this program calls it, and as CVAT, Roboflow and Labelme do.
constexpr std::array kAnnotationLists = {"boxes.json"sv, "annotations.json"sv, "instances_default.json"sv,
                                         "_annotations.coco.json"sv};

// The first of the wanted names (in small letters) among those that are there; empty: none.
template <typename Wanted>
std::string first_of(const Wanted& wanted, const std::vector<std::string>& there) {
  for (const std::string_view name : wanted)
    for (const std::string& entry : there)
      if (lower_text(entry) == name) return entry;
  return "";
}

fs::path list_in(const fs::path& folder, const std::vector<std::string>& files, const auto& names) {
  const std::string name = first_of(names, files);
  return name.empty() ? fs::path() : folder / name;
}

class Finder {
 public:
  explicit Finder(const fs::path& root) : root_(root), lister_(root), listing_(list_folder(root)) {}

  FolderParts find() {
    if (const std::string folder = first_of(kImageFolders, listing_.folders); !folder.empty())
      parts_.base = folder + "/";
    find_lists();
    find_mask_folders();
    find_images();
    for (const auto& [folder, prefix] : mask_folders_) read_masks(folder, prefix);
    name_strangers();
    lister_.note(parts_.notes);
    return std::move(parts_);
  }

 private:
  // As the COCO data set calls them ("instances_train2017.json"), where there is only one.
  static fs::path only_instances_in(const fs::path& folder, const std::vector<std::string>& files) {
    std::vector<std::string> found;
    std::copy_if(files.begin(), files.end(), std::back_inserter(found), [](const std::string& name) {
      const std::string small = lower_text(name);
      return small.starts_with("instances_") && small.ends_with(".json");
    });
    return found.size() == 1 ? folder / found.front() : fs::path();
  }

  void find_lists() {
    parts_.labels = list_in(root_, listing_.files, kLabelLists);
    parts_.annotations = list_in(root_, listing_.files, kAnnotationLists);
    if (!parts_.annotations.empty()) return;
    for (const std::string& name : listing_.folders) {  // CVAT puts it into a folder
      if (lower_text(name) != "annotations" || !parts_.annotations.empty()) continue;
      const std::vector<std::string> files = list_folder(root_ / name).files;
      parts_.annotations = list_in(root_ / name, files, kAnnotationLists);
      if (parts_.annotations.empty()) parts_.annotations = only_instances_in(root_ / name, files);
    }
  }

  // In the root, beside the images, and in folders of kinds.
  void find_mask_folders() {
    std::set<std::string> places = {"", parts_.base};
    for (const std::string& name : list_folder(root_ / parts_.base).folders)
      if (const std::string place = parts_.base + name + "/";
          !is_called_masks(parts_.base, name) && !list_images(root_ / place).images.empty())
        places.insert(place);
    for (const std::string& place : places) {
      const std::string kind = place.size() > parts_.base.size() ? place.substr(parts_.base.size()) : "";
      const std::vector<std::string> folders = list_folder(root_ / place).folders;
      for (const std::string& name : folders) {
        if (place + name + "/" == parts_.base) continue;
        if (kind.empty() && add_masks_of_kind(place, name, folders)) continue;
        if (is_called_masks(place, name)) add_mask_folder(place + name + "/", kind);
      }
    }
    choose_mask_folder();
  }

  // A kind of defect may be called so, too.
  bool is_called_masks(const std::string& place, const std::string& name) {
    if (!is_mask_folder_name(name)) return false;
    const fs::path folder = root_ / place / name;
    if (place != parts_.base || may_hold_masks(folder)) return true;
    kinds_like_masks_.insert(place + name + "/");
    return false;
  }

  void add_mask_folder(const std::string& folder, const std::string& kind) {
    if (holds_images(folder)) {
      mask_folders_.emplace_back(folder, kind);
      parts_.masks_there = true;
      return;
    }
    const Listing listing = list_folder(root_ / folder);
    const bool is_empty = listing.files.empty() && listing.folders.empty();
    if (is_empty || root_ / folder == parts_.annotations.parent_path() / "") return;
    if (conversion_advice(listing.files).empty())
      lister_.pass_over_folder(folder.substr(0, folder.size() - 1));  // texts, say
    else
      lister_.images_beside_folders(folder);  // names them
  }

  // "scratch_masks" beside "scratch". Gives whether it is such a folder.
  bool add_masks_of_kind(const std::string& place, const std::string& name,
                         const std::vector<std::string>& folders) {
    const std::string kind = kind_of_mask_folder(name);
    const auto same = std::find_if(folders.begin(), folders.end(), [&](const std::string& other) {
      return !kind.empty() && folded_text(other) == folded_text(kind);
    });
    if (same == folders.end() || !holds_images(place + name + "/")) return false;
    kind_masks_.insert(place + name + "/");
    mask_folders_.emplace_back(place + name + "/", place + *same + "/" == parts_.base ? "" : *same + "/");
    parts_.masks_there = true;
    return true;
  }

  // Programs that save classes and objects save the same masks twice.
  void choose_mask_folder() {
    const auto ends_with = [](const auto& entry, std::string_view end) {
      return lower_text(entry.first).ends_with(end);
    };
    const bool classes = std::any_of(mask_folders_.begin(), mask_folders_.end(), [&](const auto& entry) {
      return ends_with(entry, "segmentationclass/") || ends_with(entry, "segmentationclasspng/");
    });
    if (!classes) return;
    std::erase_if(mask_folders_, [&](const auto& entry) {
      if (!ends_with(entry, "segmentationobject/")) return false;
      lister_.pass_over_folder(entry.first.substr(0, entry.first.size() - 1));
      return true;
    });
  }

  bool holds_images(const std::string& folder) const {
    if (!list_images(root_ / folder).images.empty()) return true;
    const std::vector<std::string> inner = list_folder(root_ / folder).folders;
    return std::any_of(inner.begin(), inner.end(), [&](const std::string& name) {
      return !list_images(root_ / folder / name).images.empty();
    });
  }

  void read_masks(const std::string& folder, const std::string& prefix) {
    const auto add = [&](const std::string& below) {
      for (const std::string& name : lister_.images_beside_folders(folder + below))
        parts_.masks.add(prefix + below + without_extension(name), root_ / folder / below / name);
    };
    add("");
    for (const std::string& inner : list_folder(root_ / folder).folders) add(inner + "/");
  }

  bool is_mask_folder(const std::string& folder) const {
    return kind_masks_.contains(folder) ||
           std::any_of(mask_folders_.begin(), mask_folders_.end(),
                       [&](const auto& entry) { return entry.first == folder; });
  }

  // Folders of images, each a kind, if one of them is called by a word that says good or bad.
  std::vector<std::string> kind_folders() {
    std::vector<std::string> kinds, others;
    bool known = parts_.has_images_folder();
    for (const std::string& name : list_folder(root_ / parts_.base).folders) {
      const std::string folder = parts_.base + name + "/";
      if (is_mask_folder(folder) || (is_mask_folder_name(name) && !kinds_like_masks_.contains(folder)))
        continue;
      const bool word = means_anomalous(name).has_value();
      if (!list_images(root_ / folder).images.empty()) {
        kinds.push_back(name);
      } else if (word) {
        fail(ErrorKind::kBadInput, "There are no images in '{}'; found {}.",
             (root_ / parts_.base / name).string(), entries_in_message(root_ / folder));
      } else {
        others.push_back(parts_.base + name);
      }
      known = known || word;
    }
    if (!known) return {};
    for (const std::string& name : others) lister_.pass_over_folder(name);
    return kinds;
  }

  void find_images() {
    const std::vector<std::string> kinds = kind_folders();
    if (parts_.has_images_folder()) add_images("", "");
    if (!parts_.images.empty() && !kinds.empty())
      fail(ErrorKind::kBadInput,
           "'{}' holds images and folders of images ({}): it may hold one or the other.",
           (root_ / parts_.base).string(), in_message(kinds));
    for (const std::string& kind : kinds) add_images(kind + "/", kind);
    note_copies(kinds);
  }

  // "wahrheit" beside "bad": what bears the names of other images and looks like masks.
  void note_copies(const std::vector<std::string>& kinds) {
    std::map<std::string, std::set<std::string>> kinds_of_stem;
    const auto stem_of = [](const std::string& id) {
      return folded_text(without_extension(id.substr(id.rfind('/') + 1)));
    };
    for (const auto& [id, kind] : parts_.kind_of) kinds_of_stem[stem_of(id)].insert(kind);
    for (const std::string& kind : kinds) {
      const std::string folder = parts_.base + kind + "/";
      const bool copies = std::all_of(parts_.images.begin(), parts_.images.end(), [&](const std::string& id) {
        return !id.starts_with(folder) || kinds_of_stem[stem_of(id)].size() > 1;
      });
      if (!copies || means_anomalous(kind) || !(is_mask_folder_name(kind) || may_hold_masks(root_ / folder)))
        continue;
      parts_.notes.push_back(
          fmt::format("All images in '{}' bear the names of images in other folders and were judged as "
                      "images: if they are "
                      "masks, call the folder 'masks'; if copies, move it away.",
                      folder));
    }
  }

  void add_images(const std::string& below, const std::string& kind) {
    const std::string folder = parts_.base + below;
    const std::vector<std::string> names = lister_.images_beside_folders(folder);
    if (!kind.empty())
      for (const std::string& inner : list_folder(root_ / folder).folders)
        if (!is_mask_folder(folder + inner + "/")) lister_.pass_over_folder(folder + inner);
    const std::set<std::string> masks = masks_beside(root_ / folder, names);
    for (const std::string& name : names) {
      if (masks.contains(name)) {
        parts_.masks.add(below + without_extension(name), root_ / folder / name);
        parts_.masks_there = masks_beside_ = true;
        continue;
      }
      parts_.images.push_back(folder + name);
      if (!kind.empty()) parts_.kind_of[parts_.images.back()] = kind;
    }
  }

  // Images outside of the folders that are read would be missed without a word.
  void name_strangers() {
    if (masks_beside_)
      parts_.notes.emplace_back("Files such as 'a_mask.png' beside 'a.png' were taken for masks.");
    for (const auto& [folder, kind] : mask_folders_)
      parts_.notes.push_back(fmt::format("The images in '{}' were taken for masks.", folder));
    if (parts_.notes.size() == 1 && mask_folders_.size() == 1 && mask_folders_[0].first == "masks/")
      parts_.notes.clear();  // as documented
    if (parts_.images.empty()) return;
    for (const std::string& name : list_images(root_).images) lister_.pass_over_image(name);
    if (!parts_.has_images_folder()) return;
    for (const std::string& name : listing_.folders)
      if (name + "/" != parts_.base && !is_mask_folder_name(name) && !is_mask_folder(name + "/") &&
          holds_images(name + "/"))
        lister_.pass_over_folder(name);
  }

  const fs::path root_;
  ImageLister lister_;
  const Listing listing_;  // of the root
  FolderParts parts_;
  std::vector<std::pair<std::string, std::string>> mask_folders_;  // below the root; before their masks' keys
  std::set<std::string> kinds_like_masks_;                         // below the root
  std::set<std::string> kind_masks_;                               // of these, those of one kind
  bool masks_beside_ = false;
};

}  // namespace

FolderParts find_folder_parts(const fs::path& root) { return Finder(root).find(); }

bool has_folder_parts(const fs::path& root) {
  const Listing listing = list_folder(root);
  if (!first_of(kImageFolders, listing.folders).empty() || !first_of(kLabelLists, listing.files).empty() ||
      !first_of(kAnnotationLists, listing.files).empty())
    return true;
  return std::any_of(listing.folders.begin(), listing.folders.end(),
                     [](const std::string& name) { return means_anomalous(name).has_value(); });
}

}  // namespace anomalyvlm::eval
