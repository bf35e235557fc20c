#include "models/grounding_dino/image_input.h"

#include <algorithm>
#include <cmath>

#include "image/resize.h"

namespace anomalyvlm::grounding_dino {

Extent input_size(const ImageInputConfig& config, Extent image) {
  AVLM_CHECK(image.height >= 1 && image.width >= 1 && config.short_side >= 1 && config.long_side >= 1);
  const auto [least, most] = std::minmax(image.height, image.width);
  const auto shorter = static_cast<double>(least), longer = static_cast<double>(most);
  std::int64_t side = config.short_side;
  // In the authors' order of multiplying and dividing: other orders round otherwise.
  if (longer / shorter * static_cast<double>(side) > static_cast<double>(config.long_side))
    side =
        static_cast<std::int64_t>(std::nearbyint(static_cast<double>(config.long_side) * shorter / longer));
  const std::int64_t length =
      side == 0 ? config.long_side : static_cast<std::int64_t>(static_cast<double>(side) * longer / shorter);
  side = std::max<std::int64_t>(side, 1);
  return image.width < image.height ? Extent{length, side} : Extent{side, length};
}

Tensor image_input(const ImageInputConfig& config, const Image& image) {
  const Extent size = input_size(config, {image.height, image.width});
  const Image resized =
      resize_pil_bilinear(image, static_cast<int>(size.width), static_cast<int>(size.height));
  return to_nchw(resized, config.pixel_mean, config.pixel_std);
}

}  // namespace anomalyvlm::grounding_dino
