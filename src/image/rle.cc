#include "image/rle.h"

#include <numeric>

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

Rle encode_rle(const Mask& mask) {
  const auto width = static_cast<std::size_t>(mask.width), height = static_cast<std::size_t>(mask.height);
  AVLM_CHECK(mask.width > 0 && mask.height > 0 && mask.values.size() == width * height);
  Rle rle{mask.width, mask.height, {}};
  bool current = false;
  std::uint32_t run = 0;
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t y = 0; y < height; ++y, ++run) {
      if ((mask.values[y * width + x] != 0) == current) continue;
      rle.counts.push_back(std::exchange(run, 0));
      current = !current;
    }
  }
  rle.counts.push_back(run);
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
