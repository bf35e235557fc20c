// Windows and OS/2 bitmaps: 1, 4, 8 (palette), 16, 24 and 32 bits a pixel, rows from either end; with
// run-length codes 4 and 8. A fourth channel is left out: writers disagree about what it means.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "image/bmp_runs.h"
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
  std::uint32_t data_bytes = 0;  // as the header says; 0 if it does not
  std::array<Field, 3> fields;
};

constexpr std::uint32_t kPlain = 0, kRuns8 = 1, kRuns4 = 2, kFields = 3, kAlphaFields = 6;
constexpr std::uint32_t kFileHeader = 14, kCoreHeader = 12, kShortestOs2Header = 16, kInfoHeader = 40;

bool has_runs(const Header& h) { return h.compression == kRuns8 || h.compression == kRuns4; }

std::size_t stride_of(const Header& h) { return (static_cast<std::size_t>(h.width) * h.bits + 31) / 32 * 4; }

// Without what fills the last row up: some writers leave that out.
std::size_t data_bytes(const Header& h) {
  const auto rows = static_cast<std::size_t>(std::abs(h.height));
  return stride_of(h) * (rows - 1) + (static_cast<std::size_t>(h.width) * h.bits + 7) / 8;
}

class BmpReader {
 public:
  explicit BmpReader(const Source& source) : source_(source) {}

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
    const auto has = [&](std::uint32_t bytes) { return h.header_bytes >= bytes; };
    if (h.header_bytes == kCoreHeader) {
      h.width = number(18, 2);
      h.height = number(20, 2);
      h.bits = number(24, 2);
    } else if (has(kShortestOs2Header) && h.header_bytes <= 1024) {
      h.width = static_cast<std::int32_t>(number(18, 4));
      h.height = static_cast<std::int32_t>(number(22, 4));
      h.bits = number(28, 2);
      h.compression = has(20) ? number(30, 4) : kPlain;  // OS/2 may leave out what is 0
      h.data_bytes = has(24) ? number(34, 4) : 0;
      h.colors = has(36) ? number(46, 4) : 0;
    } else {
      source_.refuse("its BMP header of {} bytes is of no known kind", h.header_bytes);
    }
    check(h);
    read_fields(h);
    h.pixels_at = first_pixel(h);
    return h;
  }

  // Entries that the file does not have are black.
  Palette palette(const Header& h) const {
    Palette colors{};
    const std::uint32_t entry = palette_entry(h);
    for (std::uint32_t i = 0; i < palette_entries(h); ++i) {
      const std::size_t at = kFileHeader + h.header_bytes + std::size_t{i} * entry;
      if (at + entry > h.pixels_at) break;
      for (unsigned c = 0; c < 3; ++c) colors[i][c] = static_cast<std::uint8_t>(number(at + 2 - c, 1));
    }
    return colors;
  }

 private:
  static std::uint32_t palette_entry(const Header& h) { return h.header_bytes == kCoreHeader ? 3 : 4; }
  static std::uint32_t palette_entries(const Header& h) {
    const std::uint32_t all = h.bits <= 8 ? 1u << h.bits : 0;
    return h.colors == 0 || h.colors > all ? all : h.colors;
  }

  // Where the header says, unless headers and palette are there, as where it says 0: then behind those.
  std::uint32_t first_pixel(const Header& h) const {
    const std::uint32_t masks = h.header_bytes != kInfoHeader   ? 0
                                : h.compression == kFields      ? 12
                                : h.compression == kAlphaFields ? 16
                                                                : 0;
    const std::uint32_t headers = kFileHeader + h.header_bytes + masks;
    const std::uint32_t behind = headers + palette_entries(h) * palette_entry(h);
    if (h.pixels_at >= behind) return h.pixels_at;
    // A shorter palette than the header says is usual as well; then there are not enough bytes for a whole
    // one.
    const std::uint64_t data = has_runs(h) ? h.data_bytes : data_bytes(h);
    return h.pixels_at < headers || behind + data <= source_.bytes.size() ? behind : h.pixels_at;
  }

  void check(const Header& h) const {
    const bool fields = h.compression == kFields || h.compression == kAlphaFields;
    const bool known_bits =
        h.bits == 1 || h.bits == 4 || h.bits == 8 || h.bits == 16 || h.bits == 24 || h.bits == 32;
    const bool runs = (h.compression == kRuns8 && h.bits == 8) || (h.compression == kRuns4 && h.bits == 4);
    if (!known_bits || !(h.compression == kPlain || runs || (fields && (h.bits == 16 || h.bits == 32)))) {
      source_.refuse("a BMP with {} bits a pixel and compression {} is not supported", h.bits, h.compression);
    }
    if (h.width < 0) source_.refuse("its BMP header gives a width of {}", h.width);
    source_.check_size(static_cast<std::uint64_t>(h.width), static_cast<std::uint64_t>(std::abs(h.height)));
  }

  void read_fields(Header& h) const {
    if (h.compression == kFields ||
        h.compression ==
            kAlphaFields) {  // behind the short header, or inside the longer ones: the same place
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

void convert_row(const std::uint8_t* from, const Header& h, const Palette& palette, std::uint8_t* to) {
  if (h.bits <= 8) {
    palette_row(from, h, palette, to);
  } else if (h.bits >= 24 && h.compression == kPlain) {
    blue_first_row(from, h, to);
  } else {
    fields_row(from, h, to);
  }
}

}  // namespace

Decoded decode_bmp(const Source& source) {
  const BmpReader reader(source);
  Header h = reader.header();
  const auto width = static_cast<std::size_t>(h.width), height = static_cast<std::size_t>(std::abs(h.height));
  const bool runs = has_runs(h);
  if (h.pixels_at > source.bytes.size() || (!runs && source.bytes.size() - h.pixels_at < data_bytes(h))) {
    source.refuse("the BMP file is cut short: {} x {} pixels do not fit into {} bytes", width, height,
                  source.bytes.size());
  }
  const Palette palette = h.bits <= 8 ? reader.palette(h) : Palette{};
  const auto data = source.bytes.subspan(h.pixels_at);
  std::vector<std::uint8_t> indices;
  std::size_t stride = stride_of(h);
  if (runs) {
    indices = decode_bmp_runs(source, data, h.bits, width, height);
    h.bits = 8;
    stride = width;
  }
  const std::uint8_t* rows = runs ? indices.data() : data.data();
  Decoded decoded{{static_cast<int>(width), static_cast<int>(height), {}}, 1};
  decoded.image.rgb.resize(width * height * 3);
  for (std::size_t y = 0; y < height; ++y) {
    const std::size_t row = h.height < 0 ? y : height - 1 - y;
    convert_row(rows + row * stride, h, palette, decoded.image.row(static_cast<int>(y)));
  }
  return decoded;
}

}  // namespace anomalyvlm::codec
