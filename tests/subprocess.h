#pragma once
// Runs a function in a process of its own, so that its peak memory can be measured and a crash is just a
// result.
#include <functional>
#include <string>

namespace anomalyvlm::test {

struct Outcome {
  std::string text;      // the Error's text (its first 400 bytes), "(fine)", or how the process died
  double seconds = 0;    // of CPU time: other work on the machine does not count
  double megabytes = 0;  // beyond what the process had before; 0 under sanitizers, whose own memory is large
};

Outcome run_in_subprocess(const std::function<void()>& call);

}  // namespace anomalyvlm::test
