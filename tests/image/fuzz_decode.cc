// libFuzzer target: any bytes give an image that keeps what it promises, or Error(kBadInput); nothing else.
#include <zlib.h>

#include <cstdlib>
#include <cstring>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/error.h"

namespace {

// Makes every checksum of a PNG right again, or hardly a mutation would get past them.
void repair_check_sums(std::vector<std::uint8_t>& file) {
  if (file.size() < 8 || std::memcmp(file.data(), "\x89PNG\r\n\x1a\n", 8) != 0) return;
  for (std::size_t at = 8; file.size() - at >= 12;) {
    const std::size_t length =
        std::size_t{file[at]} << 24 | file[at + 1] << 16 | file[at + 2] << 8 | file[at + 3];
    if (length > file.size() - at - 12) return;
    const unsigned long sum = ::crc32(0, file.data() + at + 4, static_cast<uInt>(length + 4));
    at += 8 + length;
    for (int shift = 24; shift >= 0; shift -= 8) file[at++] = static_cast<std::uint8_t>(sum >> shift);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anomalyvlm;
  std::vector<std::uint8_t> bytes(data, data + size);
  repair_check_sums(bytes);
  DecodeLimits limits;
  limits.max_pixels = 100'000;  // larger images only make it slow
  limits.max_jpeg_scans = 10;
  ReadInfo info;
  try {
    const Image image = decode_image(bytes, "fuzz", {.limits = limits}, &info);
    const auto pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    if (image.width < 1 || image.height < 1 || image.rgb.size() != pixels * 3) std::abort();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadInput) std::abort();
  }
  try {
    decode_tiff_f32(bytes, "fuzz", limits);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadInput) std::abort();
  }
  return 0;
}
