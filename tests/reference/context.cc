// The engine that runs the cases.
#include <algorithm>

#include "nn/engine.h"
#include "reference/runner.h"

namespace anomalyvlm::golden {

const std::shared_ptr<nn::Engine>& GoldenContext::engine() {
  const std::vector<std::string> built = nn::engine_names();
  if (std::find(built.begin(), built.end(), name_) == built.end())
    throw NotSupported(fmt::format("the engine '{}' is not part of this build", name_));
  if (!engine_)
    engine_ = nn::make_engine(name_, {.device = device_.empty() ? "cpu" : device_, .disk_cache = false});
  return engine_;
}

}  // namespace anomalyvlm::golden
