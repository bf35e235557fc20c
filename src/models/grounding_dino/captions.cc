#include "models/grounding_dino/captions.h"

#include <algorithm>
#include <numeric>

#include "models/grounding_dino/phrases.h"
#include "text/unicode.h"

namespace anomalyvlm::grounding_dino {
namespace {

using Ids = std::vector<std::int64_t>;

// int64 [captions, columns], cut and padded.
Tensor table(const std::vector<Ids>& rows, std::int64_t columns, std::int64_t padding) {
  Ids values;
  for (Ids row : rows) {
    row.resize(static_cast<std::size_t>(columns), padding);
    values.insert(values.end(), row.begin(), row.end());
  }
  return Tensor::from({static_cast<std::int64_t>(rows.size()), columns}, std::move(values));
}

// Each token's position within its phrase, and a mask in which it sees that phrase.
class Rows {
 public:
  Rows(std::size_t count, std::int64_t columns) : columns_(columns), count_(count) {
    const auto n = static_cast<std::size_t>(columns);
    positions_.resize(count * n);
    masks_.resize(count * n * n);
    for (std::size_t row = 0; row < count; ++row)
      for (std::int64_t column = 0; column < columns; ++column) mask(row, column)[column] = 1;
  }

  // The tokens from `begin` to before `end` see each other.
  void join(std::size_t row, std::int64_t begin, std::int64_t end) {
    const std::int64_t cut = std::min(end, columns_);
    for (std::int64_t i = begin; i < cut; ++i) {
      std::fill(mask(row, i) + begin, mask(row, i) + cut, std::uint8_t{1});
      positions_[row * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(i)] = i - begin;
    }
  }

  Tensor positions() && { return Tensor::from({captions(), columns_}, std::move(positions_)); }
  Tensor masks() && { return Tensor::from({captions(), columns_, columns_}, std::move(masks_)); }

 private:
  std::int64_t captions() const { return static_cast<std::int64_t>(count_); }
  std::uint8_t* mask(std::size_t row, std::int64_t column) {
    const auto n = static_cast<std::size_t>(columns_);
    return masks_.data() + (row * n + static_cast<std::size_t>(column)) * n;
  }

  std::int64_t columns_;
  std::size_t count_;
  Ids positions_;
  std::vector<std::uint8_t> masks_;
};

// Phrases end at marks; the first column and the last one of the batch are no phrases.
std::vector<PhraseColumns> find_phrases(const Ids& ids, const Ids& marks, std::int64_t columns) {
  std::vector<PhraseColumns> phrases;
  std::int64_t previous = 0;
  for (std::int64_t column = 1; column < std::min<std::int64_t>(std::ssize(ids), columns - 1); ++column) {
    if (std::find(marks.begin(), marks.end(), ids[static_cast<std::size_t>(column)]) == marks.end()) continue;
    phrases.push_back({previous + 1, column});
    previous = column;
  }
  return phrases;
}

std::string joined(std::span<const std::string> phrases) {
  return fmt::format("{}", fmt::join(phrases, ". "));
}

std::int64_t tokens_of(const WordPieceTokenizer& tokenizer, const std::string& text) {
  return std::ssize(tokenizer.encode(detector_caption(text)));
}

// At full stops; white space is left as it is.
std::vector<std::string> single_phrases(std::span<const std::string> given) {
  std::vector<std::string> phrases;
  for (const std::string& text : given) {
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
      end = std::min(text.find('.', begin), text.size());
      const std::string phrase = stripped_text(text.substr(begin, end - begin));
      if (!phrase.empty()) phrases.push_back(phrase);
    }
  }
  return phrases;
}

[[noreturn]] void fail_too_long(const std::string& phrase, std::int64_t tokens, std::int64_t longest) {
  constexpr std::size_t kShown = 60;
  std::size_t end = std::min(kShown, phrase.size());
  while (end > 0 && end < phrase.size() && (static_cast<unsigned char>(phrase[end]) & 0xC0U) == 0x80U) --end;
  fail(ErrorKind::kBadPrompt,
       "The phrase \"{}{}\" takes {} tokens of a caption, which can have {} with its marks; shorten it.",
       phrase.substr(0, end), end < phrase.size() ? "..." : "", tokens, longest);
}

}  // namespace

std::vector<std::string> pack_captions(const WordPieceTokenizer& tokenizer,
                                       std::span<const std::string> phrases, std::int64_t longest) {
  if (std::string all = joined(phrases); tokens_of(tokenizer, all) <= longest) return {std::move(all)};
  std::vector<std::string> texts;
  for (const std::string& phrase : single_phrases(phrases)) {
    if (!texts.empty()) {
      std::string longer = texts.back() + ". " + phrase;
      if (tokens_of(tokenizer, longer) <= longest) {
        texts.back() = std::move(longer);
        continue;
      }
    }
    if (const std::int64_t tokens = tokens_of(tokenizer, phrase); tokens > longest)
      fail_too_long(phrase, tokens, longest);
    texts.push_back(phrase);
  }
  return texts;
}

TokenizedCaptions tokenize_captions(const WordPieceTokenizer& tokenizer,
                                    std::span<const std::string> captions, std::int64_t longest) {
  if (captions.empty()) fail(ErrorKind::kBadInput, "There is no caption.");
  if (longest < 1) fail(ErrorKind::kBadInput, "Captions of {} tokens cannot be made.", longest);
  std::vector<Ids> rows, real;
  std::int64_t columns = 0;
  for (const std::string& caption : captions) {
    rows.push_back(tokenizer.encode(caption));
    real.emplace_back(rows.back().size(), 1);
    columns = std::max<std::int64_t>(columns, std::ssize(rows.back()));
  }
  const Ids marks = {tokenizer.id("[CLS]"), tokenizer.id("[SEP]"), tokenizer.id("."), tokenizer.id("?")};
  const std::int64_t kept = std::min(columns, longest);
  TokenizedCaptions out;
  Rows seen(rows.size(), kept);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.phrases.push_back(find_phrases(rows[i], marks, columns));
    for (const PhraseColumns& phrase : out.phrases.back()) seen.join(i, phrase.begin, phrase.end + 1);
  }
  out.ids = table(rows, kept, tokenizer.padding());
  out.real = table(real, kept, 0);
  out.types = table(std::vector<Ids>(rows.size()), kept, 0);
  out.positions = std::move(seen).positions();
  out.masks = std::move(seen).masks();
  return out;
}

}  // namespace anomalyvlm::grounding_dino
