#pragma once
// Images as the library takes and returns them: plain memory, no third-party types.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "anomalyvlm/export.h"

namespace anomalyvlm {

enum class PixelFormat {
  kGray8,   // 1 channel, 8 bit
  kRgb8,    // 3 channels, 8 bit, R first
  kBgr8,    // 3 channels, 8 bit, B first (OpenCV, many cameras)
  kRgba8,   // 4 channels, 8 bit; alpha is composited over white, unless it is 0 everywhere (see to_rgb8)
  kBgra8,   // the same, B first
  kRgbx8,   // 4 channels, 8 bit; the fourth is unused
  kBgrx8,   // the same, B first (many cameras; Qt's RGB32)
  kGray16,  // 1 channel, 16 bit, host byte order; ImageView::bits gives its range
  kRgb16,   // 3 channels, 16 bit
  kBgr16,
};

ANOMALYVLM_API int channels_of(PixelFormat format);
ANOMALYVLM_API int bytes_per_channel(PixelFormat format);

// A view of pixels owned by the caller, for instance a camera's buffer. Used only as a parameter.
struct ImageView {
  const void* data = nullptr;
  int width = 0;   // pixels
  int height = 0;  // pixels
  PixelFormat format = PixelFormat::kRgb8;
  std::size_t row_stride = 0;  // bytes from one row to the next; 0 means rows are packed
  int bits = 0;  // 16-bit formats: how many of the lowest bits are used, 8..16 (cameras: 10, 12); 0: all
};

// Where a pixel is in an image of this width, row by row.
inline std::size_t pixel_index(int x, int y, int width) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
}

// An image that owns its pixels: 8-bit RGB, rows packed. The input of every stage of the pipeline.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  // height * width * 3

  bool empty() const { return rgb.empty(); }
  const std::uint8_t* row(int y) const { return rgb.data() + 3 * pixel_index(0, y, width); }
  std::uint8_t* row(int y) { return rgb.data() + 3 * pixel_index(0, y, width); }
  ImageView view() const { return {rgb.data(), width, height, PixelFormat::kRgb8, 0}; }
};

// A single-channel float map over an image's pixels (anomaly map, saliency, ...).
struct FloatMap {
  int width = 0;
  int height = 0;
  std::vector<float> values;  // height * width, row by row

  float& at(int x, int y) { return values[pixel_index(x, y, width)]; }
  float at(int x, int y) const { return values[pixel_index(x, y, width)]; }
};

// A binary mask over an image's pixels: 0 or 1.
struct Mask {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> values;  // height * width, row by row

  std::uint8_t& at(int x, int y) { return values[pixel_index(x, y, width)]; }
  std::uint8_t at(int x, int y) const { return values[pixel_index(x, y, width)]; }
};

// An axis-aligned box in pixels of the image, x to the right, y down: [x0, x1) x [y0, y1).
struct Box {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  float width() const { return x1 - x0; }
  float height() const { return y1 - y0; }
  float area() const { return width() > 0 && height() > 0 ? width() * height() : 0.0f; }
};

// Converts any view to packed 8-bit RGB: 16-bit values are scaled and rounded to 0..255, values that exceed
// the given bits become 255; alpha is composited over white; grey is copied to three channels. A fully
// transparent image (an unused fourth channel of a camera) keeps its colours. `notes`, if given, receives a
// sentence about that, about 16-bit values that use only the lowest bits while view.bits is 0, and about
// values that exceed the given bits (a detection has it among its notes). Throws
// Error(kBadInput) for a null, empty or inconsistent view, and for more than 160 million pixels or a million
// a side.
ANOMALYVLM_API Image to_rgb8(const ImageView& view, std::vector<std::string>* notes = nullptr);

}  // namespace anomalyvlm
