// The embedded default on pictures with known masks, on drawn pictures with several kinds of defects, and
// against the clock. Prints what models/nano/README.md and docs/RESULTS.md quote.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "anomalyvlm/detector.h"
#include "core/check.h"
#include "core/platform.h"
#include "core/threads.h"
#include "image/codec.h"
#include "image/resize.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kSide = 256;  // the paper's evaluation

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Pixels {
  std::vector<std::pair<float, bool>> scored;

  void add(const FloatMap& map, const Mask& truth) {
    for (std::size_t i = 0; i < map.values.size(); ++i)
      scored.emplace_back(map.values[i], truth.values[i] != 0);
  }

  struct Best {
    double f1 = 0, threshold = 0;
  };
  // The best F1 over all thresholds; equal scores stand or fall together.
  Best best() {
    std::sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    const auto positives = static_cast<double>(
        std::count_if(scored.begin(), scored.end(), [](const auto& p) { return p.second; }));
    Best best;
    double hits = 0;
    for (std::size_t i = 0; i < scored.size(); ++i) {
      hits += scored[i].second;
      if (i + 1 < scored.size() && scored[i + 1].first == scored[i].first) continue;
      const double f1 = 2 * hits / (static_cast<double>(i + 1) + positives);
      if (f1 > best.f1) best = {f1, scored[i].first};
    }
    return best;
  }
};

Mask read_truth(const fs::path& file) {
  Mask truth{kSide, kSide, std::vector<std::uint8_t>(kSide * kSide, 0)};
  if (file.empty()) return truth;
  const Image picture = read_image(file);
  Mask mask{picture.width, picture.height, {}};
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) mask.values.push_back(picture.rgb[i] > 127 ? 1 : 0);
  return resize_nearest(mask, kSide, kSide);
}

struct Item {
  fs::path image, mask;  // no mask: nothing is wrong
};

// The two layouts that data sets come in: CLASS/Imgs/STEM.jpg with STEM.png beside it; images/ and masks/.
std::vector<Item> find_items(const fs::path& folder) {
  std::vector<Item> items;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path& path = entry.path();
    if (path.parent_path().filename() == "Imgs" && path.extension() == ".jpg") {
      items.push_back({path, fs::path(path).replace_extension(".png")});
    } else if (path.parent_path() == folder / "images") {
      const fs::path mask = folder / "masks" / (path.stem().string() + ".png");
      items.push_back({path, fs::exists(mask) ? mask : fs::path()});
    }
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.image < b.image; });
  return items;
}

void score_set(const Detector& detector, const fs::path& folder) {
  Pixels all;
  std::map<std::string, Pixels> classes;
  double seconds = 0;
  const std::vector<Item> items = find_items(folder);
  if (items.empty())
    fail(ErrorKind::kBadInput, "'{}' holds no set of pictures in a known layout.", folder.string());
  for (const Item& item : items) {
    const Image small = resize_pil_bilinear(read_image(item.image), kSide, kSide);
    const Clock::time_point start = Clock::now();
    const Detection found = detector.detect(small.view());
    seconds += seconds_since(start);
    const Mask truth = read_truth(item.mask);
    all.add(found.anomaly, truth);
    classes[item.image.parent_path().parent_path().filename().string()].add(found.anomaly, truth);
  }
  fmt::print("{:<14} {} images, pixel max-F1 {:.3f} at {} x {}, {:.0f} ms an image\n",
             folder.filename().string(), items.size(), all.best().f1, kSide, kSide,
             seconds * 1e3 / static_cast<double>(items.size()));
  if (classes.size() > 1)
    for (auto& [name, pixels] : classes) fmt::print("  {:<12} alone {:.3f}\n", name, pixels.best().f1);
}

// Drawn pictures that were never trained on. Their best threshold is a figure for people to start from.
void score_drawn(const Detector& detector, int pictures) {
  synthetic::Options options;
  options.validation = true;
  options.min_visibility = 1.2;
  Pixels pixels;
  for (int i = 0; i < pictures; ++i) {
    const synthetic::Sample sample = synthetic::draw(4'000'000 + static_cast<std::uint64_t>(i), options);
    Mask truth{kSide, kSide, std::vector<std::uint8_t>(kSide * kSide, 0)};
    for (const synthetic::DefectInstance& defect : sample.defects)
      for (std::size_t k = 0; k < truth.values.size(); ++k) truth.values[k] |= defect.mask.values[k];
    pixels.add(detector.detect(sample.image.view()).anomaly, truth);
  }
  const Pixels::Best best = pixels.best();
  fmt::print("drawn          {} held-out pictures, pixel max-F1 {:.3f}, at the threshold {:.2f}\n", pictures,
             best.f1, best.threshold);
}

