#include "reference/images.h"

namespace anomalyvlm::golden {

Image to_image(const Tensor& tensor) {
  if (tensor.dtype() != DType::kU8 || tensor.rank() != 3 || tensor.dim(2) != 3)
    fail(ErrorKind::kBadInput, "An image must be [H, W, 3] bytes, not {} {}.", to_string(tensor.shape()),
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

Tensor kept_places(const Tensor& x, int axis, std::int64_t extent, std::int64_t stride) {
  const std::int64_t full = x.dim(axis);
  if (stride == 0) stride = extent > 0 ? (full + extent - 1) / extent : 1;
  if (stride <= 1) return x;
  Shape shape = x.shape();
  std::size_t outer = 1, inner = size_of(x.dtype());
  for (int i = 0; i < x.rank(); ++i) {
    if (i < axis) outer *= static_cast<std::size_t>(x.dim(i));
    if (i > axis) inner *= static_cast<std::size_t>(x.dim(i));
  }
  shape[static_cast<std::size_t>(axis)] = (full + stride - 1) / stride;
  auto bytes = std::make_shared<std::vector<std::byte>>();
  const auto* from = static_cast<const std::byte*>(x.raw());
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::int64_t i = 0; i < full; i += stride) {
      const std::byte* begin =
          from + (o * static_cast<std::size_t>(full) + static_cast<std::size_t>(i)) * inner;
      bytes->insert(bytes->end(), begin, begin + inner);
    }
  }
  const void* data = bytes->data();
  return Tensor(x.dtype(), std::move(shape), std::move(bytes), data);
}

}  // namespace anomalyvlm::golden
