#include "eval/run/make_plan.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "anomalyvlm/data_folder.h"
#include "core/check.h"
#include "detector/methods.h"
#include "eval/data/prompt_packs.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;

constexpr int kPaperSide = 256, kReleasedSide = 400;  // of the evaluations in the paper and the released code

int default_side(const DetectorOptions& detector) {
  if (detector.tile) return 0;
  return detector.profile == "saa-plus" ? kReleasedSide : kPaperSide;
}

bool is_generic(const HybridPrompt& prompt) {
  return sought_phrases(prompt) == std::vector<std::string>{"defect"};
}

// The same prompt with other phrases; rules for single phrases are dropped with the phrases.
HybridPrompt with_phrases(HybridPrompt prompt, std::vector<std::string> phrases) {
  std::erase_if(prompt.rules, [](const Rule& rule) { return !rule.phrases.empty(); });
  prompt.phrases = std::move(phrases);
  return prompt;
}

int add(CategoryPlan& plan, HybridPrompt prompt) {
  const auto same = std::find(plan.prompts.begin(), plan.prompts.end(), prompt);
  const auto index = static_cast<int>(same - plan.prompts.begin());
  if (same == plan.prompts.end()) plan.prompts.push_back(std::move(prompt));
  return index;
}

void add_other_phrases(CategoryPlan& plan, const std::optional<HybridPrompt>& named) {
  const HybridPrompt prompt = plan.prompts.front();
  plan.generic = add(plan, is_generic(prompt) ? prompt : with_phrases(prompt, {"defect"}));
  if (!is_generic(prompt)) {
    plan.names = 0;
  } else if (named) {
    plan.names = add(plan, with_phrases(prompt, named->phrases));
  }
}

// As the prompt of the category calls it, for methods that take nothing else of a prompt.
std::string name_of_object(const fs::path& packs, const std::string& dataset, const std::string& category) {
  const auto packed = packed_prompt(packs, dataset, category);
  if (packed && !packed->object.empty()) return packed->object;
  return category == dataset ? std::string() : category;
}

}  // namespace

RunPlan make_plan(PlanRequest request) {
  RunPlan plan;
  plan.root = std::move(request.root);
  plan.dataset = std::move(request.dataset);
  plan.detector = std::move(request.detector);
  plan.bits = request.bits;
  plan.references = std::move(request.references);
  plan.compares = request.compares;
  plan.reference_options = request.reference_options;
  plan.mutual = request.mutual;
  plan.side = request.side.value_or(default_side(plan.detector));
  if (plan.detector.tile && plan.side > 0 && plan.side <= *plan.detector.tile)
    fail(ErrorKind::kBadInput,
         "Images squashed to {0} x {0} pixels (--side) are no larger than a tile of {1} (--tile); leave one "
         "of them out.",
         plan.side, *plan.detector.tile);
  std::error_code ignored;
  if (!request.prompts.empty() && !fs::is_directory(request.prompts / request.layout, ignored))
    fail(ErrorKind::kBadInput, "There are no prompts for the data set: '{}' is not a folder.",
         (request.prompts / request.layout).string());
  const fs::path packs =
      request.prompts.empty() ? find_data_folder(plan.detector.data_folder) / "prompts" : request.prompts;
  const MethodEntry& method = method_entry(plan.detector.method);
  const bool takes_words = method.takes_words;
  for (const Category& category : plan.dataset.categories) {
    const auto packed = takes_words ? packed_prompt(packs, request.layout, category.name) : std::nullopt;
    CategoryPlan& own = plan.categories.emplace_back();
    HybridPrompt usual = packed.value_or(default_prompt(plan.detector));
    if (!method.finds_regions) usual = with_phrases({}, sought_phrases(usual));  // its map as published
    if (!takes_words && method.takes_object)
      usual.object = name_of_object(packs, request.layout, category.name);
    own.prompts = {request.prompt_over(usual)};
    if (request.score_limit) own.prompts.front().limit = request.score_limit;
    if (request.compare_phrases && takes_words)
      add_other_phrases(own, named_prompt(packs, request.layout, category.name));
  }
  return plan;
}

}  // namespace anomalyvlm::eval
