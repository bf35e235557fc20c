#include "models/clip/image_input.h"

#include "image/centred_square.h"
#include "image/resize.h"

namespace anomalyvlm::clip {
namespace {

// Of a white of 255.
constexpr float level(double share) { return static_cast<float>(share * 255); }
constexpr std::array<float, 3> kMean = {level(0.48145466), level(0.4578275), level(0.40821073)};
constexpr std::array<float, 3> kStd = {level(0.26862954), level(0.26130258), level(0.27577711)};

}  // namespace

Image centred_input(const Image& image, int side) {
  const CentredSquare square = centred_square(image.width, image.height, side, side);
  return resize_pil_bicubic(image, static_cast<int>(square.resized.width),
                            static_cast<int>(square.resized.height), {square.left, square.top, side, side});
}

Image squashed_input(const Image& image, int side) { return resize_pil_bicubic(image, side, side); }

Tensor normalised(const Image& image) { return to_nchw(image, kMean, kStd); }

}  // namespace anomalyvlm::clip
