#pragma once
// Settings of the process for the length of a test.
#include <hwy/highway.h>

#include <cstdlib>
#include <string>

#include "core/threads.h"

namespace anomalyvlm {

struct Forced {  // an implementation
  explicit Forced(const std::string& name) { setenv("ANOMALYVLM_FORCE_IMPL", name.c_str(), 1); }
  ~Forced() { unsetenv("ANOMALYVLM_FORCE_IMPL"); }
};

struct Threads {
  explicit Threads(int n) : before(thread_count()) { set_thread_count(n); }
  ~Threads() { set_thread_count(before); }
  int before;
};

// Calls check() with each instruction set that this CPU has.
template <typename Check>
void with_every_instruction_set(Check&& check) {
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    check(target);
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
}

}  // namespace anomalyvlm
