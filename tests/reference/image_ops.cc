// The kind "image_ops": resizes of three libraries.
#include <algorithm>

#include "image/resize.h"
#include "reference/images.h"
#include "reference/runner.h"

namespace anomalyvlm::golden {

namespace {

struct Size {
  int width, height;
};

Interpolation opencv_interpolation(const std::string& name) {
  if (name == "INTER_NEAREST") return Interpolation::kNearest;
  if (name == "INTER_LINEAR") return Interpolation::kLinear;
  if (name == "INTER_CUBIC") return Interpolation::kCubic;
  throw NotSupported(
      fmt::format("cv2.resize with {}: there are INTER_NEAREST, INTER_LINEAR and INTER_CUBIC", name));
}

// [H, W] or [H, W, channels].
template <typename T>
Tensor opencv_resize(const Tensor& x, Size size, Interpolation interpolation) {
  const auto channels = x.rank() == 3 ? static_cast<int>(x.dim(2)) : 1;
  Shape shape = x.shape();
  shape[0] = size.height;
  shape[1] = size.width;
  return Tensor::from(std::move(shape),
                      resize_opencv<T>(x.values<T>(), static_cast<int>(x.dim(1)), static_cast<int>(x.dim(0)),
                                       channels, size.width, size.height, interpolation));
}

Tensor opencv_resize(const Tensor& x, Size size, const std::string& name) {
  const Interpolation interpolation = opencv_interpolation(name);
  if (x.rank() < 2 || x.rank() > 3 || (x.rank() == 3 && x.dim(2) > 4))
    throw NotSupported(fmt::format("cv2.resize of {}: up to 4 channels, last", to_string(x.shape())));
  switch (x.dtype()) {
    case DType::kU8:
      return opencv_resize<std::uint8_t>(x, size, interpolation);
    case DType::kF32:
      return opencv_resize<float>(x, size, interpolation);
    case DType::kF64:
      return opencv_resize<double>(x, size, interpolation);
    case DType::kI32:
      if (interpolation == Interpolation::kNearest)
        return opencv_resize<std::int32_t>(x, size, interpolation);
      [[fallthrough]];
    default:
      throw NotSupported(fmt::format("cv2.resize of {} with {}", name_of(x.dtype()), name));
  }
}

// Grey images as colour ones with three equal channels, and back.
Tensor pil_resize_grey(const Tensor& x, Size size) {
  Image image{static_cast<int>(x.dim(1)), static_cast<int>(x.dim(0)), {}};
  for (const std::uint8_t value : x.values<std::uint8_t>()) image.rgb.insert(image.rgb.end(), 3, value);
  const Image resized = resize_pil_bilinear(image, size.width, size.height);
  std::vector<std::uint8_t> values;
  for (std::size_t i = 0; i < resized.rgb.size(); i += 3) values.push_back(resized.rgb[i]);
  return Tensor::from({size.height, size.width}, std::move(values));
}

Tensor pil_resize(const Tensor& x, Size size, const std::string& filter) {
  if (filter != "BILINEAR") throw NotSupported(fmt::format("Pillow's {}: there is BILINEAR", filter));
  if (x.dtype() == DType::kU8 && x.rank() == 2) return pil_resize_grey(x, size);
  if (x.dtype() == DType::kU8 && x.rank() == 3 && x.dim(2) == 3)
    return to_tensor(resize_pil_bilinear(to_image(x), size.width, size.height));
  if (x.dtype() == DType::kF32 && x.rank() == 2) {
    const FloatMap map{
        static_cast<int>(x.dim(1)), static_cast<int>(x.dim(0)), {x.floats().begin(), x.floats().end()}};
    return to_tensor(resize_pil_bilinear(map, size.width, size.height));
  }
  throw NotSupported(fmt::format("Pillow's resize of {} {}", to_string(x.shape()), name_of(x.dtype())));
}

Tensor resized(const std::string& op, const Tensor& x, Size size, const std::string& interpolation) {
  if (op == "cv2.resize") return opencv_resize(x, size, interpolation);
  if (op == "pil_resize") return pil_resize(x, size, interpolation);
  const bool plain = x.dtype() == DType::kF32 && x.rank() >= 2;
  if (op == "torch_bilinear" && plain) return resize_torch_bilinear(x, size.width, size.height);
  if (op == "torch_nearest" && plain) return resize_torch_nearest(x, size.width, size.height);
  throw NotSupported(fmt::format("the operation {} on {} {}", op, to_string(x.shape()), name_of(x.dtype())));
}

}  // namespace

void run_image_ops(const GoldenCase& golden, GoldenContext&, Outputs& out) {
  for (const auto& item : golden.info.at("ops")) {
    const std::string name = item.at("name");
    const std::vector<int> size = item.at("dsize_wh");
    out.give(name + ".out", resized(item.at("op"), golden.input(name + ".in"), {size.at(0), size.at(1)},
                                    item.at("interpolation")));
  }
}

}  // namespace anomalyvlm::golden
