// Sentences with a condition: "Reject the part if a scratch is longer than 60 px", "Scratches are acceptable
// up to 2 mm in length".
#include "prompts/judgement.h"
#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

bool accept_if(Cursor& at) {
  return at.accept_any({"only if", "if", "when", "where", "only when", "provided that", "provided",
                        "as long as", "so long as", "in case of", "in case"});
}

// "it has", "there are": in front of what a part must have to fail.
void accept_has(Cursor& at) {
  const int start = at.position();
  if (at.accept_any({"there is", "there are"})) return;
  if ((at.accept_any({"it", "they"}) || accept_part(at)) &&
      at.accept_any({"has", "have", "shows", "show", "contains", "contain", "exhibits", "exhibit"}))
    return;
  at.rewind(start);
}

void require_plain(const Cursor& at, const Statement& statement) {
  if (statement.auxiliary.mood != Mood::kDescribes)
    at.fail_from(statement.first, "expected a plain verb in a condition, such as \"are longer than 60 px\"");
}

struct Case {
  Subject subject;
  std::optional<Condition> said;  // none: what is named is there at all
  int first = 0;
};

// "a scratch is longer than 60 px", "it has scratches longer than 60 px"
Case parse_case(Cursor& at) {
  Case found;
  if (auto property = accept_property_statement(at)) {
    require_plain(at, property->statement);
    return {property->subject, std::move(property->statement.said), property->statement.first};
  }
  accept_has(at);
  refuse_count(at);
  found.subject = parse_subject(at);
  found.first = at.position();
  if (at.accept_any({"is found", "are found", "is present", "are present", "is visible", "are visible",
                     "occur", "occurs", "exist", "exists"}) ||
      at.at_end() || at.is(","))
    return found;
  if (begins_restriction(at)) {
    found.said = parse_restriction(at);
  } else {
    Statement statement = parse_statement(at);
    require_plain(at, statement);
    found.said = std::move(statement.said);
  }
  return found;
}

// Whom the main clause names: "Discard the part if ...", "... , it is discarded".
enum class Named { kNothing, kPart, kPronoun };

Named accept_named(Cursor& at) {
  if (accept_part(at)) return Named::kPart;
  return at.accept_any({"it", "them", "they", "this", "these"}) ? Named::kPronoun : Named::kNothing;
}

// "it" may be the part or what was found in it: "If a scratch is longer than 60 px, discard it".
void require_clear(const Cursor& at, Fate fate, Named named, const Case& found) {
  if (named != Named::kPronoun || fate != Fate::kIgnored || !found.said) return;
  for (Rule bound : found.said->rules) {
    bound.comparison = opposite(bound.comparison);
    if (bounds_size_above(bound)) ask_reading(at, found.first, found.subject, bound);
  }
}

void add_case(HybridPrompt& prompt, const Cursor& at, Fate fate, Case found) {
  if (!found.said) return add_judged_kinds(prompt, at, fate, found.subject);
  add_judged(prompt, at, fate, found.subject, found.first, std::move(*found.said));
}

// "If a scratch is longer than 60 px, the part is rejected"
bool try_if_first(Cursor& at, HybridPrompt& prompt) {
  if (!at.accept_any({"if", "when"})) return false;
  Case found = parse_case(at);
  at.accept(",");
  at.accept("then");
  const int first = at.position();
  Named named = Named::kNothing;
  std::optional<Fate> fate = accept_order(at);
  if (fate) {
    if ((named = accept_named(at)) == Named::kPart) fate = fate_of_parts(at, first, *fate);
  } else {
    named = accept_named(at);
    fate = accept_fate_of(at, named == Named::kPart);
  }
  if (!fate) at.fail("expected what becomes of the part, such as \"the part is rejected\"");
  require_clear(at, *fate, named, found);
  add_case(prompt, at, *fate, std::move(found));
  return true;
}

}  // namespace

bool try_conditional(Cursor& at, HybridPrompt& prompt) {
  if (try_if_first(at, prompt)) return true;
  const int start = at.position();
  std::optional<Fate> fate = accept_order(at);
  const Named named = accept_named(at);
  if (!fate && named == Named::kPart) fate = accept_fate(at);
  if (!fate || !accept_if(at)) {
    at.rewind(start);
    return false;
  }
  if (named == Named::kPart) fate = fate_of_parts(at, start, *fate);
  Case found = parse_case(at);
  require_clear(at, *fate, named, found);
  add_case(prompt, at, *fate, std::move(found));
  return true;
}

bool try_part_has(Cursor& at, HybridPrompt& prompt) {
  const int start = at.position();
  if (accept_part(at) || at.accept_any({"the surface", "surfaces", "the surfaces"})) {
    const Auxiliary said = accept_auxiliary(at);
    const bool has = at.accept_any({"have", "show", "contain", "exhibit"}) && !begins_property(at);
    const bool none = has && at.accept("no");
    const bool fails = said.mood == Mood::kDemands && said.negated != none;
    if (has) refuse_count(at);
    if (has && (fails || (said.mood == Mood::kPermits && !none))) {
      add_judged(prompt, at, fails ? Fate::kFails : Fate::kTolerated, parse_selections(at));
      return true;
    }
  }
  at.rewind(start);
  return false;
}

bool add_proviso(Cursor& at, HybridPrompt& prompt, Fate fate, const Subject& subject) {
  const int first = at.position();
  at.accept(",");
  if (at.accept("unless")) {
    fate = opposite(fate);
  } else if (!accept_if(at) && !begins_restriction(at)) {
    at.rewind(first);
    return false;
  }
  at.accept_any({"they", "it", "these", "those"});
  Condition said;
  if (begins_predicate(at)) {
    Statement statement = parse_statement(at);
    require_plain(at, statement);
    said = std::move(statement.said);
  } else {
    said = parse_restriction(at);
  }
  add_judged(prompt, at, fate, subject, first, std::move(said));
  return true;
}

}  // namespace anomalyvlm::prompts
