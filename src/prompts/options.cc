#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/check.h"
#include "prompts/grammar.h"
#include "prompts/quantities.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

struct BoundOption {
  PromptOption option;
  Quantity quantity;
  Comparison side;  // of a value without a comparison
};

constexpr std::array<BoundOption, 21> kBounds = {{
    {{"max-area", "AREA", "largest area: 5%, \"< 5% of the image\", \"200 px2\", \"3 mm2\""},
     Quantity::kArea,
     Comparison::kAtMost},
    {{"min-area", "AREA", "smallest area"}, Quantity::kArea, Comparison::kAtLeast},
    {{"max-length", "LENGTH", "greatest length: \"20 px\", \"1.5 mm\""},
     Quantity::kLength,
     Comparison::kAtMost},
    {{"min-length", "LENGTH", "least length; \"cracks: 20 px\" is for cracks only"},
     Quantity::kLength,
     Comparison::kAtLeast},
    {{"max-width", "LENGTH", "greatest width"}, Quantity::kWidth, Comparison::kAtMost},
    {{"min-width", "LENGTH", "least width"}, Quantity::kWidth, Comparison::kAtLeast},
    {{"max-aspect-ratio", "NUMBER", "greatest length / width"}, Quantity::kAspectRatio, Comparison::kAtMost},
    {{"min-aspect-ratio", "NUMBER", "least length / width"}, Quantity::kAspectRatio, Comparison::kAtLeast},
    {{"max-elongation", "NUMBER", "greatest 1 - width / length"}, Quantity::kElongation, Comparison::kAtMost},
    {{"min-elongation", "NUMBER", "least 1 - width / length"}, Quantity::kElongation, Comparison::kAtLeast},
    {{"max-circularity", "NUMBER", "greatest circularity (1: a disc)"},
     Quantity::kCircularity,
     Comparison::kAtMost},
    {{"min-circularity", "NUMBER", "least circularity (1: a disc)"},
     Quantity::kCircularity,
     Comparison::kAtLeast},
    {{"max-brightness", "PERCENT", "greatest brightness above the surroundings"},
     Quantity::kBrightness,
     Comparison::kAtMost},
    {{"min-brightness", "PERCENT", "least brightness above the surroundings"},
     Quantity::kBrightness,
     Comparison::kAtLeast},
    {{"max-color-difference", "PERCENT", "greatest colour difference from the surroundings"},
     Quantity::kColorDifference,
     Comparison::kAtMost},
    {{"min-color-difference", "PERCENT", "least colour difference from the surroundings"},
     Quantity::kColorDifference,
     Comparison::kAtLeast},
    {{"hue", "RANGE", "hue in degrees: \"20 to 60\", \"not 350 to 10\""},
     Quantity::kHue,
     Comparison::kInside},
    {{"max-edge-distance", "LENGTH", "greatest distance to the object's edge"},
     Quantity::kEdgeDistance,
     Comparison::kAtMost},
    {{"min-edge-distance", "LENGTH", "least distance to the object's edge"},
     Quantity::kEdgeDistance,
     Comparison::kAtLeast},
    {{"max-confidence", "NUMBER", "greatest confidence"}, Quantity::kConfidence, Comparison::kAtMost},
    {{"min-confidence", "NUMBER", "least confidence"}, Quantity::kConfidence, Comparison::kAtLeast},
}};

constexpr std::array<PromptOption, 11> kOthers = {{
    {"standard", "TEXT",
     "English sentences: \"Defect. Anomalies are smaller than 50%. At most five abnormal regions.\""},
    {"phrases", "LIST", "what to look for: \"cracks, holes and cuts\""},
    {"only-named", "", "nothing but the named kinds counts"},
    {"object", "NAME", "what is inspected, for instance hazelnut"},
    {"object-count", "N", "how many objects the image shows"},
    {"max-regions", "K", "keep the K best regions; 0: all"},
    {"pixel-size", "LENGTH", "side of a pixel: \"0.05 mm\", \"50 um\""},
    {"darker", "PERCENT", "at least so much darker than the surroundings (\"> 0\": at all)"},
    {"brighter", "PERCENT", "at least so much brighter than the surroundings"},
    {"inside", "PLACE",
     "\"rectangle 10, 20, 200, 180\", \"polygon 10% 10%, 90% 10%, 50% 90%\", \"the object\""},
    {"outside", "PLACE", "the same, for areas to exclude"},
}};

constexpr auto kOptions = [] {
  std::array<PromptOption, kOthers.size() + kBounds.size()> all{};
  for (std::size_t i = 0; i < kOthers.size(); ++i) all[i] = kOthers[i];
  for (std::size_t i = 0; i < kBounds.size(); ++i) all[kOthers.size() + i] = kBounds[i].option;
  return all;
}();

