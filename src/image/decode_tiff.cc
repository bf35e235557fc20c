#include <algorithm>
#include <cstring>
#include <memory>

#include "image/decoders.h"
#include "image/tiff_memory.h"

namespace anomalyvlm::codec {
namespace {

struct Layout {
  std::uint32_t width = 0, height = 0;
  unsigned bits = 1, samples = 1;
  unsigned photometric = 0, planar = PLANARCONFIG_CONTIG, compression = COMPRESSION_NONE,
           format = SAMPLEFORMAT_UINT;
  unsigned extra = 0;  // the first sample beyond the colours: EXTRASAMPLE_..., 0 for none
  bool has_photometric = false;
};

class Reader {
 public:
  Reader(const Source& source, TiffMemory& memory, TIFF* tiff)
      : source_(source), memory_(memory), tiff_(tiff) {
    read_layout();
    check_layout();
  }

  Decoded decode() {
    memory_.warnings.clear();  // those about unknown tags do not matter; those about pixels do
    Decoded decoded{{static_cast<int>(layout_.width), static_cast<int>(layout_.height), {}},
                    tiff_tag<std::uint16_t>(tiff_, TIFFTAG_ORIENTATION, 1)};
    decoded.image.rgb.reserve(std::size_t{layout_.width} * layout_.height * 3);
    if (can_read_lines()) {
      read_lines(decoded.image.rgb);
    } else {
      read_through_rgba(decoded.image.rgb);
    }
    for (const std::string& warning : memory_.warnings) source_.warn(warning);
    if (!TIFFLastDirectory(tiff_)) source_.warn("it has several pages, of which only the first is used");
    return decoded;
  }

 private:
  void read_layout() {
    Layout& l = layout_;
    l.width = tiff_tag<std::uint32_t>(tiff_, TIFFTAG_IMAGEWIDTH, 0);
    l.height = tiff_tag<std::uint32_t>(tiff_, TIFFTAG_IMAGELENGTH, 0);
    l.bits = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_BITSPERSAMPLE, 1);
    l.samples = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_SAMPLESPERPIXEL, 1);
    l.planar = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    l.compression = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    l.format = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    std::uint16_t value = 0;
    l.has_photometric = TIFFGetField(tiff_, TIFFTAG_PHOTOMETRIC, &value) == 1;
    l.photometric = value;
    std::uint16_t count = 0, *kinds = nullptr;
    if (TIFFGetFieldDefaulted(tiff_, TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1 && count > 0 && kinds) {
      l.extra = kinds[0];
    }
  }

  void check_layout() const {
    const Layout& l = layout_;
    source_.check_size(l.width, l.height);
    if (l.format != SAMPLEFORMAT_UINT && l.format != SAMPLEFORMAT_VOID) {
      source_.refuse(
          "it is a TIFF of {} values, whose black and white are not known; convert it to 8 or 16 bit",
          l.format == SAMPLEFORMAT_IEEEFP ? "floating-point" : "signed or complex");
    }
    if (l.bits > 16) source_.refuse("it is a TIFF with {} bits a sample; convert it to 8 or 16 bit", l.bits);
    constexpr unsigned kKnown[] = {COMPRESSION_NONE,      COMPRESSION_CCITTRLE,  COMPRESSION_CCITTRLEW,
                                   COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4, COMPRESSION_LZW,
                                   COMPRESSION_JPEG,      COMPRESSION_PACKBITS,  COMPRESSION_ADOBE_DEFLATE,
                                   COMPRESSION_DEFLATE,   COMPRESSION_LZMA,      COMPRESSION_ZSTD,
                                   COMPRESSION_WEBP};
    if (std::find(std::begin(kKnown), std::end(kKnown), l.compression) == std::end(kKnown) ||
        !TIFFIsCODECConfigured(static_cast<std::uint16_t>(l.compression))) {
      source_.refuse(
          "its TIFF compression (number {}) is not supported; save it with LZW or without compression",
          l.compression);
    }
  }

  unsigned colors() const { return layout_.photometric == PHOTOMETRIC_RGB ? 3 : 1; }

  // The usual kinds, line by line in little memory. Everything else goes through libtiff's own conversion.
  bool can_read_lines() const {
    const Layout& l = layout_;
    const bool grey = l.photometric == PHOTOMETRIC_MINISBLACK || l.photometric == PHOTOMETRIC_MINISWHITE;
    const bool color = l.photometric == PHOTOMETRIC_RGB && l.samples >= 3;
    return l.has_photometric && (grey || color) && (l.bits == 8 || l.bits == 16) && !TIFFIsTiled(tiff_) &&
           (l.planar == PLANARCONFIG_CONTIG || l.samples == 1);
  }

  void read_lines(std::vector<std::uint8_t>& pixels) {
    const std::size_t wanted = std::size_t{layout_.width} * layout_.samples * (layout_.bits / 8);
    const auto line_bytes = static_cast<std::size_t>(std::max<tmsize_t>(TIFFScanlineSize(tiff_), 0));
    if (line_bytes < wanted) source_.refuse("its TIFF header contradicts itself");
    std::vector<std::uint8_t> line(line_bytes);
    for (std::uint32_t y = 0; y < layout_.height; ++y) {
      if (TIFFReadScanline(tiff_, line.data(), y, 0) != 1) refuse_data();
      convert_line(line.data(), append_rows(pixels, std::size_t{layout_.width} * 3, 1));
    }
  }

