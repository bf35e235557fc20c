#include <png.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "image/samples.h"

namespace anomalyvlm::codec {
namespace {

struct PngReader {
  explicit PngReader(const Source& s) : source(s) {}
  ~PngReader() { png_destroy_read_struct(&png, &info, &end); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  const Source& source;
  png_structp png = nullptr;
  png_infop info = nullptr;
  png_infop end = nullptr;  // what stands behind the pixels
  std::size_t position = 0;
  std::jmp_buf jump;
  char message[160] = "";
};

void on_error(png_structp png, png_const_charp text) {
  auto& reader = *static_cast<PngReader*>(png_get_error_ptr(png));
  const bool check_sum = std::strstr(text, "CRC") != nullptr;
  std::snprintf(
      reader.message, sizeof reader.message,
      check_sum ? "the PNG is damaged, a checksum is wrong (%.80s)" : "the PNG cannot be read (%.80s)", text);
  std::longjmp(reader.jump, 1);
}

void on_warning(png_structp, png_const_charp) {}  // these concern side information that is not used

void read_bytes(png_structp png, png_bytep to, std::size_t count) {
  auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
  if (reader.source.bytes.size() - reader.position < count) png_error(png, "the file is cut short");
  std::memcpy(to, reader.source.bytes.data() + reader.position, count);
  reader.position += count;
}

template <typename Body>
void checked(PngReader& reader, const Body& body) {
  if (!guarded(reader.jump, body)) reader.source.refuse("{}", reader.message);
}

void read_header(PngReader& reader) {
  checked(reader, [&] {
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
    if (!reader.png) return;
    reader.info = png_create_info_struct(reader.png);
    reader.end = png_create_info_struct(reader.png);
    png_set_read_fn(reader.png, &reader, read_bytes);
    // Text, profiles and suggested palettes are compressed, can be large, and are not used.
    static const png_byte unused[] = "iCCP\0iTXt\0tEXt\0zTXt\0sPLT";
    png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, unused, sizeof unused / 5);
    const auto side = static_cast<png_uint_32>(PNG_UINT_31_MAX);
    png_set_user_limits(reader.png, side, side);  // check_size() knows better, and says it better
    png_read_info(reader.png, reader.info);
  });
  if (!reader.info || !reader.end) throw std::bad_alloc();
}

// Samples become bytes or, of 16 bits, numbers in the machine's order.
int set_transforms(PngReader& reader) {
  int passes = 1;
  checked(reader, [&] {
    png_set_expand(reader.png);
    if (std::endian::native == std::endian::little) png_set_swap(reader.png);
    passes = png_set_interlace_handling(reader.png);
    png_read_update_info(reader.png, reader.info);
  });
  return passes;
}

void read_pixels(PngReader& reader, int passes, std::size_t row_bytes, int height,
                 std::vector<std::uint8_t>& pixels) {
  constexpr int kRowsAtOnce = 16;
  pixels.reserve(row_bytes * static_cast<std::size_t>(height));
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < height; y += kRowsAtOnce) {
      const int rows = std::min(kRowsAtOnce, height - y);
      if (pass == 0) append_rows(pixels, row_bytes, static_cast<std::size_t>(rows));
      std::uint8_t* to = pixels.data() + static_cast<std::size_t>(y) * row_bytes;
      checked(reader, [&] {
        for (int i = 0; i < rows; ++i)
          png_read_row(reader.png, to + static_cast<std::size_t>(i) * row_bytes, nullptr);
      });
    }
  }
  checked(reader, [&] { png_read_end(reader.png, reader.end); });  // the last checksum is behind the pixels
}

int orientation_of(PngReader& reader) {
  for (const png_infop info : {reader.info, reader.end}) {
    png_uint_32 size = 0;
    png_bytep exif = nullptr;
    checked(reader, [&] { png_get_eXIf_1(reader.png, info, &size, &exif); });
    if (exif && size > 0) return exif_orientation({exif, size});
  }
  return 1;
}

// How many bits of a colour's samples the writer calls significant, 0 if it does not.
unsigned significant_bits(PngReader& reader) {
  png_color_8p bits = nullptr;
  if (png_get_sBIT(reader.png, reader.info, &bits) == 0 || !bits) return 0;
  const bool color = (png_get_color_type(reader.png, reader.info) & PNG_COLOR_MASK_COLOR) != 0;
  return color ? std::max({bits->red, bits->green, bits->blue}) : bits->gray;
}

}  // namespace

Decoded decode_png(const Source& source) {
  PngReader reader(source);
  read_header(reader);
  const png_uint_32 width = png_get_image_width(reader.png, reader.info);
  const png_uint_32 height = png_get_image_height(reader.png, reader.info);
  source.check_size(width, height);

  const int passes = set_transforms(reader);
  const unsigned channels = png_get_channels(reader.png, reader.info);
  Samples samples;
  samples.width = static_cast<int>(width);
  samples.height = static_cast<int>(height);
  samples.colors = channels >= 3 ? 3 : 1;
  samples.alpha = channels > samples.colors ? Samples::Alpha::kStraight : Samples::Alpha::kNone;
  samples.bytes = png_get_bit_depth(reader.png, reader.info) == 16 ? 2 : 1;
  samples.significant_bits = significant_bits(reader);
  AVLM_CHECK(png_get_rowbytes(reader.png, reader.info) == samples.row_bytes());
  read_pixels(reader, passes, samples.row_bytes(), samples.height, samples.values);
  const int orientation = orientation_of(reader);
  return {image_of(source, std::move(samples)), orientation};
}

}  // namespace anomalyvlm::codec
