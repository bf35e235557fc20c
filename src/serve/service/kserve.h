#pragma once
// KServe's open inference protocol, version 2, over HTTP, with the extension for binary tensors: what clients
// of NVIDIA Triton speak
// (https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol).
#include "serve/service/inspector.h"
#include "serve/service/router.h"

namespace anomalyvlm::serve {

void add_kserve_routes(Router& router, Inspector& inspector);

}  // namespace anomalyvlm::serve
