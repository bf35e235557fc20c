// PIL's two-pass resampling with a filter that widens with the reduction.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "core/check.h"
#include "core/threads.h"
#include "image/resize.h"

namespace anomalyvlm {
namespace {

// Of each output position: the first input it takes, how many, and their weights (`taps` places each, which
// sum to 1).
struct Filter {
  int taps = 0;
  std::vector<int> first, count;
  std::vector<double> weights;
};

// A shape of filter: its value at a distance, 0 from `support` on.
struct FilterShape {
  double support;
  double (*at)(double distance);
};

double triangle_at(double x) { return x < 1 ? 1 - x : 0; }

double sinc(double x) { return x == 0 ? 1 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi); }
double lanczos_at(double x) { return x < 3 ? sinc(x) * sinc(x / 3) : 0; }

// Keys' cubic with a = -1/2.
double cubic_at(double x) {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

constexpr FilterShape kTriangle{1, triangle_at}, kLanczos{3, lanczos_at}, kCubic{2, cubic_at};

// Of the outputs first .. first + count only.
Filter make_filter(const FilterShape& shape, int in, int out, int first, int count) {
  const double scale = static_cast<double>(in) / out;
  const double widening = std::max(scale, 1.0), support = shape.support * widening;
  Filter filter;
  filter.taps = static_cast<int>(std::ceil(support)) * 2 + 1;
  filter.first.resize(count);
  filter.count.resize(count);
  filter.weights.resize(static_cast<std::size_t>(count) * filter.taps);
  for (int i = 0; i < count; ++i) {
    const double center = (first + i + 0.5) * scale;
    const int begin = std::max(0, static_cast<int>(center - support + 0.5));
    const int end = std::min(in, static_cast<int>(center + support + 0.5));
    double* weights = filter.weights.data() + static_cast<std::size_t>(i) * filter.taps;
    double sum = 0;
    for (int k = 0; k < end - begin; ++k) {
      // Divided by the widening as a product with its reciprocal: Pillow rounds so.
      weights[k] = shape.at(std::abs((k + begin - center + 0.5) * (1.0 / widening)));
      sum += weights[k];
    }
    for (int k = 0; k < end - begin; ++k) weights[k] /= sum;
    filter.first[i] = begin;
    filter.count[i] = end - begin;
  }
  return filter;
}

// 8-bit pixels take the weights as whole multiples of 2^-22: what is left of 32 bits beside the pixel and the
// sign.
constexpr int kBits = 22;

std::vector<std::int32_t> fixed_point(const Filter& filter) {
  std::vector<std::int32_t> fixed(filter.weights.size());
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    const double weight = filter.weights[i] * (1 << kBits);
    fixed[i] = static_cast<std::int32_t>(weight < 0 ? weight - 0.5 : weight + 0.5);
  }
  return fixed;
}

std::uint8_t to_byte(std::int32_t sum) { return static_cast<std::uint8_t>(std::clamp(sum >> kBits, 0, 255)); }

// Rows of `from` (RGB) become rows of `width` pixels.
void resize_rows(const Image& from, const Filter& filter, const std::vector<std::int32_t>& fixed, Image& to) {
  const std::int64_t work = std::int64_t{to.width} * filter.taps;
  parallel_for(to.height, 1 + (1 << 18) / work, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) {
      const std::uint8_t* in = from.row(static_cast<int>(y));
      std::uint8_t* out = to.row(static_cast<int>(y));
      for (int x = 0; x < to.width; ++x, out += 3) {
        const std::int32_t* weights = fixed.data() + static_cast<std::size_t>(x) * filter.taps;
        const std::uint8_t* pixel = in + std::size_t{3} * filter.first[x];
        std::int32_t red = 1 << (kBits - 1), green = red, blue = red;
        for (int k = 0; k < filter.count[x]; ++k, pixel += 3) {
          red += pixel[0] * weights[k];
          green += pixel[1] * weights[k];
          blue += pixel[2] * weights[k];
        }
        out[0] = to_byte(red);
        out[1] = to_byte(green);
        out[2] = to_byte(blue);
      }
    }
  });
}

void resize_columns(const Image& from, const Filter& filter, const std::vector<std::int32_t>& fixed,
                    Image& to) {
  const std::size_t row_values = static_cast<std::size_t>(to.width) * 3;
  const std::int64_t work = static_cast<std::int64_t>(row_values) * filter.taps;
  parallel_for(to.height, 1 + (1 << 18) / work, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::int32_t> sums(row_values);
    for (std::int64_t y = begin; y < end; ++y) {
      std::fill(sums.begin(), sums.end(), 1 << (kBits - 1));
      for (int k = 0; k < filter.count[y]; ++k) {
        const std::int32_t weight = fixed[static_cast<std::size_t>(y) * filter.taps + k];
        const std::uint8_t* in = from.row(filter.first[y] + k);
        std::int32_t* sum = sums.data();
        for (std::size_t i = 0; i < row_values; ++i) sum[i] += in[i] * weight;
      }
      std::uint8_t* out = to.row(static_cast<int>(y));
      for (std::size_t i = 0; i < row_values; ++i) out[i] = to_byte(sums[i]);
    }
  });
}

