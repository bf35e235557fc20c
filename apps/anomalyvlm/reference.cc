// anomalyvlm reference: banks of good images, which detect compares others with.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

#include "anomalyvlm/inputs.h"
#include "bits_option.h"
#include "commands.h"
#include "core/check.h"
#include "core/files.h"
#include "detector_options.h"
#include "option_checks.h"
#include "progress.h"
#include "prompt_options.h"
#include "references_option.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;

std::string plural(std::size_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

// ---- build

struct BuildArguments {
  std::vector<std::string> good;
  std::string out;
  bool recursive = false, scores = true, overwrite = false;
  int bits = 0;
  ReferenceOptions options;
  DetectorOptions detector;
};

void declare_build(CLI::App& app, BuildArguments& a) {
  constexpr const char* kGroup = "References";
  app.add_option("GOOD", a.good, "Good images, or folders of them")->required()->group(kGroup);
  app.add_option("--out", a.out, "The bank, by custom PART.avref")
      ->required()
      ->type_name("FILE")
      ->group(kGroup);
  app.add_flag("-r,--recursive", a.recursive, "Include subfolders")->group(kGroup);
  app.add_flag("--overwrite", a.overwrite,
               "The bank may replace a file that is no bank, or an unfinished build of another one")
      ->group(kGroup);
  declare_bits(app, a.bits, "a guess for each image", kGroup);
  declare_reference_options(app, a.options, kGroup);
  app.add_flag_callback(
         "--no-scores", [&a] { a.scores = false; },
         "Does not measure the scores of the good images, which detect --false-alarms needs")
      ->group(kGroup);
  declare_detector(app, a.detector);
  app.footer(
      "Describe with the options that detect will get: --resize, --tile, --model. The scores are of the "
      "prompt "
      "given here. A build that was ended goes on when the same command is given again.\n\nExamples:\n"
      "  anomalyvlm reference build good_parts --out part.avref\n"
      "  anomalyvlm detect shots --references part.avref --false-alarms 10%");
}

// Only banks are replaced without being told to.
void check_target(const fs::path& file, bool overwrite) {
  std::error_code ignored;
  if (overwrite || fs::symlink_status(file, ignored).type() == fs::file_type::not_found) return;
  try {
    const ReferencesInfo info = References::open(file).info();
    note("'{}' is a bank of {}, made {}; it is replaced once the new one is whole.", file.string(),
         plural(info.images.size(), "image"), info.date);
  } catch (const Error&) {
    fail(ErrorKind::kBadInput,
         "'{}' is there and is no bank of references. Choose another file, or let it be replaced "
         "(--overwrite).",
         file.string());
  }
}

void show_scores(const ReferencesInfo& info) {
  if (info.good_scores.empty()) return;
  std::vector<double> scores = info.good_scores;
  std::sort(scores.begin(), scores.end());
  const double median = (scores[(scores.size() - 1) / 2] + scores[scores.size() / 2]) / 2;
  show("scores      of {}: {:.3f} to {:.3f}, median {:.3f}; --false-alarms {:.3g}% or more\n",
       plural(scores.size(), "good image"), scores.front(), scores.back(), median,
       100 * promised_share(scores.size()));
}

void show_outliers(const References& references) {
  const ReferencesInfo info = references.info();
  const ReferenceCheck check = references.check();
  for (const std::size_t i : check.outliers)
    note(
        "'{}' is far more unlike the other references than these are ({:.3f}): look at it, it may show a "
        "defect or another product.",
        info.images[i].name, *check.unlike[i]);
}

// Tells where what is done is kept.
References build_file(const BuildArguments& a, const Detector& detector,
                      const std::vector<ReferenceInput>& inputs, const HybridPrompt* prompt) {
  Progress described(inputs.size(), " references"), scored(inputs.size(), " good images scored");
  ReferenceFileOptions options;
  options.references = a.options;
  options.prompt = a.scores ? prompt : nullptr;
  options.replace = a.overwrite;
  options.goes_on = [](std::size_t images) {
    note("An unfinished build goes on: {} {} described already.", plural(images, "image"),
         images == 1 ? "was" : "were");
  };
  bool begun = false;
  options.described = [&](std::size_t done, std::size_t) {
    begun = true;
    described.show(done, done < inputs.size() ? inputs[done].name : "");
    if (done == inputs.size()) described.clear();
    return true;
  };
  options.scored = [&](std::size_t done, std::size_t) {
    begun = true;
    scored.show(done, "");
    return true;
  };
  try {
    return References::build_file(detector, inputs, a.out, options);
  } catch (const Error&) {
    described.clear();
    scored.clear();
    if (begun) note("What is done is kept in '{}.partial'; the same command goes on from there.", a.out);
    throw;
  }
}

Exit build(const BuildArguments& a, const PromptOptions& prompts) {
  as_usage([&] { validate(a.detector); });
  const HybridPrompt prompt = prompts.prompt(default_prompt(a.detector));
  const Inputs found = find_images({a.good.begin(), a.good.end()}, a.recursive);
  for (const std::string& text : found.skipped) note("{}", text);
  check_target(a.out, a.overwrite);
  const Detector detector = as_usage([&] { return Detector(a.detector); });
  const std::vector<ReferenceInput> inputs = reference_inputs(found.images, a.bits);
  const References references = build_file(a, detector, inputs, inputs.size() > 1 ? &prompt : nullptr);
  const ReferencesInfo info = references.info();
  show("{}: {}, {}, {}\n", a.out, plural(info.images.size(), "image"), plural(info.vectors, "vector"),
       megabytes(info.bytes));
  show_scores(info);
  if (inputs.size() > 2) show_outliers(references);
  return kFine;
}

// ---- add

struct AddArguments {
  std::string bank, image;
  std::vector<double> part;
  int bits = 0;
  DetectorOptions detector;
};

void declare_add(CLI::App& app, AddArguments& a) {
  app.add_option("BANK", a.bank, "The bank, which is replaced")->required();
  app.add_option("IMAGE", a.image, "A good image, or one with a false alarm")->required();
  app.add_option("--part", a.part,
                 "Only this part of it is normal: the box of a false alarm, in pixels, as in the JSON")
      ->type_name("X0,Y0,X1,Y1")
      ->delimiter(',')
      ->expected(4);
  declare_bits(app, a.bits, "a guess", "");
  declare_detector(app, a.detector);
  app.footer(
      "Takes the options that the bank was built with.\n\nExamples:\n"
      "  anomalyvlm reference add part.avref good_08.png\n"
      "  anomalyvlm reference add part.avref shot_17.png --part 120,40,180,95");
}

// A detector as the bank was made with, unless options say otherwise.
DetectorOptions as_built(DetectorOptions options, const ReferencesInfo& info) {
  const DetectorOptions usual;
  if (options.method == usual.method) options.method = info.method;
  if (options.model == usual.model) options.model = info.model;
  if (!options.resize && info.resize > 0) options.resize = info.resize;
  if (!options.tile && info.tile > 0) {
    options.tile = info.tile;
    options.tile_overlap = info.tile_overlap;
  }
  return options;
}

Exit add(const AddArguments& a) {
  References references = References::open(a.bank);
  const Detector detector(as_built(a.detector, references.info()));
  ReferenceInput input = reference_inputs({a.image}, a.bits).front();
  if (a.part.size() == 4) {
    input.part = Box{static_cast<float>(a.part[0]), static_cast<float>(a.part[1]),
                     static_cast<float>(a.part[2]), static_cast<float>(a.part[3])};
    if (!(input.part->area() > 0))
      throw UsageError(
          "--part takes the left, top, right and bottom of a box in pixels, as in 120,40,180,95.");
  }
  references.add(detector, input);
  references.save(a.bank);
  const ReferencesInfo info = references.info();
  const auto parts = std::count_if(info.images.begin(), info.images.end(),
                                   [](const ReferenceInfo& image) { return image.part.has_value(); });
  show("{}: {} and {}\n", a.bank, plural(info.images.size() - static_cast<std::size_t>(parts), "image"),
       plural(static_cast<std::size_t>(parts), "part"));
  if (!info.good_scores.empty())
    note("The scores of good images stay as they are, and so do limits; they can only be too high now.");
  return kFine;
}

// ---- info, check

Exit info(const std::string& bank) {
  const ReferencesInfo info = References::open(bank).info();
  show("images      {}\n", info.images.size());
  for (const ReferenceInfo& image : info.images)
    show("            {} ({} x {}{})\n", image.name, image.width, image.height,
         image.part ? fmt::format(", only {:g},{:g},{:g},{:g}", image.part->x0, image.part->y0,
                                  image.part->x1, image.part->y1)
                    : "");
  show("vectors     {}, {}\n", info.vectors, megabytes(info.bytes));
  show("made        {} for the method {} on {}\n", info.date, info.method, info.model);
  show("by          {}\n", info.describer);
  if (info.resize > 0) show("resize      {}\n", info.resize);
  if (info.tile > 0) show("tiles       {}, {} shared\n", info.tile, info.tile_overlap);
  if (info.options.rotations > 1) show("rotations   {}\n", info.options.rotations);
  if (info.options.variations) show("variations  also moved, darker and brighter\n");
  if (info.options.nearby > 0) show("nearby      {:g} %\n", 100 * info.options.nearby);
  show_scores(info);
  return kFine;
}

Exit check(const std::string& bank) {
  const References references = References::open(bank);
  const ReferencesInfo info = references.info();
  const ReferenceCheck check = references.check();
  if (info.images.size() < 2) {
    show("One image says nothing of others: add more good images.\n");
    return kFine;
  }
  show("How unlike the others each image is (mean of the highest hundredth of distances, 0 to 2):\n");
  for (std::size_t i = 0; i < info.images.size(); ++i) {
    const bool outlier = std::find(check.outliers.begin(), check.outliers.end(), i) != check.outliers.end();
    show("  {:<32} {}{}\n", info.images[i].name,
         info.images[i].part ? "a part of an image"
         : check.unlike[i]   ? fmt::format("{:.3f}", *check.unlike[i])
                             : "no vectors left",
         outlier ? "  far from the others: a defect, or another product?" : "");
  }
  const auto most = std::max_element(check.unlike.begin(), check.unlike.end());  // none is less than any
  if (check.outliers.empty() && *most)
    show("None stands out; a small defect may not. Look at '{}' first.\n",
         info.images[static_cast<std::size_t>(most - check.unlike.begin())].name);
  if (check.by_number.size() > 1) {
    show("\nCompared with so many images only, on average:\n");
    for (const auto& [number, unlike] : check.by_number) show("  {:>5}  {:.3f}\n", number, unlike);
    constexpr double kMuch = 0.05;
    const double last = check.by_number.back().second,
                 before = check.by_number[check.by_number.size() - 2].second;
    show("{}\n", before - last > kMuch * before ? "More good images would help: the values still fall."
                                                : "More good images would hardly help.");
  }
  if (check.nearby_factor > 0) {
    constexpr double kFixtured = 1.1, kFree = 1.3;
    show("\nCompared with nearby places only, the images are {:.2f} times as unlike: {}\n",
         check.nearby_factor,
         check.nearby_factor < kFixtured
             ? fmt::format("the parts lie alike, so that --nearby {:g}% suits.", 100 * kUsualNearby)
         : check.nearby_factor < kFree
             ? "the parts lie somewhat alike; compare with all places."
             : "the parts do not lie alike; if they lie at any angle, try --rotations 8.");
  }
  return check.outliers.empty() ? kFine : kNotOk;
}

}  // namespace

