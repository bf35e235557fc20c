#pragma once
// The role that finds the objects under inspection (paper, III-F).
#include <string>
#include <vector>

#include "anomalyvlm/detection.h"

namespace anomalyvlm {

// Of one image. For one thread.
class ObjectFinder {
 public:
  virtual ~ObjectFinder() = default;
  // The objects of this name, best first, in pixels of the image; empty when none is found. `count`: how many
  // the image shows, 1 or more.
  virtual std::vector<InspectedObject> find(const std::string& name, int count) = 0;
};

}  // namespace anomalyvlm