void check_sizes(int in_width, int in_height, std::size_t values, int channels, int width, int height) {
  AVLM_CHECK(in_width > 0 && in_height > 0 &&
             values == static_cast<std::size_t>(in_width) * static_cast<std::size_t>(in_height) * channels);
  if (width < 1 || height < 1)
    fail(ErrorKind::kBadInput, "cannot resize an image to {} x {} pixels", width, height);
}

Image blank_image(int width, int height) {
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  return {width, height, std::vector<std::uint8_t>(pixels * 3)};
}

Image resize_bytes(const Image& image, const FilterShape& shape, int width, int height,
                   const ResizedPart& part) {
  check_sizes(image.width, image.height, image.rgb.size(), 3, width, height);
  AVLM_CHECK(part.left >= 0 && part.top >= 0 && part.width > 0 && part.height > 0 &&
             part.left <= width - part.width && part.top <= height - part.height);
  Image narrowed;  // stays empty if no row changes
  if (width != image.width || part.width != width) {
    narrowed = blank_image(part.width, image.height);
    const Filter filter = make_filter(shape, image.width, width, part.left, part.width);
    resize_rows(image, filter, fixed_point(filter), narrowed);
  }
  const Image& from = narrowed.empty() ? image : narrowed;
  if (height == image.height && part.height == height) return narrowed.empty() ? image : std::move(narrowed);
  Image out = blank_image(part.width, part.height);
  const Filter filter = make_filter(shape, image.height, height, part.top, part.height);
  resize_columns(from, filter, fixed_point(filter), out);
  return out;
}

FloatMap resize_floats(const FloatMap& map, const FilterShape& shape, int width, int height) {
  check_sizes(map.width, map.height, map.values.size(), 1, width, height);
  const auto blank = [](int w, int h) {
    return FloatMap{w, h, std::vector<float>(static_cast<std::size_t>(w) * static_cast<std::size_t>(h))};
  };
  FloatMap narrowed = map;
  if (width != map.width) {
    narrowed = blank(width, map.height);
    const Filter filter = make_filter(shape, map.width, width, 0, width);
    parallel_for(map.height, 64, [&](std::int64_t begin, std::int64_t end) {
      for (int y = static_cast<int>(begin); y < end; ++y) {
        for (int x = 0; x < width; ++x) {
          double sum = 0;
          const double* weights = filter.weights.data() + static_cast<std::size_t>(x) * filter.taps;
          for (int k = 0; k < filter.count[x]; ++k) sum += map.at(filter.first[x] + k, y) * weights[k];
          narrowed.at(x, y) = static_cast<float>(sum);
        }
      }
    });
  }
  if (height == map.height) return narrowed;
  FloatMap out = blank(width, height);
  const Filter filter = make_filter(shape, map.height, height, 0, height);
  parallel_for(height, 64, [&](std::int64_t begin, std::int64_t end) {
    std::vector<double> sums(static_cast<std::size_t>(width));
    for (int y = static_cast<int>(begin); y < end; ++y) {
      std::fill(sums.begin(), sums.end(), 0.0);
      for (int k = 0; k < filter.count[y]; ++k) {
        const double weight = filter.weights[static_cast<std::size_t>(y) * filter.taps + k];
        for (int x = 0; x < width; ++x) sums[x] += narrowed.at(x, filter.first[y] + k) * weight;
      }
      for (int x = 0; x < width; ++x) out.at(x, y) = static_cast<float>(sums[x]);
    }
  });
  return out;
}

}  // namespace

Image resize_pil_bilinear(const Image& image, int width, int height) {
  return resize_bytes(image, kTriangle, width, height, {0, 0, width, height});
}

Image resize_pil_lanczos(const Image& image, int width, int height) {
  return resize_pil_lanczos(image, width, height, {0, 0, width, height});
}

Image resize_pil_lanczos(const Image& image, int width, int height, const ResizedPart& part) {
  return resize_bytes(image, kLanczos, width, height, part);
}

Image resize_pil_bicubic(const Image& image, int width, int height) {
  return resize_pil_bicubic(image, width, height, {0, 0, width, height});
}

Image resize_pil_bicubic(const Image& image, int width, int height, const ResizedPart& part) {
  return resize_bytes(image, kCubic, width, height, part);
}

FloatMap resize_pil_bilinear(const FloatMap& map, int width, int height) {
  return resize_floats(map, kTriangle, width, height);
}

FloatMap resize_pil_bicubic(const FloatMap& map, int width, int height) {
  return resize_floats(map, kCubic, width, height);
}

}  // namespace anomalyvlm
