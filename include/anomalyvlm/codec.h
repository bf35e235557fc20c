#pragma once
// Image files to and from memory: JPEG, PNG, TIFF, BMP, WebP and PNM in; PNG, JPEG and 32-bit float TIFF out.
//
// Reading gives upright 8-bit RGB: the EXIF orientation is applied, 16-bit values are scaled by the bits that
// are used (see ReadOptions::bits), alpha is composited over white, palettes are resolved, grey is copied to
// three channels, CMYK is converted (Adobe's inverted form included). Colour profiles and gamma tags are not
// applied. The format is found from the content, not the name. docs/IMAGES.md tells users the same in detail.
//
// Refused rather than guessed at: files that lack pixels, JPEGs with damaged data, PNGs with a wrong check
// sum, animated WebP, float and 32-bit integer TIFFs, a camera's raw data. Every refusal is Error(kBadInput)
// with one sentence that names the file and the reason; a file that cannot be opened at all is Error(kIo).
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/export.h"
#include "anomalyvlm/image.h"

namespace anomalyvlm {

// Checked from the file's header, before memory is taken.
struct DecodeLimits {
  std::uint64_t max_pixels = 160'000'000;     // the largest area sensors (151 megapixels) fit; 480 MB as RGB
  std::uint64_t max_file_bytes = 1ULL << 30;  // a file is read into memory as a whole
  int max_side = 1'000'000;                   // pixels
  int max_jpeg_scans = 50;                    // usual progressive files have about 10
  // Bytes of RGB per byte of the file, asked of images above 128 MiB only: photographs stay below 100,
  // while a small file that swells beyond this is a trap, or cut short.
  int max_expansion = 1000;
};

struct ReadOptions {
  DecodeLimits limits = {};
  // Some programs drop alpha and take the colours below as they are stored. Masks may be painted in alpha
  // alone: it is read as grey, and colours where there is none.
  enum class Alpha { kOverWhite, kDropped, kAlone } alpha = Alpha::kOverWhite;
  // Samples of 16-bit files: how many of their lowest bits hold the value, 8..16. 0: what the file declares,
  // else a guess from its values, which is reported as a warning. Other files have no such choice.
  int bits = 0;
  // What takes the guess's place, 8..16: so that images of one camera are all read the same way. 0: the
  // guess.
  int assumed_bits = 0;
  // 16-bit values above 0 stay above 0 when they are scaled, however small: classes of masks are numbers.
  bool keep_small = false;
};

// Information about a file that was read.
struct ReadInfo {
  // Sentences that begin with the file's name, for instance about further pages of a TIFF that are left out.
  std::vector<std::string> warnings;
  int orientation = 1;  // EXIF, 1..8: how the stored pixels were turned and mirrored; 1: not at all
  int stored_width = 0, stored_height = 0;  // before that
  int bits = 8;                             // of a sample, by which values were scaled; 16 of a 16-bit file
  bool bits_guessed = false;                // neither the file nor ReadOptions said it
};

ANOMALYVLM_API Image read_image(const std::filesystem::path& path, const ReadOptions& options = {},
                                ReadInfo* info = nullptr);

// The same from memory; `name` is what messages call it.
ANOMALYVLM_API Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name,
                                  const ReadOptions& options = {}, ReadInfo* info = nullptr);

// A mask: 1 where a pixel's brightest channel is above 127, 0 elsewhere. Transparent pixels are 0, unless the
// mask is painted in alpha alone: its colours are black or missing then. Throws as read_image(), and
// Error(kBadInput) for a file that has other values than 0 but none above 127.
ANOMALYVLM_API Mask read_mask(const std::filesystem::path& path);

// Turns and mirrors stored pixels as EXIF's orientation says; anything but 2..8 leaves them as they are.
ANOMALYVLM_API Image upright(Image image, int orientation);

// Encoders throw Error(kBadInput) for an image without pixels or with another number of values.
// PNG, written fast rather than small. `software`, if any, is what the file says of who wrote it.
ANOMALYVLM_API std::vector<std::uint8_t> encode_png(const Image& image,
                                                    const std::string& software = {});  // 8-bit RGB
ANOMALYVLM_API std::vector<std::uint8_t> encode_png(const Mask& mask,
                                                    const std::string& software = {});  // grey: 0 or 255
// Grey levels of a map: `low` becomes black and `high` white, values outside are clipped, NaN is black. high
// > low.
ANOMALYVLM_API std::vector<std::uint8_t> encode_png_gray8(const FloatMap& map, float low, float high,
                                                          const std::string& software = {});
ANOMALYVLM_API std::vector<std::uint8_t> encode_png_gray16(const FloatMap& map, float low, float high,
                                                           const std::string& software = {});

// JPEG, colour at full resolution; quality 1..100. Throws Error(kIo) for sides above 65500 pixels.
ANOMALYVLM_API std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality = 85);

// TIFF with one channel of 32-bit floats, not compressed.
ANOMALYVLM_API std::vector<std::uint8_t> encode_tiff_f32(const FloatMap& map,
                                                         const std::string& software = {});
ANOMALYVLM_API FloatMap decode_tiff_f32(std::span<const std::uint8_t> bytes, const std::string& name,
                                        const DecodeLimits& limits = {});

// The software that a PNG or TIFF file names as its writer; empty if it names none or is neither.
ANOMALYVLM_API std::string software_of(std::span<const std::uint8_t> bytes);

// The same into files, which appear whole or not at all. Throw Error(kIo).
ANOMALYVLM_API void write_png(const std::filesystem::path& path, const Image& image);
ANOMALYVLM_API void write_png(const std::filesystem::path& path, const Mask& mask);
ANOMALYVLM_API void write_png_gray8(const std::filesystem::path& path, const FloatMap& map, float low,
                                    float high);
ANOMALYVLM_API void write_png_gray16(const std::filesystem::path& path, const FloatMap& map, float low,
                                     float high);
ANOMALYVLM_API void write_tiff_f32(const std::filesystem::path& path, const FloatMap& map);
ANOMALYVLM_API FloatMap read_tiff_f32(const std::filesystem::path& path, const DecodeLimits& limits = {});

}  // namespace anomalyvlm
