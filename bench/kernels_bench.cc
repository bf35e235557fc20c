// Benchmarks of our kernels over the shapes that their tests walk. Each implementation's result is compared
// with the plain loops' before it is timed. GFLOP/s of the saliency and
// of nearest rows counts the products of all pairs, of deformable attention those of the corners.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/deformable_attention/implementations.h"
#include "kernels/deformable_attention_cases.h"
#include "kernels/nearest/implementations.h"
#include "kernels/nearest_cases.h"
#include "kernels/registry.h"
#include "kernels/saliency/implementations.h"
#include "kernels/saliency_cases.h"
#include "start.h"

namespace anomalyvlm {
namespace {

// The largest difference from the plain loops over every 97th location, measured by the largest distance (or
// 1).
float difference_from_portable(const SaliencyImplementation& implementation, SaliencyArguments a) {
  std::vector<int> some;
  for (int i = 0; i < a.cells(); i += 97) some.push_back(i);
  std::vector<float> expected(a.queries.size() * some.size()), found(expected.size());
  a.locations = some;
  a.out = expected.data();
  run_saliency_portable(a);
  a.out = found.data();
  implementation.run(a);
  float worst = 0, largest = 1;
  for (std::size_t i = 0; i < found.size(); ++i) {
    worst = std::max(worst, std::abs(found[i] - expected[i]));
    largest = std::max(largest, expected[i]);
  }
  return worst / largest;
}

void run_case(benchmark::State& state, const SaliencyCase& c, const SaliencyImplementation& implementation) {
  const std::vector<float> features = network_like_features(c.channels, c.height, c.width);
  const std::size_t cells = static_cast<std::size_t>(c.height * c.width);
  std::vector<float> out(cells * c.queries.size());
  const SaliencyArguments a{features.data(), c.channels, c.height, c.width, c.queries,
                            out.data(),      {},         {},       c.metric};
  if (const float worst = difference_from_portable(implementation, a); !(worst < 2e-6F)) {
    state.SkipWithError(fmt::format("differs by {} from the plain loops", worst).c_str());
    return;
  }
  for (auto _ : state) implementation.run(a);
  const double flops = 2.0 * static_cast<double>(cells) * static_cast<double>(cells) * c.channels;
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void run_deformable(benchmark::State& state, const DeformableAttentionCase& c,
                    const DeformableAttentionImplementation& implementation) {
  DeformableAttentionArrays arrays(c);
  const DeformableAttention a = arrays.arguments(c);
  run_deformable_attention_portable(a);
  const std::vector<float> expected = arrays.out;
  implementation.run(a);
  float worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    worst = std::max(worst, std::abs(arrays.out[i] - expected[i]));
  if (!(worst < 1e-4F)) {
    state.SkipWithError(fmt::format("differs by {} from the plain loops", worst).c_str());
    return;
  }
  for (auto _ : state) implementation.run(a);
  const double flops = 8.0 * static_cast<double>(arrays.weights.size()) * static_cast<double>(c.channels);
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void register_deformable() {
  for (const DeformableAttentionCase& c : deformable_attention_cases()) {
    for (const DeformableAttentionImplementation& implementation : deformable_attention_implementations()) {
      if (!c.timed) continue;
      const std::string name = fmt::format("deformable_attention/{}/{}", implementation.name, c.name);
      benchmark::RegisterBenchmark(name.c_str(), run_deformable, c, implementation)
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    }
  }
}

// The indices must be those of the plain loops, for every 97th query.
bool finds_what_portable_finds(const NearestCase& c, const RowPool& pool, const std::vector<float>& queries,
                               const std::vector<float>& places, std::span<const NearestRows> answers) {
  std::vector<float> some, some_places;
  const auto size = static_cast<std::size_t>(c.size);
  for (std::size_t q = 0; q < static_cast<std::size_t>(c.queries); q += 97) {
    some.insert(some.end(), &queries[q * size], &queries[q * size] + size);
    some_places.insert(some_places.end(), &places[2 * q], &places[2 * q] + 2);
  }
  std::vector<NearestRows> expected = nearest({&pool, 1}, some, c.size, c.questions, some_places);
  run_nearest_portable({{&pool, 1},
                        some.data(),
                        static_cast<std::int64_t>(some.size() / size),
                        c.size,
                        some_places.data(),
                        c.questions,
                        expected});
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const auto count = static_cast<std::size_t>(expected[k].count);
    for (std::size_t i = 0; i < expected[k].indices.size(); ++i)
      if (answers[k].indices[i / count * 97 * count + i % count] != expected[k].indices[i]) return false;
  }
  return true;
}

void run_nearest_case(benchmark::State& state, const NearestCase& c,
                      const NearestImplementation& implementation) {
  const RowPool pool = pool_of(clustered_rows(c.rows, c.size, 1), c.size, c.bfloat16);
  const std::vector<float> queries = clustered_rows(c.queries, c.size, 2), places = grid_places(c.queries);
  std::vector<NearestRows> answers = nearest({&pool, 1}, queries, c.size, c.questions, places);
  const NearestArguments a{{&pool, 1},    queries.data(), c.queries, c.size,
                           places.data(), c.questions,    answers};
  implementation.run(a);
  if (!finds_what_portable_finds(c, pool, queries, places, answers)) {
    state.SkipWithError("finds other rows than the plain loops");
    return;
  }
  for (auto _ : state) implementation.run(a);
  const double flops = 2.0 * c.queries * c.rows * c.size;
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void register_nearest() {
  for (const NearestCase& c : nearest_cases()) {
    for (const NearestImplementation& implementation : nearest_implementations()) {
      if (!c.timed || implementation.name == "portable" || !implementation.accepts({})) continue;
      const std::string name = fmt::format("nearest/{}/{}", implementation.name, c.name);
      benchmark::RegisterBenchmark(name.c_str(), run_nearest_case, c, implementation)
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    }
  }
}

void register_saliency() {
  for (const SaliencyCase& c : saliency_cases()) {
    for (const SaliencyImplementation& implementation : saliency_implementations()) {
      if (!c.timed || (c.slow && implementation.name == "portable")) continue;
      const std::string name = fmt::format("saliency/{}/{}", implementation.name, c.name);
      benchmark::RegisterBenchmark(name.c_str(), run_case, c, implementation)
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    }
  }
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  if (!anomalyvlm::start_benchmarks(argc, argv)) return 2;
  benchmark::AddCustomContext("simd", anomalyvlm::simd_target());
  anomalyvlm::register_deformable();
  anomalyvlm::register_nearest();
  anomalyvlm::register_saliency();
  benchmark::RunSpecifiedBenchmarks();
}
