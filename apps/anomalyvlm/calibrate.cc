// anomalyvlm calibrate: proposes a limit on the image score from images that are known to be good, and from
// defective ones.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <set>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/detector.h"
#include "anomalyvlm/inputs.h"
#include "bits_option.h"
#include "commands.h"
#include "core/check.h"
#include "core/folders.h"
#include "detector_options.h"
#include "eval/calibrate/calibration.h"
#include "eval/calibrate/prompt_limit.h"
#include "eval/run/command_line.h"
#include "image/common_bits.h"
#include "option_checks.h"
#include "output.h"
#include "progress.h"
#include "prompt_options.h"
#include "references_option.h"

namespace anomalyvlm::cli {
namespace {

namespace fs = std::filesystem;

struct CalibrateArguments {
  std::vector<std::string> good, bad;
  std::string false_alarms;  // empty: not given
  std::string out, write, references;
  bool recursive = false;
  int bits = 0;  // ReadOptions::bits
  DetectorOptions detector;
};

constexpr const char* kUsualTarget = "1%";

void declare(CLI::App& app, CalibrateArguments& a) {
  const CLI::Validator share(
      [](const std::string& text) { return complaint([&] { eval::parse_share(text); }); }, "", "share");
  constexpr const char* kImages = "Images";
  app.add_option("--good", a.good, "Folders or files of good images; a few dozen at least")
      ->required()
      ->type_name("DIR")
      ->group(kImages);
  app.add_option("--bad", a.bad, "The same for images with defects, if there are any")
      ->type_name("DIR")
      ->group(kImages);
  app.add_flag("-r,--recursive", a.recursive, "Include subfolders")->group(kImages);
  app.add_option("--references", a.references,
                 "Judges by comparison with good images, as detect --references; an image that is among them "
                 "is compared with the other ones")
      ->type_name("FILE|DIR")
      ->group(kImages);
  declare_bits(app, a.bits, "the most that any of them seems to use", kImages);
  app.add_option(
         "--false-alarms", a.false_alarms,
         fmt::format("Share of good images that may be called not OK; by default {}. With --bad, too, the "
                     "limit that keeps this promise is proposed only when it is given",
                     kUsualTarget))
      ->type_name("SHARE")
      ->check(share);
  app.add_option("--out", a.out, "Folder for calibration.html, .json and .csv; by default none is written")
      ->type_name("DIR");
  app.add_option(
         "--write", a.write,
         "Puts the proposed limit into this TOML prompt, which is also the prompt to judge with where "
         "--prompt is not given")
      ->type_name("PROMPT.toml");
  declare_detector(app, a.detector);
  app.footer(
      "Judge with the options that detect will get: size, tiles, prompt and model change the score. "
      "For details, see docs/CALIBRATION.md.\n\nExamples:\n"
      "  anomalyvlm calibrate --good good_parts\n"
      "  anomalyvlm calibrate --good good_parts --bad bad_parts --out limit --write part.toml");
}

// Notes the files that are skipped.
std::vector<fs::path> images_of(const std::vector<std::string>& named, const CalibrateArguments& arguments) {
  const Inputs inputs = find_images({named.begin(), named.end()}, arguments.recursive, arguments.out);
  for (const std::string& text : inputs.skipped) note("{}", text);
  return inputs.images;
}

void check_disjoint(const std::vector<fs::path>& good, const std::vector<fs::path>& bad) {
  std::set<fs::path> known;
  const auto place = [](const fs::path& file) {
    std::error_code error;
    const fs::path whole = fs::canonical(file, error);
    return error ? fs::absolute(file) : whole;
  };
  for (const fs::path& file : good) known.insert(place(file));
  for (const fs::path& file : bad)
    if (known.contains(place(file)))
      fail(ErrorKind::kBadInput, "'{}' is among the good images and among the bad ones.", file.string());
}

// The prompt that detect will use: the file that the limit is written to, unless another one is named.
HybridPrompt prompt_of(const CalibrateArguments& arguments, const PromptOptions& options) {
  std::error_code ignored;
  if (arguments.write.empty() || !fs::exists(arguments.write, ignored))
    return options.prompt(default_prompt(arguments.detector));
  const HybridPrompt written = load_prompt(arguments.write);
  HybridPrompt own = written, used = options.over(written);
  own.limit.reset();
  used.limit.reset();
  if (used != own)
    fail(ErrorKind::kBadInput,
         "The limit would be for another prompt than that in '{}': leave out the options that change it, or "
         "write "
         "into another file.",
         arguments.write);
  return used;
}

// Scores one image after the other as detect does; an unreadable file is reported and skipped.
class Scorer {
 public:
  Scorer(const Detector& detector, const HybridPrompt& prompt, References references,
         const ReadOptions& reading, std::size_t images)
      : detector_(detector),
        prompt_(prompt),
        references_(std::move(references)),
        reading_(reading),
        progress_(images, " images", std::chrono::seconds(30)) {}

  std::vector<eval::ScoredImage> operator()(const std::vector<fs::path>& images) {
    std::vector<eval::ScoredImage> scored;
    for (const fs::path& file : images) {
      progress_.show(done_++, file.filename().string());
      try {
        scored.push_back(one(file));
      } catch (const std::exception& error) {
        progress_.clear();
        report("{}", sentence_of(error));
        ++failed_;
      }
    }
    progress_.clear();
    return scored;
  }

