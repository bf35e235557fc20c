#pragma once
// A small vocabulary, and what the fuzz target does with any bytes as text.
#include <string_view>

#include "models/bert/captions.h"

namespace anomalyvlm::test {

const WordPieceTokenizer& small_tokenizer();

// Cuts the bytes into tokens, makes a batch of captions of their lines, and reads phrases back; aborts where
// what comes out breaks a promise, and lets nothing be thrown.
void exercise_wordpiece(std::string_view text);

}  // namespace anomalyvlm::test
