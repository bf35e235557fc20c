#pragma once
// Byte-pair encoding (Sennrich et al., 2016) as CLIP uses it (Radford et al., 2021): text is repaired
// (text/repair.h), HTML's references are replaced, blanks joined and letters lower-cased; it is cut into
// words, single digits and runs of marks; and the bytes of each are merged pair by pair, the pairs in the
// order of the vocabulary. Gives the numbers of openai/CLIP's and of open_clip's tokenizers, which differ in
// one thing only.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace anomalyvlm::clip {

// What stands for the start and the end where it is written out in a text.
enum class SpecialTokens {
  kOpenAi,    // "<|startoftext|>", "<|endoftext|>"
  kOpenClip,  // "<start_of_text>", "<end_of_text>"
};

// Of a text with more tokens than fit. openai/CLIP refuses it, open_clip cuts it.
enum class TooLong { kRefuse, kCut };

// Const after making: usable from several threads at once.
class Tokenizer {
 public:
  static constexpr std::size_t kMostMerges = 48894;     // that CLIP's models know; a file may have more
  static constexpr std::size_t kLongestText = 1 << 16;  // bytes

  // The lines of "bpe_simple_vocab_16e6.txt": a first one about the file, then the two parts of each merge.
  // Throws Error(kBadModel) for others.
  static Tokenizer parse(std::string_view lines, SpecialTokens special);
  // From the file, as published ("….gz") or unpacked. Throws Error(kIo), Error(kBadModel).
  static Tokenizer load(const std::filesystem::path& file, SpecialTokens special);

  // The text's tokens alone. Takes any bytes; ill-formed UTF-8 becomes U+FFFD. Throws Error(kBadInput) for
  // more than kLongestText bytes.
  std::vector<std::int64_t> encode(std::string_view text) const;
  // Start, the text's tokens, end, and zeros up to `context` numbers. Throws Error(kBadInput) for a text with
  // more than context - 2 tokens, unless it is to be cut: then the end replaces the last number that fits.
  std::vector<std::int64_t> context(std::string_view text, std::int64_t context, TooLong too_long) const;

  std::int64_t start() const { return size() - 2; }
  std::int64_t end() const { return size() - 1; }  // the highest number
  std::int64_t size() const { return size_; }

 private:
  struct Pair {
    std::int64_t left, right;
    bool operator==(const Pair&) const = default;
  };
  struct PairHash {
    std::size_t operator()(const Pair& p) const {
      return std::hash<std::int64_t>()(p.left * (std::int64_t{1} << 32) + p.right);
    }
  };
  struct Merge {
    std::int64_t rank, merged;  // when; into which token
  };

  explicit Tokenizer(SpecialTokens special) : special_(special) {}
  void encode_word(std::string_view bytes, std::vector<std::int64_t>& ids) const;

  SpecialTokens special_;
  std::int64_t bytes_[256] = {};  // the token of each byte; that of a word's last byte is 256 higher
  std::unordered_map<Pair, Merge, PairHash> merges_;
  std::int64_t size_ = 0;
};

}  // namespace anomalyvlm::clip
