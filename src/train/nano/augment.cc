#include "train/nano/augment.h"

#include <cmath>

namespace anomalyvlm::train {
namespace {

// One random number an image, [B, 1, 1, 1] or of another trailing shape; or one for all, B = 1.
struct Draw {
  at::TensorOptions options;
  std::int64_t batch_size;

  at::Tensor normal(double deviation, std::vector<std::int64_t> shape = {1, 1, 1}) const {
    shape.insert(shape.begin(), batch_size);
    return at::randn(shape, options) * deviation;
  }
  at::Tensor uniform(double low, double high) const {
    return at::rand({batch_size, 1, 1, 1}, options) * (high - low) + low;
  }
  at::Tensor chosen(double probability) const {  // 1 or 0
    return at::rand({batch_size, 1, 1, 1}, options).lt(probability).to(at::kFloat);
  }
};

// Gain, offset, gamma, a cast of colour, at times the negative.
at::Tensor toned(const at::Tensor& images, const Draw& draw, double share) {
  const at::Tensor on = draw.chosen(share);
  const at::Tensor negative = on * draw.chosen(0.08);
  at::Tensor y = images + negative * (1 - 2 * images);
  const at::Tensor gamma = at::exp(on * draw.normal(0.25));
  y = at::pow(at::clamp(y, 1e-3, 1.0), gamma);
  const at::Tensor cast = at::exp(on * draw.chosen(0.4) * draw.normal(0.15, {3, 1, 1}));
  const at::Tensor middle = y.mean({1, 2, 3}, true);
  return (middle + (y - middle) * at::exp(on * draw.normal(0.25)) + on * draw.normal(0.06)) * cast;
}

at::Tensor lit(const at::Tensor& images, const Draw& draw, double share) {
  const at::Tensor coarse = draw.normal(0.15, {1, 3, 3});
  const std::vector<std::int64_t> size = {images.size(2), images.size(3)};
  return images * (1 + draw.chosen(share) * at::upsample_bicubic2d(coarse, size, /*align_corners=*/true));
}

// A lens, a sensor or a surface that carries fine structure differently: sharper, softer, in relief.
at::Tensor filtered(const at::Tensor& images, const Draw& draw, double share) {
  const std::int64_t b = images.size(0), h = images.size(2), w = images.size(3);
  at::Tensor change = draw.normal(0.08, {1, 3, 3});
  change = draw.chosen(share) * (change - change.mean({2, 3}, true));  // flat areas stay as they are
  at::Tensor kernel = at::zeros({3, 3}, images.options());
  kernel.narrow(0, 1, 1).narrow(1, 1, 1).fill_(1);
  const at::Tensor kernels = (change + kernel).expand({b, 3, 3, 3}).reshape({b * 3, 1, 3, 3});
  const at::Tensor padded = at::reflection_pad2d(images, {1, 1, 1, 1}).reshape({1, b * 3, h + 2, w + 2});
  return at::conv2d(padded, kernels, {}, at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1},
                    b * 3)
      .reshape({b, 3, h, w});
}

}  // namespace

at::Tensor augmented(const at::Tensor& images, double share, bool alike) {
  if (share <= 0) return images;
  const Draw draw{at::TensorOptions(at::kFloat).device(images.device()), alike ? 1 : images.size(0)};
  at::Tensor y = toned(images / 255, draw, share);
  y = lit(y, draw, share / 3);
  y = filtered(y, draw, share / 3);
  y = y + draw.chosen(share / 3) * draw.uniform(0, 0.03) * at::randn_like(y);
  return at::clamp(y, 0, 1) * 255;
}

}  // namespace anomalyvlm::train
