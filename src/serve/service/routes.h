#pragma once
// What the server answers, by topic. docs/SERVER.md describes it, openapi.json defines it.
#include <atomic>

#include "serve/service/inspector.h"
#include "serve/service/metrics.h"
#include "serve/service/router.h"

namespace anomalyvlm::serve {

struct ServiceSettings;

void add_inspection_routes(Router& router, Inspector& inspector);  // /v1/detect, /v1/images, /v1/references
// /v1/models, /v1/prompt/check, /v1/samples, /v1/drift, /healthz, /readyz, /metrics, /openapi.json
void add_information_routes(Router& router, Inspector& inspector, const ServiceSettings& settings,
                            Metrics& metrics, const std::atomic<bool>& stopping);
void add_page_routes(Router& router);                           // / and /page
void add_gauges(Metrics& metrics, const Inspector& inspector);  // queue, kept images, memory, drift

}  // namespace anomalyvlm::serve
