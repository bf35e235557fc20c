#pragma once
// Image files that hold masks.
#include <cstdint>
#include <filesystem>
#include <vector>

#include "eval/data/dataset.h"

namespace anomalyvlm::eval {

// The levels of a mask: of each pixel the brightest channel, 0..255. Where there is alpha, colours count as
// painted over black; if nothing shows then, the colours alone, and if these are black, alpha itself. 16-bit
// levels are scaled, but what is not 0 stays above 0.
struct MaskFile {
  int width = 0, height = 0;  // upright, by the file's own EXIF orientation
  std::vector<std::uint8_t> levels;
  bool lossy = false;   // JPEG: levels are blurred around edges
  int orientation = 1;  // the file's own
};
MaskFile read_mask_file(const std::filesystem::path& file);  // throws as read_image()

Mask apply(const MaskRule& rule, const MaskFile& file);

}  // namespace anomalyvlm::eval
