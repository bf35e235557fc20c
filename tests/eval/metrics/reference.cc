#include "eval/metrics/reference.h"

#include <algorithm>
#include <set>

namespace anomalyvlm::eval::test {

std::vector<int> flooded_parts(const Mask& mask) {
  std::vector<int> parts(mask.values.size(), -1);
  int count = 0;
  for (int start = 0; start < static_cast<int>(parts.size()); ++start) {
    if (mask.values[start] == 0 || parts[start] >= 0) continue;
    std::vector<int> open{start};
    parts[start] = count;
    while (!open.empty()) {
      const int x = open.back() % mask.width, y = open.back() / mask.width;
      open.pop_back();
      for (int v = std::max(y - 1, 0); v <= std::min(y + 1, mask.height - 1); ++v)
        for (int u = std::max(x - 1, 0); u <= std::min(x + 1, mask.width - 1); ++u)
          if (const int place = v * mask.width + u; mask.values[place] != 0 && parts[place] < 0) {
            parts[place] = count;
            open.push_back(place);
          }
    }
    ++count;
  }
  return parts;
}

Counts count_at(const std::vector<ScoredImage>& images, double threshold) {
  Counts counts;
  double regions = 0, overlap = 0;
  for (const ScoredImage& image : images) {
    const std::vector<int> parts = flooded_parts(image.mask);
    const int in_image = parts.empty() ? 0 : *std::max_element(parts.begin(), parts.end()) + 1;
    std::vector<double> size(in_image), covered(in_image);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool found = image.scores[i] >= threshold;
      (parts[i] >= 0 ? counts.positives : counts.negatives) += 1;
      if (found) (parts[i] >= 0 ? counts.true_positives : counts.false_positives) += 1;
      if (parts[i] < 0) continue;
      size[parts[i]] += 1;
      covered[parts[i]] += found;
    }
    for (int k = 0; k < in_image; ++k) overlap += covered[k] / size[k];
    regions += in_image;
  }
  counts.mean_overlap = regions > 0 ? overlap / regions : 0;
  return counts;
}

Reference reference(const std::vector<ScoredImage>& images) {
  std::set<double> thresholds;
  for (const ScoredImage& image : images) thresholds.insert(image.scores.begin(), image.scores.end());
  Reference all;
  Counts last;
  double last_rate = 0;
  for (auto t = thresholds.rbegin(); t != thresholds.rend(); ++t) {
    const Counts now = count_at(images, *t);
    all.max_f1 = std::max(all.max_f1, now.f1());
    all.max_iou = std::max(all.max_iou, now.iou());
    const double gained = (now.true_positives - last.true_positives) / now.positives;
    all.ap += gained * now.true_positives / (now.true_positives + now.false_positives);
    const double rate = now.false_positives / now.negatives;
    all.auroc += (rate - last_rate) * (now.true_positives + last.true_positives) / 2 / now.positives;
    // The part of this piece of the curve that lies below a rate of 0.3.
    const double end = std::min(rate, 0.3);
    if (end > last_rate) {
      const double at_end =
          last.mean_overlap + (now.mean_overlap - last.mean_overlap) * (end - last_rate) / (rate - last_rate);
      all.pro += (end - last_rate) * (last.mean_overlap + at_end) / 2 / 0.3;
    }
    last = now;
    last_rate = rate;
  }
  return all;
}

Mask random_mask(std::mt19937& random, int width, int height, int blobs) {
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
  for (int i = 0; i < blobs; ++i) {
    const int x = below(width), y = below(height), radius = below(std::max(std::min(width, height) / 4, 1));
    for (int v = 0; v < height; ++v)
      for (int u = 0; u < width; ++u)
        if ((u - x) * (u - x) + (v - y) * (v - y) <= radius * radius && random() % 8 != 0) mask.at(u, v) = 1;
  }
  return mask;
}

}  // namespace anomalyvlm::eval::test
