#pragma once
// A small vocabulary, and what any bytes as text must become.
#include <string_view>

#include "models/clip/tokenizer.h"

namespace anomalyvlm::test {

extern const std::string_view kClipMerges;  // its file
const clip::Tokenizer& clip_tokenizer();

// Encodes the bytes, also as a vocabulary; aborts where what comes out breaks a promise.
void exercise_clip_tokenizer(std::string_view text);

}  // namespace anomalyvlm::test
