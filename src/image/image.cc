#include "anomalyvlm/image.h"

#include <cstring>

#include "core/check.h"
#include "core/threads.h"
#include "image/decoders.h"

namespace anomalyvlm {
namespace {

// A 16-bit value as the nearest 8-bit one. Camera buffers need not be aligned.
std::uint8_t narrow(const std::uint8_t* at) {
  std::uint16_t value;
  std::memcpy(&value, at, 2);
  return static_cast<std::uint8_t>((value + 128u) / 257u);
}

void gray_row(const std::uint8_t* from, int width, int bytes, std::uint8_t* to) {
  for (int x = 0; x < width; ++x, from += bytes, to += 3) {
    const std::uint8_t value = bytes == 2 ? narrow(from) : *from;
    to[0] = to[1] = to[2] = value;
  }
}

void color_row(const std::uint8_t* from, int width, int bytes, bool blue_first, std::uint8_t* to) {
  for (int x = 0; x < width; ++x, to += 3) {
    for (int c = 0; c < 3; ++c, from += bytes) to[blue_first ? 2 - c : c] = bytes == 2 ? narrow(from) : *from;
  }
}

void convert_row(const std::uint8_t* from, int width, PixelFormat format, std::uint8_t* to) {
  const int bytes = bytes_per_channel(format);
  switch (format) {
    case PixelFormat::kRgb8:
      std::memcpy(to, from, static_cast<std::size_t>(width) * 3);
      break;
    case PixelFormat::kRgba8:
      codec::composite_over_white(from, static_cast<std::size_t>(width), to);
      break;
    case PixelFormat::kGray8:
    case PixelFormat::kGray16:
      gray_row(from, width, bytes, to);
      break;
    case PixelFormat::kRgb16:
      color_row(from, width, bytes, false, to);
      break;
    case PixelFormat::kBgr8:
    case PixelFormat::kBgr16:
      color_row(from, width, bytes, true, to);
      break;
  }
}

}  // namespace

int channels_of(PixelFormat format) {
  switch (format) {
    case PixelFormat::kGray8:
    case PixelFormat::kGray16:
      return 1;
    case PixelFormat::kRgb8:
    case PixelFormat::kBgr8:
    case PixelFormat::kRgb16:
    case PixelFormat::kBgr16:
      return 3;
    case PixelFormat::kRgba8:
      return 4;
  }
  fail(ErrorKind::kBadInput, "there is no pixel format number {}", static_cast<int>(format));
}

int bytes_per_channel(PixelFormat format) {
  switch (format) {
    case PixelFormat::kGray16:
    case PixelFormat::kRgb16:
    case PixelFormat::kBgr16:
      return 2;
    default:
      channels_of(format);
      return 1;
  }
}

Image to_rgb8(const ImageView& view) {
  if (!view.data) fail(ErrorKind::kBadInput, "the image has no pixels: its data pointer is null");
  if (view.width < 1 || view.height < 1) {
    fail(ErrorKind::kBadInput, "the image has no pixels: its size is {} x {}", view.width, view.height);
  }
  const std::size_t packed =
      static_cast<std::size_t>(view.width) *
      static_cast<std::size_t>(channels_of(view.format) * bytes_per_channel(view.format));
  const std::size_t stride = view.row_stride ? view.row_stride : packed;
  if (stride < packed) {
    fail(ErrorKind::kBadInput, "the image's row stride of {} bytes is less than the {} that {} pixels take",
         stride, packed, view.width);
  }
  Image out{view.width, view.height, {}};
  out.rgb.resize(static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height) * 3);
  const auto* data = static_cast<const std::uint8_t*>(view.data);
  parallel_for(view.height, 1 + (1 << 18) / view.width, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) {
      convert_row(data + static_cast<std::size_t>(y) * stride, view.width, view.format,
                  out.row(static_cast<int>(y)));
    }
  });
  return out;
}

namespace codec {

void composite_over_white(const std::uint8_t* rgba, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i, rgba += 4, rgb += 3) {
    const unsigned alpha = rgba[3], white = 255 * (255 - alpha);
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + white + 127) / 255);
  }
}

void drop_alpha(const std::uint8_t* rgba, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i, rgba += 4, rgb += 3)
    for (int c = 0; c < 3; ++c) rgb[c] = rgba[c];
}

}  // namespace codec
}  // namespace anomalyvlm
