#include "models/bert/exercise.h"

#include <cstdlib>

namespace anomalyvlm::test {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

const WordPieceTokenizer& wordpiece_tokenizer() {
  static const WordPieceTokenizer tokenizer({"[PAD]",
                                             "[UNK]",
                                             "[CLS]",
                                             "[SEP]",
                                             "[MASK]",
                                             ".",
                                             "?",
                                             "!",
                                             "-",
                                             "_",
                                             "'",
                                             "$",
                                             "crack",
                                             "hole",
                                             "##s",
                                             "metal",
                                             "nut",
                                             "a",
                                             "##a",
                                             "e",
                                             "##e",
                                             "naive",
                                             "ab",
                                             "abc",
                                             "##cd",
                                             "[",
                                             "]",
                                             "sep",
                                             "##1",
                                             "1",
                                             "\xE5\x8C\x97",
                                             "\xE4\xBA\xAC",
                                             "\xCE\xBF\xCF\x83",
                                             "\xCE\xBF\xCF\x82",
                                             "\xE3\x80\x82"});
  return tokenizer;
}

std::string random_text(std::mt19937& random) {
  const std::string_view parts[] = {"[SEP]", "crack", "\xCC\x81", "\xE5\x8C\x97", " ", "\n", ".", "?"};
  std::string text;
  for (unsigned n = random() % 40; n > 0; --n) {
    if (random() % 2 == 0) {
      text += parts[random() % std::size(parts)];
    } else {
      text += static_cast<char>(random());
    }
  }
  return text;
}

void exercise_wordpiece(std::string_view text) {
  const WordPieceTokenizer& tokenizer = wordpiece_tokenizer();
  const std::vector<std::int64_t> ids = tokenizer.encode(text);
  require(ids.size() >= 2 && ids.size() <= 2 + text.size());
  require(ids.front() == tokenizer.id("[CLS]") && ids.back() == tokenizer.id("[SEP]"));
  require(tokenizer.tokens(ids).size() == ids.size());
}

}  // namespace anomalyvlm::test
