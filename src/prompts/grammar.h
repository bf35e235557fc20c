#pragma once
// The parts of the sentence grammar. docs/PROMPTS.md defines the language; every function here reads at a
// cursor.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/prompt.h"
#include "prompts/cursor.h"
#include "prompts/phrase_match.h"

namespace anomalyvlm::prompts {

// --- numbers.cc
// "5", "0.05", "five", "twenty-five", "one hundred", "a dozen", "half", "two thirds". None: nothing consumed.
std::optional<double> accept_number(Cursor& at);
bool is_number_word(std::string_view word);

// --- vocabulary.cc
bool is_rule_word(std::string_view word);              // a word that no phrase contains
std::string nearest_rule_word(std::string_view word);  // spelt nearly so; empty if none
bool is_any_anomaly(std::string_view phrase);          // "anomalies", "defect", "abnormal regions", ...
std::string_view nearest_anomaly_word(std::string_view phrase);  // the same of "anomalies" and "defects"
bool is_plural_anomaly(std::string_view word);                   // "anomalies", "defects", ...

// --- measures.cc
enum class MeasureUnit { kNone, kPercent, kPixel, kSquarePixel, kMm, kSquareMm, kDegree };
enum class Relation { kNone, kObject, kImage };

struct Measure {
  double value = 0;  // as written, but lengths in mm and areas in mm2
  MeasureUnit unit = MeasureUnit::kNone;
  Relation relation = Relation::kNone;
  bool diameter = false;    // "\u00D8 0.5 mm"
  int first = 0, last = 0;  // tokens [first, last)
};

struct UnitScale {
  MeasureUnit unit;
  double times, over;  // to mm and mm2; division keeps "50 um" the same number as "0.05 mm"

