#pragma once
// The parts of the sentence grammar. docs/PROMPTS.md defines the language; every function here reads at a
// cursor.
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/prompt.h"
#include "prompts/lexer.h"

namespace anomalyvlm::prompts {

// Where the parser is in a sentence.
class Cursor {
 public:
  explicit Cursor(const Sentence& sentence, std::string object = {})
      : sentence_(sentence), object_(std::move(object)) {}

  const Token& peek(int ahead = 0) const;
  bool at_end() const { return peek().kind == Token::Kind::kEnd; }
  bool is(std::string_view words, int ahead = 0) const;  // words and symbols, separated by single spaces
  bool accept(std::string_view words);
  bool accept_any(std::initializer_list<std::string_view> alternatives);
  void expect(std::initializer_list<std::string_view> alternatives, const std::string& message);
  void expect_end();
  void advance() { position_ += at_end() ? 0 : 1; }
  int position() const { return position_; }
  void rewind(int position) { position_ = position; }
  const Sentence& sentence() const { return sentence_; }
  const std::string& object() const { return object_; }  // the inspected object's name, where known

  // Points at the present word, and proposes a word that is spelt nearly so.
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void fail_from(int first, const std::string& message) const;  // from a token up to here

 private:
  const Sentence& sentence_;
  std::string object_;
  int position_ = 0;
};

// --- numbers.cc
// "5", "0.05", "five", "twenty-five", "one hundred", "a dozen", "half", "two thirds". None: nothing consumed.
std::optional<double> accept_number(Cursor& at);
bool is_number_word(std::string_view word);

// --- vocabulary.cc
bool is_rule_word(std::string_view word);              // a word that no phrase contains
std::string nearest_rule_word(std::string_view word);  // spelt nearly so; empty if none
bool is_any_anomaly(std::string_view phrase);          // "anomalies", "defect", "abnormal regions", ...
bool is_plural_anomaly(std::string_view word);         // "anomalies", "defects", ...

// --- sentence_bounds.cc
enum class MeasureUnit { kNone, kPercent, kPixel, kSquarePixel, kMm, kSquareMm, kDegree };
enum class Relation { kNone, kObject, kImage };

struct Measure {
  double value = 0;  // as written, but lengths in mm and areas in mm2
  MeasureUnit unit = MeasureUnit::kNone;
  Relation relation = Relation::kNone;
  int first = 0, last = 0;  // tokens [first, last)
};

struct Bound {
  Comparison comparison = Comparison::kLess;
  Measure measure;
};

Measure parse_measure(Cursor& at);
// "at most 5%", "smaller than ...", "between 2 and 5 px", "< 3"; none and nothing consumed if no bound begins
// here.
std::optional<std::vector<Bound>> accept_bounds(Cursor& at);
// The rules that the bounds on a quantity mean; fails at a unit that does not fit.
std::vector<Rule> rules_of(const Cursor& at, Quantity quantity, const std::vector<Bound>& bounds);
// "the rectangle 10, 20, 200, 180", "polygon ...", "the object", "the left half of the image". `share`: 0.5
// or given.
Rule parse_place(Cursor& at, Comparison side, double share);
// The bound of an option or of a TOML key: "5%", "< 5% of the object", "between 2% and 5%". A bare measure
// gets `bare`.
std::vector<Rule> parse_bound_value(Cursor& at, Quantity quantity, std::optional<Comparison> bare);
Rule parse_place_value(Cursor& at, Comparison side);  // "entirely rectangle 10, 20, 200, 180 px"

// --- sentence_rules.cc
std::optional<Quantity> accept_quantity_noun(Cursor& at);  // "length", "aspect ratio", ...
// What a bound without a noun is about: what follows it ("3 px wide", "10% darker ..."), else the area.
std::vector<Rule> bounded_rules(Cursor& at, const std::vector<Bound>& bounds);
std::vector<Rule> parse_brightness_value(Cursor& at, bool darker);  // "10%", "> 0", "between 5% and 20%"
// What follows "are": "smaller than 5%", "darker than their surroundings", "inside the rectangle ...", and
// more of them with "and".
std::vector<Rule> parse_complements(Cursor& at);
bool begins_complement(const Cursor& at);
std::vector<Rule> negated(const Cursor& at, int first, std::vector<Rule> rules);

// --- sentence_predicates.cc
// From the verb on: "are ...", "must not exceed ...", "lie ...", "have an area of ...".
std::vector<Rule> parse_predicate(Cursor& at);
bool begins_predicate(const Cursor& at);
// "a length of at least 20 px", "an area below 5% and a confidence above 0.3"
std::vector<Rule> parse_properties(Cursor& at);
bool begins_property(Cursor at);

// --- sentences.cc
void parse_sentence(const Sentence& sentence, HybridPrompt& prompt);
// "cracks, holes and cuts" up to the end.
std::vector<std::string> parse_phrases(Cursor& at);

// --- validate.cc
void check_values(const HybridPrompt& prompt);  // all of validate() but the pixel size

}  // namespace anomalyvlm::prompts
