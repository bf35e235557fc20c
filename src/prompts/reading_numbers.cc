// The numbers of a text and what they set, found by trying: another number in the place of one changes one
// thing of the prompt. So nothing has to know what the grammar makes of a number.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "prompts/quantities.h"
#include "prompts/read_sentences.h"

namespace anomalyvlm::prompts {
namespace {

using Sets = PromptNumber::Sets;

constexpr int kMostNumbers = 64;
constexpr std::size_t kMostWork = 1'000'000;  // of all trials of a text, in the unit of work_of()

// About how long a text takes to read again.
std::size_t work_of(const std::string& plain, const HybridPrompt& prompt) {
  const std::size_t rules = prompt.rules.size(), limits = prompt.kind_limits.size();
  return 3 * plain.size() + rules * (rules + prompt.phrases.size()) + limits * limits;
}

struct Number {
  double value;
  int begin, end;  // bytes of the sentence
};

// As parse_measure() would read them one after the other. In "20 px - 30 px" the sign is no part of the
// number.
std::vector<Number> numbers_in(const Sentence& sentence) {
  std::vector<Number> numbers;
  Cursor at(sentence);
  while (!at.at_end()) {
    const int first = at.position();
    const Token& digits = at.is("-") ? at.peek(1) : at.peek();
    const bool readable = digits.kind != Token::Kind::kNumber || std::isfinite(digits.number);
    const auto value = readable ? accept_number(at) : std::nullopt;
    if (!value) {
      at.advance();
      continue;
    }
    numbers.push_back({*value, sentence.tokens[static_cast<std::size_t>(first)].begin, at.peek(-1).end});
    accept_unit(at);
    at.accept("-");
  }
  return numbers;
}

// Without an exponent.
std::string plain_number(double value) {
  std::string text = fmt::format("{:.6f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// What differs between two prompts, where that is one thing.
struct Change {
  Sets sets;
  int index;
  double by;           // how much the value has grown, in the prompt's unit
  bool place = false;  // of a rule: a corner of its region
};

template <typename T>
void add_change(std::vector<Change>& changes, Sets sets, const std::optional<T>& before,
                const std::optional<T>& after) {
  if (before == after) return;
  changes.push_back(
      {sets, -1, static_cast<double>(after.value_or(0)) - static_cast<double>(before.value_or(0))});
}

Change change_of_rule(const Rule& before, const Rule& after, int index) {
  Change change{Sets::kRule, index, after.value - before.value};
  if (change.by == 0) change.by = after.value_to - before.value_to;
  for (std::size_t i = 0; i < before.region.size() && change.by == 0; ++i) {
    change.place = true;
    change.by = after.region[i][0] - before.region[i][0];
    if (change.by == 0) change.by = after.region[i][1] - before.region[i][1];
  }
  return change;
}

// The same rule but for its numbers.
bool same_kind(const Rule& before, const Rule& after) {
  Rule moved = after;
  moved.value = before.value;
  moved.value_to = before.value_to;
  if (moved.region.size() == before.region.size()) moved.region = before.region;
  return moved == before;
}

// The rules that one number bounds ("exactly 5 px") are one thing. False: other than numbers differ.
bool add_rule_change(std::vector<Change>& changes, const HybridPrompt& before, const HybridPrompt& after) {
  bool found = false;
  for (std::size_t i = 0; i < before.rules.size(); ++i) {
    const Rule &one = before.rules[i], &other = after.rules[i];
    if (one == other) continue;
    if (!same_kind(one, other)) return false;
    if (!found) changes.push_back(change_of_rule(one, other, static_cast<int>(i)));
    found = true;
  }
  return true;
}

bool add_limit_changes(std::vector<Change>& changes, const HybridPrompt& before, const HybridPrompt& after) {
  for (std::size_t i = 0; i < before.kind_limits.size(); ++i) {
    const KindLimit &one = before.kind_limits[i], &other = after.kind_limits[i];
    if (one.phrases != other.phrases) return false;
    if (one.max_regions != other.max_regions)
      changes.push_back(
          {Sets::kKindLimit, static_cast<int>(i), static_cast<double>(other.max_regions - one.max_regions)});
  }
  return true;
}

std::optional<Change> only_change(const HybridPrompt& before, const HybridPrompt& after) {
  const bool same = before.phrases == after.phrases && before.only_named == after.only_named &&
                    before.object == after.object && before.rules.size() == after.rules.size() &&
                    before.kind_limits.size() == after.kind_limits.size();
  std::vector<Change> changes;
  if (!same || !add_rule_change(changes, before, after) || !add_limit_changes(changes, before, after))
    return std::nullopt;
  add_change(changes, Sets::kMaxRegions, before.max_regions, after.max_regions);
  add_change(changes, Sets::kImageLimit, before.limit, after.limit);
  add_change(changes, Sets::kObjectCount, before.object_count, after.object_count);
  add_change(changes, Sets::kPixelSize, before.pixel_size_mm, after.pixel_size_mm);
  return changes.size() == 1 ? std::optional(changes.front()) : std::nullopt;
}

bool near(double a, double b) { return std::abs(a - b) <= 1e-4 * std::abs(b); }

// The unit in which a number is written, by what it is multiplied with to be one of the prompt's unit.
std::string metric_text(double scale, bool area) {
  struct Row {
    double scale;
    std::string_view name;
  };
  constexpr std::array<Row, 6> kLengths = {
      {{1, "mm"}, {10, "cm"}, {1000, "m"}, {0.001, "\u00B5m"}, {25.4, "in"}, {0.0254, "mil"}}};
  constexpr std::array<Row, 4> kAreas = {
      {{1, "mm\u00B2"}, {100, "cm\u00B2"}, {1e-6, "\u00B5m\u00B2"}, {645.16, "in\u00B2"}}};
  const std::span<const Row> rows = area ? std::span<const Row>(kAreas) : std::span<const Row>(kLengths);
  for (const Row& row : rows)
    if (near(scale, row.scale)) return std::string(row.name);
  return {};
}

std::string unit_of(const Rule& rule, const Change& change, double scale) {
  const bool percent = near(std::abs(scale), 0.01), area = rule.quantity == Quantity::kArea;
  const bool share = rule.quantity == Quantity::kLocation && !change.place;  // "at least 80% inside"
  const auto of = [&](const char* whole) { return std::string(percent ? "% of the " : "of the ") + whole; };
  if (rule.unit == Unit::kNone || share) {
    if (rule.quantity == Quantity::kHue) return "\u00B0";
    return percent ? "%" : "";
  }
  if (rule.unit == Unit::kPixels) return area ? "px\u00B2" : "px";
  if (rule.unit == Unit::kMm) return metric_text(scale, area);
  return of(rule.unit == Unit::kOfObject ? "object" : "image");
}

class Trials {
 public:
  Trials(const std::string& plain, const ReadText& text)
      : plain_(plain), text_(text), work_(work_of(plain, text.prompt)) {}

  bool affordable() const { return spent_ + work_ <= kMostWork; }

  std::optional<PromptNumber> find(const Number& number, int start) {
    for (const double exact : {number.value + 1, number.value * 1.5, number.value / 2}) {
      const double other = std::round(exact * 1e6) / 1e6, step = other - number.value;
      if (step == 0 || !affordable()) continue;
      const auto change = change_with(start + number.begin, start + number.end, plain_number(other));
      if (change) return set_number(number, start, *change, change->by / step);
    }
    return std::nullopt;
  }

 private:
  std::optional<Change> change_with(int begin, int end, const std::string& digits) {
    spent_ += work_;
    std::string changed = plain_;
    changed.replace(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin), digits);
    const ReadText other = read_sentences(changed);
    return understood_alike(other) ? only_change(text_.prompt, other.prompt) : std::nullopt;
  }

  // The same sentences are understood. What contradicts another rule shows what the number sets as well.
  bool understood_alike(const ReadText& other) const {
    if (other.problem && !other.problem->rule) return false;
    return std::equal(text_.sentences.begin(), text_.sentences.end(), other.sentences.begin(),
                      other.sentences.end(), [](const ReadSentence& a, const ReadSentence& b) {
                        return a.problem.has_value() == b.problem.has_value();
                      });
  }

  PromptNumber set_number(const Number& number, int start, const Change& change, double scale) const {
    PromptNumber found{start + number.begin, start + number.end, number.value, change.sets, change.index, {}};
    if (change.sets == Sets::kPixelSize) found.unit = metric_text(scale, false);
    if (change.sets == Sets::kRule)
      found.unit = unit_of(text_.prompt.rules[static_cast<std::size_t>(change.index)], change, scale);
    return found;
  }

  const std::string& plain_;
  const ReadText& text_;
  std::size_t work_, spent_ = 0;
};

}  // namespace

std::vector<SetNumber> numbers_of(const std::string& plain, const ReadText& text) {
  std::vector<SetNumber> found;
  if (text.problem && !text.problem->rule) return found;  // no number mends that
  Trials trials(plain, text);
  int tried = 0;
  for (std::size_t i = 0; i < text.sentences.size() && tried < kMostNumbers && trials.affordable(); ++i) {
    const ReadSentence& read = text.sentences[i];
    if (read.problem) continue;
    for (const Number& number : numbers_in(read.sentence)) {
      if (++tried > kMostNumbers) break;
      if (auto set = trials.find(number, read.sentence.begin)) found.push_back({i, std::move(*set)});
    }
  }
  return found;
}

}  // namespace anomalyvlm::prompts
