#include <algorithm>
#include <memory>

#include "image/decoders.h"
#include "image/tiff_memory.h"
#include "image/tiff_pages.h"
#include "image/tiff_sample_limits.h"
#include "image/tiff_samples.h"

namespace anomalyvlm::codec {
namespace {

constexpr unsigned kColorFilterArray = 32803, kLinearRaw = 34892;  // photometric kinds of cameras' raw data

class TiffReader {
 public:
  TiffReader(const Source& source, TiffMemory& memory, TIFF* tiff)
      : source_(source), memory_(memory), tiff_(tiff) {
    pages_ = find_image(tiff, memory);
    if (pages_.only_thumbnails)
      source.refuse("only a thumbnail of it can be read, the page with the image is damaged");
    if (TIFFCurrentDirOffset(tiff) != pages_.offset && TIFFSetSubDirectory(tiff, pages_.offset) != 1)
      refuse_tiff_data(source, memory);
    read_layout();
    check_layout();
  }

  Decoded decode() {
    memory_.warnings.clear();  // those about unknown tags do not matter; those about pixels do
    Decoded decoded{{}, pages_.orientation};
    if (can_read_samples(layout_)) {
      decoded.image = image_of(source_, read_samples(source_, tiff_, layout_, memory_));
    } else {
      decoded.image = {static_cast<int>(layout_.width), static_cast<int>(layout_.height), {}};
      decoded.image.rgb.reserve(std::size_t{layout_.width} * layout_.height * 3);
      read_through_rgba(decoded.image.rgb);
    }
    for (const std::string& warning : memory_.warnings) source_.warn(warning);
    if (pages_.has_more)
      source_.warn(fmt::format("it has several pages, of which only the {} is used",
                               pages_.is_first ? "first" : "largest"));
    return decoded;
  }

 private:
  void read_layout() {
    TiffLayout& l = layout_;
    l.width = tiff_tag<std::uint32_t>(tiff_, TIFFTAG_IMAGEWIDTH, 0);
    l.height = tiff_tag<std::uint32_t>(tiff_, TIFFTAG_IMAGELENGTH, 0);
    l.bits = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_BITSPERSAMPLE, 1);
    l.samples = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_SAMPLESPERPIXEL, 1);
    l.planar = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    l.compression = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    l.format = tiff_tag<std::uint16_t>(tiff_, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    std::uint16_t count = 0, *kinds = nullptr;
    if (TIFFGetFieldDefaulted(tiff_, TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1 && kinds)
      l.extra.assign(kinds, kinds + count);
    std::uint16_t photometric =
        l.samples - std::min<unsigned>(l.samples, count) >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    TIFFGetField(tiff_, TIFFTAG_PHOTOMETRIC, &photometric);  // some writers leave it out
    l.photometric = photometric;
  }

  void check_layout() const {
    const TiffLayout& l = layout_;
    if (l.photometric == kColorFilterArray || l.photometric == kLinearRaw)
      source_.refuse("it holds a camera's raw data, which must be developed; convert it to PNG or TIFF");
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
      if (!TIFFRGBAImageGet(&view, raster.get(), layout_.width, count)) refuse_tiff_data(source_, memory_);
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

  const Source& source_;
  TiffMemory& memory_;
  TIFF* tiff_;
  TiffPages pages_;
  TiffLayout layout_;
};

}  // namespace

Decoded decode_tiff(const Source& source) {
  TiffMemory memory;
  if (const TiffHandle tiff = open_tiff_for_reading(memory, source.bytes))
    return TiffReader(source, memory, tiff.get()).decode();
  const std::vector<std::uint8_t> changed = with_common_sample_limits(source.bytes);
  TiffMemory again;
  if (const TiffHandle tiff = changed.empty() ? nullptr : open_tiff_for_reading(again, changed))
    return TiffReader(source, again, tiff.get()).decode();
  source.refuse("it is not a readable TIFF ({})", memory.error);
}

}  // namespace anomalyvlm::codec
