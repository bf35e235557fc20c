#pragma once
// Hybrid prompts (paper III-E to III-G): what to look for, which candidates to accept, how many to keep. A
// HybridPrompt is made from plain English sentences, a TOML file or single options; docs/PROMPTS.md shows the
// three side by side. Functions throw Error(kBadPrompt), which quotes what was not understood.
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anomalyvlm/export.h"

namespace anomalyvlm {

// What a rule measures. docs/PROMPTS.md says how.
enum class Quantity {
  kArea,             // of the region's mask
  kLength,           // long side of the smallest rectangle, at any angle, around the region
  kWidth,            // short side of that rectangle
  kAspectRatio,      // length / width, 1 or more
  kElongation,       // 1 - width / length: 0 for a circle or square, close to 1 for a line
  kCircularity,      // 4 pi area / perimeter^2: 1 for a disc, close to 0 for a line
  kBrightness,       // mean minus the mean of the surroundings, -1..1 (1: black to white); negative is darker
  kColorDifference,  // distance of the mean colour from that of the surroundings, 0..1 (1: black to white)
  kHue,              // of the mean colour, degrees 0..360 (red 0, green 120, blue 240)
  kEdgeDistance,     // from the region to the outer edge of the object; 0 where it touches or crosses
  kConfidence,       // of the region generator, 0..1
  kLocation,         // fraction of the region that lies in Rule::region, 0..1
};

enum class Unit {
  kNone,      // a plain number: ratios, degrees, confidence
  kOfObject,  // fraction of the inspected object's area, 0..1
  kOfImage,   // fraction of the image's area; for Rule::region, of its width and height
  kPixels,    // pixels; for kArea square pixels
  kMm,        // millimetres; for kArea square millimetres; needs HybridPrompt::pixel_size_mm
};

enum class Comparison { kLess, kAtMost, kGreater, kAtLeast, kInside, kOutside };

// A symbolic rule (III-F): a candidate that breaks it is removed.
struct Rule {
  Quantity quantity = Quantity::kArea;
  Comparison comparison = Comparison::kLess;
  double value = 0;  // the bound, in `unit`; kHue: first degree; kLocation: least fraction inside (outside)
  double value_to = 0;  // kHue only: last degree; below `value` if the range passes through red
  Unit unit = Unit::kNone;
  std::vector<std::array<double, 2>> region;  // kLocation: corners (x, y) of a polygon; empty: the object
  std::vector<std::string> phrases;           // only for candidates of these phrases; empty: for all
  // 0: a rule that describes what counts, which every region must meet. Otherwise: the number of the
  // criterion that it belongs to, which says what fails a part ("reject ..."). A region must meet all rules
  // of at least one criterion for its kind; regions that meet none are tolerated.
  int criterion = 0;
  std::string text;  // its source, for messages; not compared by ==

  ANOMALYVLM_API bool operator==(const Rule& other) const;
};

// A limit on the number of regions of certain kinds: "no more than two scratches".
struct KindLimit {
  std::vector<std::string> phrases;  // the kinds that are counted together
  int max_regions = 0;               // keep at most this many, the best; 0: all

  bool operator==(const KindLimit&) const = default;
};

struct HybridPrompt {
  std::vector<std::string> phrases;    // prompt 1: what to look for; see sought_phrases()
  std::vector<Rule> rules;             // prompt 2: all must be met, but see Rule::criterion
  std::optional<int> max_regions;      // prompt 3: keep the K best; none or 0: all
  std::vector<KindLimit> kind_limits;  // the same for single kinds; applied before max_regions
  // Only the named kinds count. false: defects of other kinds count too, if the model recognises
  // them (nano).
  bool only_named = false;
  std::optional<double> limit;          // image score from which an image is not OK; none: no verdict
  std::string object;                   // what is inspected, for instance "hazelnut"; empty: the whole image
  std::optional<int> object_count;      // how many objects the image shows
  std::optional<double> pixel_size_mm;  // side of a pixel; needed for mm and mm2

  bool operator==(const HybridPrompt&) const = default;
};

// The paper's generic prompts: "defect", "Anomalies are smaller than 50%.", "At most five abnormal regions."
ANOMALYVLM_API HybridPrompt generic_prompt();
// The phrases; if none are given, those that criteria are limited to, otherwise "defect" and those that rules
// are limited to.
ANOMALYVLM_API std::vector<std::string> sought_phrases(const HybridPrompt& prompt);

// English sentences. Text that is not understood is quoted with a caret below the word; nothing is ignored.
ANOMALYVLM_API HybridPrompt parse_prompt_text(std::string_view english);
// `file_name` is for messages. An unknown key is an error that states its line.
ANOMALYVLM_API HybridPrompt parse_prompt_toml(std::string_view text, std::string_view file_name);
// Reads *.toml as TOML, any other file as English. Throws Error(kIo) if it cannot be read.
ANOMALYVLM_API HybridPrompt load_prompt(const std::filesystem::path& path);
// Command line options, without the dashes: {"max-area", "5%"}. They take precedence over sentences.
ANOMALYVLM_API HybridPrompt
parse_prompt_options(std::span<const std::pair<std::string, std::string>> options);
struct PromptOption {
  std::string_view name, value, help;  // "max-area", "AREA", "largest area: 5%, ..."; no value: a flag
};
ANOMALYVLM_API std::span<const PromptOption> prompt_options();

// `over` takes precedence: its phrases and single values replace those of `base`; each of its rules replaces
// the rules of `base` on the same quantity, side, unit and phrases.
ANOMALYVLM_API HybridPrompt merge(const HybridPrompt& base, const HybridPrompt& over);
// Checks ranges and contradictions (both rules are named). The parsers check this too; but only here, with
// all sources merged, a missing pixel size or a rule for something that is not looked for is an error.
ANOMALYVLM_API void validate(const HybridPrompt& prompt);

// "length > 20 px (cracks only)"
ANOMALYVLM_API std::string describe(const Rule& rule);
// Several lines, stable: `anomalyvlm prompt check`.
ANOMALYVLM_API std::string describe(const HybridPrompt& prompt);
// parse_prompt_toml() returns the same prompt.
ANOMALYVLM_API std::string to_toml(const HybridPrompt& prompt);

}  // namespace anomalyvlm
