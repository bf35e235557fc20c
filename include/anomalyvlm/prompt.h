#pragma once
// Hybrid prompts (paper III-E to III-G): what to look for, which candidates to believe, how many to keep.
// One HybridPrompt comes from plain English sentences, a TOML file or single options; docs/PROMPTS.md shows
// the three side by side. Every function here throws Error(kBadPrompt) with a sentence that quotes what was
// not understood.
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anomalyvlm {

// What a rule looks at. How each is measured: src/pipeline/measure.h and docs/PROMPTS.md.
enum class Quantity {
  kArea,         // of the region's mask
  kLength,       // long side of the smallest rectangle, at any angle, around the region
  kWidth,        // short side of that rectangle
  kAspectRatio,  // length / width, 1 or more
  kElongation,   // 1 - width / length: 0 round or square, towards 1 a line
  kCircularity,  // 4 pi area / perimeter^2: 1 a disc, 0 a line
  kBrightness,  // mean brightness minus that of the surroundings, -1..1 of the full range; negative is darker
  kColorDifference,  // distance of the mean colour from that of the surroundings, 0..1 of black to white
  kHue,              // of the mean colour, degrees 0..360 (red 0, green 120, blue 240)
  kEdgeDistance,     // smallest distance of the region to the outer edge of the object, 0 where it touches or
                     // crosses
  kConfidence,       // of the region generator, 0..1
  kLocation,         // share of the region that lies in Rule::region, 0..1
};

enum class Unit {
  kNone,      // a plain number: ratios, degrees, confidence
  kOfObject,  // share of the inspected object's area, 0..1
  kOfImage,   // share of the image: of its area, or of its width and height for Rule::region
  kPixels,    // pixels, for kArea square pixels
  kMm,        // millimetres, for kArea square millimetres; needs HybridPrompt::pixel_size_mm
};

enum class Comparison { kLess, kAtMost, kGreater, kAtLeast, kInside, kOutside };

// A symbolic rule (III-F): a candidate that breaks it is removed.
struct Rule {
  Quantity quantity = Quantity::kArea;
  Comparison comparison = Comparison::kLess;
  double value =
      0;  // the bound, in `unit`; kHue: first degree; kLocation: the least share inside (or outside)
  double value_to = 0;  // kHue only: last degree; below `value` when the range passes through red
  Unit unit = Unit::kNone;
  std::vector<std::array<double, 2>>
      region;                        // kLocation only: corners (x, y) of a polygon, kPixels or kOfImage
  std::vector<std::string> phrases;  // applies to candidates of these phrases only; empty: to all
  std::string text;                  // where it came from, for messages; not compared by ==

  bool operator==(const Rule& other) const;
};

struct HybridPrompt {
  std::vector<std::string> phrases;     // prompt 1: what to look for; empty: "defect"
  std::vector<Rule> rules;              // prompt 2: all must be met
  std::optional<int> max_regions;       // prompt 3: keep the K best; none or 0: all
  std::string object;                   // what is inspected, for instance "hazelnut"; empty: the whole image
  std::optional<int> object_count;      // how many of it the image shows
  std::optional<double> pixel_size_mm;  // side of a pixel; makes mm and mm2 usable

  bool operator==(const HybridPrompt&) const = default;
};

// The paper's generic prompts: "defect", "Anomalies are smaller than 50%.", "At most five abnormal regions."
HybridPrompt generic_prompt();

// One or more English sentences. What is not understood is quoted with a caret below the word; nothing is
// ignored.
HybridPrompt parse_prompt_text(std::string_view english);
// `file_name` is for messages. Unknown keys are errors with their line.
HybridPrompt parse_prompt_toml(std::string_view text, std::string_view file_name);
// A file: *.toml as TOML, any other as English. Throws Error(kIo) when it cannot be read.
HybridPrompt load_prompt(const std::filesystem::path& path);

// Options of a command line, without the dashes: {"max-area", "5%"}. Later ones add to earlier ones.
HybridPrompt parse_prompt_options(std::span<const std::pair<std::string, std::string>> options);
struct PromptOption {
  std::string_view name, value, help;  // "max-area", "AREA", "Largest area: 5%, 0.05, 1% of the image, ..."
};
std::span<const PromptOption> prompt_options();

// Sources in order of precedence, the strongest last (file, then sentences, then options). Phrases and single
// values of `over` replace those of `base`; a rule replaces the rules of `base` on the same quantity, side,
// unit and phrases.
HybridPrompt merge(const HybridPrompt& base, const HybridPrompt& over);

// Ranges and contradictions (a lower bound above an upper one; both are named). The parsers do this too, but
// only this one, with all sources merged, also asks for the pixel size when a rule needs it.
void validate(const HybridPrompt& prompt);

std::string describe(const Rule& rule);            // "area < 5% of the object (crack, cut)"
std::string describe(const HybridPrompt& prompt);  // several lines, stable, for `anomalyvlm prompt check`
std::string to_toml(const HybridPrompt& prompt);   // parse_prompt_toml() gives the same prompt again

}  // namespace anomalyvlm
