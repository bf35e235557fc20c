#pragma once
// Captions as Grounding DINO was trained on, and the phrases read back from them. A caption is cut into
// WordPiece tokens (models/bert/tokenizer.h), each box scores all of them, and those with a high score make
// up its phrase.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm::grounding_dino {

// Lower case, without white space around it, with a full stop at its end.
std::string detector_caption(std::string_view text);

// WordPieces as text: "black", "hole", "##s", "." -> "black holes."
std::string join_wordpieces(std::span<const std::string> tokens);

// Only tokens at columns strictly between the two can be part of a phrase.
struct TokenRange {
  std::int64_t left = -1;  // by default all
  std::int64_t right = INT64_MAX;
};
// The authors' default: without "[CLS]" and the last of 256 columns.
constexpr TokenRange kCaptionTokens = {0, 255};

// The tokens whose scores are above the threshold (compared in float32), as text. scores: one a column, 256
// in the authors' code; tokens: the caption's, "[CLS]" and "[SEP]" included. Throws Error(kBadInput) when a
// column without a token is above the threshold.
std::string read_phrase(std::span<const float> scores, std::span<const std::string> tokens, float threshold,
                        TokenRange range = {});

// The part of the caption that the best column lies in, between two of "[CLS]", "[SEP]" and "." (a "?" does
// not bound it here). Nothing for "[CLS]" itself or a column behind all of them.
TokenRange phrase_around_best(std::span<const float> scores, std::span<const std::string> tokens);

// What the authors' inference code calls the phrase of a box: read within kCaptionTokens, or, with
// remove_combined, only around the best token, and without full stops.
std::string detected_phrase(std::span<const float> scores, std::span<const std::string> tokens,
                            float threshold, bool remove_combined = false);

}  // namespace anomalyvlm::grounding_dino
