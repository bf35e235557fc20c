#include <png.h>

#include <algorithm>
#include <cstring>

#include "image/decoders.h"

namespace anomalyvlm::codec {
namespace {

struct Reader {
  explicit Reader(const Source& s) : source(s) {}
  ~Reader() { png_destroy_read_struct(&png, &info, &end); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const Source& source;
  png_structp png = nullptr;
  png_infop info = nullptr;
  png_infop end = nullptr;  // what stands behind the pixels
  std::size_t position = 0;
  std::jmp_buf jump;
  char message[160] = "";
};

void on_error(png_structp png, png_const_charp text) {
  auto& reader = *static_cast<Reader*>(png_get_error_ptr(png));
  const bool check_sum = std::strstr(text, "CRC") != nullptr;
  std::snprintf(
      reader.message, sizeof reader.message,
      check_sum ? "the PNG is damaged, a check sum is wrong (%.80s)" : "the PNG cannot be read (%.80s)",
      text);
  std::longjmp(reader.jump, 1);
}

void on_warning(png_structp, png_const_charp) {}  // these concern side information that is not used

void read_bytes(png_structp png, png_bytep to, std::size_t count) {
  auto& reader = *static_cast<Reader*>(png_get_io_ptr(png));
  if (reader.source.bytes.size() - reader.position < count) png_error(png, "the file is cut short");
  std::memcpy(to, reader.source.bytes.data() + reader.position, count);
  reader.position += count;
}

template <typename Body>
void checked(Reader& reader, const Body& body) {
  if (!guarded(reader.jump, body)) reader.source.refuse("{}", reader.message);
}

// Everything becomes 8-bit RGB or RGBA.
void read_header(Reader& reader) {
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

int set_transforms(Reader& reader) {
  int passes = 1;
  checked(reader, [&] {
    png_set_expand(reader.png);
    png_set_scale_16(reader.png);
    png_set_gray_to_rgb(reader.png);
    passes = png_set_interlace_handling(reader.png);
    png_read_update_info(reader.png, reader.info);
  });
  return passes;
}

void read_pixels(Reader& reader, int passes, std::size_t row_bytes, int height,
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
  checked(reader, [&] { png_read_end(reader.png, reader.end); });  // the last check sum is behind the pixels
}

int orientation_of(Reader& reader) {
  for (const png_infop info : {reader.info, reader.end}) {
    png_uint_32 size = 0;
    png_bytep exif = nullptr;
    checked(reader, [&] { png_get_eXIf_1(reader.png, info, &size, &exif); });
    if (exif && size > 0) return exif_orientation({exif, size});
  }
  return 1;
}

}  // namespace

Decoded decode_png(const Source& source) {
  Reader reader(source);
  read_header(reader);
  const png_uint_32 width = png_get_image_width(reader.png, reader.info);
  const png_uint_32 height = png_get_image_height(reader.png, reader.info);
  source.check_size(width, height);

  const int passes = set_transforms(reader);
  const std::size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  AVLM_CHECK(row_bytes == std::size_t{width} * 3 || row_bytes == std::size_t{width} * 4);
  Decoded decoded{{static_cast<int>(width), static_cast<int>(height), {}}, 1};
  std::vector<std::uint8_t>& pixels = decoded.image.rgb;
  read_pixels(reader, passes, row_bytes, decoded.image.height, pixels);
  if (row_bytes == std::size_t{width} * 4) {
    const std::size_t count = std::size_t{width} * height;
    to_rgb(source.options.alpha, pixels.data(), count, pixels.data());
    pixels.resize(count * 3);
  }
  decoded.orientation = orientation_of(reader);
  return decoded;
}

}  // namespace anomalyvlm::codec
