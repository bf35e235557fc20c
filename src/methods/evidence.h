#pragma once
// What models found in an image for one prompt: expensive to compute, exact, and storable. It can be judged
// afterwards as often as needed.
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "anomalyvlm/detection.h"

namespace anomalyvlm {

// Of methods that find regions. In the order of their ids; rejected are only those that can never count: an
// empty mask, the object's own name.
struct RegionEvidence {
  std::vector<Candidate> candidates;
};

// Of methods that score each pixel.
struct DenseEvidence {
  FloatMap map;      // of the image's size, 0 or more, in units of the method's own; 0 where nothing is known
  double score = 0;  // the method's own score of the image
  // Which phrase each pixel's score is of, counted from 0 in sought_phrases(); empty: the scores are of no
  // phrase.
  FloatMap phrase = {};
};

struct Evidence {
  int width = 0, height = 0;             // of the image
  std::vector<InspectedObject> objects;  // at least one
  std::variant<RegionEvidence, DenseEvidence> found;
  FloatMap saliency;  // Eq. 3; empty: the method has none

  // As in Detection.
  std::vector<std::pair<std::string, double>> timings;
  std::vector<std::string> models, notes;
  std::string profile;
  int resize = 0, tile = 0, tile_overlap = 0;
};

// Of memory that it takes, at most: regions may share their values.
std::size_t bytes_of(const Evidence& evidence);

// A detection with all of the evidence but `found`.
Detection unjudged(Evidence&& evidence);

}  // namespace anomalyvlm
