#pragma once
// The metrics by their definitions, in plain loops over all thresholds: what the fast ones are compared with.
#include <random>
#include <vector>

#include "eval/metrics/metrics.h"

namespace anomalyvlm::eval::test {

struct ScoredImage {
  Mask mask;
  std::vector<double> scores;  // one a pixel
};

// The part of each pixel, from 0; -1: not marked. By flooding from pixel to pixel.
std::vector<int> flooded_parts(const Mask& mask);

struct Counts {
  double true_positives = 0, false_positives = 0, positives = 0, negatives = 0;
  double mean_overlap = 0;  // of all regions; 0 without
  double f1() const { return 2 * true_positives / (true_positives + false_positives + positives); }
  double iou() const { return true_positives / (positives + false_positives); }
};
Counts count_at(const std::vector<ScoredImage>& images, double threshold);

struct Reference {
  double max_f1 = 0, ap = 0, max_iou = 0, auroc = 0, pro = 0;
};
Reference reference(const std::vector<ScoredImage>& images);

// Blobs, some of which touch at corners only.
Mask random_mask(std::mt19937& random, int width, int height, int blobs);

template <typename T>
void add_to(PixelScores<T>& scores, const ScoredImage& image) {
  scores.add(std::vector<T>(image.scores.begin(), image.scores.end()), PreparedGroundTruth(image.mask));
}

}  // namespace anomalyvlm::eval::test
