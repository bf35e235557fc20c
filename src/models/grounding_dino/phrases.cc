#include "models/grounding_dino/phrases.h"

#include <algorithm>

#include "core/check.h"
#include "text/unicode.h"

namespace anomalyvlm::grounding_dino {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

bool bounds_phrase(std::string_view token) { return token == "[CLS]" || token == "[SEP]" || token == "."; }

constexpr TokenRange kNothing = {0, 0};

}  // namespace

std::string detector_caption(std::string_view text) {
  std::string caption = stripped_text(lower_text(text));
  return caption.ends_with('.') ? caption : caption + ".";
}

std::string join_wordpieces(std::span<const std::string> tokens) {
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool continues = i > 0 && tokens[i].starts_with("##");
    if (i > 0 && !continues) text += ' ';
    text += continues ? tokens[i].substr(2) : tokens[i];
  }
  for (const std::string_view mark : {".", "?", "!", ","}) replace_all(text, " " + std::string(mark), mark);
  replace_all(text, " ' ", "'");
  for (const std::string_view ending : {"n't", "'m", "'s", "'ve", "'re"}) {
    replace_all(text, " " + std::string(ending), ending);
  }
  return text;
}

std::string read_phrase(std::span<const float> scores, std::span<const std::string> tokens, float threshold,
                        TokenRange range) {
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto column = static_cast<std::int64_t>(i);
    if (!(scores[i] > threshold) || column <= range.left || column >= range.right) continue;
    if (i >= tokens.size())
      fail(ErrorKind::kBadInput, "Column {} is above the text threshold, but the caption has only {} tokens.",
           i, tokens.size());
    chosen.push_back(tokens[i]);
  }
  return join_wordpieces(chosen);
}

TokenRange phrase_around_best(std::span<const float> scores, std::span<const std::string> tokens) {
  const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
  TokenRange range = kNothing;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!bounds_phrase(tokens[i])) continue;
    range.right = static_cast<std::int64_t>(i);
    if (range.right >= best) return best == 0 ? kNothing : range;
    range.left = range.right;
  }
  return kNothing;
}

std::string detected_phrase(std::span<const float> scores, std::span<const std::string> tokens,
                            float threshold, bool remove_combined) {
  const TokenRange range = remove_combined ? phrase_around_best(scores, tokens) : kCaptionTokens;
  std::string phrase = read_phrase(scores, tokens, threshold, range);
  std::erase(phrase, '.');
  return phrase;
}

}  // namespace anomalyvlm::grounding_dino
