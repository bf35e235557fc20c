#pragma once
// How a text of sentences is understood, place by place: for editors that show it while a person types.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/export.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm {

// All places are bytes [begin, end) of the text that was given, and cut no character in half.

// Something that a sentence says. Names stand where they are written; what a sentence says in other words
// stands where the sentence is.
struct PromptPart {
  enum class Kind {
    kPhrase,  // a name that is looked for: "scratch"
    kRule,    // describe(rule): "area < 5% of the object"
    kCount,   // "at most 5 regions", "at most 2 regions of scratches"
    kLimit,   // "an image score from 0.5 is not OK"
    kObject,  // "hazelnut", "4 in the image"
    kOther,   // "nothing else counts", "a pixel is 0.05 mm", "as said before"
  };
  Kind kind = Kind::kOther;
  int begin = 0, end = 0;
  std::string text;
};

// A number, in digits or in words, that sets one thing. With a plain number in its place ("7", "2.5") the
// text sets just that thing to another value, as long as the number makes sense there; whether it goes
// together with the other rules is another matter.
struct PromptNumber {
  enum class Sets { kRule, kMaxRegions, kKindLimit, kImageLimit, kObjectCount, kPixelSize };
  int begin = 0, end = 0;
  double value = 0;  // as it is written: 5 for "5%" and "five"
  Sets sets = Sets::kRule;
  int index = -1;  // of a rule ("exactly 5 px": the first of two) or of kind_limits in PromptReading::prompt
  std::string unit;  // "% of the object", "px", "px\u00B2", "mm", "\u00B0", "%", ...; none: empty
};

struct PromptProblem {
  std::string message;     // one sentence
  int begin = 0, end = 0;  // the same: something is missing there
};

struct PromptSentence {
  int begin = 0, end = 0;         // without the full stop
  std::vector<PromptPart> parts;  // in the order of their places; none where there is a problem
  std::vector<PromptNumber> numbers;
  std::optional<PromptProblem> problem;
};

struct PromptReading {
  std::vector<PromptSentence> sentences;
  HybridPrompt prompt;  // of the sentences that were understood
  // Of the text as a whole: rules that contradict each other (where the later one is), a text that cannot be
  // read. Both places are 0 where it has none.
  std::optional<PromptProblem> problem;
};

// Reads each sentence after those before it that were understood. There is a problem exactly where
// parse_prompt_text() throws; otherwise `prompt` is what that returns. Numbers are found among the first 64
// of a text, fewer in long texts: each is tried out. Never throws for bad text.
ANOMALYVLM_API PromptReading read_prompt_text(std::string_view english);

}  // namespace anomalyvlm
