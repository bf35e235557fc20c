#include "image/tiff_samples.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace anomalyvlm::codec {
namespace {

// The i-th sample of packed ones; those of 16 bits are in the machine's byte order by now, those between are
// a stream of bits, the highest first.
unsigned packed_sample(const std::uint8_t* from, std::size_t i, unsigned bits) {
  if (bits == 8) return from[i];
  if (bits == 16) {
    std::uint16_t value;
    std::memcpy(&value, from + 2 * i, 2);
    return value;
  }
  std::size_t at = i * bits;
  unsigned value = 0;
  for (unsigned left = bits; left > 0;) {
    const unsigned offset = at % 8, count = std::min(left, 8 - offset);
    value = value << count | ((from[at / 8] >> (8 - offset - count)) & ((1u << count) - 1));
    at += count;
    left -= count;
  }
  return value;
}

// Entries are of 16 bits; some old writers took 8.
struct Palette {
  std::array<std::vector<std::uint8_t>, 3> levels;

  Palette(TIFF* tiff, unsigned bits) {
    std::array<std::uint16_t*, 3> maps{};
    if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]) != 1) return;
    const std::size_t count = std::size_t{1} << bits;
    const bool bytes = std::all_of(maps.begin(), maps.end(), [&](const std::uint16_t* map) {
      return std::all_of(map, map + count, [](std::uint16_t level) { return level < 256; });
    });
    const Narrower narrow(bytes ? 255 : 65535);
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t i = 0; i < count; ++i) levels[c].push_back(narrow(maps[c][i]));
  }
};

class SampleReader {
 public:
  SampleReader(const Source& source, TIFF* tiff, const TiffLayout& layout, const TiffMemory& memory)
      : source_(source), tiff_(tiff), layout_(layout), memory_(memory) {
    out_.width = static_cast<int>(layout.width);
    out_.height = static_cast<int>(layout.height);
    if (layout.photometric == PHOTOMETRIC_PALETTE) {
      palette_ = std::make_unique<Palette>(tiff, layout.bits);
      if (palette_->levels[0].empty()) source.refuse("its colours are numbers of a palette that is missing");
    } else {
      set_kind();
    }
  }

  Samples read() {
    const std::size_t pixels = std::size_t{layout_.width} * layout_.height;
    out_.values.reserve(pixels * out_.channels() * out_.bytes);
    const bool planes = layout_.planar == PLANARCONFIG_SEPARATE && layout_.samples > 1;
    for (unsigned plane = 0; plane < (planes ? layout_.samples : 1); ++plane) {
      if (planes && target_of(plane) < 0) continue;
      plane_ = planes ? static_cast<int>(plane) : -1;
      TIFFIsTiled(tiff_) ? read_tiles() : read_lines();
    }
    return std::move(out_);
  }

 private:
  void set_kind() {
    out_.colors = layout_.colors();
    out_.bytes = layout_.bits > 8 ? 2 : 1;
    out_.inverted = layout_.photometric == PHOTOMETRIC_MINISWHITE;
    out_.white_is_fixed = layout_.bits < 16;
    out_.white = layout_.bits < 16 ? (1u << layout_.bits) - 1 : told_white();
    for (std::size_t i = 0; i < layout_.extra.size() && out_.colors + i < layout_.samples; ++i) {
      if (layout_.extra[i] != EXTRASAMPLE_ASSOCALPHA && layout_.extra[i] != EXTRASAMPLE_UNASSALPHA) continue;
      out_.alpha = layout_.extra[i] == EXTRASAMPLE_ASSOCALPHA ? Samples::Alpha::kPremultiplied
                                                              : Samples::Alpha::kStraight;
      alpha_sample_ = out_.colors + static_cast<unsigned>(i);
      break;
    }
  }

  // The largest value, where it tells how many bits there are; else it is just a measurement of this image.
  unsigned told_white() const {
    std::uint16_t most = 0;
    if (TIFFGetField(tiff_, TIFFTAG_MAXSAMPLEVALUE, &most) != 1) return 0;
    const bool all_ones = (most & (most + 1u)) == 0;
    return all_ones && most >= 255 && most < 65535 ? most : 0;
  }

  // The channel that a sample of the file becomes, -1 for one that is not needed.
  int target_of(unsigned sample) const {
    if (palette_) return sample == 0 ? 0 : -1;
    if (sample < out_.colors) return static_cast<int>(sample);
    return out_.alpha != Samples::Alpha::kNone && sample == alpha_sample_ ? static_cast<int>(out_.colors)
                                                                          : -1;
  }

  unsigned samples_together() const { return plane_ < 0 ? layout_.samples : 1; }

  // Makes room for rows up to `end` as they arrive.
  void grow(std::uint32_t end) {
    const std::size_t size = out_.row_bytes() * end;
    if (out_.values.size() < size) out_.values.resize(size);
  }

  void read_lines() {
    const std::size_t wanted = (std::size_t{layout_.width} * samples_together() * layout_.bits + 7) / 8;
    const auto line_bytes = static_cast<std::size_t>(std::max<tmsize_t>(TIFFScanlineSize(tiff_), 0));
    if (line_bytes < wanted) source_.refuse("its TIFF header contradicts itself");
    std::vector<std::uint8_t> line(line_bytes);
    for (std::uint32_t y = 0; y < layout_.height; ++y) {
      const auto plane = static_cast<std::uint16_t>(std::max(plane_, 0));
      if (TIFFReadScanline(tiff_, line.data(), y, plane) != 1) refuse_tiff_data(source_, memory_);
      grow(y + 1);
      place(line.data(), 0, y, layout_.width);
    }
  }

