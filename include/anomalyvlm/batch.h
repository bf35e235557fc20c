#pragma once
// Many images through one Detector, several at once, with results in order.
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/export.h"

namespace anomalyvlm {

struct BatchInput {
  std::string name;  // for BatchOutput
  // Called once. What it throws fails this image only; other exceptions than Error become one of kind kIo.
  std::function<Image()> load;
  DetectSettings settings = {};  // its stop token cancels this image; so does that of the batch
};

struct BatchOutput {
  std::size_t index = 0;  // from 0, in the order of the inputs
  std::string name;
  Image image;  // as loaded
  Detection detection;
  std::optional<Error> error;  // why this image failed; its image or detection is empty then
};

constexpr int kMostInFlight = 256;  // of BatchSettings::in_flight

struct BatchSettings {
  // Images processed at the same time, each by a worker thread. More than one keeps the CPU busy while others
  // are decoded and written, and costs that many times the memory. 1 starts no thread: each image is loaded,
  // processed and done() on the calling thread before the next.
  int in_flight = 2;
  std::stop_token stop = {};  // a stop request: no other image is started, and running ones are cancelled
};

// Calls next() until it returns nothing or a stop is requested, processes the images, and calls done() for
// each in the order of the inputs, on the calling thread. Worker threads call next(), one at a time, and
// load(); with one image in flight the calling thread does. At most twice settings.in_flight images are
// loaded but not yet done(). Returns how many were done(). Throws Error(kBadInput) for unusable settings, and
// whatever next() or done() throws, after all workers have ended.
ANOMALYVLM_API std::size_t detect_batch(const Detector& detector, const HybridPrompt& prompt,
                                        const std::function<std::optional<BatchInput>()>& next,
                                        const std::function<void(BatchOutput output)>& done,
                                        const BatchSettings& settings = {});

}  // namespace anomalyvlm
