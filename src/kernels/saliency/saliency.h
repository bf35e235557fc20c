#pragma once
// How far each location of a feature map is from the others most (or least) like it: the saliency of the
// paper's Eq. 3, and UTAD's heat map. In all of it `features` is [channels, height, width], row-major,
// finite, of any scale up to 1e18; a mask is [height, width], nonzero inside. Results do not depend on the
// number of threads. The matrix of distances is never kept whole: a few rows at a time are made, and none is
// sorted. Throws Error(kBadInput) for arguments out of range.
#include <cstdint>
#include <span>

namespace anomalyvlm {

// How far two feature vectors are from each other.
enum class FeatureMetric {
  kCosine,     // 1 - <a, b> of unit vectors, 0 .. 2; a zero vector has similarity 0 to everything
  kEuclidean,  // |a - b|, summed over the differences: near vectors lose no precision to far ones
};

// Mean of the distances of a location q to `count` others (all, if there are fewer).
struct NeighbourQuery {
  int count = 64;  // N, 1 or more
  // Locations at most so many cells away, both in x and in y, are left out; 0 leaves out q itself, -1
  // nothing.
  int radius = 0;
  bool farthest = false;  // the least similar ones rather than the most similar

  static NeighbourQuery paper(int n = 400) { return {n, 0, false}; }     // Eq. 3
  static NeighbourQuery saa_plus(int n = 400) { return {n, -1, true}; }  // released code, which halves it
};

// out: [queries, height, width], none negative; 0 where nothing is left to compare with. All queries are
// answered in one pass over the distances.
void neighbour_distance(const float* features, int channels, int height, int width,
                        std::span<const NeighbourQuery> queries, float* out,
                        FeatureMetric metric = FeatureMetric::kCosine);

// The cosine distance inside one object: only the mask's locations are asked about and compared with; 0
// outside.
void neighbour_distance_within(const float* features, int channels, int height, int width,
                               std::span<const std::uint8_t> mask, std::span<const NeighbourQuery> queries,
                               float* out);

// Several objects in one image (released code): the cosine distance of an object's location to the most
// similar location of all other objects, at most 1 if another object shares a location with this one. masks:
// [n, height, width], they may overlap (the largest distance counts). out: [height, width]; 0 outside of all
// masks and where there is no other object.
void other_object_distance(const float* features, int channels, int height, int width,
                           std::span<const std::uint8_t> masks, float* out);

}  // namespace anomalyvlm
