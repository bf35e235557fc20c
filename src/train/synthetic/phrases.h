#pragma once
// The words for defects: per family nouns, synonyms and the adjectives that go with them, and words that mean
// any defect.
#include <string>
#include <string_view>
#include <vector>

#include "train/synthetic/rng.h"

namespace anomalyvlm::synthetic {

struct FamilyWords {
  std::string family;
  std::vector<std::string> nouns;       // singular; the first is the family's usual name
  std::vector<std::string> adjectives;  // "thin", "deep", ...
};

class Phrasebook {
 public:
  Phrasebook();  // the project's own book

  const std::vector<FamilyWords>& families() const { return families_; }
  // Every noun of a family in singular and plural, without adjectives. Throws Error(kBadInput) for an unknown
  // family.
  std::vector<std::string> phrases_of(std::string_view family) const;
  // Words that mean a defect of any kind, singular and plural.
  std::vector<std::string> generic() const;
  // A noun, singular or plural, with an adjective about half of the time.
  std::string random_phrase(std::string_view family, Rng& rng) const;
  // Families one of whose nouns is this word or word group (any case, singular or plural); empty if it is
  // unknown.
  std::vector<std::string> families_of(std::string_view phrase) const;

 private:
  const FamilyWords& words_of(std::string_view family) const;
  std::vector<FamilyWords> families_;
};

const Phrasebook& phrasebook();  // one that is made once

// The plural of an English noun group by rule: "scratch" -> "scratches", "foreign body" -> "foreign bodies".
std::string plural_of(const std::string& noun);

}  // namespace anomalyvlm::synthetic
