// The search for nearest rows on numbers from two files, for bench/peers/nearest.py. Prints a line of JSON
// for each repetition: {"seconds": ..., "cpu_seconds": ...}.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "core/check.h"
#include "core/threads.h"
#include "kernels/nearest/nearest.h"

namespace anomalyvlm {
namespace {

struct Options {
  std::filesystem::path rows, queries, indices;
  int size = 0, count = 1, threads = 2, repeats = 5;
  bool bfloat16 = false;
};

std::vector<float> read_floats(const std::filesystem::path& file) {
  std::vector<float> values(std::filesystem::file_size(file) / sizeof(float));
  std::ifstream stream(file, std::ios::binary);
  stream.read(reinterpret_cast<char*>(values.data()),
              static_cast<std::streamsize>(values.size() * sizeof(float)));
  if (!stream) fail(ErrorKind::kIo, "{} could not be read.", file.string());
  return values;
}

RowPool pool_of(const std::vector<float>& rows, const Options& options) {
  const Shape shape = {static_cast<std::int64_t>(rows.size()) / options.size, options.size};
  if (!options.bfloat16) return RowPool(Tensor::from(shape, rows));
  auto bits = std::make_shared<std::vector<std::uint16_t>>();
  for (const float v : rows) bits->push_back(f32_to_bf16(v));
  const void* data = bits->data();
  return RowPool(Tensor(DType::kBF16, shape, std::move(bits), data));
}

void run(const Options& options) {
  set_thread_count(options.threads);
  const RowPool pool = pool_of(read_floats(options.rows), options);
  const std::vector<float> queries = read_floats(options.queries);
  NearestRows found = nearest(pool, queries, options.count);  // warm
  for (int i = 0; i < options.repeats; ++i) {
    const std::clock_t cpu = std::clock();
    const auto start = std::chrono::steady_clock::now();
    found = nearest(pool, queries, options.count);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("{{\"seconds\": {}, \"cpu_seconds\": {}}}\n", seconds,
               static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
  }
  if (options.indices.empty()) return;
  std::ofstream stream(options.indices, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(found.indices.data()),
               static_cast<std::streamsize>(found.indices.size() * sizeof(std::int32_t)));
}

}  // namespace
}  // namespace anomalyvlm

int main(int argc, char** argv) {
  anomalyvlm::Options options;
  CLI::App app("Times the search for nearest rows");
  app.add_option("rows", options.rows, "file of float32 [rows, size]")->required();
  app.add_option("queries", options.queries, "file of float32 [queries, size]")->required();
  app.add_option("size", options.size, "numbers a row")->required()->check(CLI::PositiveNumber);
  app.add_option("count", options.count, "nearest rows a query")->required();
  app.add_option("--threads", options.threads);
  app.add_option("--repeats", options.repeats);
  app.add_flag("--bf16", options.bfloat16, "store the rows in bfloat16");
  app.add_option("--indices", options.indices, "write the indices there, int32 [queries, count]");
  CLI11_PARSE(app, argc, argv);
  try {
    anomalyvlm::run(options);
  } catch (const std::exception& e) {
    fmt::print(stderr, "error: {}\n", e.what());
    return 1;
  }
}
