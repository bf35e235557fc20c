#include "models/bert/exercise.h"

#include <algorithm>
#include <cstdlib>

#include "text/phrases.h"

namespace anomalyvlm::test {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  constexpr std::size_t kMost = 4;
  while (lines.size() < kMost) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void check_captions(const TokenizedCaptions& captions, std::int64_t longest) {
  const std::int64_t batch = captions.batch(), n = captions.length();
  require(n <= longest && captions.masks.shape() == Shape{batch, n, n});
  for (std::int64_t row = 0; row < batch; ++row) {
    const auto masks = captions.masks.values<std::uint8_t>().subspan(static_cast<std::size_t>(row * n * n));
    for (std::int64_t i = 0; i < n; ++i) {
      require(masks[static_cast<std::size_t>(i * n + i)] == 1);
      for (std::int64_t j = 0; j < i; ++j)
        require(masks[static_cast<std::size_t>(i * n + j)] == masks[static_cast<std::size_t>(j * n + i)]);
      const std::int64_t position =
          captions.positions.values<std::int64_t>()[static_cast<std::size_t>(row * n + i)];
      require(position >= 0 && position < std::max<std::int64_t>(i, 1));
    }
  }
}

}  // namespace

const WordPieceTokenizer& small_tokenizer() {
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

void exercise_wordpiece(std::string_view text) {
  const WordPieceTokenizer& tokenizer = small_tokenizer();
  const std::vector<std::int64_t> ids = tokenizer.encode(text);
  require(ids.size() >= 2 && ids.size() <= 2 + text.size());
  require(ids.front() == tokenizer.id("[CLS]") && ids.back() == tokenizer.id("[SEP]"));
  const std::vector<std::string> tokens = tokenizer.tokens(ids);
  const std::vector<float> scores(ids.size(), 1.0F);
  require(read_phrase(scores, tokens, 0.5F).starts_with("[CLS]"));
  require(detected_phrase(scores, tokens, 0.5F, true).empty());  // the best is the first
  for (const std::int64_t longest : {1, 7, 256})
    check_captions(tokenize_captions(tokenizer, lines_of(text), longest), longest);
  require(detector_caption(detector_caption(text)) == detector_caption(text));
}

}  // namespace anomalyvlm::test
