#pragma once
// Hybrid prompts (paper III-E to III-G): what to look for, which candidates to believe, how many to keep. One
// HybridPrompt comes from plain English sentences, a TOML file or single options; docs/PROMPTS.md shows the
// three side by side. Functions throw Error(kBadPrompt) that quotes what was not understood.
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anomalyvlm {

// What a rule looks at. docs/PROMPTS.md says how each is measured.
enum class Quantity {
  kArea,             // of the region's mask
  kLength,           // long side of the smallest rectangle, at any angle, around the region
  kWidth,            // short side of that rectangle
  kAspectRatio,      // length / width, 1 or more
  kElongation,       // 1 - width / length: 0 round or square, towards 1 a line
  kCircularity,      // 4 pi area / perimeter^2: 1 a disc, towards 0 a line
  kBrightness,       // mean minus that of the surroundings, -1..1 (black to white); negative is darker
  kColorDifference,  // distance of the mean colour from that of the surroundings, 0..1 (black to white)
  kHue,              // of the mean colour, degrees 0..360 (red 0, green 120, blue 240)
  kEdgeDistance,     // from the region to the outer edge of the object; 0 where it touches or crosses
  kConfidence,       // of the region generator, 0..1
  kLocation,         // share of the region that lies in Rule::region, 0..1
};

enum class Unit {
  kNone,      // a plain number: ratios, degrees, confidence
  kOfObject,  // share of the inspected object's area, 0..1
  kOfImage,   // share of the image: of its area; for Rule::region of its width and height
  kPixels,    // pixels; for kArea square pixels
  kMm,        // millimetres; for kArea square millimetres; needs HybridPrompt::pixel_size_mm
};

enum class Comparison { kLess, kAtMost, kGreater, kAtLeast, kInside, kOutside };

// A symbolic rule (III-F): a candidate that breaks it is removed.
struct Rule {
  Quantity quantity = Quantity::kArea;
  Comparison comparison = Comparison::kLess;
  double value = 0;     // the bound, in `unit`; kHue: first degree; kLocation: least share inside (outside)
  double value_to = 0;  // kHue only: last degree; below `value` when the range passes through red
  Unit unit = Unit::kNone;
  std::vector<std::array<double, 2>> region;  // kLocation: corners (x, y) of a polygon; empty: the object
  std::vector<std::string> phrases;           // for candidates of these phrases only; empty: for all
  // 0: it describes what counts, which every region must meet. Above: the number of the criterion it is a
  // part of, which says what fails a part ("reject ..."). Of the criteria for its kind a region must meet
  // one, with all its rules; those that meet none are tolerated.
  int criterion = 0;
  std::string text;  // where it came from, for messages; not compared by ==

  bool operator==(const Rule& other) const;
};

// At most so many regions of certain kinds: "no more than two scratches".
struct KindLimit {
  std::vector<std::string> phrases;  // the kinds that are counted together
  int max_regions = 0;               // keep so many of the best; 0: all

  bool operator==(const KindLimit&) const = default;
};

struct HybridPrompt {
  std::vector<std::string> phrases;    // prompt 1: what to look for; see sought_phrases()
  std::vector<Rule> rules;             // prompt 2: all must be met, but see Rule::criterion
  std::optional<int> max_regions;      // prompt 3: keep the K best; none or 0: all
  std::vector<KindLimit> kind_limits;  // the same for single kinds; applied before max_regions
  // Nothing but the named kinds counts. false: a strong defect of another kind counts too, where the model
  // can tell it (nano).
  bool only_named = false;
  std::optional<double> limit;          // image score from which an image is not OK; none: no verdict
  std::string object;                   // what is inspected, for instance "hazelnut"; empty: the whole image
  std::optional<int> object_count;      // how many of it the image shows
  std::optional<double> pixel_size_mm;  // side of a pixel; makes mm and mm2 usable

  bool operator==(const HybridPrompt&) const = default;
};

// The paper's generic prompts: "defect", "Anomalies are smaller than 50%.", "At most five abnormal regions."
HybridPrompt generic_prompt();
// The phrases; where none is given, what criteria are limited to, else "defect" and what rules are limited
// to.
std::vector<std::string> sought_phrases(const HybridPrompt& prompt);

// English sentences. What is not understood is quoted with a caret below the word; nothing is ignored.
HybridPrompt parse_prompt_text(std::string_view english);
// `file_name` is for messages. Unknown keys are errors with their line.
HybridPrompt parse_prompt_toml(std::string_view text, std::string_view file_name);
// A file: *.toml as TOML, any other as English. Throws Error(kIo) when it cannot be read.
HybridPrompt load_prompt(const std::filesystem::path& path);
// Options of a command line, without the dashes: {"max-area", "5%"}. Those of sentences are weaker.
HybridPrompt parse_prompt_options(std::span<const std::pair<std::string, std::string>> options);
struct PromptOption {
  std::string_view name, value, help;  // "max-area", "AREA", "largest area: 5%, ..."; no value: a flag
};
std::span<const PromptOption> prompt_options();

// `over` is stronger: its phrases and single values replace those of `base`; each rule of it replaces the
// rules of `base` on the same quantity, side, unit and phrases.
HybridPrompt merge(const HybridPrompt& base, const HybridPrompt& over);
// Ranges, and contradictions (both rules are named). The parsers check this too; but only here, with all
// sources merged, is a missing pixel size an error, or a rule for something that is not looked for.
void validate(const HybridPrompt& prompt);

std::string describe(const Rule& rule);            // "length > 20 px (cracks only)"
std::string describe(const HybridPrompt& prompt);  // several lines, stable: `anomalyvlm prompt check`
std::string to_toml(const HybridPrompt& prompt);   // parse_prompt_toml() gives the same prompt again

}  // namespace anomalyvlm
