// libFuzzer target: see exercise.h.
#include "models/grounding_dino/exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  anomalyvlm::test::exercise_captions({reinterpret_cast<const char*>(data), size});
  return 0;
}
