// jpeglib.h needs stdio's types without including them.
#include <cstdio>
// clang-format off
#include <jpeglib.h>
// clang-format on

#include <cstdlib>

#include "anomalyvlm/codec.h"
#include "image/decoders.h"
#include "image/encode_check.h"

namespace anomalyvlm {
namespace {

struct JpegWriter {
  JpegWriter() = default;
  ~JpegWriter() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
  unsigned char* bytes = nullptr;  // grows as the library writes
  unsigned long count = 0;
};

void on_error(j_common_ptr info) {
  auto& writer = *static_cast<JpegWriter*>(info->client_data);
  writer.errors.format_message(info, writer.message);
  std::longjmp(writer.jump, 1);
}

}  // namespace

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
  codec::require_pixels(image.width, image.height, 3, image.rgb.size());
  if (quality < 1 || quality > 100)
    fail(ErrorKind::kBadInput, "The quality of a JPEG is 1 to 100, not {}.", quality);
  JpegWriter writer;
  jpeg_compress_struct& info = writer.info;
  info.err = jpeg_std_error(&writer.errors);
  info.client_data = &writer;
  writer.errors.error_exit = on_error;
  writer.errors.output_message = [](j_common_ptr) {};
  const bool done = codec::guarded(writer.jump, [&] {
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &writer.bytes, &writer.count);
    info.image_width = static_cast<JDIMENSION>(image.width);
    info.image_height = static_cast<JDIMENSION>(image.height);
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor =
        1;  // thin coloured defects stay sharp
    info.optimize_coding = TRUE;
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
      JSAMPROW row = const_cast<JSAMPROW>(image.row(static_cast<int>(info.next_scanline)));
      jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
  });
  if (!done) {
    fail(ErrorKind::kIo, "cannot make a JPEG of {} x {} pixels: {}", image.width, image.height,
         writer.message);
  }
  return {writer.bytes, writer.bytes + writer.count};
}

}  // namespace anomalyvlm
