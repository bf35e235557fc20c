#include "anomalyvlm/image.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/check.h"
#include "core/threads.h"
#include "image/samples.h"

namespace anomalyvlm {
namespace {

std::uint16_t wide_at(const std::uint8_t* at) {  // camera buffers need not be aligned
  std::uint16_t value;
  std::memcpy(&value, at, 2);
  return value;
}

// How the channels of a pixel lie in memory.
struct Layout {
  int channels, bytes;  // bytes: of one channel
  bool blue_first;
  bool alpha = false;  // the fourth channel is one; else it holds nothing
};

Layout layout_of(PixelFormat format) {
  switch (format) {
    case PixelFormat::kGray8:
      return {1, 1, false};
    case PixelFormat::kGray16:
      return {1, 2, false};
    case PixelFormat::kRgb8:
      return {3, 1, false};
    case PixelFormat::kRgb16:
      return {3, 2, false};
    case PixelFormat::kBgr8:
      return {3, 1, true};
    case PixelFormat::kBgr16:
      return {3, 2, true};
    case PixelFormat::kRgba8:
      return {4, 1, false, true};
    case PixelFormat::kBgra8:
      return {4, 1, true, true};
    case PixelFormat::kRgbx8:
      return {4, 1, false};
    case PixelFormat::kBgrx8:
      return {4, 1, true};
  }
  fail(ErrorKind::kBadInput, "there is no pixel format number {}", static_cast<int>(format));
}

// A row of values, each of which `narrow` turns into 8 bits; a fourth channel is skipped.
template <typename Narrow>
void number_row(const std::uint8_t* from, int width, const Layout& layout, const Narrow& narrow,
                std::uint8_t* to) {
  const int pixel = layout.channels * layout.bytes;
  for (int x = 0; x < width; ++x, from += pixel, to += 3)
    for (int c = 0; c < 3; ++c)
      to[layout.blue_first ? 2 - c : c] = narrow(from + (layout.channels == 1 ? 0 : c * layout.bytes));
}

// Alpha over white.
void alpha_row(const std::uint8_t* from, int width, bool blue_first, std::uint8_t* to) {
  for (int x = 0; x < width; ++x, from += 4, to += 3) {
    const unsigned alpha = from[3], white = 255 * (255 - alpha);
    for (int c = 0; c < 3; ++c)
      to[blue_first ? 2 - c : c] = static_cast<std::uint8_t>((from[c] * alpha + white + 127) / 255);
  }
}

// A view whose every byte can be addressed.
struct Rows {
  const std::uint8_t* data;
  std::size_t stride, packed;  // bytes
  int count;

