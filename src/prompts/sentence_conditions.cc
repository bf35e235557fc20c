// Conditions: rules that hold together ("and"), or of which one is enough ("or").
#include <algorithm>

#include "prompts/judgement.h"
#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

using Rules = std::vector<Rule>;

constexpr const char* kMixed =
    "\"and\" and \"or\" together can be read in two ways: give each condition a sentence of its own";

// The parts of a condition and what joins them.
class Parts {
 public:
  Parts(const Cursor& at, Condition first) : first_(at.position()), parts_{std::move(first)} {}

  // What joins the next part; where another subject, an order or another clause follows, nothing is consumed.
  bool accept_joint(Cursor& at) {
    const int start = at.position();
    contrast_ = at.accept_any({", but", "but"});
    const bool either = !contrast_ && at.accept_any({", or", "or", ", and / or", "and / or"});
    const bool both = contrast_ || (!either && at.accept_any({", and", "and"}));
    if (!either && !both && begins_where(at)) return both_ = true;
    if (!either && !both && !at.accept(",")) return false;
    if (begins_other_clause(at)) {
      at.rewind(start);
      return false;
    }
    either_ |= either;
    both_ |= both;
    return true;
  }
  bool contrast() const { return contrast_; }  // the last joint was "but"
  bool either() const { return either_; }
  void add(Condition part) { parts_.push_back(std::move(part)); }

  Condition join(const Cursor& at) const {
    if (parts_.size() == 1) return parts_.front();
    Condition whole{{}, either_, !either_ && !both_};
    bool mixed = either_ && both_;
    for (const Condition& part : parts_) {
      mixed |= part.rules.size() > 1 && part.either != either_;
      whole.rules.insert(whole.rules.end(), part.rules.begin(), part.rules.end());
    }
    if (mixed) at.fail_from(first_, kMixed);
    return whole;
  }

 private:
  // "longer than 2 mm within 10 px of the edge": a place needs no "and".
  static bool begins_where(const Cursor& at) {
    Cursor place = at;
    return at.is("within") || at.is("inside") || at.is("outside") ||
           (place.accept_any({"in", "on"}) && begins_place(place));
  }

  int first_;  // token behind the first part
  std::vector<Condition> parts_;
  bool either_ = false, both_ = false, contrast_ = false;
};

// "longer than 60 px or 3 px wide", "up to 60 px long and 3 px wide": the comparison is said once.
std::optional<Rules> accept_further_measure(Cursor& at, const Rules& before) {
  const int start = at.position();
  if (before.size() != 1 || !accept_number(at)) return std::nullopt;
  at.rewind(start);
  const Measure measure = parse_measure(at);
  if (!begins_size_word(at)) {
    at.rewind(start);
    return std::nullopt;
  }
  return bounded_rules(at, {{before[0].comparison, measure}});
}

// "and are wider than 3 px", in a sentence that describes.
Condition parse_further_predicate(Cursor& at) {
  Statement statement = parse_statement(at);
  const Rules& rules = statement.said.rules;
  if (statement.auxiliary.mood != Mood::kDescribes && bounds_size_above(rules[0]))
    ask_reading(at, statement.first, {}, rules[0]);
  return std::move(statement.said);
}

}  // namespace

Condition negated(const Cursor& at, int first, Condition said) {
  for (Rule& rule : said.rules) {
    if (rule.quantity == Quantity::kLocation && rule.value != 0.5)
      at.fail_from(first, "this cannot be turned into its opposite; say what is wanted");
    rule.comparison = opposite(rule.comparison);
  }
  said.either = said.rules.size() > 1 && !said.either;
  return said;
}

Rules all_of(const Cursor& at, int first, Condition said) {
  if (!said.either) return std::move(said.rules);
  at.fail_from(
      first,
      "rules that say what counts are joined with \"and\", not with \"or\"; to report regions that meet one "
      "of several conditions write \"Not allowed: scratches longer than 60 px or wider than 3 px\"");
}

Condition parse_condition(Cursor& at) {
  const int first = at.position();
  at.accept_any({"either", "both"});
  bool inverted = at.accept_any({"not", "never"});
  Condition said{parse_complement(at)};
  Parts parts(at, inverted ? negated(at, first, said) : said);
  while (parts.accept_joint(at)) {
    at.accept_any({"that", "which"});
    if (begins_predicate(at)) {
      parts.add(parse_further_predicate(at));
      continue;
    }
    const int start = at.position();
    const bool again = at.accept_any({"not", "never"});
    if (inverted && !again && !parts.contrast())
      at.fail("does \"not\" hold for this too? Repeat it, or join with \"but\"");
    inverted = again;
    auto further = accept_further_measure(at, said.rules);
    said.rules = further ? std::move(*further) : parse_complement(at);
    parts.add(inverted ? negated(at, start, said) : said);
  }
  return parts.join(at);
}

Rules parse_complements(Cursor& at) {
  const int first = at.position();
  return all_of(at, first, parse_condition(at));
}

Condition parse_properties(Cursor& at) {
  Parts parts(at, {parse_property(at)});
  while (parts.accept_joint(at)) parts.add({parse_property(at)});
  return parts.join(at);
}

// "exceed 60 px in length or 3 px in width". Of "must not exceed 60 px in length and 3 px in width" each is
// meant.
Condition parse_exceeded(Cursor& at, bool inverted) {
  Parts parts(at, {parse_exceeded_measure(at)});
  while (parts.accept_joint(at)) parts.add({parse_exceeded_measure(at)});
  Condition said = parts.join(at);
  said.either |= inverted && said.rules.size() > 1;
  return said;
}

}  // namespace anomalyvlm::prompts
