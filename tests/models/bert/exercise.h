#pragma once
// A small vocabulary, and what any bytes as text must be cut into.
#include <random>
#include <string>
#include <string_view>

#include "models/bert/tokenizer.h"

namespace anomalyvlm::test {

const WordPieceTokenizer& wordpiece_tokenizer();

// Words, marks, line breaks and any bytes.
std::string random_text(std::mt19937& random);

// Cuts the bytes into tokens; aborts where what comes out breaks a promise, and lets nothing be thrown.
void exercise_wordpiece(std::string_view text);

}  // namespace anomalyvlm::test
