#pragma once
// What a Detector holds, for internal code that calls the two halves of a method separately.
#include <memory>

#include "anomalyvlm/detector.h"
#include "methods/method.h"
#include "nn/engine.h"

namespace anomalyvlm {

struct LoadedDetector {
  DetectorOptions options;  // with profile, precision and overlap of tiles filled in
  std::shared_ptr<nn::Engine> engine;
  std::unique_ptr<const Method> method;
};

// Throws Error(kBadInput) for that of a Detector that was moved from.
void require_loaded(const LoadedDetector* loaded);

// Throws as Detector's constructor does.
LoadedDetector load_detector(const DetectorOptions& options);

}  // namespace anomalyvlm
