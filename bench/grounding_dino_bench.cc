// Grounding DINO against the clock, stage by stage.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>

#include "core/platform.h"
#include "core/threads.h"
#include "guarded.h"
#include "nn/precision.h"
#include "random_models.h"

namespace anomalyvlm {
namespace {

struct Arguments {
  std::string model = "grounding-dino-swin-t", precision = "f32", engine = "openvino", device = "cpu";
  std::string weights, vocabulary, captions_file, folder = "build/bench";
  std::vector<std::string> captions = {"defect on tile."};
  std::vector<int> sides = {800};
  int width = 0, runs = 3, threads = 2;
  std::size_t at_once = 1;
  bool json = false, no_cache = false;
};

void read_arguments(CLI::App& app, Arguments& a) {
  app.add_option("--model", a.model)->capture_default_str();
  app.add_option("--precision", a.precision, "f32, bf16, auto")->capture_default_str();
  app.add_option("--engine", a.engine)->capture_default_str();
  app.add_option("--device", a.device)->capture_default_str();
  app.add_option("--weights", a.weights, "By default randomly initialised, kept in --folder");
  app.add_option("--vocabulary", a.vocabulary, "vocab.txt; by default the captions' own words");
  app.add_option("--folder", a.folder)->capture_default_str();
  app.add_option("--caption", a.captions, "Several: as an ensemble")->capture_default_str();
  app.add_option("--captions", a.captions_file, "A file of them, a line each");
  app.add_option("--side", a.sides, "Of the square that the model sees")->capture_default_str();
  app.add_option("--at-once", a.at_once, "Captions in one batch")->capture_default_str();
  app.add_option("--runs", a.runs)->capture_default_str();
  app.add_option("--threads", a.threads)->capture_default_str();
  app.add_flag("--json", a.json,
               "Prints a line {\"seconds\": ...} a run, the first of which compiles nothing any more");
  app.add_flag("--no-cache", a.no_cache, "No compiled graphs on disk");
}

// A caption that was seen before costs nothing, but trailing spaces make it a new one.
std::vector<std::string> never_seen(std::vector<std::string> captions, int run) {
  for (std::string& caption : captions) {
    if (caption.ends_with('.')) caption.pop_back();
    caption += std::string(static_cast<std::size_t>(run), ' ') + '.';
  }
  return captions;
}

void print_stages(const char* what, const Timings& timings, int side, const Arguments& a) {
  fmt::print("{:>4} x {:<4} {} caption{}, {}: {:6.0f} ms =", side, side, a.captions.size(),
             a.captions.size() == 1 ? "" : "s", what, 1e3 * timings.total());
  for (const auto& [stage, seconds] : timings.stages()) fmt::print("  {} {:.0f}", stage, 1e3 * seconds);
  fmt::print("\n");
  std::fflush(stdout);
}

void time_side(const grounding_dino::GroundingDino& model, int side, const Arguments& a) {
  const Image image = test_image(side, side);
  const Tensor input = grounding_dino::image_input({.short_side = side, .long_side = 4 * side}, image);
  Timings best;
  constexpr int kFirst = 3;  // warm-up runs: the first new captions are slow
  for (int run = 1 - kFirst; run <= a.runs; ++run) {
    Timings timings;
    const std::vector<std::string> captions = never_seen(a.captions, run + kFirst);
    const grounding_dino::ImageFeatures features = model.open(input, &timings);
    model.detect(features, captions, a.at_once, &timings);
    if (run == 1 - kFirst && !a.json) print_stages("first, with compiling", timings, side, a);
    if (run > 0 && a.json) fmt::print("{{\"seconds\": {:.4f}}}\n", timings.total());
    if (run == 1 || (run > 1 && timings.total() < best.total())) best = timings;
  }
  if (!a.json) print_stages(fmt::format("fastest of {}", a.runs).c_str(), best, side, a);
}

int run(int argc, char** argv) {
  CLI::App app("Times of Grounding DINO's stages.", "grounding_dino_bench");
  Arguments a;
  read_arguments(app, a);
  CLI11_PARSE(app, argc, argv);
  if (!a.captions_file.empty()) {
    a.captions.clear();
    std::ifstream file(a.captions_file);
    for (std::string line; std::getline(file, line);)
      if (!line.empty()) a.captions.push_back(line);
  }
  set_thread_count(a.threads);
  const auto engine = nn::make_engine(a.engine, {.device = a.device, .disk_cache = !a.no_cache});
  const nn::Precision precision = nn::choose_precision(parse_precision(a.precision), *engine);
  const bool swin_b = a.model == "grounding-dino-swin-b";
  Timings loading;
  const auto model = [&] {
    const Timings::Scope scope(loading, "load");
    return std::make_unique<const grounding_dino::GroundingDino>(
        a.weights.empty() ? random_weights(a.folder, a.model) : load_weights(a.weights), engine, precision,
        swin_b ? GroundingDinoConfig::swin_b() : GroundingDinoConfig::swin_t(),
        a.vocabulary.empty() ? tokenizer_of(a.captions) : WordPieceTokenizer::load(a.vocabulary));
  }();
  if (!a.json)
    fmt::print("{}, {}, {}, {} threads, {}; loaded in {:.2f} s\n", a.model,
               precision == nn::Precision::kBF16 ? "bfloat16" : "float32", engine->description(),
               thread_count(), cpu_name(), loading.total());
  for (const int side : a.sides) time_side(*model, side, a);
  if (!a.json)
    fmt::print("             {:.0f} MB at the peak\n", static_cast<double>(peak_memory_bytes()) / 1e6);
  return 0;
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  return anomalyvlm::guarded("grounding_dino_bench", [&] { return anomalyvlm::run(argc, argv); });
}
