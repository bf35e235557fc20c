#pragma once
// Resizing, in the exact arithmetic of the three libraries that the method's reference pipelines use. They
// disagree on purpose: PIL smooths when it shrinks, OpenCV and torch do not. All sizes are (width, height) in
// pixels and must be at least 1; others throw Error(kBadInput). A size equal to the input's gives a copy.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "anomalyvlm/image.h"
#include "core/tensor.h"

namespace anomalyvlm {

// PIL's BILINEAR: a triangle filter as wide as the reduction factor; columns first, rounded to 8 bits, then
// rows. Bit-exact with Pillow. This is the resize in front of most models.
Image resize_pil_bilinear(const Image& image, int width, int height);
// PIL's LANCZOS in the same way: sinc(x) sinc(x / 3), 6 pixels wide where nothing is reduced. With a part,
// only that part of the result is made.
struct ResizedPart {
  int left, top, width, height;  // pixels of the result, inside of it
};
Image resize_pil_lanczos(const Image& image, int width, int height);
Image resize_pil_lanczos(const Image& image, int width, int height, const ResizedPart& part);
// PIL's BICUBIC in the same way: Keys' cubic with a = -1/2, 4 pixels wide where nothing is reduced.
Image resize_pil_bicubic(const Image& image, int width, int height);
Image resize_pil_bicubic(const Image& image, int width, int height, const ResizedPart& part);
// The same filters without rounding (PIL's mode "F").
FloatMap resize_pil_bilinear(const FloatMap& map, int width, int height);
FloatMap resize_pil_bicubic(const FloatMap& map, int width, int height);

// OpenCV's resize: no smoothing when it shrinks, except that kLinear becomes a 2x2 mean when both sides
// shrink by exactly 2.
enum class Interpolation { kNearest, kLinear, kCubic };

// Interleaved pixels of height rows, width columns and 1 to 4 channels. T: uint8_t, float, double; int32_t
// with kNearest only.
template <typename T>
std::vector<T> resize_opencv(std::span<const T> pixels, int width, int height, int channels, int out_width,
                             int out_height, Interpolation interpolation);
extern template std::vector<std::uint8_t> resize_opencv(std::span<const std::uint8_t>, int, int, int, int,
                                                        int, Interpolation);
extern template std::vector<std::int32_t> resize_opencv(std::span<const std::int32_t>, int, int, int, int,
                                                        int, Interpolation);
extern template std::vector<float> resize_opencv(std::span<const float>, int, int, int, int, int,
                                                 Interpolation);
extern template std::vector<double> resize_opencv(std::span<const double>, int, int, int, int, int,
                                                  Interpolation);

Image resize_linear(const Image& image, int width, int height);      // OpenCV's INTER_LINEAR
FloatMap resize_linear(const FloatMap& map, int width, int height);  // OpenCV's INTER_LINEAR
Mask resize_nearest(const Mask& mask, int width, int height);        // OpenCV's INTER_NEAREST
FloatMap resize_nearest(const FloatMap& map, int width, int height);

// torch's interpolate(align_corners=False) without antialiasing. [..., H, W] float32 -> [..., height, width].
Tensor resize_torch_bilinear(const Tensor& x, int width, int height);
Tensor resize_torch_nearest(const Tensor& x, int width, int height);

// (value - mean) / std per channel, for values, mean and std in grey levels 0..255: [1, 3, H, W], R first.
Tensor to_nchw(const Image& image, const std::array<float, 3>& mean, const std::array<float, 3>& std);

}  // namespace anomalyvlm
