// anomalyvlm detect: images in, maps, masks, overlays and JSON out.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/detector.h"
#include "anomalyvlm/inputs.h"
#include "anomalyvlm/results.h"
#include "bits_option.h"
#include "commands.h"
#include "core/check.h"
#include "core/folders.h"
#include "core/listing.h"
#include "detect_run.h"
#include "detector_options.h"
#include "option_checks.h"
#include "prompt_options.h"
#include "references_option.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;

struct DetectArguments {
  std::vector<std::string> inputs;
  bool recursive = false;
  std::string out = "anomalyvlm-out";
  std::string write = "anomaly,mask,overlay,json";
  std::string csv, ignore_mask, references, false_alarms;
  bool mutual = false;
  double limit = -1;                            // of the image score; negative: the prompt's, if any
  std::optional<double> threshold, full_scale;  // of ResultOptions; none: as the method's scores ask for
  DetectorOptions detector;
  DetectRun::Settings run;
};

std::string wrong_results(const std::string& text) {
  return complaint([&] { parse_result_files(text); });
}

void declare_inputs(CLI::App& app, DetectArguments& a) {
  constexpr const char* kGroup = "Images";
  app.add_option("IMAGE", a.inputs, "Image files, folders of them, or - for one from standard input")
      ->required()
      ->group(kGroup);
  app.add_flag("-r,--recursive", a.recursive,
               "Include subfolders; results are written to folders of the same names")
      ->group(kGroup);
  CLI::Option* const references =
      app.add_option(
             "--references", a.references,
             "Compares with good images of the same product: a bank ('anomalyvlm reference build'), a "
             "folder, or an image")
          ->type_name("FILE|DIR")
          ->group(kGroup);
  app.add_flag("--mutual", a.mutual,
               "Compares each image with the others given, without knowing which are good: what most show is "
               "normal")
      ->excludes(references)
      ->group(kGroup);
  declare_bits(app, a.run.bits, "a guess for each image", kGroup);
  app.add_option("--ignore-mask", a.ignore_mask,
                 "An image of the same size: anomalies where it is white do not count")
      ->type_name("FILE")
      ->group(kGroup);
}

void declare_results(CLI::App& app, DetectArguments& a) {
  constexpr const char* kGroup = "Results";
  const CLI::Validator results(wrong_results, "", "results");
  ResultOptions& r = a.run.results;
  app.add_option("--out", a.out, "Folder for the results")
      ->type_name("DIR")
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--write", a.write,
                 "Which results: anomaly (anomaly.tiff, anomaly.png), mask, overlay, json, input, all")
      ->type_name("NAMES")
      ->check(results)
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--csv", a.csv, "Also a table with a row for each image")->type_name("FILE")->group(kGroup);
  app.add_flag("--overwrite", r.overwrite, "Results may replace files that are not results of earlier calls")
      ->group(kGroup);
  app.add_option(
         "--threshold", a.threshold,
         "The mask shows where the anomaly map is above it; by default 0.5, or the limit with methods "
         "whose scores have a scale of their own (utad, patchcore)")
      ->type_name("VALUE")
      ->check(finite_number(0))
      ->group(kGroup);
  app.add_option("--full-scale", a.full_scale,
                 "Value of the map drawn white in its PNG and hottest in the overlay; 0: each map's own "
                 "maximum. By default 1, or 0 with such methods")
      ->type_name("VALUE")
      ->check(finite_number(0))
      ->group(kGroup);
  app.add_option("--png-bits", r.png_bits, "Bits of the anomaly PNG")
      ->type_name("BITS")
      ->check(one_of({"8", "16"}))
      ->capture_default_str()
      ->group(kGroup);
  app.add_flag("--explain", a.run.explain, "Prints the stages as tables; for one image")->group(kGroup);
}

void declare_verdict(CLI::App& app, DetectArguments& a) {
  constexpr const char* kGroup = "Verdict";
  CLI::Option* const limit =
      app.add_option("--limit,--score-limit", a.limit,
                     "An image whose score reaches this is not OK; regions below it are not counted")
          ->type_name("SCORE")
          ->check(positive_number())
          ->group(kGroup);
  app.add_option("--false-alarms", a.false_alarms,
                 "The limit that at most this share of good images reaches, from the scores in the bank of "
                 "references: 1%")
      ->type_name("SHARE")
      ->check(
          CLI::Validator([](const std::string& text) { return complaint([&] { share_of(text); }); }, "", ""))
      ->excludes(limit)
      ->group(kGroup);
  app.add_flag_callback(
         "--no-verdict-exit", [&a] { a.run.verdict_exit = false; },
         "Exit 0 instead of 3 when an image is not OK")
      ->group(kGroup);
}

void declare(CLI::App& app, DetectArguments& a) {
  declare_inputs(app, a);
  declare_results(app, a);
  declare_verdict(app, a);
  declare_detector(app, a.detector);
  app.add_option("--jobs", a.run.jobs, "Images processed in parallel; memory use grows with it")
      ->type_name("N")
      ->check(whole_number(1, kMostInFlight))
      ->capture_default_str()
      ->group("Model and machine");
  app.footer(
      "Exit: 0 fine, 1 an image could not be processed, 2 the command line is wrong, 3 an image is not OK.\n"
      "Prompts: docs/PROMPTS.md. Results: docs/RESULT_FORMAT.md.\n\nExamples:\n"
      "  anomalyvlm detect photo.jpg --out results\n"
      "  anomalyvlm detect shots --recursive --out results --limit 0.6 --csv results.csv");
}

