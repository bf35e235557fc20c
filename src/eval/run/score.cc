#include "eval/run/score.h"

#include "eval/run/category_scores.h"

namespace anomalyvlm::eval {
namespace {

// A variant over the images of one category.
class VariantScores {
 public:
  VariantScores(const Variant& variant, const CategoryPlan& plan, const PipelineConfig& config)
      : prompt_index_(plan.of(variant.prompt)), config_(config) {
    if (prompt_index_ < 0) return;
    prompt_ = plan.prompts[static_cast<std::size_t>(prompt_index_)];
    if (variant.change) variant.change(prompt_, config_);
  }

  bool asked() const { return prompt_index_ >= 0; }

  void add(const JudgedImage& judged, std::vector<Detection>& found) {
    Detection& own = found[static_cast<std::size_t>(prompt_index_)];
    decide(judged.image_for(prompt_), prompt_, config_, own);
    scores_.add(judged, own);
  }

  Metrics measure() { return scores_.measure_all(); }

 private:
  int prompt_index_;
  PipelineConfig config_;
  HybridPrompt prompt_;
  CategoryScores scores_;
};

}  // namespace

std::vector<CategoryMetrics> score(const RunPlan& plan, const PipelineConfig& config, const RunFolder& folder,
                                   std::span<const Variant> variants) {
  const std::size_t categories = plan.dataset.categories.size();
  std::vector<CategoryMetrics> all(variants.size(), CategoryMetrics(categories));
  for (std::size_t category = 0; category < categories; ++category) {
    std::vector<VariantScores> scores;
    for (const Variant& variant : variants) scores.emplace_back(variant, plan.categories[category], config);
    each_judged(plan, category, folder,
                [&](std::size_t, const JudgedImage& judged, std::vector<Detection>& found) {
                  for (VariantScores& one : scores)
                    if (one.asked()) one.add(judged, found);
                });
    for (std::size_t v = 0; v < variants.size(); ++v)
      if (scores[v].asked()) all[v][category] = scores[v].measure();
  }
  return all;
}

}  // namespace anomalyvlm::eval
