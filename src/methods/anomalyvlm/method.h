#pragma once
// AnomalyVLM (the paper's method), as a Method: its profiles are rows of one table (PipelineConfig).
#include <memory>

#include "methods/anomalyvlm/pipeline.h"

namespace anomalyvlm {

std::shared_ptr<const Judge> pipeline_judge(const PipelineConfig& config);
std::unique_ptr<Method> pipeline_method(std::unique_ptr<const ModelSet> models, const PipelineConfig& config);

}  // namespace anomalyvlm
