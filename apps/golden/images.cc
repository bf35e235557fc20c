#include "golden/images.h"

namespace anomalyvlm::golden {

Image to_image(const Tensor& tensor) {
  if (tensor.dtype() != DType::kU8 || tensor.rank() != 3 || tensor.dim(2) != 3)
    fail(ErrorKind::kBadInput, "A picture must be [H, W, 3] bytes, not {} {}.", to_string(tensor.shape()),
         name_of(tensor.dtype()));
  const auto values = tensor.values<std::uint8_t>();
  return {static_cast<int>(tensor.dim(1)), static_cast<int>(tensor.dim(0)), {values.begin(), values.end()}};
}

std::vector<Mask> to_masks(const Tensor& tensor) {
  if (tensor.dtype() != DType::kU8 || tensor.rank() != 3)
    fail(ErrorKind::kBadInput, "Masks must be [n, H, W] bytes, not {} {}.", to_string(tensor.shape()),
         name_of(tensor.dtype()));
  const int height = static_cast<int>(tensor.dim(1)), width = static_cast<int>(tensor.dim(2));
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const auto values = tensor.values<std::uint8_t>();
  std::vector<Mask> masks;
  for (std::int64_t i = 0; i < tensor.dim(0); ++i) {
    const auto part = values.subspan(static_cast<std::size_t>(i) * pixels, pixels);
    masks.push_back({width, height, {part.begin(), part.end()}});
  }
  return masks;
}

Tensor to_tensor(const Image& image) { return Tensor::from({image.height, image.width, 3}, image.rgb); }

Tensor to_tensor(const FloatMap& map) { return Tensor::from({map.height, map.width}, map.values); }

Tensor to_tensor(const std::vector<Mask>& masks, int width, int height) {
  std::vector<std::uint8_t> values;
  for (const Mask& mask : masks) values.insert(values.end(), mask.values.begin(), mask.values.end());
  return Tensor::from({static_cast<std::int64_t>(masks.size()), height, width}, std::move(values));
}

Tensor thinned(const Tensor& tensor, int step) {
  const std::int64_t height = tensor.dim(-2), width = tensor.dim(-1);
  Shape shape = tensor.shape();
  shape[shape.size() - 2] = (height + step - 1) / step;
  shape[shape.size() - 1] = (width + step - 1) / step;
  std::vector<float> values;
  const float* from = tensor.floats().data();
  for (std::int64_t plane = 0; plane < tensor.size() / (height * width); ++plane, from += height * width) {
    for (std::int64_t y = 0; y < height; y += step)
      for (std::int64_t x = 0; x < width; x += step) values.push_back(from[y * width + x]);
  }
  return Tensor::from(std::move(shape), std::move(values));
}

Image thinned(const Image& image, int step) {
  Image out{(image.width + step - 1) / step, (image.height + step - 1) / step, {}};
  for (int y = 0; y < image.height; y += step) {
    for (int x = 0; x < image.width; x += step)
      out.rgb.insert(out.rgb.end(), image.row(y) + 3 * x, image.row(y) + 3 * x + 3);
  }
  return out;
}

}  // namespace anomalyvlm::golden
