#include "regions/rle.h"

#include <numeric>
#include <utility>

#include "core/check.h"

namespace anomalyvlm {

void check_rle(const Rle& rle) {
  const std::uint64_t sum = std::accumulate(rle.counts.begin(), rle.counts.end(), std::uint64_t{0});
  if (rle.width < 1 || rle.height < 1 ||
      sum != static_cast<std::uint64_t>(rle.width) * static_cast<std::uint64_t>(rle.height)) {
    fail(ErrorKind::kBadInput, "a mask's run lengths add up to {} pixels, which is not its size of {} x {}",
         sum, rle.width, rle.height);
  }
}

Rle encode_rle(const Region& region, const PixelRect& frame) {
  const PixelRect& rect = region.rect();
  AVLM_CHECK(!frame.empty() && around(rect, frame) == frame);
  const auto height = static_cast<std::uint64_t>(frame.height());
  Rle rle{frame.width(), frame.height(), {}};
  std::uint64_t end = 0;  // of the last run of ones
  const auto add = [&](std::uint64_t from, std::uint64_t to) {
    if (from == end && !rle.counts.empty()) {  // it goes on from the column before
      rle.counts.back() += static_cast<std::uint32_t>(to - from);
    } else {
      rle.counts.push_back(static_cast<std::uint32_t>(from - end));
      rle.counts.push_back(static_cast<std::uint32_t>(to - from));
    }
    end = to;
  };
  for (int x = rect.x0; x < rect.x1; ++x) {
    const std::uint64_t column = static_cast<std::uint64_t>(x - frame.x0) * height;
    const auto place = [&](int y) { return column + static_cast<std::uint64_t>(y - frame.y0); };
    for (int y = rect.y0; y < rect.y1; ++y) {
      if (!region.is_inside(x, y)) continue;
      const int begin = y;
      while (y < rect.y1 && region.is_inside(x, y)) ++y;
      add(place(begin), place(y));
    }
  }
  const std::uint64_t pixels = static_cast<std::uint64_t>(frame.width()) * height;
  if (end < pixels) rle.counts.push_back(static_cast<std::uint32_t>(pixels - end));
  return rle;
}

Mask decode_rle(const Rle& rle) {
  check_rle(rle);
  const auto width = static_cast<std::size_t>(rle.width), height = static_cast<std::size_t>(rle.height);
  Mask mask{rle.width, rle.height, std::vector<std::uint8_t>(width * height)};
  std::size_t position = 0;  // down the columns
  bool one = false;
  for (const std::uint32_t count : rle.counts) {
    if (one) {
      for (std::size_t i = position; i < position + count; ++i)
        mask.values[i % height * width + i / height] = 1;
    }
    position += count;
    one = !one;
  }
  return mask;
}

Region decode_region(const Rle& rle, int x0, int y0) {
  const Mask mask = decode_rle(rle);
  return Region::binary({x0, y0, x0 + mask.width, y0 + mask.height}, mask.values);
}

std::string compress_rle(const Rle& rle) {
  std::string text;
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    std::int64_t value = rle.counts[i];
    if (i > 2) value -= rle.counts[i - 2];
    for (bool more = true; more;) {
      unsigned group = value & 31;
      value >>= 5;
      more = value != (group & 16 ? -1 : 0);  // what is left is not just the sign of this group
      text.push_back(static_cast<char>(48 + (group | (more ? 32 : 0))));
    }
  }
  return text;
}

Rle decompress_rle(std::string_view text, int width, int height) {
  Rle rle{width, height, {}};
  std::int64_t value = 0;
  int shift = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int group = text[i] - 48;
    if (group < 0 || group > 63 || shift > 30)
      fail(ErrorKind::kBadInput, "a mask's compressed run lengths have no meaning at character {}", i + 1);
    value |= static_cast<std::int64_t>(group & 31) << shift;
    shift += 5;
    if (group & 32) continue;
    if (group & 16) value -= std::int64_t{1} << shift;
    if (rle.counts.size() > 2) value += rle.counts[rle.counts.size() - 2];
    if (value < 0 || value > UINT32_MAX) {
      fail(ErrorKind::kBadInput, "a mask's compressed run lengths give a length of {}", value);
    }
    rle.counts.push_back(static_cast<std::uint32_t>(value));
    value = shift = 0;
  }
  if (shift != 0) fail(ErrorKind::kBadInput, "a mask's compressed run lengths are cut short");
  check_rle(rle);
  return rle;
}

std::uint64_t rle_area(const Rle& rle) {
  std::uint64_t area = 0;
  for (std::size_t i = 1; i < rle.counts.size(); i += 2) area += rle.counts[i];
  return area;
}

}  // namespace anomalyvlm
