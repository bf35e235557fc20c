#pragma once
// Convolutional networks in plain double loops over one image: what model functions are compared with. Shares
// no code with them or with an engine.
#include <string>
#include <vector>

#include "weights/weights.h"

namespace anomalyvlm::test {

struct PlainMaps {
  int channels = 0, height = 0, width = 0;
  std::vector<double> values;  // [channels, height, width]

  PlainMaps() = default;
  PlainMaps(int c, int h, int w)
      : channels(c), height(h), width(w), values(static_cast<std::size_t>(c) * h * w) {}
  explicit PlainMaps(const Tensor& image);  // [1, C, H, W]

  double& at(int c, int y, int x) { return values[(static_cast<std::size_t>(c) * height + y) * width + x]; }
  double at(int c, int y, int x) const {
    return values[(static_cast<std::size_t>(c) * height + y) * width + x];
  }
};

struct PlainWindow {
  int stride = 1, pad_top = 0, pad_left = 0;
  int out_height = 0, out_width = 0;  // what lies outside of the image is zero, however far
};

// Without bias; the weight is [out, channels / groups, k, k].
PlainMaps plain_conv(const PlainMaps& x, const Tensor& weight, const PlainWindow& window);
// NAME.weight, NAME.bias, NAME.running_mean, NAME.running_var.
PlainMaps plain_norm(const PlainMaps& x, const WeightFile& weights, const std::string& name, double eps);
PlainMaps plain_clamp(PlainMaps x, double low, double high);
PlainMaps plain_sum(PlainMaps a, const PlainMaps& b);

// The largest difference over the largest value of `expected`; infinite when shapes differ or got is not
// finite.
double relative_error(const Tensor& got, const PlainMaps& expected);

}  // namespace anomalyvlm::test
