#pragma once
// What an evaluation runs: which images, with which prompts, through which models.
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/prompt.h"
#include "eval/data/layouts.h"
#include "eval/data/reference_choice.h"

namespace anomalyvlm::eval {

using Json = nlohmann::ordered_json;

// Which of a category's prompts a metric is for.
enum class PromptChoice {
  kOwn,      // what the run was asked for
  kNames,    // the same, but with the names of the defects as phrases (prompt 1 of the paper's Table II)
  kGeneric,  // the same, but with the phrase "defect"
};

struct CategoryPlan {
  std::vector<HybridPrompt> prompts;  // the first is the run's own; all are asked in one session
  int names = -1, generic = -1;       // which of them they are; -1: not asked

  // Index into prompts, -1 where it was not asked.
  int of(PromptChoice choice) const {
    return choice == PromptChoice::kOwn ? 0 : choice == PromptChoice::kNames ? names : generic;
  }
};

struct RunPlan {
  std::filesystem::path root;
  Dataset dataset;                       // what is left of it after limit_samples()
  std::vector<CategoryPlan> categories;  // of dataset.categories
  DetectorOptions detector;
  int side =
      256;  // images are squashed to side x side first, and judged there (paper, IV-A); 0: their own size

  int bits = 0;          // of 16-bit images, as ReadOptions::bits
  int assumed_bits = 0;  // the same for those that do not tell, as ReadOptions::assumed_bits

  // Of dataset.categories, and no longer among their samples; empty: none.
  std::vector<CategoryReferences> references = {};
  bool compares = true;  // with these references; else they are only left out
  ReferenceOptions reference_options = {};
  bool mutual = false;  // each category's images with each other

  std::size_t images() const;
};

// A place in a plan: all images of all categories, in order.
struct PlannedImage {
  std::size_t category = 0;
  const Sample* sample = nullptr;
};
std::vector<PlannedImage> planned_images(const RunPlan& plan);

// Leaves at most `limit` images of each category, spread evenly over its list and so over its kinds. 0: all.
void limit_samples(Dataset& dataset, std::size_t limit);

// Everything that must be equal for a run to be the same one. Threads and jobs are not part of it.
Json configuration_of(const RunPlan& plan);

// The common bits of all its images (image/common_bits.h), for a data set's images come from one camera as a
// rule. 0 if the plan says the bits.
int common_bits(const RunPlan& plan);

Image read_planned(const RunPlan& plan, const Sample& sample);  // throws as read_image()

// To side x side, as a plan says; 0: as it is.
Image squashed(Image image, int side);

}  // namespace anomalyvlm::eval
