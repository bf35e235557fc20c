#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/platform.h"
#include "core/threads.h"
#include "eval/run/category_scores.h"
#include "eval/run/examples.h"
#include "eval/run/means.h"
#include "eval/run/score.h"

namespace anomalyvlm::eval {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

Lines configuration_lines(const RunPlan& plan, const RunFolder& folder) {
  const DetectorOptions& d = plan.detector;
  Lines lines{{"data set", fmt::format("{} ({}), {} of {} images", plan.dataset.title, plan.dataset.name,
                                       folder.done(), plan.images())},
              {"images",
               plan.side > 0 ? fmt::format("squashed to {0} x {0} pixels", plan.side) : "of their own size"}};
  if (d.tile > 0)
    lines.emplace_back("tiles", fmt::format("{0} x {0} pixels, {1} shared", d.tile, d.tile_overlap));
  if (d.resize > 0) lines.emplace_back("models see", fmt::format("{0} x {0} pixels", d.resize));
  lines.emplace_back("models", fmt::format("{}", fmt::join(folder.models(), "; ")));
  lines.emplace_back("profile", d.profile);
  lines.emplace_back("engine", fmt::format("{} on {}, {}", d.engine, d.device, d.precision));
  lines.emplace_back("machine", fmt::format("{}, {} threads", cpu_name(), thread_count()));
  lines.emplace_back("program", "anomalyvlm " + version());
  return lines;
}

// The median time of an image by stage, in the order of the stages.
std::vector<StageTime> stage_times(const RunPlan& plan, const RunFolder& folder) {
  std::vector<std::pair<std::string, std::vector<double>>> stages;
  for (std::size_t i = 0; i < plan.images(); ++i) {
    if (!folder.record(i)) continue;
    for (const auto& [name, seconds] : folder.record(i)->seconds) {
      auto at = std::find_if(stages.begin(), stages.end(), [&](const auto& s) { return s.first == name; });
      if (at == stages.end()) at = stages.insert(stages.end(), {name, {}});
      at->second.push_back(seconds);
    }
  }
  std::vector<StageTime> times;
  for (auto& [name, seconds] : stages) {
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    times.push_back({name, *middle});
  }
  return times;
}

// What was noted of images, each once, with their number.
std::vector<std::string> counted_notes(const RunPlan& plan, const RunFolder& folder) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < plan.images(); ++i)
    if (folder.record(i))
      for (const std::string& note : folder.record(i)->notes) ++counts[note];
  std::vector<std::string> notes;
  for (const auto& [note, count] : counts) notes.push_back(fmt::format("{} ({} images)", note, count));
  return notes;
}

struct TruthKinds {
  bool boxes = false, labels = false;
};

CategoryResult judge(const RunPlan& plan, std::size_t category, const PipelineConfig& config,
                     const RunFolder& folder, TruthKinds& truths) {
  const HybridPrompt& prompt = plan.categories[category].prompts.front();
  CategoryScores scores;
  each_judged(plan, category, folder,
              [&](std::size_t, const JudgedImage& judged, std::vector<Detection>& found) {
                decide(judged.image_for(prompt), prompt, config, found.front());
                scores.add(judged, found.front());
                truths.boxes |= judged.truth().from_boxes;
                truths.labels |= !judged.truth().located;
              });
  const Category& described = plan.dataset.categories[category];
  CategoryResult result{.name = described.name,
                        .group = described.group,
                        .prompt = describe(prompt),
                        .metrics = scores.measure_all(),
                        .kinds = scores.measure_kinds(),
                        .best = {},
                        .worst = {}};
  if (const Figure& threshold = result.metrics.pixel.f1_threshold; threshold.defined()) {
    Examples examples = choose_examples(plan, category, config, folder, threshold.value);
    result.best = std::move(examples.best);
    result.worst = std::move(examples.worst);
  }
  return result;
}

}  // namespace

EvaluationResult evaluate(const RunPlan& plan, const PipelineConfig& config, const RunFolder& folder) {
  EvaluationResult result{.dataset = plan.dataset.name,
                          .title = plan.dataset.title,
                          .configuration = configuration_lines(plan, folder),
                          .categories = {},
                          .means = {},
                          .stages = stage_times(plan, folder),
                          .failures = {},
                          .notes = counted_notes(plan, folder)};
  result.notes.insert(result.notes.begin(), plan.dataset.notes.begin(), plan.dataset.notes.end());
  TruthKinds truths;
  for (std::size_t c = 0; c < plan.dataset.categories.size(); ++c)
    result.categories.push_back(judge(plan, c, config, folder, truths));
  std::vector<GroupedMetrics> grouped;
  for (const CategoryResult& category : result.categories)
    grouped.push_back({category.group, &category.metrics});
  result.means = group_means(grouped);
  if (truths.boxes)
    result.notes.emplace_back(
        "Defects are marked with boxes: pixels are compared with filled boxes, regions by their bounding "
        "boxes.");
  if (truths.labels)
    result.notes.emplace_back(
        "Of some images with defects nobody marked where they are: these count for image-level figures "
        "only.");
  return result;
}

}  // namespace anomalyvlm::eval
