#pragma once
// The words the embedded default knows, and what a phrase means to it: the mean of its known words' vectors.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weights/weights.h"

namespace anomalyvlm::nano {

// Lower-case words of a phrase; anything but letters and digits separates them.
std::vector<std::string> words_of(std::string_view phrase);

class Lexicon {
 public:
  // words: in singular; generic: words that mean a defect of any kind; families: per kind of defect its usual
  // name and synonyms.
  Lexicon(std::vector<std::string> words, std::vector<std::string> generic,
          std::vector<std::vector<std::string>> families);

  // As kept in a weight file's metadata.
  static Lexicon from_metadata(const WeightFile& file);  // throws Error(kBadModel)
  WeightFile::Strings to_metadata() const;

  const std::vector<std::string>& words() const { return words_; }
  const std::vector<std::vector<std::string>>& families() const { return families_; }
  // Index of a word, in singular or plural.
  std::optional<std::size_t> find(std::string_view word) const;
  // Indices of the known words of a phrase.
  std::vector<std::size_t> indices(std::string_view phrase) const;
  // Whether a phrase names no kind of its own: all its words are generic ("any visible defect").
  bool is_generic(std::string_view phrase) const;
  // Whether a phrase names this family: it holds all words of one of the family's names ("thin scratch" does
  // "scratch").
  bool names(std::string_view phrase, std::size_t family) const;

 private:
  std::vector<std::string> words_, generic_;
  std::vector<std::vector<std::string>> families_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace anomalyvlm::nano
