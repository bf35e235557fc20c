// libFuzzer target: see exercise.h.
#include "models/clip/exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  anomalyvlm::test::exercise_clip_tokenizer({reinterpret_cast<const char*>(data), size});
  return 0;
}
