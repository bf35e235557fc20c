// What a text says, at its places.
#include <algorithm>
#include <utility>

#include "anomalyvlm/prompt_reading.h"
#include "prompts/read_sentences.h"

namespace anomalyvlm {
namespace prompts {
namespace {

// All that a sentence sets, but for lists.
HybridPrompt single_values(const HybridPrompt& prompt) {
  HybridPrompt values;
  values.max_regions = prompt.max_regions;
  values.only_named = prompt.only_named;
  values.limit = prompt.limit;
  values.object = prompt.object;
  values.object_count = prompt.object_count;
  values.pixel_size_mm = prompt.pixel_size_mm;
  return values;
}

// Those of `after` that differ from `before`.
HybridPrompt set_anew(const HybridPrompt& before, const HybridPrompt& after) {
  HybridPrompt values;
  if (after.max_regions != before.max_regions) values.max_regions = after.max_regions;
  if (after.only_named != before.only_named) values.only_named = after.only_named;
  if (after.limit != before.limit) values.limit = after.limit;
  if (after.object != before.object) values.object = after.object;
  if (after.object_count != before.object_count) values.object_count = after.object_count;
  if (after.pixel_size_mm != before.pixel_size_mm) values.pixel_size_mm = after.pixel_size_mm;
  return values;
}

// What a sentence that was not understood has added is taken back.
void take_back(HybridPrompt& prompt, HybridPrompt values, const ReadSentence& read) {
  values.phrases = std::move(prompt.phrases);  // of which parse_next() has taken care
  values.rules = std::move(prompt.rules);
  values.rules.resize(read.first_rule);
  values.kind_limits = std::move(prompt.kind_limits);
  values.kind_limits.resize(read.first_limit);
  prompt = std::move(values);
}

ReadSentence read_sentence(Sentence sentence, HybridPrompt& prompt, NameSet& known) {
  ReadSentence read;
  const HybridPrompt before = single_values(prompt);
  read.first_rule = prompt.rules.size();
  read.first_limit = prompt.kind_limits.size();
  read.problem = sentence.fault;
  try {
    if (!read.problem) read.names = parse_next(sentence, prompt, known);
  } catch (const PlacedError& error) {
    read.problem = error;
    take_back(prompt, before, read);
  }
  read.sets = set_anew(before, prompt);
  read.last_rule = prompt.rules.size();
  read.last_limit = prompt.kind_limits.size();
  read.sentence = std::move(sentence);
  return read;
}

std::optional<WholeProblem> whole_problem(const HybridPrompt& prompt) {
  try {
    check_values(prompt);
  } catch (const RuleError& error) {
    return WholeProblem{error.what(), error.rule()};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadPrompt) throw;
    return WholeProblem{error.what(), std::nullopt};
  }
  return std::nullopt;
}

}  // namespace

ReadText read_sentences(const std::string& plain) {
  ReadText text;
  NameSet known;
  for (Sentence& sentence : split_plain(plain))
    text.sentences.push_back(read_sentence(std::move(sentence), text.prompt, known));
  complete(text.prompt);
  text.problem = whole_problem(text.prompt);
  return text;
}

}  // namespace prompts

namespace {

using prompts::ReadSentence;
using prompts::ReadText;

// Places of the plain text as places of the text that was given.
class Places {
 public:
  explicit Places(const prompts::PlacedText& plain) : plain_(plain) {}

  template <typename Place>
  void put(Place& place, int begin, int end) const {
    place.begin = begin > 0 && begin >= end ? behind(begin) : at(begin);
    place.end = std::max(place.begin, behind(end));
  }

 private:
  int at(int byte) const {
    const auto index = static_cast<std::size_t>(byte);
    return index < plain_.begins.size() ? plain_.begins[index] : behind(byte);
  }
  // Where the character in front of a byte ends.
  int behind(int byte) const {
    const std::size_t bytes = std::min(static_cast<std::size_t>(byte), plain_.ends.size());
    return bytes == 0 ? 0 : plain_.ends[bytes - 1];
  }

  const prompts::PlacedText& plain_;
};

std::string as_sentence(std::string message) {
  if (message[0] >= 'a' && message[0] <= 'z') message[0] = static_cast<char>(message[0] - 'a' + 'A');
  return message.ends_with('?') ? message : message + ".";
}

PromptProblem problem_of(const ReadSentence& read, const Places& places) {
  const prompts::PlacedError& error = *read.problem;
  PromptProblem problem{as_sentence(error.message())};
  // An error at the end points behind the last word, where the sentence does not reach.
  const int start = read.sentence.begin, length = static_cast<int>(read.sentence.source.size());
  places.put(problem, start + std::min(error.begin(), length), start + std::min(error.end(), length));
  return problem;
}

PromptSentence sentence_of(const ReadText& text, const ReadSentence& read, const Places& places) {
  PromptSentence sentence;
  const int start = read.sentence.begin;
  const auto& tokens = read.sentence.tokens;
  const std::size_t last = read.sentence.source.find_last_not_of(" \t\r\v\f");
  places.put(sentence, start + tokens.front().begin, start + static_cast<int>(last) + 1);
  if (read.problem) {
    sentence.problem = problem_of(read, places);
    return sentence;
  }
  sentence.parts = prompts::parts_of(text, read);
  for (PromptPart& part : sentence.parts) places.put(part, start + part.begin, start + part.end);
  return sentence;
}

PromptProblem whole_problem_of(const ReadText& text, const std::vector<PromptSentence>& sentences) {
  PromptProblem problem{text.problem->message};
  if (!text.problem->rule) return problem;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (text.sentences[i].last_rule <= *text.problem->rule) continue;
    problem.begin = sentences[i].begin;
    problem.end = sentences[i].end;
    break;
  }
  return problem;
}

PromptReading read_placed(const prompts::PlacedText& plain) {
  const Places places(plain);
  ReadText text = prompts::read_sentences(plain.text);
  PromptReading reading;
  for (const ReadSentence& read : text.sentences)
    reading.sentences.push_back(sentence_of(text, read, places));
  for (auto& [sentence, number] : prompts::numbers_of(plain.text, text)) {
    places.put(number, number.begin, number.end);
    reading.sentences[sentence].numbers.push_back(std::move(number));
  }
  if (text.problem) reading.problem = whole_problem_of(text, reading.sentences);
  reading.prompt = std::move(text.prompt);
  return reading;
}

}  // namespace

PromptReading read_prompt_text(std::string_view english) {
  PromptReading unread;
  try {
    prompts::require_readable_length(english);
    return read_placed(prompts::placed_text(english));
  } catch (const prompts::PlacedError& error) {
    unread.problem = {error.message(), error.begin(), error.end()};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kBadPrompt) throw;
    unread.problem = {error.what()};
  }
  return unread;
}

}  // namespace anomalyvlm
