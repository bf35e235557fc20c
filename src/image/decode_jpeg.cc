// jpeglib.h needs stdio's types without including them.
#include <cstdio>
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>

#include "image/decoders.h"

namespace anomalyvlm::codec {
namespace {

// Coefficients of a progressive image at the default limit of pixels fit; a file cannot ask for more.
constexpr long kMaxWorkingMemory = 1L << 30;

// The library's state, its error handling, and what an error said.
struct JpegReader {
  explicit JpegReader(const Source& s) : source(s) {}
  ~JpegReader() { jpeg_destroy_decompress(&info); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  const Source& source;
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
  bool odd_scans = false;   // harmless oddities that are worth a warning
  bool no_end = false;      // the file ends without an end marker, but perhaps with all its pixels
  bool has_pixels = false;  // all rows were given out: nothing that comes can take them back
};

JpegReader& reader_of(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }

constexpr const char* kCutShort = "the file is cut short, a part of the image is missing";

[[noreturn]] void give_up(j_common_ptr info, const char* why) {
  JpegReader& reader = reader_of(info);
  std::snprintf(reader.message, sizeof reader.message, "%s", why);
  std::longjmp(reader.jump, 1);
}

void on_error(j_common_ptr info) {
  JpegReader& reader = reader_of(info);
  char text[JMSG_LENGTH_MAX];
  reader.errors.format_message(info, text);
  std::snprintf(reader.message, sizeof reader.message, "it is not a readable JPEG (%.150s)", text);
  std::longjmp(reader.jump, 1);
}

// libjpeg fills missing or damaged parts with grey and goes on; an inspection must not. Where the bytes end,
// it goes on as if the end marker was there. That is harmless unless the Huffman decoder still wants bits,
// which is JWRN_HIT_MARKER, or a scan is missing, which check_scans() finds. An arithmetic decoder does not
// tell.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  JpegReader& reader = reader_of(info);
  if (info->err->msg_code == JWRN_JPEG_EOF) reader.no_end = true;
  if (reader.has_pixels) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
      if (reader.info.arith_code) give_up(info, kCutShort);
      return;
    case JWRN_HIT_MARKER:
      give_up(info, reader.no_end ? kCutShort : "it is damaged, its image data end too early");
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
      give_up(info, reader.no_end ? kCutShort : "its image data are damaged");
    case JWRN_BOGUS_PROGRESSION:
      reader.odd_scans = true;
  }
}

void on_progress(j_common_ptr info) {
  const auto* decompress = reinterpret_cast<j_decompress_ptr>(info);
  if (decompress->input_scan_number > reader_of(info).source.options.limits.max_jpeg_scans) {
    give_up(info, "it has more scans than any real image, so it is made to waste time");
  }
}

// Zeros after an image are space that was never written. The decoder would take them as data where data are
// missing, and there is no end marker to stop it. One may belong to the data: codes of flat blocks are zeros.
std::span<const std::uint8_t> without_zeros_behind(std::span<const std::uint8_t> bytes) {
  std::size_t size = bytes.size();
  while (size > 0 && bytes[size - 1] == 0) --size;
  return bytes.first(std::min(size + 1, bytes.size()));
}

void read_header(JpegReader& reader) {
  jpeg_decompress_struct& info = reader.info;
  info.err = jpeg_std_error(&reader.errors);
  info.client_data = &reader;
  reader.errors.error_exit = on_error;
  reader.errors.emit_message = on_message;
  reader.errors.output_message = [](j_common_ptr) {};
  const auto bytes = without_zeros_behind(reader.source.bytes);
  const bool done = guarded(reader.jump, [&] {
    jpeg_create_decompress(&info);
    info.mem->max_memory_to_use = kMaxWorkingMemory;
    reader.progress.progress_monitor = on_progress;
    info.progress = &reader.progress;
    jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff);
    jpeg_mem_src(&info, bytes.data(), bytes.size());
    jpeg_read_header(&info, TRUE);
  });
  if (!done) reader.source.refuse("{}", reader.message);
}

