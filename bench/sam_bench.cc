// SAM and MobileSAM against the clock, with randomly initialised weights: they cost what real ones do.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "core/check.h"
#include "core/platform.h"
#include "core/threads.h"
#include "guarded.h"
#include "models/sam/predictor.h"
#include "random_models.h"

namespace anomalyvlm {
namespace {

using Clock = std::chrono::steady_clock;

SamConfig config_named(const std::string& name) {
  if (name == "vit_b") return SamConfig::vit_b();
  if (name == "vit_l") return SamConfig::vit_l();
  return name == "vit_h" ? SamConfig::vit_h() : SamConfig::vit_t();
}

std::vector<sam::Prompt> boxes(int count) {
  std::vector<sam::Prompt> prompts;
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<float>(20 * i);
    prompts.push_back({Box{at, at, at + 100, at + 80}, {}, {}});
  }
  return prompts;
}

// The first call compiles. CPU time is that of all threads together: on a busy machine, the one to compare.
template <typename Work>
void time(const std::string& what, int runs, const Work& work) {
  std::vector<double> wall, cpu;
  for (int i = 0; i <= runs; ++i) {
    const Clock::time_point start = Clock::now();
    const std::clock_t cpu_start = std::clock();
    work();
    wall.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    cpu.push_back(1e3 * static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC);
  }
  const auto fastest = [](const std::vector<double>& times) {
    return *std::min_element(times.begin() + 1, times.end());
  };
  fmt::print(
      "{:<14} {:7.0f} ms, CPU {:7.0f} ms (fastest of {}); the first {:.0f} ms; {:.0f} MB at the peak so "
      "far\n",
      what, fastest(wall), fastest(cpu), runs, wall.front(), static_cast<double>(peak_memory_bytes()) / 1e6);
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  CLI::App app("Times of SAM's image encoder and of its masks.", "sam_bench");
  std::string model = "vit_t", precision = "f32", engine = "openvino", folder = "build/bench";
  int runs = 5, threads = 0, count = 8;
  app.add_option("--model", model)
      ->check(CLI::IsMember({"vit_t", "vit_b", "vit_l", "vit_h"}))
      ->capture_default_str();
  app.add_option("--precision", precision)->check(CLI::IsMember({"f32", "bf16"}))->capture_default_str();
  app.add_option("--engine", engine)->capture_default_str();
  app.add_option("--runs", runs)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--boxes", count)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--threads", threads);
  app.add_option("--folder", folder, "Where the weights are kept")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (threads > 0) set_thread_count(threads);
  const SamConfig config = config_named(model);
  nn::EngineOptions options;
  options.disk_cache = false;
  const sam::Predictor predictor(
      random_weights(folder, model == "vit_t" ? "mobile-sam" : fmt::format("sam-vit-{}", model.back())),
      nn::make_engine(engine, options), precision == "bf16" ? nn::Precision::kBF16 : nn::Precision::kF32,
      config);
  const Image image = test_image(1280, 960);
  fmt::print("{}, {}, {}, {}, {} threads; {:.0f} MB before anything is compiled\n", model, precision, engine,
             cpu_name(), thread_count(), static_cast<double>(peak_memory_bytes()) / 1e6);
  sam::Embedding embedding;
  time("image", runs, [&] { embedding = predictor.embed(image); });
  std::vector<sam::MaskLogits> answers;
  time(fmt::format("{} boxes", count), runs, [&] { answers = predictor.predict(embedding, boxes(count)); });
  time("enlarging one", runs, [&] { predictor.regions(embedding, answers[0]); });
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  return anomalyvlm::guarded("sam_bench", [&] { return anomalyvlm::run(argc, argv); });
}
