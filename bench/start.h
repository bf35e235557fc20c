#pragma once
// How the benchmarks of tables start.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "core/threads.h"

namespace anomalyvlm {

// Reads the command line and ANOMALYVLM_THREADS; false if an argument is not understood.
inline bool start_benchmarks(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return false;
  if (const char* threads = std::getenv("ANOMALYVLM_THREADS")) set_thread_count(std::atoi(threads));
  benchmark::AddCustomContext("threads", std::to_string(thread_count()));
  return true;
}

}  // namespace anomalyvlm
