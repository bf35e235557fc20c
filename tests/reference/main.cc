// anomalyvlm-golden: runs golden cases and prints how far each output is from the expected one.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "core/printable.h"
#include "core/threads.h"
#include "reference/compare.h"

namespace anomalyvlm::golden {

namespace {

enum Exit { kFine = 0, kFailed = 1, kUsage = 2, kNotSupported = 3 };

Exit run_case(const std::filesystem::path& dir, GoldenContext& context) {
  try {
    GoldenCase golden = read_case(dir);
    fmt::print("{}: {} on {}\n", printable(dir.string()), printable(golden.model), context.engine_name());
    const Runner run = find_runner(golden);
    if (run == nullptr) {
      fmt::print("  FAIL  the model '{}' is unknown\n", printable(golden.model));
      return kFailed;
    }
    load_tensors(golden);
    Outputs outputs;
    run(golden, context, outputs);
    const std::vector<Row> rows = compare_all(golden, outputs);
    fmt::print("{}", printable_lines(format_table(rows)));
    const auto failed = std::count_if(rows.begin(), rows.end(), [](const Row& row) { return !row.ok; });
    fmt::print("  {} of {} within tolerance\n", rows.size() - static_cast<std::size_t>(failed), rows.size());
    if (rows.empty()) fmt::print("  FAIL  nothing was compared\n");
    return failed == 0 && !rows.empty() ? kFine : kFailed;
  } catch (const NotSupported& reason) {
    fmt::print("  not supported: {}\n", printable(reason.what()));
    return kNotSupported;
  } catch (const std::exception& error) {
    fmt::print("{}: FAIL  {}\n", printable(dir.string()), printable(error.what()));
    return kFailed;
  }
}

// A failure outweighs what is not supported.
Exit worse(Exit a, Exit b) {
  if (a == kFailed || b == kFailed) return kFailed;
  return a == kFine ? b : a;
}

int run(int argc, char** argv) {
  CLI::App app("Runs golden cases: reference vectors with the tolerance of each.", "anomalyvlm-golden");
  std::string engine = "openvino", device;
  std::vector<std::string> dirs;
  int threads = 0;
  app.add_option("--engine", engine, "The engine that runs the models")
      ->check(CLI::IsMember({"openvino", "torch"}))
      ->capture_default_str();
  app.add_option("--device", device, "The engine's device (CPU, GPU; cpu, cuda); by default its CPU");
  app.add_option("--threads", threads, "Threads; by default all CPUs of this process")
      ->check(CLI::PositiveNumber);
  app.add_option("CASE_DIR", dirs, "Folders with a case.json")->required();
  app.footer("Exit: 0 all within tolerance, 1 something is not or is unknown, 2 usage, 3 not supported yet.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kFine : kUsage;
  }
  try {
    if (threads > 0) set_thread_count(threads);
    GoldenContext context(engine, device);
    Exit result = kFine;
    for (const std::string& dir : dirs) {
      result = worse(result, run_case(dir, context));
      std::fflush(stdout);
    }
    return result;
  } catch (const std::exception& error) {  // an engine or a device that is not there
    fmt::print(stderr, "anomalyvlm-golden: {}\n", printable(error.what()));
    return kFailed;
  }
}

}  // namespace

}  // namespace anomalyvlm::golden

int main(int argc, char** argv) { return anomalyvlm::golden::run(argc, argv); }
