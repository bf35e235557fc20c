#include "serve/service/prompt_json.h"

#include "anomalyvlm/data_folder.h"
#include "prompts/quantities.h"

namespace anomalyvlm::serve {
namespace {

Json problem_json(const std::optional<PromptProblem>& problem) {
  if (!problem) return nullptr;
  return {{"message", problem->message}, {"begin", problem->begin}, {"end", problem->end}};
}

const char* name_of(PromptPart::Kind kind) {
  switch (kind) {
    case PromptPart::Kind::kPhrase:
      return "phrase";
    case PromptPart::Kind::kRule:
      return "rule";
    case PromptPart::Kind::kCount:
      return "count";
    case PromptPart::Kind::kLimit:
      return "limit";
    case PromptPart::Kind::kObject:
      return "object";
    default:
      return "other";
  }
}

const char* name_of(PromptNumber::Sets sets) {
  switch (sets) {
    case PromptNumber::Sets::kMaxRegions:
      return "max_regions";
    case PromptNumber::Sets::kKindLimit:
      return "kind_limit";
    case PromptNumber::Sets::kImageLimit:
      return "limit";
    case PromptNumber::Sets::kObjectCount:
      return "object_count";
    case PromptNumber::Sets::kPixelSize:
      return "pixel_size";
    default:
      return "rule";
  }
}

Json number_json(const PromptNumber& number, const HybridPrompt& prompt) {
  Json json = {
      {"begin", number.begin}, {"end", number.end}, {"value", number.value}, {"kind", name_of(number.sets)}};
  if (number.sets != PromptNumber::Sets::kRule) return json;
  const Rule& rule = prompt.rules.at(static_cast<std::size_t>(number.index));
  json["rule"] = number.index;
  json["text"] = describe(rule);
  json["quantity"] = prompts::info(rule.quantity).name;
  json["comparison"] = prompts::symbol(rule.comparison);
  json["unit"] = number.unit;
  return json;
}

Json sentence_json(const PromptSentence& sentence, const HybridPrompt& prompt) {
  Json parts = Json::array(), numbers = Json::array();
  for (const PromptPart& part : sentence.parts)
    parts.push_back(
        {{"kind", name_of(part.kind)}, {"text", part.text}, {"begin", part.begin}, {"end", part.end}});
  for (const PromptNumber& number : sentence.numbers) numbers.push_back(number_json(number, prompt));
  return {{"begin", sentence.begin},
          {"end", sentence.end},
          {"parts", parts},
          {"numbers", numbers},
          {"error", problem_json(sentence.problem)}};
}

Json meaning_json(const HybridPrompt& prompt) {
  Json rules = Json::array();
  for (const Rule& rule : prompt.rules) rules.push_back(describe(rule));
  Json json = {{"phrases", prompt.phrases},
               {"rules", rules},
               {"max_regions", nullptr},
               {"limit", nullptr},
               {"object", nullptr}};
  if (prompt.max_regions) json["max_regions"] = *prompt.max_regions;
  if (prompt.limit) json["limit"] = *prompt.limit;
  if (!prompt.object.empty()) json["object"] = prompt.object;
  return json;
}

// Without the words that a model knows, where they cannot be read.
std::vector<std::string> word_notes(const Inspector& inspector, const HybridPrompt& prompt) {
  if (inspector.detector().options().model != "nano") return {};
  try {
    return notes_on_words(prompt, inspector.detector().options().data_folder);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

Json prompt_json(const Inspector& inspector, const PromptReading& reading) {
  bool understood = !reading.problem;
  Json sentences = Json::array();
  for (const PromptSentence& sentence : reading.sentences) {
    understood = understood && !sentence.problem;
    sentences.push_back(sentence_json(sentence, reading.prompt));
  }
  return {{"understood", understood},
          {"sentences", sentences},
          {"prompt", meaning_json(reading.prompt)},
          {"description", describe(reading.prompt)},
          {"toml", to_toml(reading.prompt)},
          {"notes", word_notes(inspector, reading.prompt)},
          {"error", problem_json(reading.problem)}};
}

}  // namespace anomalyvlm::serve
