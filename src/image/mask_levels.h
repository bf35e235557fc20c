#pragma once
// Masks as image files.
#include <cstdint>
#include <filesystem>
#include <vector>

namespace anomalyvlm {

// Of each pixel the brightest channel, 0..255. Where there is alpha, colours count as painted over black; if
// nothing shows then, the colours alone, and if these are black, alpha itself. 16-bit levels are scaled, but
// what is not 0 stays above 0.
struct MaskLevels {
  int width = 0, height = 0;  // upright, by the file's own EXIF orientation
  std::vector<std::uint8_t> values;
  bool lossy = false;   // JPEG: levels are blurred around edges
  int orientation = 1;  // the file's own
};
MaskLevels read_mask_levels(const std::filesystem::path& file);  // throws as read_image()

// read_mask() takes levels above this for white.
constexpr int kMaskAbove = 127;

}  // namespace anomalyvlm
