#include "models/dinov2/image_input.h"

#include <algorithm>

#include "image/resize.h"

namespace anomalyvlm::dinov2 {

Extent scaled_size(Extent image, std::int64_t side) {
  AVLM_CHECK(image.height >= 1 && image.width >= 1 && side >= 1);
  const auto [least, most] = std::minmax(image.height, image.width);
  const std::int64_t longer = side * most / least;
  return image.width < image.height ? Extent{longer, side} : Extent{side, longer};
}

Image prepared_image(const Image& image, std::int64_t side, std::int64_t patch) {
  if (patch < 1 || side < patch)
    fail(ErrorKind::kBadInput, "DINOv2: a smaller side of {} pixels holds no patch of {}.", side, patch);
  const Extent size = scaled_size({image.height, image.width}, side);
  const auto whole = [&](std::int64_t pixels) { return static_cast<int>(pixels / patch * patch); };
  return resize_pil_bicubic(image, static_cast<int>(size.width), static_cast<int>(size.height),
                            {0, 0, whole(size.width), whole(size.height)});
}

Tensor normalised(const Image& image) {
  return to_nchw(image, {123.675F, 116.28F, 103.53F}, {58.395F, 57.12F, 57.375F});
}

}  // namespace anomalyvlm::dinov2
