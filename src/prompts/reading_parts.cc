// What a sentence says, in the words of describe().
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "prompts/quantities.h"
#include "prompts/read_sentences.h"

namespace anomalyvlm::prompts {
namespace {

using Kind = PromptPart::Kind;

std::string count_text(int count) {
  return count == 0   ? "any number of regions"
         : count == 1 ? "at most 1 region"
                      : fmt::format("at most {} regions", count);
}

// Finds names among the words of a sentence.
class Names {
 public:
  explicit Names(const Sentence& sentence) : sentence_(sentence) {
    for (const Token& token : sentence.tokens) {
      const bool name = token.kind == Token::Kind::kWord || token.kind == Token::Kind::kQuoted;
      words_.push_back(name ? normalised_phrase(token.text) : std::string(1, '\0'));
    }
  }

  // In the order in which they are asked for, if they stand so. What is not written as such ("defect", where
  // anomalies are spoken of) stands where the sentence does.
  void place(PromptPart& part) {
    const std::size_t size = words_.size();
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t first = (next_ + i) % size, last = end_of(part.text, first);
      if (last == first) continue;
      next_ = last;
      part.begin = sentence_.tokens[first].begin;
      part.end = sentence_.tokens[last - 1].end;
      return;
    }
  }

 private:
  // Behind the last of the words from `first` on that make up the name; `first`: they do not.
  std::size_t end_of(std::string_view name, std::size_t first) const {
    std::string_view rest = name;
    for (std::size_t i = first; i < words_.size(); ++i) {
      if (words_[i].empty() && i > first) continue;  // "_"
      if (words_[i].empty() || !rest.starts_with(words_[i])) return first;
      rest.remove_prefix(words_[i].size());
      if (rest.empty()) return i + 1;
      if (rest[0] != ' ') return first;
      rest.remove_prefix(1);
    }
    return first;
  }

  const Sentence& sentence_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

class PartsOf {
 public:
  PartsOf(const ReadText& text, const ReadSentence& read)
      : prompt_(text.prompt), read_(read), names_(read.sentence) {}

  std::vector<PromptPart> all() {
    phrases();
    rules();
    values();
    if (parts_.empty()) add(Kind::kOther, "as said before");
    std::stable_sort(parts_.begin(), parts_.end(), [](const PromptPart& a, const PromptPart& b) {
      return std::pair(a.begin, -a.end) < std::pair(b.begin, -b.end);
    });
    return std::move(parts_);
  }

 private:
  PromptPart& add(Kind kind, std::string text) {
    const auto& tokens = read_.sentence.tokens;
    parts_.push_back({kind, tokens.front().begin, tokens[tokens.size() - 2].end, std::move(text)});
    return parts_.back();
  }

  void add_name(Kind kind, const std::string& name) { names_.place(add(kind, name)); }

  // Those that are named, and the kinds of criteria and limits, which are looked for as well.
  void phrases() {
    std::vector<std::string> names = read_.names;
    const auto add_judged = [&](const std::vector<std::string>& judged) {
      for (const std::string& name : judged)
        if (seen_.insert(name).second) names.push_back(name);
    };
    seen_.insert(names.begin(), names.end());
    for (std::size_t i = read_.first_rule; i < read_.last_rule; ++i)
      if (prompt_.rules[i].criterion != 0) add_judged(prompt_.rules[i].phrases);
    for (std::size_t i = read_.first_limit; i < read_.last_limit; ++i)
      add_judged(prompt_.kind_limits[i].phrases);
    for (const std::string& name : names) add_name(Kind::kPhrase, name);
  }

  void rules() {
    for (std::size_t i = read_.first_rule; i < read_.last_rule; ++i)
      add(Kind::kRule, describe(prompt_.rules[i]));
    for (std::size_t i = read_.first_limit; i < read_.last_limit; ++i) {
      const KindLimit& limit = prompt_.kind_limits[i];
      add(Kind::kCount,
          fmt::format("{} of {}", count_text(limit.max_regions), fmt::join(limit.phrases, ", ")));
    }
  }

  void values() {
    const HybridPrompt& sets = read_.sets;
    if (sets.max_regions) add(Kind::kCount, count_text(*sets.max_regions));
    if (sets.limit) add(Kind::kLimit, "an image score from " + number_text(*sets.limit) + " is not OK");
    if (!sets.object.empty()) add_name(Kind::kObject, sets.object);
    if (sets.object_count) add(Kind::kObject, fmt::format("{} in the image", *sets.object_count));
    if (sets.pixel_size_mm) add(Kind::kOther, "a pixel is " + number_text(*sets.pixel_size_mm) + " mm");
    if (sets.only_named) add(Kind::kOther, "nothing else counts");
  }

  const HybridPrompt& prompt_;
  const ReadSentence& read_;
  Names names_;
  std::set<std::string> seen_;
  std::vector<PromptPart> parts_;
};

}  // namespace

std::vector<PromptPart> parts_of(const ReadText& text, const ReadSentence& read) {
  return PartsOf(text, read).all();
}

}  // namespace anomalyvlm::prompts
