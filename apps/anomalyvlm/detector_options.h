#pragma once
// The options that choose the model, the size of its input, and the device; shared by all commands that
// detect.

#include <string>

#include "anomalyvlm/detector.h"
#include "cli_fwd.h"

namespace anomalyvlm::cli {

// `options` must live as long as `app`.
void declare_detector(CLI::App& app, DetectorOptions& options);

MethodInfo method_info(const std::string& name);  // of a method that is there
// Throws UsageError for a method that cannot do without references, before each image does.
void require_no_references_needed(const DetectorOptions& options);

}  // namespace anomalyvlm::cli