// Pictures that were never trained on, with two or more kinds of defects: is the best region for a kind's
// name one of that kind?
void follow_prompts(const Detector& detector, int pictures) {
  synthetic::Options options;
  options.validation = true;
  options.min_visibility = 1.2;
  options.families_at_least = 2;
  std::map<std::string, std::string> names;
  for (const synthetic::FamilyWords& family : synthetic::phrasebook().families())
    names[family.family] = family.nouns.front();
  int asked = 0, right = 0;
  for (int i = 0; i < pictures; ++i) {
    const synthetic::Sample sample = synthetic::draw(5'000'000 + static_cast<std::uint64_t>(i), options);
    std::set<std::string> kinds;
    for (const synthetic::DefectInstance& defect : sample.defects) kinds.insert(defect.family);
    for (const std::string& kind : kinds) {
      if (kinds.size() < 2) continue;
      HybridPrompt prompt;
      prompt.phrases = {names.at(kind)};
      const Detection found = detector.detect(sample.image.view(), prompt);
      ++asked;
      if (found.candidates.empty()) continue;
      const RegionMask& best = found.candidates.front().mask;
      std::map<std::string, double> overlap;
      for (const synthetic::DefectInstance& defect : sample.defects)
        for (int y = 0; y < best.height; ++y)
          for (int x = 0; x < best.width; ++x)
            overlap[defect.family] += defect.mask.at(best.x0 + x, best.y0 + y) ? best.at(x, y) : 0;
      const auto most = std::max_element(overlap.begin(), overlap.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
      right += most != overlap.end() && most->first == kind && most->second > 0;
    }
  }
  fmt::print(
      "prompts        {} of {} named kinds come first ({:.1f} %), on drawn pictures of two kinds or more\n",
      right, asked, 100.0 * right / std::max(asked, 1));
}

void time_one(const Detector& detector) {
  synthetic::Options options;
  const Image image = synthetic::draw(7, options).image;
  std::vector<double> times;
  for (int i = 0; i < 25; ++i) {
    const Clock::time_point start = Clock::now();
    detector.detect(image.view());
    times.push_back(seconds_since(start) * 1e3);
  }
  std::sort(times.begin(), times.end());
  fmt::print("time           {:.1f} ms a 256 x 256 image (median of {}; fastest {:.1f}), {} threads\n",
             times[times.size() / 2], times.size(), times.front(), thread_count());
}

int run(int argc, char** argv) {
  const Clock::time_point start = Clock::now();
  CLI::App app("Figures of the embedded default.", "nano_bench");
  DetectorOptions options;
  std::vector<std::string> sets;
  int drawn = 150;
  app.add_option("SET", sets, "Folders of pictures with masks");
  app.add_option("--drawn", drawn, "Drawn pictures; 0: none")->capture_default_str();
  app.add_option("--precision", options.precision)->capture_default_str();
  app.add_option("--engine", options.engine)->capture_default_str();
  app.add_option("--profile", options.profile);
  app.add_option("--threads", options.threads);
  CLI11_PARSE(app, argc, argv);
  try {
    const Detector detector(options);
    const Image first = synthetic::draw(7, {}).image;
    detector.detect(first.view());
    fmt::print(
        "start          {:.2f} s from the start of the program to the first result, {:.0f} MB at the peak\n",
        seconds_since(start), static_cast<double>(peak_memory_bytes()) / 1e6);
    fmt::print("model          {}\nengine         {}\nCPU            {}, {}\n",
               fmt::join(detector.models(), "; "), detector.engine(), cpu_name(), options.precision);
    time_one(detector);
    for (const std::string& set : sets) score_set(detector, set);
    if (drawn > 0) score_drawn(detector, drawn);
    if (drawn > 0) follow_prompts(detector, drawn);
    fmt::print("memory         {:.0f} MB at the peak, drawing and pictures included\n",
               static_cast<double>(peak_memory_bytes()) / 1e6);
  } catch (const std::exception& error) {
    fmt::print(stderr, "nano_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) { return anomalyvlm::run(argc, argv); }
