// Windows bitmaps without compression: 1, 4, 8 (palette), 16, 24 and 32 bits a pixel, rows from either end. A
// fourth channel is left out: writers disagree about what it means.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "image/decoders.h"

namespace anomalyvlm::codec {
namespace {

using Color = std::array<std::uint8_t, 3>;
using Palette = std::array<Color, 256>;

// Where a channel lies in a pixel's bits.
struct Field {
  std::uint32_t mask = 0;
  std::uint8_t extract(std::uint32_t pixel) const {
    if (mask == 0) return 0;
    const std::uint32_t top = mask >> std::countr_zero(mask);
    const std::uint64_t value = (pixel & mask) >> std::countr_zero(mask);
    return static_cast<std::uint8_t>((value * 255 + top / 2) / top);
  }
};

struct Header {
  std::uint32_t pixels_at = 0;
  std::uint32_t header_bytes = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;  // below zero: the first row is the top one
  unsigned bits = 0;
  std::uint32_t compression = 0;
  std::uint32_t colors = 0;
  std::array<Field, 3> fields;
};

constexpr std::uint32_t kPlain = 0, kRuns8 = 1, kRuns4 = 2, kFields = 3, kAlphaFields = 6;
constexpr std::uint32_t kFileHeader = 14, kCoreHeader = 12, kInfoHeader = 40;

class Reader {
 public:
  explicit Reader(const Source& source) : source_(source) {}

  std::uint32_t number(std::size_t at, std::size_t size) const {
    const auto bytes = source_.bytes;
    if (at > bytes.size() || bytes.size() - at < size) source_.refuse("the BMP file is cut short");
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value |= std::uint32_t{bytes[at + i]} << 8 * i;
    return value;
  }

  Header header() const {
    Header h;
    h.pixels_at = number(10, 4);
    h.header_bytes = number(14, 4);
    if (h.header_bytes == kCoreHeader) {
      h.width = number(18, 2);
      h.height = number(20, 2);
      h.bits = number(24, 2);
    } else if (h.header_bytes >= kInfoHeader && h.header_bytes <= 1024) {
      h.width = static_cast<std::int32_t>(number(18, 4));
      h.height = static_cast<std::int32_t>(number(22, 4));
      h.bits = number(28, 2);
      h.compression = number(30, 4);
      h.colors = number(46, 4);
    } else {
      source_.refuse("its BMP header of {} bytes is of no known kind", h.header_bytes);
    }
    check(h);
    read_fields(h);
    return h;
  }

  // Entries that the file does not have are black.
  Palette palette(const Header& h) const {
    Palette colors{};
    const std::uint32_t entry = h.header_bytes == kCoreHeader ? 3 : 4;
    const std::uint32_t all = 1u << h.bits;
    const std::uint32_t count = h.colors == 0 || h.colors > all ? all : h.colors;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::size_t at = kFileHeader + h.header_bytes + std::size_t{i} * entry;
      if (at + entry > h.pixels_at) break;
      for (unsigned c = 0; c < 3; ++c) colors[i][c] = static_cast<std::uint8_t>(number(at + 2 - c, 1));
    }
    return colors;
  }

 private:
  void check(const Header& h) const {
    if (h.compression == kRuns8 || h.compression == kRuns4) {
      source_.refuse("it is a run-length coded BMP, which is not supported; save it without compression");
    }
    const bool fields = h.compression == kFields || h.compression == kAlphaFields;
    const bool known_bits =
        h.bits == 1 || h.bits == 4 || h.bits == 8 || h.bits == 16 || h.bits == 24 || h.bits == 32;
    if (!known_bits || !(h.compression == kPlain || (fields && (h.bits == 16 || h.bits == 32)))) {
      source_.refuse("a BMP with {} bits a pixel and compression {} is not supported", h.bits, h.compression);
    }
    if (h.width < 0) source_.refuse("its BMP header gives a width of {}", h.width);
    source_.check_size(static_cast<std::uint64_t>(h.width), static_cast<std::uint64_t>(std::abs(h.height)));
  }

  void read_fields(Header& h) const {
    if (h.compression != kPlain) {  // behind the short header, or inside the longer ones: the same place
      for (unsigned c = 0; c < 3; ++c) h.fields[c].mask = number(kFileHeader + kInfoHeader + 4 * c, 4);
    } else if (h.bits == 16) {
      h.fields = {Field{0x7c00}, Field{0x03e0}, Field{0x001f}};
    }
  }

  const Source& source_;
};

void palette_row(const std::uint8_t* from, const Header& h, const Palette& palette, std::uint8_t* to) {
  for (std::size_t bit = 0; bit < static_cast<std::size_t>(h.width) * h.bits; bit += h.bits, to += 3) {
    const unsigned shift = 8 - h.bits - static_cast<unsigned>(bit % 8);
    const Color& color = palette[(from[bit / 8] >> shift) & ((1u << h.bits) - 1)];
    std::copy(color.begin(), color.end(), to);
  }
}

void blue_first_row(const std::uint8_t* from, const Header& h, std::uint8_t* to) {
  for (std::int64_t x = 0; x < h.width; ++x, from += h.bits / 8, to += 3) {
    to[0] = from[2];
    to[1] = from[1];
    to[2] = from[0];
  }
}

void fields_row(const std::uint8_t* from, const Header& h, std::uint8_t* to) {
  for (std::int64_t x = 0; x < h.width; ++x) {
    std::uint32_t pixel = 0;
    for (unsigned shift = 0; shift < h.bits; shift += 8) pixel |= std::uint32_t{*from++} << shift;
    for (const Field& field : h.fields) *to++ = field.extract(pixel);
  }
}

}  // namespace

Decoded decode_bmp(const Source& source) {
  const Reader reader(source);
  const Header h = reader.header();
  const auto width = static_cast<std::size_t>(h.width), height = static_cast<std::size_t>(std::abs(h.height));
  const std::size_t stride = (width * h.bits + 31) / 32 * 4;
  if (h.pixels_at > source.bytes.size() || source.bytes.size() - h.pixels_at < stride * height) {
    source.refuse("the BMP file is cut short: {} x {} pixels do not fit into {} bytes", width, height,
                  source.bytes.size());
  }
  const Palette palette = h.bits <= 8 ? reader.palette(h) : Palette{};
  Decoded decoded{{static_cast<int>(width), static_cast<int>(height), {}}, 1};
  decoded.image.rgb.resize(width * height * 3);
  for (std::size_t y = 0; y < height; ++y) {
    const std::size_t row = h.height < 0 ? y : height - 1 - y;
    const std::uint8_t* from = source.bytes.data() + h.pixels_at + row * stride;
    std::uint8_t* to = decoded.image.row(static_cast<int>(y));
    if (h.bits <= 8) {
      palette_row(from, h, palette, to);
    } else if (h.bits >= 24 && h.compression == kPlain) {
      blue_first_row(from, h, to);
    } else {
      fields_row(from, h, to);
    }
  }
  return decoded;
}

}  // namespace anomalyvlm::codec
