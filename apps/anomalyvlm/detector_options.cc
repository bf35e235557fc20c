#include "detector_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <optional>

#include "anomalyvlm/detector.h"
#include "commands.h"
#include "option_checks.h"

namespace anomalyvlm::cli {
namespace {

// A number of pixels; 0 means none.
CLI::Option* add_pixels(CLI::App& app, const char* name, std::optional<int>& value, const char* help) {
  return app
      .add_option_function<int>(
          name, [&value](int given) { value = given > 0 ? std::optional(given) : std::nullopt; }, help)
      ->type_name("N");
}

}  // namespace

void declare_detector(CLI::App& app, DetectorOptions& o) {
  constexpr const char* kModel = "Model and machine";
  std::string summaries, others;
  for (const MethodInfo& method : methods()) {
    summaries += fmt::format("{}{}, {}", summaries.empty() ? "" : "; ", method.name, method.summary);
    if (method.name != o.method)
      others += fmt::format("; of {}: {}", method.name, fmt::join(method.models, ", "));
  }
  app.add_option("--method", o.method, "How anomalies are found: " + summaries)
      ->check(one_of(method_names()))
      ->capture_default_str()
      ->group(kModel);
  app.add_option("--model", o.model,
                 fmt::format("Model: {}; or published weights joined by '+', as in "
                             "grounding-dino-swin-b+sam-vit-h ('anomalyvlm models list'){}",
                             fmt::join(model_names(), ", "), others))
      ->type_name("NAME")
      ->capture_default_str()
      ->group(kModel);
  app.add_option("--profile", o.profile,
                 "Variant of the method; by default the model's own; of patchcore: paper, with the paper's "
                 "image score")
      ->check(one_of(profile_names()))
      ->group(kModel);
  add_pixels(app, "--resize", o.resize,
             "Squashes images to N x N first (256 in the paper's evaluation); 0: no")
      ->check(whole_number(2, kLargestResize, "the side in pixels", "the image's own size"))
      ->default_str("0")
      ->group(kModel);
  add_pixels(
      app, "--tile", o.tile,
      "Cuts larger images into tiles of N x N pixels, for small defects, and joins what is found; 0: no")
      ->check(whole_number(kSmallestTile, kLargestTile,
                           "pixels; a smaller tile shows too little of what surrounds a defect", "no tiles"))
      ->default_str("0")
      ->group(kModel);
  app.add_option("--overlap", o.tile_overlap,
                 "Pixels that neighbouring tiles share, below half of a tile; by default an eighth of it")
      ->type_name("N")
      ->check(whole_number(0, kLargestTile / 2, "pixels"))
      ->group(kModel);
  add_pixels(app, "--proposal-side", o.proposal_side,
             "Short side in pixels of the image that regions are proposed from, for models of published "
             "weights; by "
             "default 800; smaller is faster and finds less")
      ->check(whole_number(kSmallestProposalSide, kLargestProposalSide, "pixels"))
      ->group(kModel);
  app.add_option("--engine", o.engine, "The engine that runs the model")
      ->check(one_of(engine_names()))
      ->capture_default_str()
      ->group(kModel);
  app.add_option("--device", o.device, "The engine's device, as 'anomalyvlm info' lists them")
      ->capture_default_str()
      ->group(kModel);
  app.add_option_function<std::string>(
         "--precision", [&o](const std::string& name) { o.precision = parse_precision(name); },
         "f32; bf16 where the CPU has it; auto: bf16 if it is faster and accurate on this machine")
      ->check(one_of({"auto", "f32", "bf16"}))
      ->default_str("f32")
      ->group(kModel);
  app.add_option_function<int>("--threads", set_thread_count,
                               "CPU threads; by default all CPUs of this process")
      ->check(whole_number(1, kMostThreads))
      ->group(kModel);
  app.add_flag_callback(
         "--no-cache", [&o] { o.disk_cache = false; }, "Neither reads nor writes compiled graphs on disk")
      ->group(kModel);
}

MethodInfo method_info(const std::string& name) {
  for (MethodInfo& info : methods())
    if (info.name == name) return info;
  return {};
}

void require_no_references_needed(const DetectorOptions& options) {
  if (method_info(options.method).needs_references)
    throw UsageError(
        fmt::format("The method {} compares images with good ones: give --references.", options.method));
}

}  // namespace anomalyvlm::cli
