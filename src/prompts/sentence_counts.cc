// How many regions are kept, and what the image shows: the object, how many of it, the size of a pixel.
#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "prompts/grammar.h"
#include "prompts/phrase_match.h"
#include "prompts/quantities.h"

namespace anomalyvlm::prompts {
namespace {

// Two sentences that set the same thing differently: neither may be ignored.
template <typename T>
void set_once(const Cursor& at, int first, std::optional<T>& field, T value, const char* what) {
  if (field && *field != value) at.fail_from(first, fmt::format("{} was given before as {}", what, *field));
  field = value;
}

void set_object(const Cursor& at, int first, HybridPrompt& prompt, std::string name) {
  if (!prompt.object.empty() && !same_name(prompt.object, name))
    at.fail_from(first, fmt::format("the object was given before as \"{}\"", prompt.object));
  prompt.object = std::move(name);
}

void set_max_regions(const Cursor& at, int first, HybridPrompt& prompt, int count) {
  set_once(at, first, prompt.max_regions, count, "the number of regions");
}

// --- the number of regions

struct Count {
  std::vector<Bound> bounds;  // empty for a bare number
  double number = 0;
};

int whole_number(const Cursor& at, int first, double number) {
  if (number != std::floor(number) || number > 1e6) at.fail_from(first, "expected a whole number of regions");
  if (number < 1) at.fail_from(first, "at least one region must be allowed");
  return static_cast<int>(number);
}

// Of what a part may have: "At most two scratches are allowed".
[[noreturn]] void fail_tolerated_count(const Cursor& at, int first) {
  at.fail_from(
      first,
      "how many a part may have cannot be judged, because each region is judged by itself: write \"Not "
      "allowed: scratches\" if any fails a part, or \"At most two scratches\" to report the two best of "
      "them at most");
}

int max_regions_of(const Cursor& at, int first, const Count& count) {
  if (count.bounds.empty()) return whole_number(at, first, count.number);
  for (const Bound& bound : count.bounds) {
    if (bound.measure.unit != MeasureUnit::kNone) at.fail_from(first, "a number of regions has no unit");
  }
  const Bound& last = count.bounds.back();
  const bool exactly = count.bounds.size() == 2 && count.bounds[0].measure.value == last.measure.value;
  if ((count.bounds.size() == 2 && !exactly) || last.comparison == Comparison::kAtLeast ||
      last.comparison == Comparison::kGreater) {
    at.fail_from(first,
                 "only the largest number of regions can be given, as in \"at most five abnormal regions\"");
  }
  return whole_number(
      at, first,
      last.comparison == Comparison::kLess ? std::ceil(last.measure.value) - 1 : last.measure.value);
}

// `kinds`: certain ones are counted.
void accept_count_end(Cursor& at, bool kinds) {
  const auto tolerated = [&](std::initializer_list<std::string_view> words) {
    const int first = at.position();
    if (at.accept_any(words) && kinds) fail_tolerated_count(at, first);
  };
  tolerated({"allowed", "permitted", "permissible", "acceptable", "tolerated"});
  at.accept_any({"per image", "per part", "per product", "per piece", "on a part", "per picture",
                 "in the image", "in each image", "in an image", "in total", "overall"});
  tolerated({"are allowed", "is allowed", "are permitted", "is permitted", "are permissible", "are tolerated",
             "is tolerated", "are acceptable", "is acceptable", "may be present", "may be there"});
  at.accept_any({"are kept", "is kept", "are expected", "is expected", "exist", "are present"});
}

bool ends_noun(const Cursor& at) {
  return at.is("with") || at.is("per") || at.is("allowed") || at.is("permitted") || at.is("permissible") ||
         at.is("acceptable") || at.is("tolerated") || at.is("in") || at.is("at most") || at.is("overall") ||
         begins_predicate(at) || at.is("exist");
}

// What is counted: "abnormal regions" (nothing is returned), or kinds that are counted together.
std::vector<std::string> parse_counted(Cursor& at) {
  std::vector<std::string> kinds = {parse_phrase(at, ends_noun)};
  while (at.accept_any({", or", "or", "and / or"})) kinds.push_back(parse_phrase(at, ends_noun));
  if (at.is("and") || at.is(",") || at.is(", and")) {
    at.fail("are these counted together? Join them with \"or\"; else give each a sentence of its own");
  }
  if (std::any_of(kinds.begin(), kinds.end(), is_any_anomaly)) kinds.clear();
  return kinds;
}

void set_limit(const Cursor& at, int first, HybridPrompt& prompt, const std::vector<std::string>& kinds,
               int count) {
  if (kinds.empty()) return set_max_regions(at, first, prompt, count);
  for (const KindLimit& limit : prompt.kind_limits) {
    if (!same_names(limit.phrases, kinds)) continue;
    if (limit.max_regions != count)
      at.fail_from(first, fmt::format("their number was given before as {}", limit.max_regions));
    return;
  }
  prompt.kind_limits.push_back({kinds, count});
}

// After the number: "abnormal regions" or "scratches", then nothing of importance.
void finish_count(Cursor& at, HybridPrompt& prompt, int first, Count count) {
  bool limited = !count.bounds.empty();
  if (!limited) limited = at.accept_any({"or fewer", "or less"});
  at.accept_any({"best", "highest", "top", "most anomalous", "highest-scoring"});
  const int noun = at.position();
  if (!is_word(at)) at.fail("expected \"abnormal regions\" here");
  if (is_rule_word(at.peek().text)) at.fail("expected \"abnormal regions\" here");
  const std::vector<std::string> kinds = parse_counted(at);
  if (!limited) limited = at.accept("at most");
  const bool above = !count.bounds.empty() && is_lower(count.bounds.back().comparison);
  if (!kinds.empty() && above)
    fail_tolerated_count(at, first);  // "More than two scratches are not acceptable"
  if (!kinds.empty() && !limited) {
    at.fail_from(noun,
                 "a number of certain regions is given as in \"at most two scratches\" (a name with a number "
                 "stands in quotation marks)");
  }
  set_limit(at, first, prompt, kinds, max_regions_of(at, first, count));
  accept_count_end(at, !kinds.empty());
}

std::optional<Count> accept_count(Cursor& at) {
  const int start = at.position();
  at.accept("only");
  Count count;
  if (auto bounds = accept_bounds(at)) {
    count.bounds = *bounds;
    return count;
  }
  if (at.accept("single")) {
    count.number = 1;
    return count;
  }
  if (const auto number = accept_number(at)) {
    count.number = *number;
    return count;
  }
  at.rewind(start);
  return std::nullopt;
}

bool is_bare(const Count& count) {
  return std::all_of(count.bounds.begin(), count.bounds.end(), [](const Bound& bound) {
    return bound.measure.unit == MeasureUnit::kNone && bound.measure.relation == Relation::kNone;
  });
}

// "The number of abnormal regions is at most five", "The maximum number of anomalies is 5"
bool try_number_of(Cursor& at, HybridPrompt& prompt) {
  const int start = at.position();
  at.accept("the");
  at.accept_any({"maximum", "max", "maximal", "largest", "greatest", "expected"});
  const bool tolerated = at.accept_any({"permissible", "permitted", "allowed", "allowable", "acceptable"});
  if (!at.accept("number of")) {
    at.rewind(start);
    return false;
  }
  const std::vector<std::string> kinds = parse_counted(at);
  if (tolerated && !kinds.empty()) fail_tolerated_count(at, start);
  at.accept_any({"must", "should", "shall", "will", "would", "can", "may", "do", "does"});
  const bool inverted = at.accept("not") || at.accept("cannot");
  const int first = at.position();
  Count count;
  if (inverted) {
    at.expect({"exceed"}, "expected \"exceed\" here");
    count.bounds = {{Comparison::kAtMost, parse_measure(at)}};
  } else {
    at.expect({"is", "are", "be", ":"}, "expected \"is\" here");
    const auto given = accept_count(at);
    if (!given) at.fail("expected a number here, as in \"at most five\"");
    count = *given;
  }
  set_limit(at, first, prompt, kinds, max_regions_of(at, first, count));
  return true;
}

bool try_any_number(Cursor& at, HybridPrompt& prompt) {
  const int first = at.position();
  if (!at.accept("any number of")) return false;
  parse_phrase(at, ends_noun);
  accept_count_end(at, false);
  set_max_regions(at, first, prompt, 0);
  return true;
}

// Sentences that begin with a number or a bound: a count, or a rule for all ("At least 20 px long").
bool try_count_or_bound(Cursor& at, HybridPrompt& prompt) {
  const int first = at.position();
  const auto count = accept_count(at);
  if (!count) return false;
  if (is_bare(*count) && (is_word(at) || at.at_end()) && !begins_complement(at) && !at.is("long") &&
      !at.is("wide")) {
    finish_count(at, prompt, first, *count);
    return true;
  }
  at.rewind(first);
  add_rules(prompt, at, parse_complements(at), {});
  return true;
}

// --- the object and the image

bool try_pixel_size(Cursor& at, HybridPrompt& prompt) {
  const bool begins =
      at.accept_any({"a pixel is", "one pixel is", "each pixel is", "every pixel is", "the pixel size is",
                     "pixel size is", "the size of a pixel is", "a pixel measures", "one pixel measures"});
  if (!begins) return false;
  const int first = at.position();
  const Measure measure = parse_measure(at);
  if (measure.unit != MeasureUnit::kMm || !(measure.value > 0)) {
    at.fail_from(first, "the size of a pixel is a length above 0, as in \"A pixel is 0.05 mm wide\"");
  }
  at.accept_any({"wide", "large", "across", "long"});
  set_once(at, first, prompt.pixel_size_mm, measure.value, "the size of a pixel in mm");
  return true;
}

bool try_object(Cursor& at, HybridPrompt& prompt) {
  if (!at.accept_any({"the object is", "the inspected object is", "the product is", "the part is"}))
    return false;
  const int first = at.position();
  set_object(at, first, prompt, parse_phrase(at, never));
  return true;
}

// "4 similar candles, with a maximum of 1 anomaly", "a hazelnut", "at most five anomalies"
void parse_contents(Cursor& at, HybridPrompt& prompt) {
  const int first = at.position();
  Count count;
  if (const auto found = accept_count(at)) {
    count = *found;
  } else if (at.accept_any({"a", "an", "the"})) {
    count.number = 1;
  } else {
    at.fail("expected a number here, as in \"the image shows 4 candles\" or \"at most five anomalies\"");
  }
  at.accept_any({"similar", "dissimilar", "identical", "different"});
  Cursor ahead = at;
  const std::string noun = is_word(at) ? parse_phrase(ahead, ends_noun) : std::string();
  if (!count.bounds.empty() || is_any_anomaly(noun)) {
    finish_count(at, prompt, first, count);
    return;
  }
  set_object(at, first, prompt, parse_phrase(at, ends_noun));
  set_once(at, first, prompt.object_count, whole_number(at, first, count.number), "the number of objects");
  at.accept_any({"in the image", "per image"});
  const int comma = at.position();
  at.accept(",");
  if (!at.accept("with")) {
    at.rewind(comma);
    return;
  }
  const int limit = at.position();
  const auto regions = accept_count(at);
  if (!regions) at.fail("expected a number here, as in \"a maximum of 5 anomalies\"");
  finish_count(at, prompt, limit, *regions);
}

bool try_image(Cursor& at, HybridPrompt& prompt) {
  const int start = at.position();
  if (at.accept("there")) {
    at.accept_any({"must", "should", "may", "can", "will", "would"});
    at.expect({"is", "are", "be"}, "expected \"is\" or \"are\" here");
    const int first = at.position();
    const auto count = accept_count(at);
    if (!count) at.fail("expected a number here, as in \"There are at most five abnormal regions\"");
    finish_count(at, prompt, first, *count);
    return true;
  }
  accept_article(at);
  if (!at.accept_any({"image", "picture", "photo", "images"})) {
    at.rewind(start);
    return false;
  }
  if (at.accept("of"))
    parse_phrase(at,
                 [](const Cursor& c) { return begins_predicate(c) || c.is("shows") || c.is("contains"); });
  at.expect({"has", "have", "shows", "show", "contains", "contain"}, "expected \"shows\" or \"has\" here");
  parse_contents(at, prompt);
  return true;
}

}  // namespace

bool accept_region_count(Cursor& at, HybridPrompt& prompt) {
  const int first = at.position();
  const auto count = accept_count(at);
  if (count) finish_count(at, prompt, first, *count);
  return count.has_value();
}

void refuse_count(const Cursor& at) {
  Cursor count = at;
  count.accept_any({"more than", "at least", "no fewer than", "over", "at most", "no more than",
                    "not more than", "fewer than", "less than", "up to", "exactly", "only"});
  if (!accept_number(count) || !is_word(count) || is_rule_word(count.peek().text) ||
      begins_size_word(count) || accept_unit(count))
    return;
  while (is_word(count) && !ends_noun(count)) count.advance();
  fail_tolerated_count(count, at.position());
}

bool try_number_sentence(Cursor& at, HybridPrompt& prompt) {
  return try_any_number(at, prompt) || try_number_of(at, prompt) || try_count_or_bound(at, prompt);
}

bool try_object_sentence(Cursor& at, HybridPrompt& prompt) {
  return try_pixel_size(at, prompt) || try_object(at, prompt) || try_image(at, prompt);
}

}  // namespace anomalyvlm::prompts
