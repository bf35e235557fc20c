#pragma once
// Picture files to and from memory: JPEG, PNG, TIFF, BMP and WebP in; PNG, JPEG and 32-bit float TIFF out.
//
// Reading gives upright 8-bit RGB: the EXIF orientation is applied, 16-bit values become (v + 128) / 257,
// alpha is composited over white, palettes are resolved, grey is copied to three channels, CMYK is converted
// (Adobe's inverted form included). Colour profiles and gamma tags are not applied. The format is found from
// the content, not the name.
//
// Refused rather than guessed at: files cut short, JPEGs with damaged data, PNGs with a wrong check sum,
// animated WebP, float and 32-bit integer TIFFs, run-length coded BMPs. Every refusal is Error(kBadInput)
// with one sentence that names the file and the reason; a file that cannot be opened at all is Error(kIo).
// What can be read but is worth a word (for instance further pages of a TIFF that are left out) is added to
// `warnings` where that is given.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm {

// Checked from the file's header, before memory is taken.
struct DecodeLimits {
  std::uint64_t max_pixels = 160'000'000;     // the largest area sensors (151 megapixels) fit; 480 MB as RGB
  std::uint64_t max_file_bytes = 1ULL << 30;  // a file is read into memory as a whole
  int max_side = 1'000'000;                   // pixels
  int max_jpeg_scans = 50;                    // usual progressive files have about 10
  // Bytes of RGB per byte of the file, asked of pictures above 128 MiB only: photographs stay below 100,
  // while a small file that swells beyond this is a trap, or cut short.
  int max_expansion = 1000;

  // No limit, but a choice: some programs drop alpha and take the colours below as they are stored.
  enum class Alpha { kOverWhite, kDropped } alpha = Alpha::kOverWhite;
};

// Whether a file's name ends as pictures' names do that can be read, in small letters or capitals.
bool is_picture_name(std::string_view name);
std::span<const std::string_view> picture_endings();  // ".jpg", ...

Image read_image(const std::filesystem::path& path, const DecodeLimits& limits = {},
                 std::vector<std::string>* warnings = nullptr);

// The same from memory; `name` is what messages call it.
Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name,
                   const DecodeLimits& limits = {}, std::vector<std::string>* warnings = nullptr);

// PNG, written fast rather than small.
std::vector<std::uint8_t> encode_png(const Image& image);  // 8-bit RGB
std::vector<std::uint8_t> encode_png(const Mask& mask);    // 8-bit grey: 0 or 255
// Grey levels of a map: `low` becomes black and `high` white, values outside are clipped, NaN is black. high
// > low.
std::vector<std::uint8_t> encode_png_gray8(const FloatMap& map, float low, float high);
std::vector<std::uint8_t> encode_png_gray16(const FloatMap& map, float low, float high);

// JPEG, colour at full resolution; quality 1..100. Throws Error(kIo) for sides above 65500 pixels.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality = 85);

// TIFF with one channel of 32-bit floats, not compressed.
std::vector<std::uint8_t> encode_tiff_f32(const FloatMap& map);
FloatMap decode_tiff_f32(std::span<const std::uint8_t> bytes, const std::string& name,
                         const DecodeLimits& limits = {});

// The same into files, which appear whole or not at all. Throw Error(kIo).
void write_png(const std::filesystem::path& path, const Image& image);
void write_png(const std::filesystem::path& path, const Mask& mask);
void write_png_gray8(const std::filesystem::path& path, const FloatMap& map, float low, float high);
void write_png_gray16(const std::filesystem::path& path, const FloatMap& map, float low, float high);
void write_tiff_f32(const std::filesystem::path& path, const FloatMap& map);
FloatMap read_tiff_f32(const std::filesystem::path& path, const DecodeLimits& limits = {});

}  // namespace anomalyvlm