int orientation_of(const jpeg_decompress_struct& info) {
  for (auto* marker = info.marker_list; marker; marker = marker->next) {
    if (marker->data_length >= 6 && std::equal(marker->data, marker->data + 6, "Exif\0")) {
      return exif_orientation({marker->data, marker->data_length});
    }
  }
  return 1;
}

// Ink amounts to light. Adobe's programs store them inverted and say so by their marker.
void cmyk_to_rgb(const std::uint8_t* cmyk, std::size_t pixels, bool inverted, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
    const int flip = inverted ? 0 : 255;
    const int k = cmyk[3] ^ flip;
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(((cmyk[c] ^ flip) * k + 127) / 255);
  }
}

// Up to `rows` rows from the library, as RGB, to the end of `image`.
void read_rows(JpegReader& reader, Image& image, std::vector<std::uint8_t>& inks, int rows) {
  jpeg_decompress_struct& info = reader.info;
  const std::size_t row_bytes = std::size_t{info.output_width} * 3;
  std::uint8_t* to = append_rows(image.rgb, row_bytes, static_cast<std::size_t>(rows));
  const bool done = guarded(reader.jump, [&] {
    for (int i = 0; i < rows; ++i, to += row_bytes) {
      JSAMPROW row = inks.empty() ? to : inks.data();
      jpeg_read_scanlines(&info, &row, 1);
      if (!inks.empty()) cmyk_to_rgb(inks.data(), info.output_width, info.saw_Adobe_marker, to);
    }
  });
  if (!done) reader.source.refuse("{}", reader.message);
}

// A file that ends between two scans has all its pixels, but not in full: of a component nothing, or of a
// progressive one coefficients without their last bits. Files with an end marker may leave out the latter.
void check_scans(const JpegReader& reader) {
  const jpeg_decompress_struct& info = reader.info;
  for (int c = 0; c < info.num_components; ++c) {
    const bool came = info.comp_info[c].quant_table != nullptr;
    bool complete = came;
    if (reader.no_end && info.progressive_mode && info.coef_bits)
      complete =
          std::all_of(info.coef_bits[c], info.coef_bits[c] + DCTSIZE2, [](int bits) { return bits == 0; });
    if (!complete) reader.source.refuse("{}", kCutShort);
  }
}

// Reads on to the end marker, to know whether there is one. The pixels are complete, so nothing is refused.
void look_for_the_end(JpegReader& reader) {
  reader.has_pixels = true;
  jpeg_decompress_struct& info = reader.info;
  guarded(reader.jump, [&] { jpeg_finish_decompress(&info); });
}

}  // namespace

Decoded decode_jpeg(const Source& source) {
  JpegReader reader(source);
  read_header(reader);
  jpeg_decompress_struct& info = reader.info;
  source.check_size(info.image_width, info.image_height);
  const bool inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  if (!guarded(reader.jump, [&] { jpeg_start_decompress(&info); })) source.refuse("{}", reader.message);

  Decoded decoded{{static_cast<int>(info.output_width), static_cast<int>(info.output_height), {}},
                  orientation_of(info)};
  decoded.image.rgb.reserve(std::size_t{info.output_width} * info.output_height * 3);
  std::vector<std::uint8_t> ink_row(inks ? std::size_t{info.output_width} * 4 : 0);
  constexpr int kRowsAtOnce = 16;
  for (int left = decoded.image.height; left > 0; left -= kRowsAtOnce) {
    read_rows(reader, decoded.image, ink_row, std::min(left, kRowsAtOnce));
  }
  check_scans(reader);
  look_for_the_end(reader);
  if (reader.no_end) source.warn("its end marker is missing, but none of its pixels");
  if (reader.odd_scans) source.warn("its scans come in an order that the JPEG standard does not know");
  return decoded;
}

}  // namespace anomalyvlm::codec
