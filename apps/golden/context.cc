// Which engine carries the cases out.
#include "golden/runner.h"

namespace anomalyvlm::golden {

nn::Engine& GoldenContext::engine() {
  if (!engine_) throw NotSupported(fmt::format("the engine '{}' is not part of this build", name_));
  return *engine_;
}

}  // namespace anomalyvlm::golden
