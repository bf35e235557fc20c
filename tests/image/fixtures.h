#pragma once
// Images and image files made inside the tests.
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm::test {

using Bytes = std::vector<std::uint8_t>;

// No two rows, columns or channels are equal, and it is smooth enough for lossy codecs.
Image smooth_image(int width, int height);
Image noisy_image(int width, int height, unsigned seed = 1);
FloatMap noisy_map(int width, int height, unsigned seed = 1);

// The largest difference of two images' values; 999 when their sizes differ.
int max_difference(const Image& a, const Image& b);

// ---- real files, by the codec libraries ----

struct JpegOptions {
  enum class Space { kRgb, kGray, kCmyk, kYcck } space = Space::kRgb;
  bool adobe_marker = true;  // for the ink spaces: then values are stored inverted
  bool progressive = false;
  bool arithmetic = false;
  int orientation = 0;  // 0: no EXIF
  Bytes exif = {};      // such a block, in place of one with that orientation
};
// Ink images are made as 1 - rgb without black.
Bytes make_jpeg(const Image& image, const JpegOptions& options = {});

struct PngOptions {
  int color_type = 2;  // PNG's own numbers: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA
  int bits = 8;
  bool interlaced = false;
  int orientation = 0;
  Bytes exif = {};  // as in JpegOptions
  std::vector<std::array<std::uint8_t, 3>> palette = {};
  std::vector<std::uint8_t> palette_alpha = {};
  int transparent_gray = -1;
  int significant_bits = 0;  // 0: not given
};
// `rows` hold the packed samples, 16-bit ones with the high byte first.
Bytes make_png(int width, int height, const Bytes& rows, const PngOptions& options = {});

struct TiffOptions {
  unsigned samples = 3, bits = 8, photometric = 2, compression = 1, format = 1, planar = 1;
  int extra = -1;  // the kind of the last sample
  int orientation = 0;
  unsigned rows_per_strip = 7;
  bool tiled = false;  // 16 x 16
  bool big_endian = false;
  unsigned pages = 1;
  unsigned subfile_type = 0;                  // 1: a reduced image
  int max_sample = -1;                        // MaxSampleValue; below zero: not given
  std::vector<std::uint16_t> color_map = {};  // red, green, blue
};
// `rows` hold packed samples in the machine's byte order (or planes one after the other).
Bytes make_tiff(unsigned width, unsigned height, const Bytes& rows, const TiffOptions& options = {});

struct TiffPage {
  unsigned width, height;
  Bytes rows;
  TiffOptions options = {};
  unsigned subdirectories = 0;  // so many of the pages that follow are its subdirectories
};
Bytes make_tiff(const std::vector<TiffPage>& pages);

Bytes make_webp(const Image& image);  // lossless
Bytes make_webp_rgba(int width, int height, const Bytes& rgba);

// ---- files put together by hand, right or wrong ----

// `type` is TIFF's number of the integer that the orientation is stored as: 3 SHORT, 4 LONG, 1 BYTE ...
Bytes exif_block(int orientation, bool big_endian = false, int type = 3);
Bytes webp_with_exif(const Bytes& webp, int width, int height, const Bytes& exif);

struct BmpOptions {
  int header_bytes = 40;
  std::int32_t width = 0, height = 0;  // height below zero: top row first
  int bits = 24;
  std::uint32_t compression = 0;
  std::vector<std::array<std::uint8_t, 3>> palette = {};
  std::array<std::uint32_t, 3> masks{};
  int pixels_at = -1;  // as the header says; below zero: where they are
};
// `rows` in the file's order, padded to 4 bytes each.
Bytes make_bmp(const BmpOptions& options, const Bytes& rows);

Bytes png_chunk(std::string_view type, const Bytes& data);
Bytes png_header(std::uint32_t width, std::uint32_t height, int bits, int color_type,
                 bool interlaced = false);
// A PNG of so many bits a pixel, all zero, deflated: small, and honest about its size.
Bytes png_bomb(std::uint32_t width, std::uint32_t height, int bits, int color_type);

struct TiffEntry {
  std::uint16_t tag, type;
  std::uint32_t count, value;
};
Bytes raw_tiff(const std::vector<TiffEntry>& entries, std::size_t payload_bytes);

// A progressive JPEG whose last scan is repeated.
Bytes jpeg_with_scans(int width, int height, int repeats);

void append(Bytes& to, const Bytes& more);

}  // namespace anomalyvlm::test
