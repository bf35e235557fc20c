#pragma once
// WordPiece (Wu et al., 2016) as bert-base-uncased uses it (Devlin et al., 2019): text is cleaned, accents
// are stripped, letters lower-cased, words and punctuation marks separated, and each word cut into the
// longest known pieces from its beginning. Gives the numbers that Hugging Face's fast tokenizer gives, which
// the authors of Grounding DINO used.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace anomalyvlm {

// Const after making: usable from several threads at once.
class WordPieceTokenizer {
 public:
  static constexpr std::size_t kLongestWord = 100;  // characters

  // Tokens in the order of their numbers. A word of more than `longest_word` characters is unknown. Throws
  // Error(kBadModel) when one of "[PAD]", "[UNK]", "[CLS]", "[SEP]" is missing.
  explicit WordPieceTokenizer(std::vector<std::string> vocabulary, std::size_t longest_word = kLongestWord);
  // The same from the lines of a "vocab.txt", a token each.
  static WordPieceTokenizer parse(std::string_view lines, std::size_t longest_word = kLongestWord);
  static WordPieceTokenizer load(
      const std::filesystem::path& file,
      std::size_t longest_word = kLongestWord);  // throws Error(kIo), Error(kBadModel)

  // "[CLS]", the text's tokens, "[SEP]". Special tokens written out in the text ("[SEP]", "[MASK]") count as
  // themselves; ill-formed UTF-8 is left out. Takes any bytes (see text/unicode.h).
  std::vector<std::int64_t> encode(std::string_view text) const;

  std::int64_t size() const { return static_cast<std::int64_t>(vocabulary_.size()); }
  const std::string& token(std::int64_t id) const;  // throws Error(kBadInput) for one that does not exist
  std::vector<std::string> tokens(std::span<const std::int64_t> ids) const;
  std::int64_t id(std::string_view token) const;  // that of "[UNK]" for one that does not exist

  std::int64_t padding() const { return padding_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Pieces = std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>>;

  void encode_plain(std::string_view text, std::vector<std::int64_t>& ids) const;
  void encode_word(std::u32string_view word, std::vector<std::int64_t>& ids) const;

  std::vector<std::string> vocabulary_;
  Pieces ids_;                                                 // of all tokens
  Pieces continuing_;                                          // of those with "##" in front, without it
  std::vector<std::pair<std::string, std::int64_t>> special_;  // that a text may have written out
  std::size_t longest_word_;                                   // characters
  std::size_t longest_piece_ = 0;                              // bytes
  std::int64_t padding_ = 0, unknown_ = 0, start_ = 0, end_ = 0;
};

}  // namespace anomalyvlm
