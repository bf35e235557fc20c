#include "nn/engine.h"

namespace anomalyvlm::nn {

std::vector<std::string> engine_names() {
#ifdef AVLM_WITH_TORCH
  return {"openvino", "torch"};
#else
  return {"openvino"};
#endif
}

std::shared_ptr<Engine> make_engine(const std::string& name, const EngineOptions& options) {
  if (name == "openvino") return make_openvino_engine(options);
#ifdef AVLM_WITH_TORCH
  if (name == "torch") return make_torch_engine(options);
#else
  if (name == "torch")
    fail(ErrorKind::kBadInput,
         "The engine \"torch\" is not in this build: configure with the preset dev (libtorch).");
#endif
  fail(ErrorKind::kBadInput, "There is no engine \"{}\": this build has {}.", name,
       fmt::join(engine_names(), ", "));
}

}  // namespace anomalyvlm::nn