Command add_reference(CLI::App& app) {
  app.require_subcommand(1);
  CLI::App* const built = app.add_subcommand("build", "Makes a bank of good images");
  const auto build_arguments = std::make_shared<BuildArguments>();
  declare_build(*built, *build_arguments);
  const PromptOptions prompts(*built, "--prompt");
  CLI::App* const added =
      app.add_subcommand("add", "Adds an image to a bank, or a part of it that is normal");
  const auto add_arguments = std::make_shared<AddArguments>();
  declare_add(*added, *add_arguments);
  const auto bank = std::make_shared<std::string>();
  CLI::App* const shown = app.add_subcommand("info", "Shows what a bank holds");
  CLI::App* const checked =
      app.add_subcommand("check", "Compares the images of a bank with each other; exits with 3 for outliers");
  for (CLI::App* command : {shown, checked}) command->add_option("BANK", *bank, "The bank")->required();
  app.footer(
      "docs/REFERENCES.md goes from ten good images to a verdict.\n\nExamples:\n"
      "  anomalyvlm reference build good_parts --out part.avref\n"
      "  anomalyvlm reference check part.avref");
  return [=] {
    if (built->parsed()) return build(*build_arguments, prompts);
    if (added->parsed()) return add(*add_arguments);
    return shown->parsed() ? info(*bank) : check(*bank);
  };
}

}  // namespace anomalyvlm::cli
