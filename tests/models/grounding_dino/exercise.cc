#include "models/grounding_dino/exercise.h"

#include <algorithm>
#include <cstdlib>

#include "models/bert/exercise.h"
#include "models/grounding_dino/captions.h"
#include "models/grounding_dino/phrases.h"

namespace anomalyvlm::test {
namespace {

using namespace grounding_dino;

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

void exercise_captions(std::string_view text) {
  exercise_wordpiece(text);
  const WordPieceTokenizer& tokenizer = wordpiece_tokenizer();
  const std::vector<std::string> tokens = tokenizer.tokens(tokenizer.encode(text));
  const std::vector<float> scores(tokens.size(), 1.0F);
  require(read_phrase(scores, tokens, 0.5F).starts_with("[CLS]"));
  require(detected_phrase(scores, tokens, 0.5F, true).empty());  // the best is the first
  for (const std::int64_t longest : {1, 7, 256})
    check_captions(tokenize_captions(tokenizer, lines_of(text), longest), longest);
  require(detector_caption(detector_caption(text)) == detector_caption(text));
}

}  // namespace anomalyvlm::test
