#pragma once
// How far each location of a feature map is from the others most (or least) like it: the saliency of the
// paper's Eq. 3.
#include <span>
#include <string>

namespace anomalyvlm {

// Mean of the cosine distances 1 - <F_q, F> of a location q to `count` others (all, if there are fewer).
struct NeighbourQuery {
  int count = 64;
  // Locations at most so many cells away, both in x and in y, are left out; 0 leaves out q itself, -1
  // nothing.
  int radius = 0;
  bool farthest =
      false;  // the least similar ones (the released code) rather than the most similar (the paper)
};

// features: [channels, height, width], row-major, of any scale (they are normalised here; a zero vector has
// similarity 0 to everything). out: [queries, height, width], each 0 .. 2; 0 where nothing is left to compare
// with. All queries are answered in one pass over the similarities, of which only a few rows are ever kept,
// and none is sorted. The result does not depend on the number of threads.
void neighbour_distance(const float* features, int channels, int height, int width,
                        std::span<const NeighbourQuery> queries, float* out);

}  // namespace anomalyvlm
