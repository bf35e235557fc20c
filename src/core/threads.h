#pragma once
// Work on several threads. Engines, kernels and codecs all ask thread_count() how many.
#include <cstdint>
#include <functional>

#include "anomalyvlm/threads.h"

namespace anomalyvlm {

// Calls body(begin, end) over pieces of [0, count), on at most thread_count() threads, and returns when all
// are done. Pieces are at least `grain` long. An exception in a piece is rethrown here. A nested call runs on
// the calling thread.
void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t begin, std::int64_t end)>& body);

}  // namespace anomalyvlm
