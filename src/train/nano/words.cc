#include "train/nano/words.h"

#include <algorithm>
#include <set>

#include "train/synthetic/phrases.h"

namespace anomalyvlm::train {
namespace {

void add_row(at::Tensor& mixture, std::int64_t row, const std::vector<std::size_t>& words) {
  AVLM_CHECK(!words.empty());
  auto cells = mixture.accessor<float, 2>();
  for (const std::size_t word : words)
    cells[row][static_cast<std::int64_t>(word)] += 1.0F / static_cast<float>(words.size());
}

}  // namespace

nano::Lexicon make_lexicon() {
  const synthetic::Phrasebook& book = synthetic::phrasebook();
  std::set<std::string> words, generic;
  std::vector<std::vector<std::string>> families;
  const auto add_words = [](std::set<std::string>& into, const std::string& phrase) {
    for (const std::string& word : nano::words_of(phrase)) into.insert(word);
  };
  for (const synthetic::FamilyWords& family : book.families()) {
    families.push_back(family.nouns);
    for (const std::string& noun : family.nouns) add_words(words, noun);
    for (const std::string& adjective : family.adjectives) add_words(words, adjective);
  }
  for (const std::string& phrase : book.generic()) add_words(generic, phrase);
  return nano::Lexicon({words.begin(), words.end()}, {generic.begin(), generic.end()}, std::move(families));
}

PhraseDraw draw_phrases(const nano::Lexicon& lexicon, synthetic::Rng& rng) {
  const auto& families = synthetic::phrasebook().families();
  const auto count = static_cast<std::int64_t>(families.size());
  PhraseDraw draw{at::zeros({count, static_cast<std::int64_t>(lexicon.words().size())}),
                  at::zeros({count, count}, at::kBool)};
  auto ambiguous = draw.ambiguous.accessor<bool, 2>();
  for (std::int64_t f = 0; f < count; ++f) {
    const std::string phrase = synthetic::phrasebook().random_phrase(families[f].family, rng);
    add_row(draw.mixture, f, lexicon.indices(phrase));
    const std::vector<std::string> named = synthetic::phrasebook().families_of(phrase);
    for (std::int64_t g = 0; g < count; ++g)
      ambiguous[g][f] = g != f && std::find(named.begin(), named.end(), families[g].family) != named.end();
  }
  return draw;
}

at::Tensor usual_names(const nano::Lexicon& lexicon) {
  const auto& families = lexicon.families();
  at::Tensor mixture = at::zeros(
      {static_cast<std::int64_t>(families.size()), static_cast<std::int64_t>(lexicon.words().size())});
  for (std::size_t f = 0; f < families.size(); ++f)
    add_row(mixture, static_cast<std::int64_t>(f), lexicon.indices(families[f].front()));
  return mixture;
}

}  // namespace anomalyvlm::train
