#include <webp/decode.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "image/samples.h"

namespace anomalyvlm::codec {
namespace {

std::uint32_t little32(const std::uint8_t* at) {
  return at[0] | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 | std::uint32_t{at[3]} << 24;
}

// Walks the file's chunks: a four-letter name, a length, the data padded to an even length.
int orientation_of(std::span<const std::uint8_t> bytes) {
  std::size_t at = 12;
  while (bytes.size() >= at + 8) {
    const std::size_t length = little32(bytes.data() + at + 4);
    const std::size_t left = bytes.size() - at - 8;
    if (length > left) break;
    if (std::memcmp(bytes.data() + at, "EXIF", 4) == 0)
      return exif_orientation(bytes.subspan(at + 8, length));
    at += 8 + length + length % 2;
  }
  return 1;
}

const char* reason(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "there is not enough memory for its pixels";
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "the file is cut short";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "it uses a feature of WebP that is not supported";
    default:
      return "its WebP data are damaged";
  }
}

}  // namespace

Decoded decode_webp(const Source& source) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) fail(ErrorKind::kInternal, "the WebP library is of another version");
  VP8StatusCode status = WebPGetFeatures(source.bytes.data(), source.bytes.size(), &config.input);
  if (status != VP8_STATUS_OK) source.refuse("{}", reason(status));
  if (config.input.has_animation)
    source.refuse("it is an animated WebP; save the frame you want as a single image");
  const auto width = static_cast<std::size_t>(config.input.width),
             height = static_cast<std::size_t>(config.input.height);
  const bool alpha = config.input.has_alpha != 0;
  const std::size_t channels = alpha ? 4 : 3;
  source.check_size(width, height);

  // Not a vector: its zeros would take the memory before the data have proven that they are there.
  const std::size_t size = width * height * channels;
  const auto pixels = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {pixels.get(), static_cast<int>(width * channels), size};
  status = WebPDecode(source.bytes.data(), source.bytes.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) source.refuse("{}", reason(status));

  Samples samples;
  samples.width = config.input.width;
  samples.height = config.input.height;
  if (alpha) samples.alpha = Samples::Alpha::kStraight;
  samples.values.assign(pixels.get(), pixels.get() + size);
  return {image_of(source, std::move(samples)), orientation_of(source.bytes)};
}

}  // namespace anomalyvlm::codec