  double scaled(double value) const { return value * times / over; }
};

std::optional<UnitScale> accept_unit(Cursor& at);
Measure parse_measure(Cursor& at);

// --- sentence_bounds.cc
struct Bound {
  Comparison comparison = Comparison::kLess;
  Measure measure;
};

Rule plain_rule(Quantity quantity, Comparison comparison, double value, Unit unit = Unit::kNone);
// "at most 5%", "smaller than ...", "between 2 and 5 px", "< 3"; none and nothing consumed if no bound begins
// here.
std::optional<std::vector<Bound>> accept_bounds(Cursor& at);
std::optional<Comparison> accept_comparison(Cursor& at);        // "at most", "larger than", "<"
Comparison or_equal(Comparison comparison);                     // "longer" to "at least as long"
Comparison accept_or_equal(Cursor& at, Comparison comparison);  // "longer than or equal to"
// The rules that the bounds on a quantity mean; fails at a unit that does not fit.
std::vector<Rule> rules_of(const Cursor& at, Quantity quantity, const std::vector<Bound>& bounds);
// "the rectangle 10, 20, 200, 180", "polygon ...", "the object", "the left half of the image". `share`: 0.5
// or given.
Rule parse_place(Cursor& at, Comparison side, double share);
bool begins_place(Cursor at);  // a rectangle, a polygon or half of the image
// The bound of an option or of a TOML key: "5%", "< 5% of the object", "between 2% and 5%". A bare measure
// gets `bare`.
std::vector<Rule> parse_bound_value(Cursor& at, Quantity quantity, std::optional<Comparison> bare);
Rule parse_place_value(Cursor& at, Comparison side);  // "entirely rectangle 10, 20, 200, 180 px"

// --- sentence_rules.cc
std::optional<Quantity> accept_quantity_noun(Cursor& at);  // "length", "aspect ratio", ...
// What a bound without a noun is about: what follows it ("3 px wide", "10% darker ..."), else the area.
std::vector<Rule> bounded_rules(Cursor& at, const std::vector<Bound>& bounds);
bool begins_size_word(const Cursor& at);  // "long", "in width", "diameter"
// One of what follows "are": "smaller than 5%", "darker than their surroundings", "inside the rectangle ...".
std::vector<Rule> parse_complement(Cursor& at);
bool begins_complement(const Cursor& at);

// --- sentence_conditions.cc
struct Condition {
  std::vector<Rule> rules;
  bool either = false;  // one of them is enough: "longer than 60 px or wider than 3 px"
  bool listed = false;  // neither "and" nor "or" joins them, but commas
};

Condition parse_condition(Cursor& at);            // complements, joined with "and" or with "or"
std::vector<Rule> parse_complements(Cursor& at);  // joined with "and"
std::vector<Rule> all_of(const Cursor& at, int first, Condition said);  // fails for those joined with "or"
Condition negated(const Cursor& at, int first, Condition said);
Condition parse_properties(
    Cursor& at);  // "a length of at least 20 px", "an area below 5% and a confidence above 0.3"
Condition parse_exceeded(Cursor& at, bool inverted);  // behind "exceed"

// --- sentence_colors.cc
// "darker than their surroundings by at least 10%"; `amount` was said before it.
std::optional<std::vector<Rule>> accept_brightness(Cursor& at, std::vector<Bound> amount = {});
// "different in colour from the surroundings by at least 10%", "red"
std::optional<std::vector<Rule>> accept_color(Cursor& at);
std::vector<Rule> parse_brightness_value(Cursor& at, bool darker);  // "10%", "> 0", "between 5% and 20%"

// --- sentence_predicates.cc
bool begins_predicate(const Cursor& at);  // a verb: "are ...", "must not exceed ...", "have an area of ..."
std::vector<Rule> parse_property(Cursor& at);  // "a length of at least 20 px"
bool begins_property(Cursor at);
std::vector<Rule> parse_exceeded_measure(Cursor& at);  // "60 px in length", "a length of 60 px"

// --- sentence_phrases.cc
using EndsPhrase = bool (*)(const Cursor&);
bool never(const Cursor&);
// One name: up to six words, or anything in quotation marks; it ends where `ends` says so.
std::string parse_phrase(Cursor& at, EndsPhrase ends);
// "cracks, holes and cuts"
std::vector<std::string> parse_phrase_list(Cursor& at, EndsPhrase ends);
bool is_phrase_list(const Sentence& sentence);  // names only
bool is_word(const Cursor& at);
bool accept_article(Cursor& at);

// --- sentence_counts.cc
// "five abnormal regions": a number of regions, where one begins here.
bool accept_region_count(Cursor& at, HybridPrompt& prompt);
// Fails at a number of certain regions ("more than two scratches"), where something is said of a part: each
// region is judged by itself.
void refuse_count(const Cursor& at);
// Sentences about the number of regions, the object, the image; false, nothing consumed: it is none.
bool try_number_sentence(Cursor& at, HybridPrompt& prompt);
bool try_object_sentence(Cursor& at, HybridPrompt& prompt);

// --- sentences.cc
void parse_sentences(std::string_view english, HybridPrompt& prompt);  // adds to what is there
// One sentence of several: it appends to the lists of what is there and sets single values. Returns all names
// that it gives; those that are not `known` are new phrases. complete() comes after the last one.
std::vector<std::string> parse_next(const Sentence& sentence, HybridPrompt& prompt, NameSet& known);
void complete(HybridPrompt& prompt);
void add_rules(HybridPrompt& prompt, const Cursor& at, std::vector<Rule> rules,
               const std::vector<std::string>& phrases);
void add_phrases(HybridPrompt& prompt, const std::vector<std::string>& phrases);  // those that are new

// --- merge.cc
int criteria_count(const HybridPrompt& prompt);               // the highest Rule::criterion
bool is_alone(const HybridPrompt& prompt, const Rule& rule);  // a criterion of this rule only
void number_criteria(HybridPrompt& prompt);                   // from 1, in the order of the rules

// --- validate.cc
bool overlap(const Rule& a, const Rule& b);  // whether both can be for the same candidate
// All of validate() but the pixel size. Throws RuleError where it is about a rule.
void check_values(const HybridPrompt& prompt);

}  // namespace anomalyvlm::prompts
