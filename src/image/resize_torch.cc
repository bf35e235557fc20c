// torch's interpolation of planes, and images as the input of networks.
#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/threads.h"
#include "image/resize.h"

namespace anomalyvlm {
namespace {

struct Tap {
  std::int64_t first, second;
  float weight;  // of the second
};

std::vector<Tap> linear_taps(std::int64_t in, std::int64_t out) {
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  std::vector<Tap> taps(static_cast<std::size_t>(out));
  for (std::int64_t i = 0; i < out; ++i) {
    // The scale is rounded to float32, the product is not: far from the origin the difference shows.
    const double at = std::max(0.0, static_cast<double>(scale) * (static_cast<double>(i) + 0.5) - 0.5);
    const auto first = std::min(static_cast<std::int64_t>(at), in - 1);
    const auto weight = static_cast<float>(at - static_cast<double>(first));
    taps[i] = {first, std::min(first + 1, in - 1), std::clamp(weight, 0.0f, 1.0f)};
  }
  return taps;
}

std::vector<std::int64_t> nearest_taps(std::int64_t in, std::int64_t out) {
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  std::vector<std::int64_t> taps(static_cast<std::size_t>(out));
  for (std::int64_t i = 0; i < out; ++i) {
    taps[i] = std::min(static_cast<std::int64_t>(std::floor(static_cast<float>(i) * scale)), in - 1);
  }
  return taps;
}

// Calls row(in_plane, y, out_row) for each row of each plane of the result.
template <typename Row>
Tensor for_each_row(const Tensor& x, int width, int height, const Row& row) {
  AVLM_CHECK(x.rank() >= 2 && x.size() > 0);
  if (width < 1 || height < 1) fail(ErrorKind::kBadInput, "cannot resize a tensor to {} x {}", width, height);
  Shape shape = x.shape();
  const std::int64_t plane = x.dim(-1) * x.dim(-2), planes = x.size() / plane;
  shape[shape.size() - 2] = height;
  shape[shape.size() - 1] = width;
  Tensor out = Tensor::zeros(std::move(shape));
  const float* from = x.floats().data();
  float* to = out.mutable_floats().data();
  parallel_for(planes * height, 1 + (1 << 16) / width, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) row(from + r / height * plane, r % height, to + r * width);
  });
  return out;
}

}  // namespace

Tensor resize_torch_bilinear(const Tensor& x, int width, int height) {
  const std::int64_t in_width = x.dim(-1);
  const auto across = linear_taps(in_width, width), down = linear_taps(x.dim(-2), height);
  return for_each_row(x, width, height, [&](const float* plane, std::int64_t y, float* out) {
    const Tap& v = down[y];
    const float *above = plane + v.first * in_width, *below = plane + v.second * in_width;
    for (int i = 0; i < width; ++i) {
      const Tap& h = across[i];
      const float top = (1 - h.weight) * above[h.first] + h.weight * above[h.second];
      const float bottom = (1 - h.weight) * below[h.first] + h.weight * below[h.second];
      out[i] = (1 - v.weight) * top + v.weight * bottom;
    }
  });
}

Tensor resize_torch_nearest(const Tensor& x, int width, int height) {
  const std::int64_t in_width = x.dim(-1);
  const auto across = nearest_taps(in_width, width), down = nearest_taps(x.dim(-2), height);
  return for_each_row(x, width, height, [&](const float* plane, std::int64_t y, float* out) {
    const float* row = plane + down[y] * in_width;
    for (int i = 0; i < width; ++i) out[i] = row[across[i]];
  });
}

Tensor to_nchw(const Image& image, const std::array<float, 3>& mean, const std::array<float, 3>& std) {
  const std::int64_t pixels = std::int64_t{image.width} * image.height;
  AVLM_CHECK(pixels > 0 && static_cast<std::int64_t>(image.rgb.size()) == pixels * 3);
  std::array<std::array<float, 256>, 3> table;  // a pixel has only 256 values
  for (int c = 0; c < 3; ++c) {
    for (int v = 0; v < 256; ++v) table[c][v] = (static_cast<float>(v) - mean[c]) / std[c];
  }
  std::vector<float> values(static_cast<std::size_t>(pixels) * 3);
  parallel_for(pixels, 1 << 16, [&](std::int64_t begin, std::int64_t end) {
    const std::uint8_t* pixel = image.rgb.data() + begin * 3;
    for (std::int64_t i = begin; i < end; ++i, pixel += 3) {
      for (int c = 0; c < 3; ++c) values[static_cast<std::size_t>(c * pixels + i)] = table[c][pixel[c]];
    }
  });
  return Tensor::from({1, 3, image.height, image.width}, std::move(values));
}

}  // namespace anomalyvlm
