#include "eval/run/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "detector/registry.h"
#include "eval/metrics/limit_text.h"

namespace anomalyvlm::eval {
namespace {

// What an evaluation squashes images to, and a model then is to see, is one size for detect.
bool can_be_repeated(const RunPlan& plan) {
  const DetectorOptions& d = plan.detector;
  return plan.side == 0 || (!d.tile && d.resize.value_or(plan.side) == plan.side);
}

bool is_in_pixels(const Rule& rule) { return rule.unit == Unit::kPixels || rule.unit == Unit::kMm; }

}  // namespace

std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,+=@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string detector_words(const DetectorOptions& d) {
  const DetectorOptions usual;
  std::string options;
  const auto add = [&](const char* name, const std::string& value, const std::string& by_default) {
    if (value != by_default) options += fmt::format(" {} {}", name, shell_word(value));
  };
  const auto add_number = [&](const char* name, const std::optional<int>& value) {
    if (value) options += fmt::format(" {} {}", name, *value);
  };
  add("--method", d.method, usual.method);
  add("--model", d.model, usual.model);
  if (d.method == usual.method) {
    const std::string own = model_entry(d.model).profile;
    add("--profile", d.profile.value_or(own), own);
  }
  add("--engine", d.engine, usual.engine);
  add("--device", d.device, usual.device);
  add("--precision", std::string(to_string(d.precision)), std::string(to_string(usual.precision)));
  add_number("--proposal-side", d.proposal_side);
  add_number("--resize", d.resize);
  add_number("--tile", d.tile);
  if (d.tile && d.tile_overlap != *d.tile / 8) add_number("--overlap", d.tile_overlap);
  return options;
}

std::string reference_words(const ReferenceOptions& r) {
  std::string options;
  if (r.rotations > 1) options += fmt::format(" --rotations {}", r.rotations);
  if (r.variations) options += " --variations";
  if (r.nearby > 0) options += fmt::format(" --nearby {:g}%", 100 * r.nearby);
  return options;
}

std::string detect_command(const RunPlan& plan, const CategoryResult& category,
                           const std::filesystem::path& prompt_file) {
  if (!can_be_repeated(plan)) return {};
  DetectorOptions options = plan.detector;
  if (plan.side > 0) options.resize = plan.side;
  std::string command = "anomalyvlm detect IMAGES" + detector_words(options);
  if (plan.compares)
    command +=
        reference_words(plan.reference_options).empty() ? " --references GOOD" : " --references GOOD.avref";
  if (const int bits = plan.bits > 0 ? plan.bits : plan.assumed_bits; bits > 0)
    command += fmt::format(" --bits {}", bits);
  command += " --prompt " + shell_word(prompt_file.string());
  if (const MetricValue& threshold = category.metrics.pixel.f1_threshold; threshold.defined())
    command += " --threshold " + threshold_text(threshold.value);
  if (const std::string limit = category.limit ? limit_text(category.limit->value) : "0"; limit != "0")
    command += " --limit " + limit;
  return command;
}

std::vector<std::string> detect_notes(const RunPlan& plan) {
  if (!can_be_repeated(plan))
    return {
        "No command of detect gives the same maps: images were squashed to a square, and that was resized or "
        "cut "
        "into tiles. Choose --side 0, or leave --resize and --tile out."};
  std::vector<std::string> notes;
  if (plan.compares)
    notes.emplace_back(
        "GOOD stands for a folder with the category's references, which the configuration names.");
  if (const std::string words = reference_words(plan.reference_options); plan.compares && !words.empty()) {
    DetectorOptions options = plan.detector;
    if (plan.side > 0) options.resize = plan.side;
    notes.push_back(fmt::format("GOOD.avref is made by: anomalyvlm reference build GOOD --out GOOD.avref{}{}",
                                words, detector_words(options)));
  }
  if (plan.side == 0) return notes;
  notes.push_back(fmt::format(
      "Thresholds and limits are of images squashed to {0} x {0} pixels: give detect --resize {0} with them. "
      "Its maps are those of this run, enlarged to the image's size.",
      plan.side));
  const bool pixels = std::any_of(plan.categories.begin(), plan.categories.end(), [](const CategoryPlan& c) {
    const auto& rules = c.prompts.front().rules;
    return std::any_of(rules.begin(), rules.end(), is_in_pixels);
  });
  if (pixels)
    notes.emplace_back(
        "Rules in pixels or millimetres were measured on the squashed images, but detect measures them on "
        "the "
        "images as they are: use --side 0 for such rules.");
  return notes;
}

}  // namespace anomalyvlm::eval
