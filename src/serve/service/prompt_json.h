#pragma once
// How a standard is understood, as the live page shows it.
#include "anomalyvlm/prompt_reading.h"
#include "serve/service/inspector.h"

namespace anomalyvlm::serve {

// The answer of POST /v1/prompt/check: PromptReading in openapi.json. With notes on words that the model does
// not know.
Json prompt_json(const Inspector& inspector, const PromptReading& reading);

}  // namespace anomalyvlm::serve
