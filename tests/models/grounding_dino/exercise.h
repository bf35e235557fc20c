#pragma once
// What the fuzz target does with any bytes as text.
#include <string_view>

namespace anomalyvlm::test {

// Cuts the bytes into tokens, makes a batch of captions of their lines, and reads phrases back; aborts where
// what comes out breaks a promise, and lets nothing be thrown.
void exercise_captions(std::string_view text);

}  // namespace anomalyvlm::test
