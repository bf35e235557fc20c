#include "models/plain_maps.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace anomalyvlm::test {

PlainMaps::PlainMaps(const Tensor& image)
    : PlainMaps(static_cast<int>(image.dim(1)), static_cast<int>(image.dim(2)),
                static_cast<int>(image.dim(3))) {
  std::copy(image.floats().begin(), image.floats().end(), values.begin());
}

PlainMaps plain_conv(const PlainMaps& x, const Tensor& weight, const PlainWindow& window) {
  const auto outs = static_cast<int>(weight.dim(0)), depth = static_cast<int>(weight.dim(1)),
             kernel = static_cast<int>(weight.dim(2));
  const int groups = x.channels / depth, outs_per_group = outs / groups;
  PlainMaps out(outs, window.out_height, window.out_width);
  for (int o = 0; o < outs; ++o) {
    const float* taps = weight.floats().data() + static_cast<std::size_t>(o) * depth * kernel * kernel;
    for (int y = 0; y < out.height; ++y) {
      for (int column = 0; column < out.width; ++column) {
        double sum = 0;
        for (int d = 0; d < depth; ++d) {
          for (int k = 0; k < kernel * kernel; ++k) {
            const int from_y = y * window.stride - window.pad_top + k / kernel;
            const int from_x = column * window.stride - window.pad_left + k % kernel;
            if (from_y < 0 || from_y >= x.height || from_x < 0 || from_x >= x.width) continue;
            sum += x.at(o / outs_per_group * depth + d, from_y, from_x) * taps[d * kernel * kernel + k];
          }
        }
        out.at(o, y, column) = sum;
      }
    }
  }
  return out;
}

PlainMaps plain_norm(const PlainMaps& x, const WeightFile& weights, const std::string& name, double eps) {
  const auto vector = [&](const char* part) { return weights.at(name + part).floats(); };
  const auto gamma = vector(".weight"), beta = vector(".bias"), mean = vector(".running_mean"),
             variance = vector(".running_var");
  PlainMaps out = x;
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const std::size_t c = i / (static_cast<std::size_t>(x.height) * x.width);
    out.values[i] = (x.values[i] - mean[c]) / std::sqrt(variance[c] + eps) * gamma[c] + beta[c];
  }
  return out;
}

PlainMaps plain_clamp(PlainMaps x, double low, double high) {
  for (double& value : x.values) value = std::clamp(value, low, high);
  return x;
}

PlainMaps plain_sum(PlainMaps a, const PlainMaps& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values.at(i);
  return a;
}

double relative_error(const Tensor& got, const PlainMaps& expected) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  if (got.shape() != Shape{1, expected.channels, expected.height, expected.width}) return kNever;
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const double value = got.floats()[i];
    if (!std::isfinite(value)) return kNever;
    largest = std::max(largest, std::abs(expected.values[i]));
    difference = std::max(difference, std::abs(value - expected.values[i]));
  }
  return largest > 0 ? difference / largest : kNever;
}

}  // namespace anomalyvlm::test