  std::size_t failed() const { return failed_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  eval::ScoredImage one(const fs::path& file) {
    ReadInfo info;
    const Image image = read_image(file, reading_, &info);
    for (const std::string& warning : info.warnings) {
      progress_.clear();
      note("{}", warning);
    }
    const References others = references_.empty() ? References() : references_.without(image, file.string());
    const Detection found = detector_.detect(image.view(), prompt_, others);
    for (const std::string& note : found.notes)
      if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) notes_.push_back(note);
    return {file.string(), found.image_score, found.kept};
  }

  const Detector& detector_;
  const HybridPrompt& prompt_;
  const References references_;
  const ReadOptions& reading_;
  Progress progress_;
  std::size_t done_ = 0, failed_ = 0;
  std::vector<std::string> notes_;
};

eval::Settings settings_of(const Detector& detector, const HybridPrompt& prompt,
                           const std::string& references, const std::string& reading) {
  const DetectorOptions& o = detector.options();
  eval::Settings settings{{"prompt", describe(prompt)},
                          {"models", fmt::format("{}", fmt::join(detector.models(), "; "))},
                          {"profile", *o.profile},
                          {"engine", fmt::format("{}, {}", detector.engine(), to_string(o.precision))}};
  if (o.resize) settings.emplace_back("images", fmt::format("squashed to {0} x {0} pixels", *o.resize));
  if (o.tile)
    settings.emplace_back("tiles", fmt::format("{0} x {0} pixels, {1} shared", *o.tile, *o.tile_overlap));
  if (!references.empty()) settings.emplace_back("references", references);
  if (!reading.empty()) settings.emplace_back("16-bit images", reading);
  settings.emplace_back("program", "anomalyvlm " + version());
  return settings;
}

// All images are read with the same bit depth.
ReadOptions reading_of(const CalibrateArguments& arguments, const std::vector<fs::path>& good,
                       const std::vector<fs::path>& bad) {
  ReadOptions reading{.bits = arguments.bits};
  if (reading.bits > 0) return reading;
  std::vector<fs::path> all = good;
  all.insert(all.end(), bad.begin(), bad.end());
  reading.assumed_bits = common_bits(all);
  note_common_bits(reading.assumed_bits);
  return reading;
}

// `verdict`: the options that give prompt and limit.
void show_command(const eval::Calibration& found, const Detector& detector, const std::string& verdict) {
  std::string options = eval::detector_words(detector.options());
  if (!found.detect_options.empty()) options += " " + found.detect_options;
  show("judge with: anomalyvlm detect IMAGES{} {}\n", options, verdict);
}

void write_limit(const eval::Calibration& found, const Detector& detector, const HybridPrompt& prompt,
                 const std::string& file) {
  eval::write_limit(file, found.proposed().limit, to_toml(prompt));
  show("limit {} written into {}\n", found.proposed().limit, file);
  show_command(found, detector, "--prompt " + eval::shell_word(file));
}

Exit run(const CalibrateArguments& arguments, const PromptOptions& options) {
  if (!arguments.write.empty()) eval::check_limit_file(arguments.write);
  HybridPrompt prompt = prompt_of(arguments, options);
  prompt.limit.reset();
  const std::vector<fs::path> good = images_of(arguments.good, arguments),
                              bad = images_of(arguments.bad, arguments);
  check_disjoint(good, bad);
  if (arguments.references.empty()) require_no_references_needed(arguments.detector);
  if (!arguments.out.empty()) make_folder(arguments.out);
  if (!arguments.out.empty()) eval::check_calibration_folder(arguments.out);
  const Detector detector(arguments.detector);
  const ReadOptions reading = reading_of(arguments, good, bad);
  const int bits = std::max(reading.bits, reading.assumed_bits);
  const References references =
      arguments.references.empty() ? References() : load_references(detector, arguments.references, bits);
  Scorer score(detector, prompt, references, reading, good.size() + bad.size());
  std::vector<eval::ScoredImage> good_scores = score(good), bad_scores = score(bad);
  if (good_scores.empty())
    fail(ErrorKind::kBadInput, "None of the {} good images could be used.", good.size());
  eval::Calibration found = eval::calibrate(
      std::move(good_scores), std::move(bad_scores),
      eval::parse_share(arguments.false_alarms.empty() ? kUsualTarget : arguments.false_alarms),
      !arguments.false_alarms.empty());
  if (!references.empty()) found.detect_options = "--references " + eval::shell_word(arguments.references);
  if (bits > 0) found.detect_options += fmt::format("{}--bits {}", references.empty() ? "" : " ", bits);
  found.notes.insert(found.notes.end(), score.notes().begin(), score.notes().end());
  show("{}", describe(found));
  write_notes(found.notes);
  if (!arguments.out.empty()) {
    write_calibration(
        found,
        settings_of(detector, prompt, arguments.references, bits > 0 ? fmt::format("--bits {}", bits) : ""),
        arguments.out);
    show("page: {}\n", (fs::path(arguments.out) / "calibration.html").string());
  }
  if (score.failed() > 0) {
    report("{} of {} images could not be used{}.", score.failed(), good.size() + bad.size(),
           arguments.write.empty() ? "" : "; the limit was not written");
    return kFailed;
  }
  if (!arguments.write.empty())
    write_limit(found, detector, prompt, arguments.write);
  else if (!references.empty() && prompt == default_prompt(arguments.detector))
    show_command(found, detector, fmt::format("--limit {}", found.proposed().limit));
  return kFine;
}

}  // namespace

Command add_calibrate(CLI::App& app) {
  const auto arguments = std::make_shared<CalibrateArguments>();
  declare(app, *arguments);
  const PromptOptions options(app, "--prompt");
  return [=] { return run(*arguments, options); };
}

}  // namespace anomalyvlm::cli
