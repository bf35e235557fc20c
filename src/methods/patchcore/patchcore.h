#pragma once
// PatchCore: an image is as anomalous as its patches are far from those of good images, after K. Roth et al.,
// "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022, as the authors' released code computes
// it (amazon-science/patchcore-inspection).
//
//   U_l: for each cell of layer l, its patch_size x patch_size neighbourhood, zeros outside of the map
//   P_l: means over `layer_size` bins of U_l's C_l * patch_size^2 numbers, the channel the slowest; brought
//   to
//        the first layer's grid bilinearly
//   E:   means over `embedding_size` bins of P_1, P_2, ... after one another
//   s:   squared distance to the nearest vector of the bank (the mean over the `neighbours` nearest)
//   image score: the largest s; map: s enlarged bilinearly, Gaussian of smoothing_sigma
//
// The released code enlarges U_l before the means over its numbers, which gives the same, because one works
// on places and the other on channels; here U_l is never kept. Means are adaptive_avg_pool1d's: bin i of n
// over m numbers is floor(i m / n) to ceil((i + 1) m / n), so bins overlap where n does not divide m.
#include <span>
#include <vector>

#include "anomalyvlm/image.h"
#include "core/extent.h"
#include "core/tensor.h"
#include "kernels/nearest/nearest.h"

namespace anomalyvlm::patchcore {

struct Config {
  int shorter_side = 256;      // pixels that the image's shorter side becomes
  int input_side = 224;        // pixels of the centred square that is cut out of it, at most shorter_side
  int patch_size = 3;          // cells a side; even sizes shrink the grid
  int patch_stride = 1;        // cells from patch to patch, in each layer's own grid
  int layer_size = 1024;       // numbers that each layer contributes ("pretrain_embed_dimension")
  int embedding_size = 1024;   // numbers of a vector ("target_embed_dimension")
  int neighbours = 1;          // over which a patch's score is the mean ("anomaly_scorer_num_nn")
  double smoothing_sigma = 4;  // pixels of the input
};
// Throws Error(kBadInput) for what cannot be.
void require_possible(const Config& config);

// ---- what the network sees

struct Framing {
  Extent resized;         // the whole image, its shorter side config.shorter_side
  int left = 0, top = 0;  // of the square in it
  Box covered;            // the square, in the image's own pixels
};
Framing framing_of(const Image& image, const Config& config);
// The square, input_side pixels a side: Pillow's bilinear filter, then the centre.
Image input_of(const Image& image, const Config& config);

// ---- the vectors. Layers: float32 [1, C, h, w], fine to coarse (the order of the network). Arguments out of
// range throw Error(kBadInput).

// The patches of a layer, both ways.
Extent patch_grid(Extent cells, const Config& config);
// U_l [patches, C, size, size], row by row. To look at; embed() does without it.
Tensor patchify(const Tensor& layer, const Config& config);

struct Embedding {
  Extent grid;                 // patches
  int size = 0;                // numbers a vector
  std::vector<float> vectors;  // [grid.height * grid.width, size]
};
Embedding embed(std::span<const Tensor> layers, const Config& config);

// ---- the scores. `found`: the nearest rows of the bank, at least `neighbours` of them if it has so many.

// s of each patch.
std::vector<float> patch_scores(const NearestRows& found, const Config& config);
// The largest, as released.
float image_score(std::span<const float> patch_scores);
// The paper's (section 3.3, eq. 7), which the released code leaves out: with m the patch that is farthest
// from its nearest row m*, and N the b rows nearest to m*, itself among them, distances not squared,
//   (1 - exp |m - m*| / sum over n of N of exp |m - n|) |m - m*|
// b: 1 or more; with 1 the score is 0. pools: the bank that `found` is from.
float reweighted_score(std::span<const RowPool> pools, const Embedding& embedding, const NearestRows& found,
                       int b);
// The map of an input of so many pixels.
FloatMap anomaly_map(std::span<const float> patch_scores, Extent grid, Extent input, const Config& config);

}  // namespace anomalyvlm::patchcore
