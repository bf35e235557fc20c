// EXIF's orientation: reading it, and turning an image upright.
#include <algorithm>
#include <cstring>

#include "core/threads.h"
#include "image/decoders.h"
#include "image/tiff_block.h"

namespace anomalyvlm {
namespace codec {
namespace {

// Bytes of a whole number of EXIF's type, signed or not; 0 for other types. The standard wants SHORT here,
// but some writers store LONG, and all programs obey it.
int integer_size(std::uint32_t type) {
  switch (type) {
    case 1:  // BYTE
    case 6:  // SBYTE
      return 1;
    case 3:  // SHORT
    case 8:  // SSHORT
      return 2;
    case 4:  // LONG
    case 9:  // SLONG
      return 4;
    default:
      return 0;
  }
}

}  // namespace

int exif_orientation(std::span<const std::uint8_t> exif) {
  if (exif.size() >= 6 && std::memcmp(exif.data(), "Exif\0\0", 6) == 0) exif = exif.subspan(6);
  if (exif.size() < 8) return 1;
  const TiffBlock block(exif);
  if (block.number(2, 2) != 42) return 1;
  const std::size_t directory = block.number(4, 4);
  const std::uint32_t entries = block.number(directory, 2);
  constexpr std::uint32_t kOrientation = 0x0112;
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    if (entry >= exif.size()) break;
    const int size = integer_size(block.number(entry + 2, 2));
    if (block.number(entry, 2) != kOrientation || size == 0) continue;
    const std::uint64_t bytes = std::uint64_t{block.number(entry + 4, 4)} * static_cast<unsigned>(size);
    const std::uint32_t value = block.number(bytes <= 4 ? entry + 8 : block.number(entry + 8, 4), size);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace codec

Image upright(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const std::int64_t w = image.width, h = image.height;
  const bool turned = orientation >= 5;
  Image out{turned ? image.height : image.width, turned ? image.width : image.height, {}};
  out.rgb.resize(image.rgb.size());
  // The source pixel of out(x, y) is first + x * step_x + y * step_y.
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const std::int64_t first = (from_right ? w - 1 : 0) + (from_bottom ? (h - 1) * w : 0);
  const std::int64_t along_row = from_right ? -1 : 1, along_column = from_bottom ? -w : w;
  const std::int64_t step_x = turned ? along_column : along_row, step_y = turned ? along_row : along_column;
  constexpr std::int64_t kBlock = 64;  // both images' blocks stay in the cache while one is turned
  parallel_for((out.height + kBlock - 1) / kBlock, 4, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t last_row = std::min<std::int64_t>(end * kBlock, out.height);
    for (std::int64_t y0 = begin * kBlock; y0 < last_row; y0 += kBlock) {
      for (std::int64_t x0 = 0; x0 < out.width; x0 += kBlock) {
        const std::int64_t x1 = std::min<std::int64_t>(x0 + kBlock, out.width);
        for (std::int64_t y = y0; y < std::min(y0 + kBlock, last_row); ++y) {
          const std::uint8_t* from = image.rgb.data() + 3 * (first + y * step_y + x0 * step_x);
          std::uint8_t* to = out.row(static_cast<int>(y)) + 3 * x0;
          for (std::int64_t x = x0; x < x1; ++x, from += 3 * step_x, to += 3) std::memcpy(to, from, 3);
        }
      }
    }
  });
  return out;
}

}  // namespace anomalyvlm
