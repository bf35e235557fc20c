#include "eval/run/category_scores.h"

#include <algorithm>

#include "anomalyvlm/codec.h"
#include "methods/region_rules.h"

namespace anomalyvlm::eval {
namespace {

constexpr const char* kGood = "good";

}  // namespace

JudgedImage::JudgedImage(const Sample& sample, const ImageRecord& record, const RunPlan& plan)
    : sample_(sample), plan_(plan) {
  ground_truth_ = load_ground_truth(sample, plan.dataset.mask_rule, record.width, record.height, plan.side);
  if (ground_truth_.located) prepared_.emplace(ground_truth_.mask, ground_truth_.boxes);
  kind_ = ground_truth_.anomalous ? sample.kind : kGood;
  image_.width = plan.side > 0 ? plan.side : record.width;
  image_.height = plan.side > 0 ? plan.side : record.height;
}

const Image& JudgedImage::image() const {
  if (image_.empty()) image_ = squashed(read_planned(plan_, sample_), plan_.side);
  return image_;
}

const Image& JudgedImage::image_for(const HybridPrompt& prompt) const {
  return std::any_of(prompt.rules.begin(), prompt.rules.end(), looks_at_colors) ? image() : image_;
}

void CategoryScores::add(const JudgedImage& judged, const Detection& found) {
  Scores<float>& scores = kinds_[judged.kind()];
  const bool anomalous = judged.ground_truth().anomalous;
  if (judged.prepared() == nullptr) return scores.add(found.anomaly.values, anomalous, found.image_score);
  std::vector<ScoredRegion> regions;
  for (std::size_t i = 0; i < found.kept; ++i)
    regions.push_back({&found.candidates[i].mask, found.candidates[i].refined_score});
  scores.add(found.anomaly.values, *judged.prepared(), anomalous, regions, found.image_score);
}

Metrics CategoryScores::measure_all() {
  std::vector<Scores<float>*> all;
  for (auto& [kind, scores] : kinds_) all.push_back(&scores);
  return measure<float>(all);
}

std::vector<KindResult> CategoryScores::measure_kinds() {
  std::vector<KindResult> results;
  for (auto& [kind, scores] : kinds_) {
    if (kind == kGood) continue;
    std::vector<Scores<float>*> both{&scores};
    if (kinds_.contains(kGood)) both.push_back(&kinds_.at(kGood));
    results.push_back({kind, measure<float>(both)});
  }
  if (results.size() < 2) results.clear();
  return results;
}

}  // namespace anomalyvlm::eval
