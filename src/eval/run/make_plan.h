#pragma once
// From what a person asks for to the plan of a run.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "eval/run/plan.h"

namespace anomalyvlm::eval {

struct PlanRequest {
  std::string layout;  // name of the data set's layout: the prompt packs' folder is called so
  std::filesystem::path root;
  Dataset dataset;
  DetectorOptions detector;      // as a loaded detector has them
  std::optional<int> side = {};  // RunPlan::side; by default 0 with tiles, 400 for profile saa-plus, else 256
  int bits = 0;                  // RunPlan::bits
  std::filesystem::path prompts = {};  // folder of prompt packs; empty: the installed ones
  // What the run's own options make of a category's prompt.
  std::function<HybridPrompt(const HybridPrompt& of_category)> prompt_over;
  std::optional<double> score_limit = {};           // in place of the prompts'
  std::vector<CategoryReferences> references = {};  // RunPlan::references, and whether they are used
  bool compares = true;
  ReferenceOptions reference_options = {};
  bool mutual = false;           // RunPlan::mutual
  bool compare_phrases = false;  // asks for the names of the defects and for "defect" too (PromptChoice)
};

// Throws Error(kBadInput) for a side that tiles do not fit and a folder without prompts for the data set, and
// what prompt_over throws.
RunPlan make_plan(PlanRequest request);

}  // namespace anomalyvlm::eval
