// Time and memory of the metrics: 1200 images of 256 x 256 by default, whose maps and ground truth masks are
// random. Prints the times of collecting an image and of measuring, and the process's peak memory; run one
// kind of map at a time for the latter.
#include <fmt/format.h>
#include <hwy/targets.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <random>

#include "core/platform.h"
#include "core/threads.h"
#include "eval/metrics/metrics.h"

namespace anomalyvlm {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Options {
  std::string maps = "dense", type = "float";
  int images = 1200, side = 256;
  bool without_avx512 = false;
};

// Adds discs until about a tenth of the pixels are marked.
Mask blobs(std::mt19937& random, int side) {
  Mask mask{side, side, std::vector<std::uint8_t>(static_cast<std::size_t>(side) * side)};
  std::size_t marked = 0;
  while (marked * 10 < mask.values.size()) {
    const int radius = 2 + static_cast<int>(random() % (side / 10)), x = static_cast<int>(random() % side),
              y = static_cast<int>(random() % side);
    for (int v = std::max(y - radius, 0); v < std::min(y + radius, side); ++v)
      for (int u = std::max(x - radius, 0); u < std::min(x + radius, side); ++u)
        if ((u - x) * (u - x) + (v - y) * (v - y) <= radius * radius && mask.at(u, v) == 0) {
          mask.at(u, v) = 1;
          ++marked;
        }
  }
  return mask;
}

// dense: no pixel is 0 and hardly two are equal. plateaus: discs of one value each, as many pixels as the
// ground truth has, at other places. zeros: as plateaus, but all different inside.
template <typename T>
std::vector<T> draw_map(std::mt19937& random, const std::string& kind, const Mask& truth) {
  std::uniform_real_distribution<T> uniform(T{1e-6}, T{1});
  std::vector<T> map(truth.values.size());
  if (kind == "dense") {
    for (std::size_t i = 0; i < map.size(); ++i)
      map[i] = uniform(random) + (truth.values[i] != 0 ? T{0.25} : T{0});
    return map;
  }
  const Mask found = blobs(random, truth.width);
  const T plateau = uniform(random);
  for (std::size_t i = 0; i < map.size(); ++i)
    if (found.values[i] != 0) map[i] = kind == "plateaus" ? plateau : uniform(random);
  return map;
}

template <typename T>
void run(const Options& options) {
  std::mt19937 random(1);
  eval::PixelScores<T> scores;
  double preparing = 0, adding = 0;
  for (int i = 0; i < options.images; ++i) {
    const Mask mask = blobs(random, options.side);
    const std::vector<T> map = draw_map<T>(random, options.maps, mask);
    const Clock::time_point start = Clock::now();
    const eval::PreparedGroundTruth truth(mask);
    preparing += seconds_since(start);
    const Clock::time_point prepared = Clock::now();
    scores.add(map, truth);
    adding += seconds_since(prepared);
  }
  const Clock::time_point start = Clock::now();
  eval::PixelScores<T>* const all[] = {&scores};
  const eval::PixelMetrics figures = eval::measure_pixels<T>(all);
  const double measuring = seconds_since(start);
  fmt::print("{} maps of {}, {} x {} x {}, {} regions, {} threads{}\n", options.maps, options.type,
             options.images, options.side, options.side, scores.regions(), thread_count(),
             options.without_avx512 ? ", sorting without AVX-512" : "");
  fmt::print("ground truth {:.3f} ms an image, add {:.3f} ms an image; in all {:.2f} s\n",
             preparing * 1e3 / options.images, adding * 1e3 / options.images, preparing + adding);
  fmt::print("measure {:.2f} s: max-F1 {:.4f}, AP {:.4f}, AUROC {:.4f}, PRO {:.4f}\n", measuring,
             figures.level.max_f1.value, figures.level.ap.value, figures.level.auroc.value,
             figures.pro.value);
  fmt::print("peak memory {:.0f} MB\n", static_cast<double>(peak_memory_bytes()) / 1e6);
}

int main(int argc, char** argv) {
  CLI::App app("Times the metrics over random maps.", "metrics_bench");
  Options options;
  int threads = 0;
  app.add_option("--maps", options.maps, "dense, zeros (of which nine tenths are 0) or plateaus")
      ->check(CLI::IsMember({"dense", "zeros", "plateaus"}))
      ->capture_default_str();
  app.add_option("--type", options.type, "Of the scores")
      ->check(CLI::IsMember({"float", "double"}))
      ->capture_default_str();
  app.add_option("--images", options.images)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--side", options.side, "Pixels")->check(CLI::Range(32, 4096))->capture_default_str();
  app.add_option("--threads", threads, "By default all CPUs of this process")->check(CLI::PositiveNumber);
  app.add_flag("--without-avx512", options.without_avx512, "Sort as CPUs do that have AVX2 at best");
  CLI11_PARSE(app, argc, argv);
  if (threads > 0) set_thread_count(threads);
  if (options.without_avx512) {
    const auto has = hwy::SupportedTargets();
    hwy::GetChosenTarget().Update(has & ~static_cast<std::int64_t>(HWY_AVX3 | HWY_AVX3_DL));
  }
  options.type == "float" ? run<float>(options) : run<double>(options);
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) { return anomalyvlm::main(argc, argv); }
