#include <png.h>

#include <cmath>
#include <cstdio>
#include <new>

#include "anomalyvlm/codec.h"
#include "core/platform.h"
#include "core/threads.h"
#include "image/decoders.h"
#include "image/encode_check.h"

namespace anomalyvlm {
namespace {

struct PngWriter {
  PngWriter() = default;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<std::uint8_t> out;
  std::jmp_buf jump;
  char message[120] = "out of memory";
};

void on_error(png_structp png, png_const_charp text) {
  auto& writer = *static_cast<PngWriter*>(png_get_error_ptr(png));
  std::snprintf(writer.message, sizeof writer.message, "%.100s", text);
  std::longjmp(writer.jump, 1);
}

bool append(std::vector<std::uint8_t>& out, const std::uint8_t* bytes, std::size_t count) {
  try {
    out.insert(out.end(), bytes, bytes + count);
    return true;
  } catch (const std::exception&) {  // must not pass through C
    return false;
  }
}

void write_bytes(png_structp png, png_bytep bytes, std::size_t count) {
  if (!append(static_cast<PngWriter*>(png_get_io_ptr(png))->out, bytes, count))
    png_error(png, "out of memory");
}

struct PngRows {
  const std::uint8_t* data;  // 16-bit samples with the high byte first
  int width, height;
  int channels, bits;
  int filters;  // PNG_FILTER_...: what is tried on each row
  const std::string& software;
};

// Level 2 is within some 10 % of the usual level's size on photographs, at a fraction of its time.
constexpr int kCompression = 2;

void note_software(png_structp png, png_infop info, const std::string& software) {
  if (software.empty()) return;
  png_text text = {};
  text.compression = PNG_TEXT_COMPRESSION_NONE;
  text.key = const_cast<char*>("Software");
  text.text = const_cast<char*>(software.c_str());
  text.text_length = software.size();
  png_set_text(png, info, &text, 1);
}

std::vector<std::uint8_t> encode(const PngRows& rows) {
  PngWriter writer;
  const std::size_t row_bytes = static_cast<std::size_t>(rows.width) * rows.channels * (rows.bits / 8);
  const bool done = codec::guarded(writer.jump, [&] {
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_error,
                                         [](png_structp, png_const_charp) {});
    if (!writer.png) return;
    writer.info = png_create_info_struct(writer.png);
    if (!writer.info) return;
    png_set_write_fn(writer.png, &writer, write_bytes, nullptr);
    png_set_user_limits(writer.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(rows.width),
                 static_cast<png_uint_32>(rows.height), rows.bits,
                 rows.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    note_software(writer.png, writer.info, rows.software);
    png_set_compression_level(writer.png, kCompression);
    png_set_compression_buffer_size(writer.png, 1 << 16);
    png_set_filter(writer.png, PNG_FILTER_TYPE_BASE, rows.filters);
    png_write_info(writer.png, writer.info);
    for (int y = 0; y < rows.height; ++y)
      png_write_row(writer.png, rows.data + static_cast<std::size_t>(y) * row_bytes);
    png_write_end(writer.png, writer.info);
  });
  if (!done || !writer.info) {
    fail(ErrorKind::kIo, "cannot make a PNG of {} x {} pixels: {}", rows.width, rows.height, writer.message);
  }
  return std::move(writer.out);
}

// The map's values as whole numbers 0..top.
template <typename Store>
void quantise(const FloatMap& map, float low, float high, float top, const Store& store) {
  codec::require_pixels(map.width, map.height, 1, map.values.size());
  if (!(high > low))
    fail(ErrorKind::kBadInput, "The white level of a map, {}, must be above its black level, {}.", high, low);
  const float scale = top / (high - low);
  parallel_for(static_cast<std::int64_t>(map.values.size()), 1 << 18,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   const float value = (map.values[static_cast<std::size_t>(i)] - low) * scale + 0.5f;
                   store(static_cast<std::size_t>(i),
                         value >= 0 ? static_cast<unsigned>(std::fmin(value, top)) : 0u);  // NaN: 0
                 }
               });
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Image& image, const std::string& software) {
  codec::require_pixels(image.width, image.height, 3, image.rgb.size());
  return encode(
      {image.rgb.data(), image.width, image.height, 3, 8, PNG_FILTER_SUB | PNG_FILTER_UP, software});
}

std::vector<std::uint8_t> encode_png(const Mask& mask, const std::string& software) {
  codec::require_pixels(mask.width, mask.height, 1, mask.values.size());
  std::vector<std::uint8_t> gray(mask.values.size());
  for (std::size_t i = 0; i < gray.size(); ++i) gray[i] = mask.values[i] ? 255 : 0;
  return encode({gray.data(), mask.width, mask.height, 1, 8, PNG_FILTER_NONE, software});
}

std::vector<std::uint8_t> encode_png_gray8(const FloatMap& map, float low, float high,
                                           const std::string& software) {
  std::vector<std::uint8_t> gray(map.values.size());
  quantise(map, low, high, 255,
           [&](std::size_t i, unsigned value) { gray[i] = static_cast<std::uint8_t>(value); });
  return encode({gray.data(), map.width, map.height, 1, 8, PNG_FILTER_SUB | PNG_FILTER_UP, software});
}

std::vector<std::uint8_t> encode_png_gray16(const FloatMap& map, float low, float high,
                                            const std::string& software) {
  std::vector<std::uint8_t> gray(map.values.size() * 2);
  quantise(map, low, high, 65535, [&](std::size_t i, unsigned value) {
    gray[2 * i] = static_cast<std::uint8_t>(value >> 8);
    gray[2 * i + 1] = static_cast<std::uint8_t>(value);
  });
  return encode({gray.data(), map.width, map.height, 1, 16, PNG_FILTER_SUB | PNG_FILTER_UP, software});
}

void write_png(const std::filesystem::path& path, const Image& image) {
  write_file_atomically(path, encode_png(image));
}

void write_png(const std::filesystem::path& path, const Mask& mask) {
  write_file_atomically(path, encode_png(mask));
}

void write_png_gray8(const std::filesystem::path& path, const FloatMap& map, float low, float high) {
  write_file_atomically(path, encode_png_gray8(map, low, high));
}

void write_png_gray16(const std::filesystem::path& path, const FloatMap& map, float low, float high) {
  write_file_atomically(path, encode_png_gray16(map, low, high));
}

}  // namespace anomalyvlm
