#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/listing.h"
#include "eval/run/category_scores.h"
#include "eval/run/command_line.h"
#include "eval/run/examples.h"
#include "eval/run/means.h"
#include "eval/run/score.h"

namespace anomalyvlm::eval {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::vector<Provenance> provenances(const RunPlan& plan, const RunFolder& folder) {
  std::vector<Provenance> all;
  for (std::size_t i = 0; i < plan.images(); ++i)
    if (folder.record(i)) all.push_back(folder.record(i)->by);
  return all;
}

std::string method_words(const RunPlan& plan) {
  std::string words = fmt::format("Method {} on {}", plan.detector.method, plan.detector.model);
  std::size_t most = 0;
  for (const CategoryReferences& references : plan.references)
    most = std::max(most, references.samples.size());
  if (plan.compares && most > 0) words += fmt::format(", beside {}", counted(most, "good image"));
  if (plan.mutual) words += ", beside the other images";
  return words;
}

Lines configuration_lines(const RunPlan& plan, const RunFolder& folder) {
  const DetectorOptions& d = plan.detector;
  Lines lines{{"data set", fmt::format("{} ({}), {} of {} images", plan.dataset.title, plan.dataset.name,
                                       folder.done(), plan.images())},
              {"images",
               plan.side > 0 ? fmt::format("squashed to {0} x {0} pixels", plan.side) : "of their own size"}};
  if (d.tile)
    lines.emplace_back("tiles", fmt::format("{0} x {0} pixels, {1} shared", *d.tile, *d.tile_overlap));
  if (d.resize) lines.emplace_back("models see", fmt::format("{0} x {0} pixels", *d.resize));
  lines.emplace_back("profile", *d.profile);
  if (plan.mutual) lines.emplace_back("references", "each image is compared with the others of its category");
  if (const std::string words = reference_words(plan.reference_options); plan.compares && !words.empty())
    lines.emplace_back("references", "described with" + words);
  for (std::size_t c = 0; c < plan.references.size(); ++c) {
    std::vector<std::string> ids;
    for (const Sample& sample : plan.references[c].samples) ids.push_back(sample.id);
    lines.emplace_back(
        plan.compares ? "references" : "left out",
        fmt::format("of {}, {}, not judged: {}", plan.dataset.categories[c].name,
                    plan.references[c].from_training ? "from the training split" : "from the good images",
                    fmt::join(ids, ", ")));
  }
  const Provenance gathered = united(provenances(plan, folder));
  lines.insert(lines.end(), gathered.begin(), gathered.end());
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
  for (const auto& [note, count] : counts)
    notes.push_back(fmt::format("{} ({})", note, counted(count, "image")));
  return notes;
}

struct GroundTruthKinds {
  bool boxes = false, labels = false;
};

ImageResult in_numbers(const JudgedImage& judged, const Detection& found) {
  return {.id = judged.id(),
          .kind = judged.kind(),
          .anomalous = judged.ground_truth().anomalous,
          .score = found.image_score,
          .regions = found.kept,
          .candidates = found.candidates.size(),
          .pixels = {}};
}

PixelCounts pixels_at(double threshold, const FloatMap& map, const Mask& truth) {
  PixelCounts counts;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    const bool found = static_cast<double>(map.values[i]) >= threshold, marked = truth.values[i] != 0;
    counts.both += found && marked;
    counts.only_found += found && !marked;
    counts.only_marked += !found && marked;
  }
  return counts;
}

// One category, decided over with its own prompt.
class CategoryJudge {
 public:
  CategoryJudge(const RunPlan& plan, std::size_t category, const Judge& judge, const RunFolder& folder)
      : plan_(plan),
        category_(category),
        judge_(judge),
        folder_(folder),
        prompt_(plan.categories[category].prompts.front()) {}

  CategoryResult result(GroundTruthKinds& truths) {
    CategoryScores scores;
    std::vector<ImageResult> images;
    each([&](const JudgedImage& judged, const Detection& found) {
      scores.add(judged, found);
      images.push_back(in_numbers(judged, found));
      truths.boxes |= judged.ground_truth().from_boxes;
      truths.labels |= !judged.ground_truth().located;
    });
    const Category& described = plan_.dataset.categories[category_];
    CategoryResult result{.name = described.name,
                          .group = described.group,
                          .prompt = describe(prompt_),
                          .metrics = scores.measure_all(),
                          .images = std::move(images),
                          .limit = {},
                          .detect_command = {},
                          .kinds = scores.measure_kinds(),
                          .best = {},
                          .worst = {}};
    if (prompt_.limit) {
      result.limit = {*prompt_.limit, true};
    } else if (const MetricValue& best = result.metrics.image.f1_threshold; best.defined()) {
      result.limit = {best.value, false};
    }
    if (result.metrics.pixel.f1_threshold.defined()) look_at_pixels(result);
    return result;
  }

 private:
  // visit(judged, found).
  template <typename Visit>
  void each(const Visit& visit) {
    each_judged(plan_, category_, folder_,
                [&](std::size_t, const JudgedImage& judged, const std::vector<Evidence>& evidence) {
                  visit(judged, judge_.judge(judged.image_for(prompt_), evidence.front(), prompt_));
                });
  }

  // A second time over the images, now that the threshold is known.
  void look_at_pixels(CategoryResult& result) {
    auto image = result.images.begin();
    each([&](const JudgedImage& judged, const Detection& found) {
      if (judged.ground_truth().located)
        image->pixels =
            pixels_at(result.metrics.pixel.f1_threshold.value, found.anomaly, judged.ground_truth().mask);
      ++image;
    });
    Examples examples = choose_examples(plan_, category_, judge_, folder_, result.images);
    result.best = std::move(examples.best);
    result.worst = std::move(examples.worst);
  }

  const RunPlan& plan_;
  std::size_t category_;
  const Judge& judge_;
  const RunFolder& folder_;
  const HybridPrompt& prompt_;
};

}  // namespace

EvaluationResult evaluate(const RunPlan& plan, const Judge& judge, const RunFolder& folder) {
  EvaluationResult result{.dataset = plan.dataset.name,
                          .title = plan.dataset.title,
                          .method = method_words(plan),
                          .configuration = configuration_lines(plan, folder),
                          .categories = {},
                          .means = {},
                          .stages = stage_times(plan, folder),
                          .failures = {},
                          .notes = counted_notes(plan, folder)};
  result.notes.insert(result.notes.begin(), plan.dataset.notes.begin(), plan.dataset.notes.end());
  if (std::string mixed = mixed_note(provenances(plan, folder)); !mixed.empty())
    result.notes.push_back(std::move(mixed));
  GroundTruthKinds truths;
  for (std::size_t c = 0; c < plan.dataset.categories.size(); ++c)
    result.categories.push_back(CategoryJudge(plan, c, judge, folder).result(truths));
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
        "Some images with defects have no location annotations: they count for image-level figures only.");
  return result;
}

}  // namespace anomalyvlm::eval
