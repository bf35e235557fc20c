// The words for what becomes of regions.
#include <algorithm>
#include <array>

#include "prompts/judgement.h"

namespace anomalyvlm::prompts {
namespace {

struct Order {
  std::string_view words;
  Fate fate;
  bool noun_too;  // the word may begin a name: "pass mark"
};

constexpr Order kOrders[] = {
    {"ignore", Fate::kIgnored, false},    {"remove", Fate::kIgnored, false},
    {"exclude", Fate::kIgnored, false},   {"discard", Fate::kIgnored, false},
    {"disregard", Fate::kIgnored, false}, {"filter out", Fate::kIgnored, false},
    {"skip", Fate::kIgnored, true},       {"leave out", Fate::kIgnored, false},
    {"suppress", Fate::kIgnored, false},  {"reject", Fate::kFails, false},
    {"forbid", Fate::kFails, false},      {"fail", Fate::kFails, true},
    {"sort out", Fate::kFails, false},    {"scrap", Fate::kFails, true},
    {"block", Fate::kFails, true},        {"accept", Fate::kTolerated, false},
    {"allow", Fate::kTolerated, false},   {"tolerate", Fate::kTolerated, false},
    {"permit", Fate::kTolerated, false},  {"pass", Fate::kTolerated, true},
    {"keep only", Fate::kKept, false},    {"only keep", Fate::kKept, false},
    {"keep", Fate::kKept, false},         {"report only", Fate::kKept, false},
    {"only report", Fate::kKept, false},  {"report", Fate::kKept, false},
    {"count only", Fate::kKept, false},   {"only count", Fate::kKept, false},
    {"count", Fate::kKept, true},         {"flag only", Fate::kKept, true},
    {"flag", Fate::kKept, true},
};

// What regions are said to be or to do. `alone`: also without a verb ("Scratches forbidden").
struct State {
  std::string_view words;
  Fate fate;
  bool alone;
};

constexpr State kStates[] = {
    {"rejected", Fate::kFails, true},
    {"rejectable", Fate::kFails, false},
    {"constitute a defect", Fate::kFails, true},
    {"constitutes a defect", Fate::kFails, true},
    {"constitute defects", Fate::kFails, true},
    {"bad", Fate::kFails, false},
    {"grounds for rejection", Fate::kFails, false},
    {"reason for rejection", Fate::kFails, false},
    {"unacceptable", Fate::kFails, true},
    {"inadmissible", Fate::kFails, true},
    {"impermissible", Fate::kFails, true},
    {"forbidden", Fate::kFails, true},
    {"prohibited", Fate::kFails, true},
    {"disallowed", Fate::kFails, true},
    {"a cause for rejection", Fate::kFails, false},
    {"cause for rejection", Fate::kFails, false},
    {"a reason for rejection", Fate::kFails, false},
    {"cause rejection", Fate::kFails, true},
    {"lead to rejection", Fate::kFails, true},
    {"leads to rejection", Fate::kFails, true},
    {"result in rejection", Fate::kFails, true},
    {"defects", Fate::kFails, false},
    {"a defect", Fate::kFails, false},
    {"defect", Fate::kFails, false},
    {"defective", Fate::kFails, false},
    {"faults", Fate::kFails, false},
    {"a fault", Fate::kFails, false},
    {"faulty", Fate::kFails, false},
    {"flaws", Fate::kFails, false},
    {"failures", Fate::kFails, false},
    {"anomalies", Fate::kFails, false},
    {"rejects", Fate::kFails, false},
    {"nok", Fate::kFails, false},
    {"not ok", Fate::kFails, false},
    {"critical", Fate::kFails, false},
    {"scrap", Fate::kFails, false},
    {"scrapped", Fate::kFails, true},
    {"sorted out", Fate::kFails, true},
    {"avoided", Fate::kFails, false},
    {"nonconforming", Fate::kFails, false},
    {"non-conforming", Fate::kFails, false},
    {"nonconformities", Fate::kFails, false},
    {"fail", Fate::kFails, true},
    {"fails", Fate::kFails, true},
    {"no defects", Fate::kTolerated, false},
    {"no defect", Fate::kTolerated, false},
    {"no faults", Fate::kTolerated, false},
    {"no cause for rejection", Fate::kTolerated, false},
    {"accepted", Fate::kTolerated, true},
    {"acceptable", Fate::kTolerated, true},
    {"allowed", Fate::kTolerated, true},
    {"allowable", Fate::kTolerated, true},
    {"permitted", Fate::kTolerated, true},
    {"permissible", Fate::kTolerated, true},
    {"admissible", Fate::kTolerated, true},
    {"tolerated", Fate::kTolerated, true},
    {"tolerable", Fate::kTolerated, true},
    {"present", Fate::kTolerated, false},
    {"visible", Fate::kTolerated, false},
    {"occur", Fate::kTolerated, false},
    {"exist", Fate::kTolerated, false},
    {"conform", Fate::kTolerated, false},
    {"ok", Fate::kTolerated, false},
    {"okay", Fate::kTolerated, false},
    {"fine", Fate::kTolerated, false},
    {"harmless", Fate::kTolerated, false},
    {"passed", Fate::kTolerated, false},
    {"pass", Fate::kTolerated, true},
    {"passes", Fate::kTolerated, true},
    {"ignored", Fate::kIgnored, true},
    {"removed", Fate::kIgnored, true},
    {"excluded", Fate::kIgnored, true},
    {"discarded", Fate::kIgnored, true},
    {"disregarded", Fate::kIgnored, true},
    {"filtered out", Fate::kIgnored, true},
    {"left out", Fate::kIgnored, true},
    {"skipped", Fate::kIgnored, true},
    {"inspected", Fate::kKept, false},
    {"evaluated", Fate::kKept, false},
    {"checked", Fate::kKept, false},
    {"kept", Fate::kKept, true},
    {"reported", Fate::kKept, true},
    {"counted", Fate::kKept, false},
    {"flagged", Fate::kKept, false},
    {"marked", Fate::kKept, false},
    {"relevant", Fate::kKept, false},
    {"count", Fate::kKept, true},
    {"counts", Fate::kKept, true},
    {"matter", Fate::kKept, true},
};

struct FateVerb {
  bool said = false, negated = false;
};

FateVerb accept_fate_verb(Cursor& at) {
  FateVerb verb;
  verb.negated =
      at.accept_any({"isn't", "aren't", "cannot", "can't", "mustn't", "shouldn't", "don't", "doesn't"});
  verb.said =
      verb.negated || at.accept_any({"are", "is", "were", "was", "must", "shall", "should", "will", "may",
                                     "can", "do", "does", "have to", "has to", "need to", "needs to"});
  if (at.accept_any({"not", "never", "no longer"})) verb.negated = true;
  at.accept_any({"always", "also", "generally", "all", "only", "strictly", "absolutely"});
  verb.said |= at.accept_any({"be", "to be"});
  verb.said |=
      at.accept_any({"considered to be", "considered as", "considered", "regarded as", "classified as",
                     "treated as", "counted as", "count as", "counts as", "deemed", "rated as", "rated"});
  return verb;
}

// What may stand behind what becomes of regions: nothing, or a clause of its own.
bool ends_clause(const Cursor& at) {
  constexpr std::array<std::string_view, 14> kNext = {
      ",",     "and",      "but",           "if",   "when",    "where", "unless", "as",
      "up to", "provided", "regardless of", "only", "in case", ";"};
  return at.at_end() || begins_restriction(at) ||
         std::any_of(kNext.begin(), kNext.end(), [&](std::string_view words) { return at.is(words); });
}

std::optional<Fate> accept_state(Cursor& at, bool said) {
  const int start = at.position();
  for (const State& state : kStates) {
    if (!(state.alone || said) || !at.accept(state.words)) continue;
    at.accept_any({"as defects", "as defective", "as a defect", "as rejects", "the part", "the product",
                   "the inspection", "inspection"});
    at.accept_any({"regardless of length", "regardless of size", "regardless of their length",
                   "regardless of their size", "irrespective of length", "irrespective of size"});
    if (ends_clause(at)) return state.fate;
    at.rewind(start);
  }
  return std::nullopt;
}

}  // namespace

Fate opposite(Fate fate) {
  switch (fate) {
    case Fate::kFails:
      return Fate::kTolerated;
    case Fate::kTolerated:
      return Fate::kFails;
    case Fate::kIgnored:
      return Fate::kKept;
    case Fate::kKept:
      return Fate::kIgnored;
  }
  return fate;
}

Fate fate_of_parts(const Cursor& at, int first, Fate fate) {
  if (fate == Fate::kFails || fate == Fate::kTolerated) return fate;
  struct Stem {
    std::string_view word;
    Fate plain;  // unless it is turned into its opposite: "do not discard"
    bool fails;  // a part of which it is said
  };
  constexpr std::array<Stem, 11> kStems = {{{"discard", Fate::kIgnored, true},
                                            {"remov", Fate::kIgnored, true},
                                            {"exclud", Fate::kIgnored, true},
                                            {"filter", Fate::kIgnored, true},
                                            {"leave", Fate::kIgnored, true},
                                            {"left", Fate::kIgnored, true},
                                            {"report", Fate::kKept, true},
                                            {"flag", Fate::kKept, true},
                                            {"mark", Fate::kKept, true},
                                            {"keep", Fate::kKept, false},
                                            {"kept", Fate::kKept, false}}};
  for (int i = first; i < at.position(); ++i) {
    const std::string& word = at.sentence().tokens[static_cast<std::size_t>(i)].text;
    for (const Stem& stem : kStems)
      if (word.starts_with(stem.word))
        return (fate == stem.plain) == stem.fails ? Fate::kFails : Fate::kTolerated;
  }
  at.fail_from(
      first,
      "of parts this can be read in two ways: write \"Reject parts with ...\" if such a part fails, or "
      "\"Ignore ...\" with the defects alone, as in \"Ignore scratches shorter than 20 px\", if these are "
      "left out");
}

std::optional<Fate> accept_fate_of(Cursor& at, bool parts) {
  const int first = at.position();
  const auto fate = accept_fate(at);
  return fate && parts ? fate_of_parts(at, first, *fate) : fate;
}

std::optional<Fate> accept_order(Cursor& at) {
  const int start = at.position();
  at.accept("please");
  const bool inverted = at.accept_any({"do not", "don't", "never"});
  if (inverted && at.accept_any({"consider", "detect", "find", "show", "mark", "include", "inspect"}))
    return Fate::kIgnored;
  for (const Order& order : kOrders) {
    if (!at.is(order.words) || (order.noun_too && !inverted && is_phrase_list(at.sentence()))) continue;
    at.accept(order.words);
    return inverted ? opposite(order.fate) : order.fate;
  }
  at.rewind(start);
  return std::nullopt;
}

std::optional<Fate> accept_fate(Cursor& at) {
  const int start = at.position();
  const FateVerb verb = accept_fate_verb(at);
  const auto fate = accept_state(at, verb.said || verb.negated);
  if (fate) return verb.negated ? opposite(*fate) : *fate;
  at.rewind(start);
  return std::nullopt;
}

std::optional<Fate> accept_named_fate(Cursor& at) {
  if (const auto order = accept_order(at); order && at.at_end()) return order;
  const int start = at.position();
  if (at.accept_any({"none", "none allowed", "none permitted", "none are allowed", "none acceptable"}) &&
      at.at_end())
    return Fate::kFails;
  at.rewind(start);
  const bool negative = accept_fate_verb(at).negated;
  const auto fate = accept_state(at, true);
  if (!fate) at.rewind(start);
  return fate && negative ? opposite(*fate) : fate;
}

std::optional<Fate> accept_treatment(Cursor& at) {
  Cursor end = at;
  if (!end.accept_any({"treat", "consider", "classify", "regard", "rate", "mark", "count"}))
    return std::nullopt;
  const int behind = end.position();
  while (!end.at_end() && !end.accept("as")) end.advance();
  if (end.at_end()) return std::nullopt;
  const auto fate = accept_named_fate(end);
  if (fate) at.rewind(behind);
  return fate;
}

}  // namespace anomalyvlm::prompts