  // A sample as 8 bits; 16-bit ones are in the machine's byte order by now.
  unsigned sample(const std::uint8_t* line, std::size_t index) const {
    if (layout_.bits == 8) return line[index];
    std::uint16_t value;
    std::memcpy(&value, line + 2 * index, 2);
    return (value + 128u) / 257u;
  }

  void convert_line(const std::uint8_t* line, std::uint8_t* to) const {
    const unsigned n = colors(), flip = layout_.photometric == PHOTOMETRIC_MINISWHITE ? 255 : 0;
    const bool associated = layout_.samples > n && layout_.extra == EXTRASAMPLE_ASSOCALPHA;
    const bool unassociated = layout_.samples > n && layout_.extra == EXTRASAMPLE_UNASSALPHA &&
                              source_.options.alpha == ReadOptions::Alpha::kOverWhite;
    for (std::size_t x = 0; x < layout_.width; ++x, to += 3) {
      const std::size_t at = x * layout_.samples;
      for (unsigned c = 0; c < 3; ++c) {
        unsigned value = sample(line, at + (n == 3 ? c : 0)) ^ flip;
        if (associated) {
          value = std::min(255u, value + 255 - sample(line, at + n));
        } else if (unassociated) {
          const unsigned alpha = sample(line, at + n);
          value = (value * alpha + 255 * (255 - alpha) + 127) / 255;
        }
        to[c] = static_cast<std::uint8_t>(value);
      }
    }
  }

  // In pieces of whole strips or tiles, since libtiff decodes these as a whole.
  void read_through_rgba(std::vector<std::uint8_t>& pixels) {
    char why[1024] = "";
    TIFFRGBAImage view;
    if (!TIFFRGBAImageOK(tiff_, why) || !TIFFRGBAImageBegin(&view, tiff_, /*stop=*/1, why)) {
      source_.refuse("this kind of TIFF is not supported ({})", *why ? why : memory_.error);
    }
    const std::unique_ptr<TIFFRGBAImage, void (*)(TIFFRGBAImage*)> ended(&view, TIFFRGBAImageEnd);
    view.orientation = view.req_orientation = ORIENTATION_TOPLEFT;  // turned upright afterwards
    const std::uint32_t unit = TIFFIsTiled(tiff_) ? tiff_tag<std::uint32_t>(tiff_, TIFFTAG_TILELENGTH, 1)
                                                  : tiff_tag<std::uint32_t>(tiff_, TIFFTAG_ROWSPERSTRIP, 1);
    const std::uint32_t rows = rows_at_once(std::max<std::uint32_t>(unit, 1));
    const std::size_t width = layout_.width;
    const auto raster = std::make_unique_for_overwrite<std::uint32_t[]>(width * rows);
    for (std::uint32_t y = 0; y < layout_.height; y += rows) {
      const std::uint32_t count = std::min(rows, layout_.height - y);
      view.row_offset = static_cast<int>(y);
      view.col_offset = 0;
      if (!TIFFRGBAImageGet(&view, raster.get(), layout_.width, count)) refuse_data();
      std::uint8_t* to = append_rows(pixels, width * 3, count);
      for (std::size_t i = 0; i < width * count; ++i, to += 3) {
        const std::uint32_t value = raster[i];  // colours are multiplied by alpha already
        const std::uint32_t white = 255 - TIFFGetA(value);
        to[0] = static_cast<std::uint8_t>(std::min(255u, TIFFGetR(value) + white));
        to[1] = static_cast<std::uint8_t>(std::min(255u, TIFFGetG(value) + white));
        to[2] = static_cast<std::uint8_t>(std::min(255u, TIFFGetB(value) + white));
      }
    }
  }

  // Some 256 K pixels, in whole units.
  std::uint32_t rows_at_once(std::uint32_t unit) const {
    const std::uint32_t aim = std::max(1u, (1u << 18) / layout_.width);
    if (unit >= layout_.height) return layout_.height;
    const std::uint64_t rows = std::uint64_t{unit} * ((aim + unit - 1) / unit);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(rows, layout_.height));
  }

  [[noreturn]] void refuse_data() const {
    source_.refuse("its TIFF data are cut short or damaged ({})",
                   memory_.error.empty() ? "the decoder failed" : memory_.error);
  }

  const Source& source_;
  TiffMemory& memory_;
  TIFF* tiff_;
  Layout layout_;
};

}  // namespace

Decoded decode_tiff(const Source& source) {
  TiffMemory memory;
  const TiffHandle tiff = open_tiff_for_reading(memory, source.bytes);
  if (!tiff) source.refuse("it is not a readable TIFF ({})", memory.error);
  return Reader(source, memory, tiff.get()).decode();
}

}  // namespace anomalyvlm::codec
