#include "models/nano/lexicon.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "weights/excerpt.h"

namespace anomalyvlm::nano {

std::vector<std::string> words_of(std::string_view phrase) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : phrase) {
    const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
    const bool part = upper || lower || digit || static_cast<unsigned char>(c) >= 0x80;
    if (part && !inside) words.emplace_back();
    if (part) words.back() += upper ? static_cast<char>(c - 'A' + 'a') : c;
    inside = part;
  }
  return words;
}

Lexicon::Lexicon(std::vector<std::string> words, std::vector<std::string> generic,
                 std::vector<std::vector<std::string>> families)
    : words_(std::move(words)), generic_(std::move(generic)), families_(std::move(families)) {
  for (std::size_t i = 0; i < words_.size(); ++i) index_.emplace(words_[i], i);
}

namespace {

// The forms of which `word` may be the plural, itself first.
std::vector<std::string> singulars(std::string_view word) {
  std::vector<std::string> forms = {std::string(word)};
  const auto ends = [&](std::string_view tail) {
    return word.size() > tail.size() && word.substr(word.size() - tail.size()) == tail;
  };
  if (ends("ies")) forms.push_back(std::string(word.substr(0, word.size() - 3)) + "y");
  if (ends("es")) forms.emplace_back(word.substr(0, word.size() - 2));
  if (ends("s")) forms.emplace_back(word.substr(0, word.size() - 1));
  return forms;
}

}  // namespace

std::optional<std::size_t> Lexicon::find(std::string_view word) const {
  for (const std::string& form : singulars(word)) {
    const auto found = index_.find(form);
    if (found != index_.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<std::size_t> Lexicon::indices(std::string_view phrase) const {
  std::vector<std::size_t> known;
  for (const std::string& word : words_of(phrase)) {
    if (const auto index = find(word)) known.push_back(*index);
  }
  return known;
}

bool Lexicon::is_generic(std::string_view phrase) const {
  bool any = false;
  for (const std::string& word : words_of(phrase)) {
    const std::vector<std::string> forms = singulars(word);
    const bool generic = std::any_of(forms.begin(), forms.end(), [&](const std::string& form) {
      return std::find(generic_.begin(), generic_.end(), form) != generic_.end();
    });
    any = any || generic;
    if (!generic && find(word)) return false;
  }
  return any;
}

bool Lexicon::names(std::string_view phrase, std::size_t family) const {
  const std::vector<std::size_t> held = indices(phrase);
  return std::any_of(families_[family].begin(), families_[family].end(), [&](const std::string& name) {
    const std::vector<std::size_t> asked = indices(name);
    return !asked.empty() && std::all_of(asked.begin(), asked.end(), [&](std::size_t word) {
      return std::find(held.begin(), held.end(), word) != held.end();
    });
  });
}

WeightFile::Strings Lexicon::to_metadata() const {
  const nlohmann::json json = {{"words", words_}, {"generic", generic_}, {"families", families_}};
  return {{"lexicon", json.dump()}};
}

Lexicon Lexicon::from_metadata(const WeightFile& file) {
  const auto entry = file.metadata().find("lexicon");
  if (entry == file.metadata().end())
    fail(ErrorKind::kBadModel, "{}: the metadata has no \"lexicon\"; this is not a weight file of nano.",
         file.source());
  try {
    const nlohmann::json json = nlohmann::json::parse(entry->second);
    Lexicon lexicon(json.at("words").get<std::vector<std::string>>(),
                    json.at("generic").get<std::vector<std::string>>(),
                    json.at("families").get<std::vector<std::vector<std::string>>>());
    const auto& families = lexicon.families_;
    if (std::any_of(families.begin(), families.end(), [](const auto& family) { return family.empty(); }))
      fail(ErrorKind::kBadModel, "{}: the metadata's \"lexicon\" has a kind of defect without a name.",
           file.source());
    return lexicon;
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::kBadModel, "{}: the metadata's \"lexicon\" is damaged ({}).", file.source(),
         excerpt(error.what()));
  }
}

}  // namespace anomalyvlm::nano
