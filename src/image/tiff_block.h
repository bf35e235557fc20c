#pragma once
// A TIFF's or an EXIF block's bytes as numbers of either byte order. Private to src/image.
#include <cstdint>
#include <span>

namespace anomalyvlm::codec {

struct TiffBlock {
  std::span<const std::uint8_t> bytes;
  bool big_endian;

  explicit TiffBlock(std::span<const std::uint8_t> block)
      : bytes(block), big_endian(!block.empty() && block[0] == 'M') {}

  // Where the lowest byte but i of a number of `size` bytes lies.
  std::size_t place(int i, int size) const { return static_cast<std::size_t>(big_endian ? size - 1 - i : i); }

  // An unsigned number; 0 beyond the end.
  std::uint32_t number(std::size_t at, int size) const {
    if (at > bytes.size() || bytes.size() - at < static_cast<std::size_t>(size)) return 0;
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i) value |= std::uint32_t{bytes[at + place(i, size)]} << 8 * i;
    return value;
  }
};

}  // namespace anomalyvlm::codec
