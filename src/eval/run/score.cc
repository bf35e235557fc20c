#include "eval/run/score.h"

#include "eval/run/category_scores.h"

namespace anomalyvlm::eval {
namespace {

// A variant over the images of one category.
class VariantScores {
 public:
  VariantScores(const Variant& variant, const CategoryPlan& plan, const Judge& judge)
      : prompt_index_(plan.of(variant.prompt)), judge_(judge) {
    if (prompt_index_ < 0) return;
    prompt_ = plan.prompts[static_cast<std::size_t>(prompt_index_)];
    if (variant.change) variant.change(prompt_, settings_);
  }

  bool asked() const { return prompt_index_ >= 0; }

  void add(const JudgedImage& judged, const std::vector<Evidence>& evidence) {
    scores_.add(judged, judge_.judge(judged.image_for(prompt_),
                                     evidence[static_cast<std::size_t>(prompt_index_)], prompt_, settings_));
  }

  Metrics measure() { return scores_.measure_all(); }

 private:
  int prompt_index_;
  const Judge& judge_;
  JudgeSettings settings_;
  HybridPrompt prompt_;
  CategoryScores scores_;
};

}  // namespace

std::vector<CategoryMetrics> score(const RunPlan& plan, const Judge& judge, const RunFolder& folder,
                                   std::span<const Variant> variants) {
  const std::size_t categories = plan.dataset.categories.size();
  std::vector<CategoryMetrics> all(variants.size(), CategoryMetrics(categories));
  for (std::size_t category = 0; category < categories; ++category) {
    std::vector<VariantScores> scores;
    for (const Variant& variant : variants) scores.emplace_back(variant, plan.categories[category], judge);
    each_judged(plan, category, folder,
                [&](std::size_t, const JudgedImage& judged, const std::vector<Evidence>& evidence) {
                  for (VariantScores& one : scores)
                    if (one.asked()) one.add(judged, evidence);
                });
    for (std::size_t v = 0; v < variants.size(); ++v)
      if (scores[v].asked()) all[v][category] = scores[v].measure();
  }
  return all;
}

}  // namespace anomalyvlm::eval
