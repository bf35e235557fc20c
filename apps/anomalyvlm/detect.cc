// anomalyvlm detect: images in, maps, masks, pictures and JSON out.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/results.h"
#include "commands.h"
#include "core/check.h"
#include "core/platform.h"
#include "detector_options.h"
#include "explain.h"
#include "image/codec.h"
#include "inputs.h"
#include "option_checks.h"
#include "progress.h"
#include "prompt_options.h"

namespace anomalyvlm::cli {
namespace {

struct DetectArguments {
  std::vector<std::string> inputs;
  std::string out = "anomalyvlm-out";
  std::string write = "anomaly,mask,overlay,json";
  DetectorOptions detector;
  ResultOptions results;
  bool explain = false;
};

std::string wrong_results(const std::string& text) {
  return complaint([&] { parse_result_files(text); });
}

void declare(CLI::App& app, DetectArguments& a) {
  const CLI::Validator results(wrong_results, "", "results");
  app.add_option("IMAGE", a.inputs, "Image files, or folders of them")->required();
  app.add_option("--out", a.out, "Folder for the results")->capture_default_str();
  app.add_option("--write", a.write,
                 "Which results: anomaly (anomaly.tiff, anomaly.png), mask, overlay, json, input, all")
      ->check(results)
      ->capture_default_str();
  app.add_option("--threshold", a.results.mask_threshold, "The mask shows where the anomaly map is above it")
      ->check(finite_number(0))
      ->capture_default_str();
  app.add_option(
         "--full-scale", a.results.full_scale,
         "Value of the map drawn white in its PNG and hottest in the overlay; 0: each map's own maximum")
      ->check(finite_number(0))
      ->capture_default_str();
  app.add_option("--png-bits", a.results.png_bits, "Bits of the anomaly PNG")
      ->check(one_of({"8", "16"}))
      ->capture_default_str();
  app.add_flag("--explain", a.explain, "Prints the stages as tables; for one image");
  declare_detector(app, a.detector);
  app.footer("Prompt files: see the folder prompts and docs/PROMPTS.md. Results: docs/RESULT_FORMAT.md.");
}

void print_summary(const std::filesystem::path& file, const Detection& found) {
  std::string line = fmt::format("{}  score {:.3f}  {} region{}", file.string(), found.image_score,
                                 found.kept, found.kept == 1 ? "" : "s");
  for (std::size_t i = 0; i < found.kept; ++i)
    line += fmt::format("{} {} {:.2f}", i == 0 ? ":" : ",", found.candidates[i].phrase,
                        found.candidates[i].refined_score);
  write_result_line(line);
}

// One image after the other; a bad one is reported and passed over.
class Run {
 public:
  Run(const Detector& detector, const HybridPrompt& prompt, const DetectArguments& arguments)
      : detector_(detector), prompt_(prompt), arguments_(arguments) {}

  Exit operator()(const std::vector<std::filesystem::path>& images, const std::vector<std::string>& stems) {
    Progress progress(images.size());
    std::size_t failed = 0;
    for (std::size_t i = 0; i < images.size(); ++i) {
      progress.show(i, images[i].filename().string());
      try {
        one(images[i], stems[i], progress);
      } catch (const std::exception& error) {
        progress.clear();
        report("{}", sentence_of(error));
        ++failed;
      }
    }
    progress.clear();
    if (failed > 0 && images.size() > 1) report("{} of {} images could not be done.", failed, images.size());
    return failed == 0 ? kFine : kFailed;
  }

 private:
  void one(const std::filesystem::path& file, const std::string& stem, Progress& progress) {
    ReadInfo read;
    const Image image = read_image(file, {}, &read);
    const Detection found = detector_.detect(image.view(), prompt_);
    ResultOptions results = arguments_.results;
    results.stem = stem;
    results.input = file.string();
    write_results(found, image, prompt_, results);
    progress.clear();
    for (const std::string& warning : read.warnings) note("{}", warning);
    for (const std::string& text : found.notes)
      if (noted_.insert(text).second) note("note: {}", text);
    if (arguments_.explain) show("{}\n", explain(found, prompt_));
    print_summary(file, found);
  }

  const Detector& detector_;
  const HybridPrompt& prompt_;
  const DetectArguments& arguments_;
  std::set<std::string> noted_;  // each note is told once
};

void make_folder(const std::filesystem::path& folder) {
  std::error_code error, ignored;
  std::filesystem::create_directories(folder, error);
  if (!std::filesystem::is_directory(folder, ignored))
    fail(ErrorKind::kIo, "The folder '{}' for the results cannot be made: {}.", folder.string(),
         error ? error.message() : "a file has this name");
  if (!can_write_into(folder))
    fail(ErrorKind::kIo, "The folder '{}' for the results is read-only.", folder.string());
}

Exit detect_all(DetectArguments& arguments, const HybridPrompt& prompt) {
  const std::vector<std::filesystem::path> images = find_images(arguments.inputs);
  if (arguments.explain && images.size() > 1)
    throw UsageError(fmt::format("--explain is for one image, not {}.", images.size()));
  arguments.results.dir = arguments.out;
  arguments.results.files = parse_result_files(arguments.write);
  const std::vector<std::string> stems = plan_outputs(images, arguments.results);
  make_folder(arguments.out);
  const Detector detector = as_usage([&] { return Detector(arguments.detector); });
  return Run(detector, prompt, arguments)(images, stems);
}

}  // namespace

Command add_detect(CLI::App& app) {
  const auto arguments = std::make_shared<DetectArguments>();
  declare(app, *arguments);
  const PromptOptions options(app, "--prompt");
  return [=] { return detect_all(*arguments, options.prompt(default_prompt(arguments->detector))); };
}

}  // namespace anomalyvlm::cli
