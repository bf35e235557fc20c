// libFuzzer target: see exercise.h.
#include "weights/exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  anomalyvlm::test::exercise_torch({data, size});
  return 0;
}
