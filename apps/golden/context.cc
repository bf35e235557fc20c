// Which engine carries the cases out.
#include <algorithm>

#include "golden/runner.h"
#include "nn/engine.h"

namespace anomalyvlm::golden {

const std::shared_ptr<nn::Engine>& GoldenContext::engine() {
  const std::vector<std::string> names = nn::engine_names();
  if (std::find(names.begin(), names.end(), name_) == names.end())
    throw NotSupported(fmt::format("the engine '{}' is not part of this build", name_));
  if (!engine_) {
    nn::EngineOptions options;
    if (!device_.empty()) options.device = device_;
    options.disk_cache = false;  // cases are run rarely, and must test what is compiled now
    engine_ = nn::make_engine(name_, options);
  }
  return engine_;
}

}  // namespace anomalyvlm::golden