  const std::uint8_t* row(std::int64_t y) const { return data + static_cast<std::size_t>(y) * stride; }
};

void check_size(const ImageView& view) {
  if (!view.data) fail(ErrorKind::kBadInput, "the image has no pixels: its data pointer is null");
  if (view.width < 1 || view.height < 1)
    fail(ErrorKind::kBadInput, "the image has no pixels: its size is {} x {}", view.width, view.height);
  constexpr DecodeLimits kLimits;
  if (view.width > kLimits.max_side || view.height > kLimits.max_side ||
      static_cast<std::uint64_t>(view.width) * static_cast<std::uint64_t>(view.height) > kLimits.max_pixels)
    fail(ErrorKind::kBadInput,
         "the image's size of {} x {} pixels is above the limit of {:g} million pixels and {} "
         "a side",
         view.width, view.height, kLimits.max_pixels / 1e6, kLimits.max_side);
  const bool wide = bytes_per_channel(view.format) == 2;
  if (view.bits != 0 && (view.bits < 8 || view.bits > (wide ? 16 : 8)))
    fail(ErrorKind::kBadInput, "the image's values are said to have {} bits; it must be {}", view.bits,
         wide ? "8 to 16, or 0 for all 16" : "0 or 8, as its format has 8");
}

Rows rows_of(const ImageView& view) {
  check_size(view);
  const std::size_t packed =
      static_cast<std::size_t>(view.width) *
      static_cast<std::size_t>(channels_of(view.format) * bytes_per_channel(view.format));
  const std::size_t stride = view.row_stride ? view.row_stride : packed;
  if (stride < packed)
    fail(ErrorKind::kBadInput, "the image's row stride of {} bytes is less than the {} that {} pixels take",
         stride, packed, view.width);
  constexpr std::size_t kMost = std::size_t{1} << 40;  // bytes: a terabyte, which no buffer has
  if (const auto steps = static_cast<std::size_t>(view.height) - 1; steps > 0 && stride > kMost / steps)
    fail(ErrorKind::kBadInput, "the image's row stride of {} bytes leads out of any memory", stride);
  return {static_cast<const std::uint8_t*>(view.data), stride, packed, view.height};
}

codec::ValueRange range_of(const Rows& rows) {
  codec::ValueRange range;
  for (int y = 0; y < rows.count; ++y)
    for (std::size_t i = 0; i < rows.packed; i += 2) range.add(wide_at(rows.row(y) + i));
  return range;
}

bool is_invisible(const Rows& rows) {
  unsigned most = 0;
  for (int y = 0; y < rows.count; ++y)
    for (std::size_t i = 3; i < rows.packed; i += 4) most = std::max<unsigned>(most, rows.row(y)[i]);
  return codec::is_invisible(most, 255);
}

// Calls `convert` with each row and where it goes to.
template <typename Convert>
Image converted(const ImageView& view, const Rows& rows, const Convert& convert) {
  Image out{view.width, view.height, {}};
  try {
    out.rgb.resize(static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height) * 3);
  } catch (const std::bad_alloc&) {
    fail(ErrorKind::kNoMemory, "there is not enough memory for the image's {} x {} pixels", view.width,
         view.height);
  }
  parallel_for(view.height, 1 + (1 << 18) / view.width, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) convert(rows.row(y), out.row(static_cast<int>(y)));
  });
  return out;
}

Image wide_to_rgb8(const ImageView& view, const Rows& rows, std::vector<std::string>* notes) {
  if (notes && view.bits == 0) {
    if (const int bits = codec::guess_bits(range_of(rows)); bits < 16)
      notes->push_back(
          fmt::format("the image uses only the lowest {} of its 16 bits, so it is nearly black; set "
                      "ImageView::bits to what its camera gives",
                      bits));
  }
  if (notes && view.bits > 0 && view.bits < 16) {
    const unsigned most = range_of(rows).most, white = (1u << view.bits) - 1;
    if (most > white)
      notes->push_back(fmt::format(
          "the image has values of up to {}, which the {} bits of ImageView::bits do not hold; what lies "
          "above {} was taken for white",
          most, view.bits, white));
  }
  const codec::Narrower narrower((1u << (view.bits > 0 ? view.bits : 16)) - 1);
  return converted(view, rows, [&](const std::uint8_t* from, std::uint8_t* to) {
    number_row(
        from, view.width, layout_of(view.format),
        [&](const std::uint8_t* at) { return narrower(wide_at(at)); }, to);
  });
}

}  // namespace

int channels_of(PixelFormat format) { return layout_of(format).channels; }
int bytes_per_channel(PixelFormat format) { return layout_of(format).bytes; }

Image to_rgb8(const ImageView& view, std::vector<std::string>* notes) {
  const Rows rows = rows_of(view);
  const Layout layout = layout_of(view.format);
  if (layout.bytes == 2) return wide_to_rgb8(view, rows, notes);
  const bool invisible = layout.alpha && is_invisible(rows);
  if (invisible && notes)
    notes->push_back("the image is transparent all over; its colours were used as if it were opaque");
  return converted(view, rows, [&](const std::uint8_t* from, std::uint8_t* to) {
    if (view.format == PixelFormat::kRgb8) {
      std::memcpy(to, from, rows.packed);
    } else if (layout.alpha && !invisible) {
      alpha_row(from, view.width, layout.blue_first, to);
    } else {
      number_row(
          from, view.width, layout, [](const std::uint8_t* at) { return *at; }, to);
    }
  });
}

}  // namespace anomalyvlm