  void read_tiles() {
    const auto width = tiff_tag<std::uint32_t>(tiff_, TIFFTAG_TILEWIDTH, 0),
               height = tiff_tag<std::uint32_t>(tiff_, TIFFTAG_TILELENGTH, 0);
    const tmsize_t bytes = TIFFTileSize(tiff_), row_bytes = TIFFTileRowSize(tiff_);
    const std::uint64_t wanted = (std::uint64_t{width} * samples_together() * layout_.bits + 7) / 8;
    if (width == 0 || height == 0 || row_bytes <= 0 || static_cast<std::uint64_t>(row_bytes) < wanted ||
        bytes / row_bytes < static_cast<tmsize_t>(height))
      source_.refuse("its TIFF header contradicts itself");
    if (bytes > kMaxTiffAllocation)
      source_.refuse("its tiles of {} x {} pixels are too large", width, height);
    const auto tile = std::make_unique_for_overwrite<std::uint8_t[]>(static_cast<std::size_t>(bytes));
    const auto plane = static_cast<std::uint16_t>(std::max(plane_, 0));
    for (std::uint32_t y = 0; y < layout_.height; y += height) {
      const std::uint32_t rows = std::min(height, layout_.height - y);
      for (std::uint32_t x = 0; x < layout_.width; x += width) {
        if (TIFFReadTile(tiff_, tile.get(), x, y, 0, plane) < 0) refuse_tiff_data(source_, memory_);
        grow(y + rows);
        for (std::uint32_t r = 0; r < rows; ++r)
          place(tile.get() + r * static_cast<std::size_t>(row_bytes), x, y + r,
                std::min(width, layout_.width - x));
        if (layout_.width - x <= width) break;
      }
      if (layout_.height - y <= height) break;
    }
  }

  // A row's part of `count` pixels, from x on, into the image.
  void place(const std::uint8_t* from, std::uint32_t x, std::uint32_t y, std::uint32_t count) {
    const std::size_t pixel = std::size_t{out_.channels()} * out_.bytes;
    std::uint8_t* to = out_.values.data() + out_.row_bytes() * y + pixel * x;
    if (palette_) return place_colors(from, count, to);
    if (plane_ < 0 && layout_.bits % 8 == 0 && layout_.samples == out_.channels()) {  // as they are
      std::memcpy(to, from, pixel * count);
      return;
    }
    const unsigned together = samples_together();
    for (unsigned s = 0; s < together; ++s) {
      const int channel = target_of(plane_ < 0 ? s : static_cast<unsigned>(plane_));
      if (channel >= 0)
        place_channel(from, s, together, count, to + static_cast<std::size_t>(channel) * out_.bytes);
    }
  }

  void place_channel(const std::uint8_t* from, std::size_t first, std::size_t step, std::uint32_t count,
                     std::uint8_t* to) {
    const std::size_t pixel = std::size_t{out_.channels()} * out_.bytes;
    for (std::uint32_t i = 0; i < count; ++i, to += pixel) {
      const unsigned value = packed_sample(from, first + i * step, layout_.bits);
      if (out_.bytes == 2) {
        const auto wide = static_cast<std::uint16_t>(value);
        std::memcpy(to, &wide, 2);
      } else {
        *to = static_cast<std::uint8_t>(value);
      }
    }
  }

  void place_colors(const std::uint8_t* from, std::uint32_t count, std::uint8_t* to) const {
    const std::size_t step = samples_together();
    for (std::uint32_t i = 0; i < count; ++i)
      for (const auto& levels : palette_->levels) *to++ = levels[packed_sample(from, i * step, layout_.bits)];
  }

  const Source& source_;
  TIFF* tiff_;
  const TiffLayout& layout_;
  const TiffMemory& memory_;
  Samples out_;
  std::unique_ptr<Palette> palette_;  // null for others
  unsigned alpha_sample_ = 0;
  int plane_ = -1;  // the one being read; below zero: all channels lie together
};

}  // namespace

bool can_read_samples(const TiffLayout& l) {
  const bool grey = l.photometric == PHOTOMETRIC_MINISBLACK || l.photometric == PHOTOMETRIC_MINISWHITE;
  const bool color = l.photometric == PHOTOMETRIC_RGB && l.samples >= 3;
  const bool palette = l.photometric == PHOTOMETRIC_PALETTE && l.bits <= 8;
  return (grey || color || palette) && l.samples >= 1 && l.bits >= 1 && l.bits <= 16;
}

Samples read_samples(const Source& source, TIFF* tiff, const TiffLayout& layout, const TiffMemory& memory) {
  return SampleReader(source, tiff, layout, memory).read();
}

void refuse_tiff_data(const Source& source, const TiffMemory& memory) {
  source.refuse("its TIFF data are cut short or damaged ({})",
                memory.error.empty() ? "the decoder failed" : memory.error);
}

}  // namespace anomalyvlm::codec
