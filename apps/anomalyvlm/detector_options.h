#pragma once
// The options that choose the model, the size of its input, and the device; shared by all commands that
// detect.

#include "anomalyvlm/detector.h"
#include "cli_fwd.h"

namespace anomalyvlm::cli {

// `options` must live as long as `app`.
void declare_detector(CLI::App& app, DetectorOptions& options);

}  // namespace anomalyvlm::cli
