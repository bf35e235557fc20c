#pragma once
// CLIP's images, and windows of them, to vectors.
#include <memory>
#include <span>
#include <vector>

#include "models/clip/clip.h"
#include "nn/programs.h"

namespace anomalyvlm::clip {

// Square windows on the grid of patches.
struct Windows {
  std::int64_t side = 1;    // patches
  std::int64_t stride = 1;  // patches from one window to the next, in both directions
};

// The patches of each window, counted from 0 row by row; the windows row by row too, those alone that lie
// within the grid -> side * side numbers for each. Throws Error(kBadInput) where there is no such window.
std::vector<std::int64_t> patches_of(const Windows& windows, Extent grid);

// Const and usable from several threads.
class ImageEncoder {
 public:
  ImageEncoder(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
               nn::Precision precision, const ClipConfig& config);

  // input [1, 3, H, W], normalised -> the vectors [1, embedding] of the whole, then for each kind of windows
  // [windows, embedding], of any length: patches become tokens once, and all windows of a kind are one batch.
  // Throws Error(kBadModel) when the weights do not fit, and as patches_of() does.
  std::vector<Tensor> vectors(const Tensor& input, std::span<const Windows> windows) const;

  const ClipConfig& config() const { return config_; }

 private:
  nn::Precision precision_;
  ClipConfig config_;
  mutable nn::Programs programs_;
};

}  // namespace anomalyvlm::clip
