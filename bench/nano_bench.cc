// The embedded default on synthetic images with several kinds of defects, and against the clock. Prints what
// models/nano/README.md and docs/RESULTS.md quote; `anomalyvlm eval` gives the figures on photographs.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>

#include "anomalyvlm/detector.h"
#include "core/check.h"
#include "core/platform.h"
#include "core/threads.h"
#include "eval/metrics/pixel_scores.h"
#include "guarded.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSide = 256;  // the paper's evaluation

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The pixel metrics of the library, accumulated over synthetic images.
class Pixels {
 public:
  void add(const FloatMap& map, const Mask& truth) {
    scores_.add(map.values, eval::PreparedGroundTruth(truth));
  }

  eval::LevelMetrics measure() {
    eval::PixelScores<float>* const all[] = {&scores_};
    return eval::measure_pixels<float>(all).level;
  }

 private:
  eval::PixelScores<float> scores_;
};

// All defects of a kind; of every kind if none is given.
Mask ground_truth_of(const synthetic::Sample& sample, const std::string& kind = {}) {
  Mask truth{kSide, kSide, std::vector<std::uint8_t>(kSide * kSide, 0)};
  for (const synthetic::DefectInstance& defect : sample.defects)
    for (std::size_t k = 0; k < truth.values.size() && (kind.empty() || defect.family == kind); ++k)
      truth.values[k] |= defect.mask.values[k];
  return truth;
}

// Synthetic images that were never trained on. Their best threshold is a starting point for users.
void score_synthetic(const Detector& detector, int images) {
  synthetic::Options options;
  options.validation = true;
  options.min_visibility = 1.2;
  Pixels pixels;
  for (int i = 0; i < images; ++i) {
    const synthetic::Sample sample = synthetic::draw(4'000'000 + static_cast<std::uint64_t>(i), options);
    pixels.add(detector.detect(sample.image.view()).anomaly, ground_truth_of(sample));
  }
  const eval::LevelMetrics metrics = pixels.measure();
  fmt::print("synthetic      {} held-out images, pixel max-F1 {:.3f}, at the threshold {:.2f}\n", images,
             metrics.max_f1.value, metrics.f1_threshold.value);
}

// Images that were never trained on, with two or more kinds of defects: is the best region for a kind's
// name one of that kind?
void follow_prompts(const Detector& detector, int images) {
  synthetic::Options options;
  options.validation = true;
  options.min_visibility = 1.2;
  options.families_at_least = 2;
  std::map<std::string, std::string> names;
  for (const synthetic::FamilyWords& family : synthetic::phrasebook().families())
    names[family.family] = family.nouns.front();
  int asked = 0, right = 0;
  Pixels named;
  for (int i = 0; i < images; ++i) {
    const synthetic::Sample sample = synthetic::draw(5'000'000 + static_cast<std::uint64_t>(i), options);
    std::set<std::string> kinds;
    for (const synthetic::DefectInstance& defect : sample.defects) kinds.insert(defect.family);
    for (const std::string& kind : kinds) {
      if (kinds.size() < 2) continue;
      HybridPrompt prompt;
      prompt.phrases = {names.at(kind)};
      const Detection found = detector.detect(sample.image.view(), prompt);
      prompt.only_named = true;
      named.add(detector.detect(sample.image.view(), prompt).anomaly, ground_truth_of(sample, kind));
      ++asked;
      if (found.candidates.empty()) continue;
      std::map<std::string, double> overlap;
      for (const synthetic::DefectInstance& defect : sample.defects)
        found.candidates.front().mask.for_each_value(
            [&](int x, int y, float value) { overlap[defect.family] += defect.mask.at(x, y) ? value : 0; });
      const auto most = std::max_element(overlap.begin(), overlap.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
      right += most != overlap.end() && most->first == kind && most->second > 0;
    }
  }
  fmt::print(
      "prompts        {} of {} named kinds come first ({:.1f} %), on synthetic images of two kinds or more\n",
      right, asked, 100.0 * right / std::max(asked, 1));
  fmt::print("               pixel max-F1 {:.3f} when only a named kind counts, against that kind alone\n",
             named.measure().max_f1.value);
}

// One after the other, so that both meet the same machine: alone, and with references.
void time_one(const Detector& detector) {
  constexpr int kReferences = 4, kRuns = 25;
  constexpr std::uint64_t kProduct = 7;
  synthetic::Options without_defects;
  without_defects.normal_share = 1;
  std::vector<ReferenceInput> good;
  for (std::uint64_t k = 0; k < kReferences; ++k)
    good.push_back({std::to_string(k),
                    [&, k] { return synthetic::draw_product(kProduct, 1000 + k, without_defects).image; }});
  const References references = References::build(detector, good);
  const Image image = synthetic::draw_product(kProduct, 0, {}).image;
  struct {
    const char* name;
    const References* references;
    std::vector<double> times = {};
  } ways[] = {{"alone", nullptr}, {"with 4 references", &references}};
  for (int i = 0; i < kRuns; ++i) {
    for (auto& way : ways) {
      const Clock::time_point start = Clock::now();
      detector.detect(image.view(), {}, way.references != nullptr ? *way.references : References());
      way.times.push_back(seconds_since(start) * 1e3);
    }
  }
  for (auto& way : ways) {
    std::sort(way.times.begin(), way.times.end());
    fmt::print("time           {:.1f} ms a 256 x 256 image {} (median of {}; fastest {:.1f}), {} threads\n",
               way.times[kRuns / 2], way.name, kRuns, way.times.front(), thread_count());
  }
}

int run(int argc, char** argv) {
  const Clock::time_point start = Clock::now();
  CLI::App app("Figures of the embedded default.", "nano_bench");
  DetectorOptions options;
  int synthetic_images = 150;
  app.add_option("--synthetic", synthetic_images, "Synthetic images; 0: none")->capture_default_str();
  app.add_option_function<std::string>(
      "--precision", [&](const std::string& name) { options.precision = parse_precision(name); });
  app.add_option("--engine", options.engine)->capture_default_str();
  app.add_option("--profile", options.profile);
  app.add_option_function<int>("--threads", set_thread_count);
  CLI11_PARSE(app, argc, argv);
  const Detector detector(options);
  const Image first = synthetic::draw(7, {}).image;
  detector.detect(first.view());
  fmt::print(
      "start          {:.2f} s from the start of the program to the first result, {:.0f} MB at the peak\n",
      seconds_since(start), static_cast<double>(peak_memory_bytes()) / 1e6);
  fmt::print("model          {}\nengine         {}\nCPU            {}, {}\n",
             fmt::join(detector.models(), "; "), detector.engine(), cpu_name(), to_string(options.precision));
  time_one(detector);
  if (synthetic_images > 0) score_synthetic(detector, synthetic_images);
  if (synthetic_images > 0) follow_prompts(detector, synthetic_images);
  fmt::print("memory         {:.0f} MB at the peak, with the synthesis of images\n",
             static_cast<double>(peak_memory_bytes()) / 1e6);
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  return anomalyvlm::guarded("nano_bench", [&] { return anomalyvlm::run(argc, argv); });
}
