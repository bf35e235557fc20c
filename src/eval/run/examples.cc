#include "eval/run/examples.h"

#include <algorithm>
#include <set>

#include "eval/run/category_scores.h"
#include "image/resize.h"

namespace anomalyvlm::eval {
namespace {

constexpr std::size_t kBest = 4, kWorst = 2, kNormal = 2;
constexpr int kShownSide = 400;  // larger images are shown smaller

double f1_of(const PixelCounts& pixels) {  // 2 TP / (2 TP + FP + FN)
  const auto [both, only_found, only_marked] = pixels;
  if (both == 0) return 0;
  return 2.0 * static_cast<double>(both) / static_cast<double>(2 * both + only_found + only_marked);
}

struct Ranked {
  std::size_t index;  // among planned_images()
  double f1 = 0;
  std::size_t marked = 0;  // pixels: of two that were missed the larger defect is the worse miss
  double score = 0;
};

class Chooser {
 public:
  Chooser(const RunPlan& plan, std::size_t category, const Judge& judge, const RunFolder& folder,
          const std::vector<ImageResult>& results)
      : plan_(plan),
        prompt_(plan.categories[category].prompts.front()),
        judge_(judge),
        folder_(folder),
        images_(planned_images(plan)) {
    auto result = results.begin();
    for (std::size_t i = 0; i < images_.size(); ++i)
      if (images_[i].category == category && folder.record(i)) rank(i, *result++);
  }

  Examples choose() {
    Examples examples;
    std::stable_sort(marked_.begin(), marked_.end(), [](const Ranked& a, const Ranked& b) {
      return a.f1 != b.f1 ? a.f1 > b.f1 : a.marked < b.marked;
    });
    std::stable_sort(normal_.begin(), normal_.end(),
                     [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
    for (const Ranked& ranked : take(kBest)) examples.best.push_back(example(ranked));
    std::reverse(marked_.begin(), marked_.end());
    for (const Ranked& ranked : take(kWorst)) examples.worst.push_back(example(ranked));
    for (std::size_t i = 0; i < std::min(kNormal, normal_.size()); ++i)
      if (normal_[i].score > 0) examples.worst.push_back(example(normal_[i]));
    return examples;
  }

 private:
  Detection decided(std::size_t index, const JudgedImage& judged) const {
    return judge_.judge(judged.image_for(prompt_), std::move(folder_.evidence(index).front()), prompt_);
  }

  void rank(std::size_t index, const ImageResult& result) {
    if (!result.anomalous) return normal_.push_back({.index = index, .score = result.score});
    if (!result.pixels) return;
    const std::size_t marked = result.pixels->both + result.pixels->only_marked;
    if (marked > 0) marked_.push_back({index, f1_of(*result.pixels), marked, result.score});
  }

  // The first so many, out of marked_; of each kind one before a second of any, so that one kind does not
  // fill all.
  std::vector<Ranked> take(std::size_t count) {
    std::vector<Ranked> taken;
    while (taken.size() < count && !marked_.empty()) {
      std::set<std::string> shown;
      for (auto at = marked_.begin(); at != marked_.end() && taken.size() < count;) {
        if (!shown.insert(images_[at->index].sample->kind).second) {
          ++at;
          continue;
        }
        taken.push_back(*at);
        at = marked_.erase(at);
      }
    }
    return taken;
  }

  Example example(const Ranked& ranked) const {
    const JudgedImage judged(*images_[ranked.index].sample, *folder_.record(ranked.index), plan_);
    const Detection found = decided(ranked.index, judged);
    Example example{.id = images_[ranked.index].sample->id,
                    .kind = judged.kind(),
                    .anomalous = judged.ground_truth().anomalous,
                    .f1 = judged.ground_truth().anomalous ? MetricValue::of(ranked.f1)
                                                          : MetricValue::none("nothing is marked"),
                    .image_score = found.image_score,
                    .image = judged.image(),
                    .ground_truth = judged.ground_truth().mask,
                    .saliency = found.saliency,
                    .anomaly = found.anomaly};
    shrink(example);
    return example;
  }

  static void shrink(Example& example) {
    const int side = std::max(example.image.width, example.image.height);
    if (side <= kShownSide) return;
    const int width = std::max(1, example.image.width * kShownSide / side),
              height = std::max(1, example.image.height * kShownSide / side);
    example.image = resize_pil_bilinear(example.image, width, height);
    example.ground_truth = resize_nearest(example.ground_truth, width, height);
    example.saliency = resize_pil_bilinear(example.saliency, width, height);
    example.anomaly = resize_pil_bilinear(example.anomaly, width, height);
  }

  const RunPlan& plan_;
  const HybridPrompt& prompt_;
  const Judge& judge_;
  const RunFolder& folder_;
  const std::vector<PlannedImage> images_;
  std::vector<Ranked> marked_, normal_;
};

}  // namespace

Examples choose_examples(const RunPlan& plan, std::size_t category, const Judge& judge,
                         const RunFolder& folder, const std::vector<ImageResult>& results) {
  return Chooser(plan, category, judge, folder, results).choose();
}

}  // namespace anomalyvlm::eval
