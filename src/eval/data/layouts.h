#pragma once
// The layouts of data sets on disk: one table with a row for each layout, and a file for each reader.
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/data/dataset.h"

namespace anomalyvlm::eval {

// Which pixels the masks and annotations of images with an EXIF orientation were drawn on; see
// turned_images.h.
enum class MasksOrientation { kAuto, kStored, kUpright };

struct DatasetOptions {
  std::string split = {};                    // "train", "test", "all"; empty: the layout's own choice
  std::vector<std::string> categories = {};  // empty: all that are there
  std::optional<int> mask_above = {};  // 0 .. 254: MaskRule::above; none: the layout's own, or as masks show
  MasksOrientation masks_orientation = MasksOrientation::kAuto;
  int bits = 0;  // of 16-bit images that are looked at, as ReadOptions::bits
};

struct Layout {
  const char* name;     // "mvtec"
  const char* title;    // "MVTec AD"
  const char* expects;  // what lies below the root, one line for people
  bool known_masks;     // its masks mark by 255, or by all levels above 0: no others are numbers of classes
  bool (*is_root)(const std::filesystem::path& root);
  // For what is_root; open_dataset() is the way in.
  Dataset (*open)(const std::filesystem::path& root, const DatasetOptions& options);
};

std::span<const Layout> layouts();
const Layout& layout_named(
    const std::string& name);  // throws Error(kBadInput) for another name, listing them

// Reads names, lists and, where they are unknown, the levels of masks; of the images, only those with an EXIF
// orientation. Throws Error(kBadInput) with what was looked for and what was found instead; Error(kIo). Names
// in lists that lead out of the root are refused.
Dataset open_dataset(const std::string& name, const std::filesystem::path& root,
                     const DatasetOptions& options = {});

}  // namespace anomalyvlm::eval
