#pragma once
// Two ways of speaking. A description says what the regions that count look like ("Scratches are longer than
// 60 px", the paper's way): others are left out. A judgement says what fails a part ("Scratches longer than
// 60 px are rejected", "... must not be longer than 60 px", an inspection standard's way): those are the
// regions that count, and what is tolerated is left out. What could be either is an error that asks.
#include <optional>
#include <string>
#include <vector>

#include "prompts/grammar.h"

namespace anomalyvlm::prompts {

// What becomes of regions.
enum class Fate { kFails, kTolerated, kIgnored, kKept };

// "reject", "do not report", "allow": what a sentence begins with.
std::optional<Fate> accept_order(Cursor& at);
// "are not permitted", "shall be rejected", "fail": up to the end of a clause; else nothing is consumed.
std::optional<Fate> accept_fate(Cursor& at);
std::optional<Fate> accept_named_fate(
    Cursor& at);  // the same behind a colon or "as": "not OK", "none allowed"
// "Treat scratches longer than 60 px as defects": the last two words, wherever they are; consumes the first
// one.
std::optional<Fate> accept_treatment(Cursor& at);
Fate opposite(Fate fate);
// What the fate that was read from token `first` up to here means for parts: who discards a part fails it,
// and who keeps it accepts it. Fails where that is not clear ("ignore").
Fate fate_of_parts(const Cursor& at, int first, Fate fate);
// accept_fate() of parts or of regions.
std::optional<Fate> accept_fate_of(Cursor& at, bool parts);

// How a verb is meant: "are", "would be"; "must be", "may not be"; "may be", "can be"; "cannot be", "will
// be".
enum class Mood { kDescribes, kDemands, kPermits, kUnclear };

struct Auxiliary {
  Mood mood = Mood::kDescribes;
  bool negated = false;
};
Auxiliary accept_auxiliary(Cursor& at);

struct Statement {
  Auxiliary auxiliary;
  Condition said;  // of the regions; a negation is carried out
  int first = 0;   // token
};
Statement parse_statement(Cursor& at);  // a predicate (sentence_predicates.cc)

// Whom a rule is for.
struct Subject {
  std::vector<std::string> kinds;  // empty for all
  int first = 0, last = 0;         // tokens [first, last)
};
Subject parse_subject(Cursor& at);  // up to a verb, a comparison or a fate

// `said` selects the regions that `fate` is said of. Fails where that makes no sense or can be read in two
// ways.
void add_judged(HybridPrompt& prompt, const Cursor& at, Fate fate, const Subject& subject, int first,
                Condition said);
// The same of kinds as a whole: "Scratches are not allowed".
void add_judged_kinds(HybridPrompt& prompt, const Cursor& at, Fate fate, const Subject& subject);
void add_statement(HybridPrompt& prompt, const Cursor& at, const Subject& subject, Statement statement);
// An upper bound on the size of what is there, where both readings are usual ("No scratch is longer than 60
// px").
[[noreturn]] void ask_reading(const Cursor& at, int first, const Subject& subject, const Rule& bound);
bool bounds_size_above(const Rule& rule);

// --- sentence_selections.cc
bool begins_restriction(const Cursor& at);
// "that are ...", "with a length of ...", "smaller than ...", "exceeding ..."
Condition parse_restriction(Cursor& at);
// Regions that something is said of: "cracks", "dents wider than 5 px".
struct Selection {
  Subject subject;
  std::optional<Condition> said;
  int first = 0;  // token, of the condition
};
// "cracks, scratches longer than 60 px and dents wider than 5 px"
std::vector<Selection> parse_selections(Cursor& at);
void add_judged(HybridPrompt& prompt, const Cursor& at, Fate fate, const std::vector<Selection>& selections);
// Behind a joint: a subject, an order or a clause of its own follows, not another condition.
bool begins_other_clause(const Cursor& at);
bool accept_part(Cursor& at);        // "the part", "products", the inspected object's name
bool accept_parts_with(Cursor& at);  // "parts with", in front of what they have

// --- sentence_orders.cc: sentences that begin with what becomes of regions
bool try_order(Cursor& at, HybridPrompt& prompt);
bool try_none(Cursor& at, HybridPrompt& prompt);
bool try_border(Cursor& at, HybridPrompt& prompt);  // "The outer 10 px are not inspected"
// --- sentence_conditionals.cc: "Reject the part if ...", "If ..., the part is rejected"
bool try_conditional(Cursor& at, HybridPrompt& prompt);
bool try_part_has(Cursor& at, HybridPrompt& prompt);  // "Parts must not have cracks"
// What follows a fate: "up to 60 px in length", "if they are shorter than 60 px", "unless ..."; false:
// nothing.
bool add_proviso(Cursor& at, HybridPrompt& prompt, Fate fate, const Subject& subject);
// --- sentence_properties.cc: "The area of cracks is at most 5%", "Maximum permissible scratch length: 2 mm"
struct PropertyStatement {
  Subject subject;
  Statement statement;
};
std::optional<PropertyStatement> accept_property_statement(
    Cursor& at);  // "the length of a scratch exceeds 60 px"
// `same`: whose it is where it does not say ("... and the width must not exceed 3 px").
bool try_property(Cursor& at, HybridPrompt& prompt, const std::vector<std::string>& same = {});

}  // namespace anomalyvlm::prompts
