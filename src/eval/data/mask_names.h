#pragma once
// Which image a mask is for, by the names that people and programs give to masks and their folders.
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm::eval {

// "masks", "ground_truth", "GT", "labels", "SegmentationClass" and their like, and names with the word "mask"
// or "gt" in them.
bool is_mask_folder_name(std::string_view name);
// Whether the images of a folder with such a name are masks. Some names are of things that are photographed,
// too ("label", "solder_mask"): for these the first image decides. True for folders without images, or whose
// first image cannot be read.
bool may_hold_masks(const std::filesystem::path& folder);

// Of the names of all images of a folder, those of masks beside their images: "a_mask.png" beside "a.jpg".
// The first decides for names of things that are photographed, too ("a_label.png").
std::set<std::string> masks_beside(const std::filesystem::path& folder,
                                   const std::vector<std::string>& names);

// "a_mask", "a_GT", "a-label", "a_mask_2" -> "a"; empty for a name without such a tail.
std::string without_mask_tail(std::string_view stem);
// The same for the folder of a kind's masks: "scratch_masks" -> "scratch", "masks_scratch" -> "scratch".
std::string kind_of_mask_folder(std::string_view folder);

// Masks by the images that they are for. Capitals and the composition of accents do not matter.
class MaskIndex {
 public:
  // `key`: the mask's name without its ending, below the folder of masks ("scratch/000_mask").
  void add(const std::string& key, const std::filesystem::path& file);
  bool empty() const { return masks_.empty(); }

  // The masks of an image of this key ("scratch/000"), called `id` in messages: of the same name, and of that
  // name with a mask's tail. Throws Error(kBadInput) when there are several that are not numbered
  // ("a_mask_1", "a_mask_2"), and when one was given to another image already.
  std::vector<std::filesystem::path> take(const std::string& key, const std::string& id);
  // Throws Error(kBadInput) when there are masks that no image took; `images`: where these are.
  void check_all_taken(const std::filesystem::path& images) const;

 private:
  struct MaskFile {
    std::filesystem::path file;
    std::string key;    // as it was added
    std::string taken;  // the image that has it
  };
  std::vector<std::size_t> find(const std::string& key) const;

  std::vector<MaskFile> masks_;
  std::map<std::string, std::vector<std::size_t>> whole_, short_;  // by folded keys with and without tails
};

}  // namespace anomalyvlm::eval
