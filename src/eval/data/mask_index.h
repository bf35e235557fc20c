#pragma once
// Which mask is for which image.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace anomalyvlm::eval {

// Masks by the images that they are for. Case and the composition of accents are ignored.
class MaskIndex {
 public:
  // `key`: the mask's name without its extension, below the folder of masks ("scratch/000_mask").
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
