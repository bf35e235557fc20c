#pragma once
// The costly part of an evaluation: every image of a plan through the models, once.
#include <functional>
#include <string>
#include <vector>

#include "detector/loaded.h"
#include "eval/run/plan.h"
#include "eval/run/run_folder.h"

namespace anomalyvlm::eval {

struct CollectOptions {
  int jobs = 1;              // images at the same time
  std::string command = {};  // the command line that asks for the run: kept with each image
  // After each image; one call at a time. `done` and `all` are images of the plan, `id` the one that was
  // done.
  std::function<void(std::size_t done, std::size_t all, const std::string& id)> progress;
};

// Runs what the folder does not have yet. Returns a sentence for each image that could not be read, and skips
// it; the next call tries it again. Any other error ends the run, and what was done stays.
std::vector<std::string> collect(const RunPlan& plan, const LoadedDetector& detector, RunFolder& folder,
                                 const CollectOptions& options);

}  // namespace anomalyvlm::eval
