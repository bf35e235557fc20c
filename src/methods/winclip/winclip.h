#pragma once
// WinCLIP without references, after J. Jeong et al., "WinCLIP: Zero-/Few-Shot Anomaly Classification and
// Segmentation", CVPR 2023, as the implementation zqhang/Accurate-WinCLIP-pytorch computes it: CLIP compares
// an image and windows of it with sentences about flawless and about damaged objects.
//
//   p: mean vector of 147 sentences about a normal object, of 84 about an anomalous one
//   s(v) = softmax over both of cos(v, p) / 0.07: how anomalous what the vector v is of
//   map of a kind of windows: at each cell the harmonic mean of s over the windows that hold the cell
//   map: 3 / (1 / map of large windows + 1 / map of middle windows + 1 / s(image)); image score: s(image)
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "methods/dense_method.h"
#include "roles/text_image_encoder.h"

namespace anomalyvlm::winclip {

struct Config {
  double temperature = 0.07;
  // Pixels of what the network sees.
  std::vector<TextImageEncoder::PixelWindows> windows = {{48, 16}, {32, 16}};
};

// ---- the steps

// The sentences about an object, each state in each template. One template is there twice, as it was
// released.
struct Sentences {
  std::vector<std::string> normal, anomalous;
};
Sentences sentences_about(const std::string& object);

// Two vectors of length 1.
struct Prototypes {
  std::vector<double> normal, anomalous;
};
// The mean of vectors [n, E], which are not scaled first -> [E].
std::vector<double> mean_vector(const Tensor& vectors);
Prototypes prototypes(const Tensor& normal, const Tensor& anomalous);

// s of each of the vectors [n, E].
std::vector<double> anomaly_scores(const Tensor& vectors, const Prototypes& prototypes, double temperature);

// At each cell the harmonic mean of the scores of the windows that hold it; NaN where none does.
// cells: as of cells_of_windows().
std::vector<double> harmonic_map(std::span<const double> scores, std::span<const std::int64_t> cells,
                                 std::int64_t grid_cells);

// The harmonic mean of several maps and a score; 0 where it is not a number.
std::vector<double> combined_map(const std::vector<std::vector<double>>& maps, double image_score);

// ---- the whole

// Const and usable from several threads.
class WinClip {
 public:
  // Published: CLIP ViT-B-16-plus-240, trained on LAION-400M.
  explicit WinClip(std::shared_ptr<const TextImageEncoder> encoder, const Config& config = {});

  // The prototypes of an object, computed once for all of its images. Throws as TextImageEncoder::texts()
  // does.
  Prototypes about(const std::string& object) const;

  // image: of any size; the map has the same. Throws as TextImageEncoder::see() does.
  DenseObservation observe(const Image& image, const Prototypes& prototypes) const;

 private:
  std::shared_ptr<const TextImageEncoder> encoder_;
  Config config_;
};

}  // namespace anomalyvlm::winclip
