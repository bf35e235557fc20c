#pragma once
// How many threads the library uses. It is one setting of the process, as its workers are shared by all
// Detectors; no Detector changes it. OpenCV's own thread count follows it when images are resized; in builds
// with libtorch, a Detector with the engine "torch" sets those of libtorch and OpenBLAS to it.
#include "anomalyvlm/export.h"

namespace anomalyvlm {

constexpr int kMostThreads = 1024;  // many more than machines have; about 100 000 crash OpenVINO

// By default the number of CPUs that this process may run on.
ANOMALYVLM_API int thread_count();

// For what starts afterwards: call it before Detectors are made, since models are compiled for a number of
// threads. Throws Error(kBadInput) below 1 and above kMostThreads.
ANOMALYVLM_API void set_thread_count(int threads);

}  // namespace anomalyvlm
