#include "references_option.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <string_view>
#include <system_error>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/inputs.h"
#include "commands.h"
#include "core/check.h"
#include "core/files.h"
#include "option_checks.h"
#include "output.h"
#include "progress.h"

namespace anomalyvlm::cli {

namespace fs = std::filesystem;

namespace {

// As safetensors files do: the length of the header, then the header. No image file does.
bool starts_as_bank(const fs::path& file) {
  constexpr std::size_t kLength = 8;
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return false;
  const std::string start = read_start(file, kLength + 1);
  return start.size() > kLength && start[kLength] == '{';
}

}  // namespace

std::vector<ReferenceInput> reference_inputs(const std::vector<fs::path>& files, int bits) {
  std::vector<ReferenceInput> inputs;
  for (const fs::path& file : files)
    inputs.push_back({file.filename().string(), [file, bits] {
                        ReadOptions reading;
                        reading.bits = bits;
                        return read_image(file, reading);
                      }});
  return inputs;
}

References build_references(const Detector& detector, const std::vector<ReferenceInput>& inputs,
                            const ReferenceOptions& options) {
  Progress progress(inputs.size(), " references");
  return References::build(detector, inputs, options, [&](std::size_t done, std::size_t) {
    progress.show(done, done < inputs.size() ? inputs[done].name : "");
    return true;
  });
}

References load_references(const Detector& detector, const std::string& place, int bits) {
  std::error_code ignored;
  if (!fs::is_directory(place, ignored) &&
      (fs::path(place).extension() == ".avref" || starts_as_bank(place))) {
    References references = References::open(place);
    references.require_fit(detector);
    return references;
  }
  const Inputs inputs = find_images({place}, false);
  for (const std::string& text : inputs.skipped) note("{}", text);
  return build_references(detector, reference_inputs(inputs.images, bits), {});
}

References mutual_references(const Detector& detector, const std::vector<fs::path>& files, int bits) {
  if (files.size() < 2)
    throw UsageError("--mutual compares the images of a batch with each other: give several.");
  if (files.size() < kFewMutualImages)
    note("Only {} images are compared with each other (--mutual); {} or more say what is normal.",
         files.size(), kFewMutualImages);
  return build_references(detector, reference_inputs(files, bits), {.mutual = true});
}

void score_references(const Detector& detector, const HybridPrompt& prompt,
                      const std::vector<ReferenceInput>& inputs, References& references) {
  Progress progress(inputs.size(), " good images scored");
  references.calibrate(detector, prompt, inputs, [&](std::size_t done, std::size_t) {
    progress.show(done, "");
    return true;
  });
}

std::vector<CLI::Option*> declare_reference_options(CLI::App& app, ReferenceOptions& options,
                                                    const char* group) {
  CLI::Option* const rotations =
      app.add_option(
             "--rotations", options.rotations,
             "Also describes each reference turned, at N angles in all: for parts that lie at any angle")
          ->type_name("N")
          ->check(whole_number(1, kMostRotations))
          ->capture_default_str()
          ->group(group);
  CLI::Option* const variations =
      app.add_flag("--variations", options.variations,
                   "Also describes each reference moved by a few pixels, darker and brighter: for good parts "
                   "that differ more than the few references do")
          ->group(group);
  CLI::Option* const nearby =
      app.add_option_function<std::string>(
             "--nearby", [&options](const std::string& text) { options.nearby = share_of(text); },
             "Compares places only with those at most this share of the image away: for parts in a fixture")
          ->type_name("SHARE")
          ->check(CLI::Validator([](const std::string& text) { return complaint([&] { share_of(text); }); },
                                 "", ""))
          ->excludes(rotations)
          ->group(group);
  return {rotations, variations, nearby};
}

double share_of(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, value);  // whatever the locale is
  const std::string_view rest(read, static_cast<std::size_t>(end - read));
  if (rest == "%" || rest == " %") value /= 100;
  if (error != std::errc() || (!rest.empty() && rest != "%" && rest != " %") || !(value > 0 && value < 1))
    fail(ErrorKind::kBadInput, "\"{}\" is no share above 0 and below 100 %; write it as 15% or 0.15.", text);
  return value;
}

void limit_by_references(const Detector& detector, const References& references, const std::string& share,
                         HybridPrompt& prompt) {
  if (references.empty())
    throw UsageError("--false-alarms takes its limit from the scores of good images: give --references.");
  as_usage([&] { prompt.limit = references.limit_for(share_of(share)); });
  if (!references.is_calibrated_for(detector, prompt))
    throw UsageError(
        "The scores of the good images are of another prompt, model or profile: build the references again "
        "with this one, or leave out --false-alarms.");
}

}  // namespace anomalyvlm::cli
