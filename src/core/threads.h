#pragma once
// One thread setting for the whole program: engines, kernels and codecs ask here.
#include <cstdint>
#include <functional>

namespace anomalyvlm {

// The number of threads to use; by default the number of CPUs this process may run on.
int thread_count();

// Sets it before models are compiled. Throws Error(kBadInput) below 1 and above kMostThreads.
constexpr int kMostThreads = 1024;  // many more than machines have; some 100 000 crash OpenVINO
void set_thread_count(int threads);

// Calls body(begin, end) over pieces of [0, count), on at most thread_count() threads, and returns when all
// are done. Pieces are at least `grain` long. An exception in a piece is thrown again here. Calls do not nest
// usefully: an inner call runs on the calling thread.
void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t begin, std::int64_t end)>& body);

}  // namespace anomalyvlm