int whole_number(const std::string& value) {
  int number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) {
    fail(ErrorKind::kBadPrompt, "\"{}\" is not a whole number.", value);
  }
  return number;
}

double pixel_size(const std::string& value) {
  const auto sentence = prompts::single_sentence(value);
  prompts::Cursor at(sentence);
  const prompts::Measure measure = prompts::parse_measure(at);
  at.expect_end();
  if (measure.unit != prompts::MeasureUnit::kMm)
    at.fail_from(0, "the size of a pixel is a length, such as 0.05 mm");
  return measure.value;
}

// "cracks, cuts: 20 px"
std::vector<std::string> accept_phrases(prompts::Cursor& at) {
  const auto& tokens = at.sentence().tokens;
  const auto is_colon = [](const prompts::Token& t) {
    return t.kind == prompts::Token::Kind::kSymbol && t.text == ":";
  };
  if (std::none_of(tokens.begin(), tokens.end(), is_colon)) return {};
  std::vector<std::string> phrases = prompts::parse_phrase_list(at, prompts::never);
  at.expect({":"}, "expected \":\" here");
  return phrases;
}

const BoundOption* find_bound(std::string_view name) {
  for (const BoundOption& row : kBounds) {
    if (row.option.name == name) return &row;
  }
  return nullptr;
}

void check_side(const prompts::Cursor& at, const BoundOption& row, const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) {
    const bool upper = prompts::is_upper(row.side), lower = prompts::is_lower(row.side);
    if ((upper && prompts::is_lower(rule.comparison)) || (lower && prompts::is_upper(rule.comparison))) {
      at.fail_from(0, "this comparison is not the one of the option");
    }
  }
}

std::vector<Rule> parse_rules(const std::string& name, prompts::Cursor& at) {
  if (name == "inside") return {prompts::parse_place_value(at, Comparison::kInside)};
  if (name == "outside") return {prompts::parse_place_value(at, Comparison::kOutside)};
  if (name == "darker" || name == "brighter") return prompts::parse_brightness_value(at, name == "darker");
  const BoundOption* row = find_bound(name);
  if (row == nullptr) fail(ErrorKind::kBadPrompt, "there is no such option.");
  const auto bare = row->quantity == Quantity::kHue ? std::nullopt : std::optional(row->side);
  std::vector<Rule> rules = prompts::parse_bound_value(at, row->quantity, bare);
  check_side(at, *row, rules);
  return rules;
}

void apply(const std::string& name, const std::string& value, HybridPrompt& prompt) {
  if (name == "phrases") {
    for (const auto& sentence : prompts::split_sentences(value)) {
      prompts::Cursor at(sentence);
      for (std::string& phrase : prompts::parse_phrase_list(at, prompts::never))
        prompt.phrases.push_back(std::move(phrase));
      at.expect_end();
    }
  } else if (name == "object") {
    prompt.object = prompts::normalised_phrase(value);
  } else if (name == "only-named") {
    if (!value.empty() && value != "true" && value != "false")
      fail(ErrorKind::kBadPrompt, "this option takes no value (or \"true\", \"false\").");
    prompt.only_named = value != "false";
  } else if (name == "object-count") {
    prompt.object_count = whole_number(value);
  } else if (name == "max-regions") {
    prompt.max_regions = whole_number(value);
  } else if (name == "pixel-size") {
    prompt.pixel_size_mm = pixel_size(value);
  } else {
    const auto sentence = prompts::single_sentence(value);
    prompts::Cursor at(sentence, prompt.object);
    const std::vector<std::string> phrases = accept_phrases(at);
    for (Rule& rule : parse_rules(name, at)) {
      rule.phrases = phrases;
      rule.text = fmt::format("--{} {}", name, value);
      prompt.rules.push_back(std::move(rule));
    }
    at.expect_end();
  }
}

}  // namespace

HybridPrompt parse_prompt_options(std::span<const std::pair<std::string, std::string>> options) {
  HybridPrompt spoken, given;
  const auto read = [&](bool sentences) {
    for (const auto& [name, bytes] : options) {
      if ((name == "standard") != sentences) continue;
      const std::string value = decoded_text(bytes);
      try {
        if (sentences) {
          prompts::parse_sentences(value, spoken);
        } else {
          apply(name, value, given);
        }
      } catch (const Error& error) {
        throw Error(error.kind(), "--" + name + ": " + error.what());
      }
    }
  };
  read(false);
  spoken.object = given.object;  // so that sentences may call it by its name
  read(true);
  HybridPrompt prompt = merge(spoken, given);
  prompts::check_values(prompt);
  return prompt;
}

std::span<const PromptOption> prompt_options() { return kOptions; }

}  // namespace anomalyvlm
