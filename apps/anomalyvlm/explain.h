#pragma once
// A detection stage by stage, as text for a person.
#include <string>

#include "anomalyvlm/detection.h"
#include "anomalyvlm/prompt.h"

namespace anomalyvlm::cli {

std::string explain(const Detection& detection, const HybridPrompt& prompt);

}  // namespace anomalyvlm::cli
