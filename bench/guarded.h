#pragma once
// What the benchmark programs with options of their own have in common.
#include <cstdio>
#include <exception>

namespace anomalyvlm {

// The program's exit code: an error becomes a sentence and 1.
template <typename Run>
int guarded(const char* program, const Run& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 1;
  }
}

}  // namespace anomalyvlm
