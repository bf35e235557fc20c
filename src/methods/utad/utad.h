#pragma once
// UTAD: anomalies of textures without any example, after T. Aota, L. T. T. Tong and T. Okatani, "Zero-shot
// versus Many-shot: Unsupervised Texture Anomaly Detection", WACV 2023, as the authors' released code
// computes it. What is rare within the image itself is an anomaly. It takes no text prompt.
//
//   F: features of the image (Wide ResNet-50-2, layer2[3], stride 8), 3 x 3 means of them, padded by zeros
//   H_i = 1/N sum_j |F_i - F_j| over the N cells j nearest to i, i itself included; N = 400, Euclidean
//   H': H with the outer 3 cells on each side set to the minimum of all of H
//   A = Gaussian of sigma 4 over H' enlarged bilinearly to the input's size
//   score map: A without its outer 32 pixels; image score: its maximum
//
// Input: the image's shorter side becomes 320 pixels by Pillow's LANCZOS, and the centred square of 320 is
// cut out. So the score map is 256 x 256 pixels, the middle of that square.
#include <memory>
#include <string>
#include <vector>

#include "anomalyvlm/image.h"
#include "core/extent.h"
#include "core/tensor.h"
#include "methods/dense_method.h"
#include "roles/feature_extractor.h"

namespace anomalyvlm::utad {

struct Config {
  int shorter_side = 320;      // pixels that the image's shorter side becomes
  int input_side = 320;        // pixels of the centred square that is cut out of it, at most shorter_side
  int pooling = 3;             // cells a side of the mean over features; odd
  int neighbours = 400;        // N, the cell itself included; where there are fewer cells, all of them
  int border = 3;              // cells on each side of the heat map that get its minimum
  double smoothing_sigma = 4;  // pixels of the input
  int crop = 32;               // pixels of the input cut off on each side after smoothing
};

// ---- the steps. Arguments out of range throw Error(kBadInput).

// features [1, C, h, w] -> the same shape: means over kernel x kernel cells; what lies outside counts as
// zeros.
Tensor pooled(const Tensor& features, int kernel);
// pooled [1, C, h, w] -> h x w cells, the mean distance H.
FloatMap heat_map(const Tensor& pooled, int neighbours);
// H' at the input's size.
FloatMap enlarged(FloatMap heat, int border, Extent input);
// A without its outer pixels; something must be left.
FloatMap cropped(const FloatMap& smoothed, int crop);

// What of an image is seen. Whole pixels of the image at its new size; `evidence` in the image's own.
struct Framing {
  Extent resized;         // the whole image, its shorter side config.shorter_side
  int left = 0, top = 0;  // of the square that the network sees
  Box evidence;           // what the score map covers
};
Framing framing_of(const Image& image, const Config& config);
// The square that the network sees, input_side pixels a side.
Image input_of(const Image& image, const Config& config);
// The score map in the image's own pixels: bilinear where a pixel's centre lies inside the evidence, 0
// elsewhere.
FloatMap placed(const FloatMap& score_map, const Framing& framing, const Image& image, const Config& config);

// ---- the whole

using Observation = DenseObservation;

// Const and usable from several threads.
class Utad {
 public:
  // Published: features of layer2[3] of Wide ResNet-50-2. Throws Error(kBadInput) for a config that cannot
  // be.
  explicit Utad(std::shared_ptr<const FeatureExtractor> features, const Config& config = {});

  // image: of any size. Throws Error(kBadModel) when the weights do not fit or are damaged.
  Observation observe(const Image& image) const;

 private:
  std::shared_ptr<const FeatureExtractor> features_;
  Config config_;
};

}  // namespace anomalyvlm::utad
