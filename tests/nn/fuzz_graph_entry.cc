// libFuzzer target: see exercise_entry.h.
#include "nn/exercise_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  anomalyvlm::test::exercise_entry({data, size});
  return 0;
}
