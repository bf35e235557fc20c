// Benchmarks of the vocabulary on every engine: the rows of the tests' table that have a model's size. Each
// result is compared with the row's definition before it is timed.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <map>

#include "nn/run_case.h"
#include "start.h"

namespace anomalyvlm::test {
namespace {

struct Setting {
  std::string engine;
  nn::Precision precision;

  std::string name() const { return engine + (precision == nn::Precision::kBF16 ? "/bf16" : "/f32"); }
};

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const std::string& engine : nn::engine_names()) {
    for (const nn::Precision precision : {nn::Precision::kF32, nn::Precision::kBF16})
      if (nn::make_engine(engine)->supports(precision)) all.push_back({engine, precision});
  }
  return all;
}

const Array& expected(const OpCase& c, const std::vector<Tensor>& inputs) {
  static std::map<std::string, Array> known;
  const auto found = known.find(c.name);
  return found != known.end() ? found->second : known.emplace(c.name, expected_of(c, inputs)).first->second;
}

void run_row(benchmark::State& state, const OpCase& c, const Setting& setting) {
  const auto engine = nn::make_engine(setting.engine, {.device = "cpu", .disk_cache = false});
  const std::vector<Tensor> inputs = draw_inputs(c);
  const CompiledCase compiled = compile_case(*engine, c, inputs, setting.precision);
  const double allowed = setting.precision == nn::Precision::kBF16 ? c.bf16 : c.f32;
  if (const double apart = difference(compiled.run(), expected(c, inputs)); !(apart <= allowed)) {
    state.SkipWithError(fmt::format("differs by {} from its definition", apart).c_str());
    return;
  }
  for (auto _ : state) compiled.run();
}

void register_all() {
  for (const OpCase& c : op_cases()) {
    for (const Setting& setting : settings()) {
      if (!c.timed) continue;
      benchmark::RegisterBenchmark(fmt::format("{}/{}", setting.name(), c.name).c_str(), run_row, c, setting)
          ->Unit(benchmark::kMicrosecond)
          ->UseRealTime();
    }
  }
}

}  // namespace
}  // namespace anomalyvlm::test

int main(int argc, char** argv) {
  if (!anomalyvlm::start_benchmarks(argc, argv)) return 2;
  anomalyvlm::test::register_all();
  benchmark::RunSpecifiedBenchmarks();
}
