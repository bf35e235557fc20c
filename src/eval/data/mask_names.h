#pragma once
// Which image a mask is for, by the names that people and programs give to masks and their folders.
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm::eval {

// "masks", "ground_truth", "GT", "labels", "SegmentationClass" and their like.
bool is_mask_folder_name(std::string_view name);

// "a_mask", "a_GT" or "a-label" -> "a"; empty for a name without such a tail.
std::string without_mask_tail(std::string_view stem);
// The same for the folder of a kind's masks: "scratch_masks" -> "scratch", "masks_scratch" -> "scratch".
std::string kind_of_mask_folder(std::string_view folder);

// Masks by the images that they are for. Capitals and the composition of accents do not matter.
class MaskIndex {
 public:
  // `key`: the mask's name without its ending, below the folder of masks ("scratch/000_mask").
  void add(const std::string& key, const std::filesystem::path& file);
  bool empty() const { return masks_.empty(); }

  // The mask of an image of this key ("scratch/000"), called `id` in messages: of the same name, else of that
  // name with a mask's tail. Empty: none. Throws Error(kBadInput) when there are two, and when it was given
  // to another image already.
  std::filesystem::path take(const std::string& key, const std::string& id);
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
