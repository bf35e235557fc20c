#pragma once
// What is collected of a category's images until it is measured.
#include <map>
#include <string>
#include <vector>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/prompt.h"
#include "eval/metrics/evaluation_result.h"
#include "eval/metrics/metrics.h"
#include "eval/run/plan.h"
#include "eval/run/run_folder.h"

namespace anomalyvlm::eval {

// An image that was run, and what is right for it.
class JudgedImage {
 public:
  // Reads the ground truth. Throws as load_ground_truth().
  JudgedImage(const Sample& sample, const ImageRecord& record, const RunPlan& plan);

  const std::string& id() const { return sample_.id; }
  const GroundTruth& ground_truth() const { return ground_truth_; }
  // None: not located.
  const PreparedGroundTruth* prepared() const { return prepared_ ? &*prepared_ : nullptr; }
  const std::string& kind() const { return kind_; }  // "good" when nothing is wrong with it

  // What a judge needs of the image for this prompt: its pixels only if rules look at colours.
  const Image& image_for(const HybridPrompt& prompt) const;
  const Image& image() const;  // with its pixels; read once

 private:
  const Sample& sample_;
  const RunPlan& plan_;
  GroundTruth ground_truth_;
  std::optional<PreparedGroundTruth> prepared_;
  std::string kind_;
  mutable Image image_;  // without pixels until they are needed
};

// Goes over a category's images that are done, in their order: visit(index among planned_images(), judged,
// evidence), with the evidence for each prompt.
template <typename Visit>
void each_judged(const RunPlan& plan, std::size_t category, const RunFolder& folder, const Visit& visit) {
  const std::vector<PlannedImage> images = planned_images(plan);
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].category != category || !folder.record(i)) continue;
    visit(i, JudgedImage(*images[i].sample, *folder.record(i), plan), folder.evidence(i));
  }
}

class CategoryScores {
 public:
  void add(const JudgedImage& judged, const Detection& found);

  Metrics measure_all();
  // Each kind of defect against the images without; empty when there are less than two kinds.
  std::vector<KindResult> measure_kinds();

 private:
  std::map<std::string, Scores<float>> kinds_;  // and "good"
};

}  // namespace anomalyvlm::eval