// Before any work: where all results go.
std::vector<PlannedImage> plan(const Inputs& inputs, const ResultOptions& options) {
  std::vector<fs::path> files = inputs.images;
  std::replace(files.begin(), files.end(), fs::path(DetectRun::kStandardInput), fs::path("stdin"));
  const std::vector<std::string> stems = plan_outputs(files, options, inputs.folders);
  std::vector<PlannedImage> images;
  for (std::size_t i = 0; i < files.size(); ++i)
    images.push_back({inputs.images[i], options.dir / inputs.folders[i], stems[i]});
  return images;
}

bool reads_standard_input(const std::vector<std::string>& inputs) {
  return std::find(inputs.begin(), inputs.end(), DetectRun::kStandardInput) != inputs.end();
}

// The table never replaces an image or a result, not even with --overwrite.
void check_table(const fs::path& csv, const std::vector<PlannedImage>& images, const ResultOptions& options) {
  for (const PlannedImage& image : images) {
    if (is_same_place(csv, image.file))
      fail(ErrorKind::kBadInput, "The table (--csv) would replace the image '{}'.", image.file.string());
    ResultOptions own = options;
    own.dir = image.dir;
    own.stem = image.stem;
    for (const fs::path& path : result_paths(own))
      if (is_same_place(csv, path))
        fail(ErrorKind::kBadInput, "The table (--csv) would take the place of the result '{}'.",
             path.string());
  }
}

// From the scores of good images: those of the bank, or of a folder, which are measured now.
void set_limit(DetectArguments& a, const Detector& detector) {
  DetectRun::Settings& settings = a.run;
  std::error_code ignored;
  if (!settings.references.empty() && settings.references.info().good_scores.empty() &&
      fs::is_directory(a.references, ignored))
    score_references(detector, settings.prompt,
                     reference_inputs(find_images({a.references}, false).images, settings.bits),
                     settings.references);
  limit_by_references(detector, settings.references, a.false_alarms, settings.prompt);
  detail("The limit is {}.", *settings.prompt.limit);
}

// Scores without an upper end: 0.5 and 1 mean nothing then.
void set_scale(DetectArguments& a) {
  const bool to_one = method_info(a.detector.method).scores_to_one;
  ResultOptions& results = a.run.results;
  results.full_scale = a.full_scale.value_or(to_one ? results.full_scale : 0);
  if (a.threshold || to_one) {
    results.mask_threshold = a.threshold.value_or(results.mask_threshold);
  } else if (a.run.prompt.limit) {
    results.mask_threshold = *a.run.prompt.limit;
  } else if (std::find(results.files.begin(), results.files.end(), ResultFile::kMask) !=
             results.files.end()) {
    note(
        "The mask shows where the map is above {}, which says little with the method {}: give --threshold or "
        "--limit.",
        results.mask_threshold, a.detector.method);
  }
}

Exit detect_all(DetectArguments& a, const HybridPrompt& prompt) {
  DetectRun::Settings& settings = a.run;
  settings.prompt = prompt;
  if (a.limit > 0) settings.prompt.limit = a.limit;
  as_usage([&] { validate(a.detector); });
  if (a.references.empty() && !a.mutual) require_no_references_needed(a.detector);
  const Inputs inputs = find_images({a.inputs.begin(), a.inputs.end()}, a.recursive, a.out);
  if (settings.explain && inputs.images.size() > 1)
    throw UsageError(fmt::format("--explain is for one image, not {}.", inputs.images.size()));
  settings.results.dir = a.out;
  settings.results.files = parse_result_files(a.write);
  const std::vector<PlannedImage> images = plan(inputs, settings.results);
  if (!a.ignore_mask.empty()) settings.ignored = read_mask(a.ignore_mask);
  if (!a.csv.empty()) check_table(a.csv, images, settings.results);
  make_folder(a.out);
  std::unique_ptr<SummaryCsv> csv;
  if (!a.csv.empty()) csv = std::make_unique<SummaryCsv>(a.csv, settings.results.overwrite);
  settings.csv = csv.get();
  for (const std::string& text : inputs.skipped) note("{}", text);
  const Detector detector = as_usage([&] { return Detector(a.detector); });
  detail("Model: {}; engine: {}.", fmt::join(detector.models(), "; "), detector.engine());
  if (!a.references.empty()) settings.references = load_references(detector, a.references, settings.bits);
  if (a.mutual) settings.references = mutual_references(detector, inputs.images, settings.bits);
  settings.mutual = a.mutual;
  if (!a.false_alarms.empty()) set_limit(a, detector);
  set_scale(a);
  return DetectRun(detector, settings)(images);
}

}  // namespace

Command add_detect(CLI::App& app) {
  const auto arguments = std::make_shared<DetectArguments>();
  declare(app, *arguments);
  const PromptOptions options(app, "--prompt");
  return [=] {
    if (options.reads_standard_input() && reads_standard_input(arguments->inputs))
      throw UsageError(
          "Standard input (-) can give the image or the prompt, not both; give one of them as a file.");
    return detect_all(*arguments, options.prompt(default_prompt(arguments->detector)));
  };
}

}  // namespace anomalyvlm::cli
