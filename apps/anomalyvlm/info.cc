// anomalyvlm info: what this program finds on this machine.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "anomalyvlm/data_folder.h"
#include "anomalyvlm/detector.h"
#include "commands.h"
#include "core/platform.h"
#include "core/printable.h"
#include "core/threads.h"
#include "detector/registry.h"
#include "kernels/registry.h"
#include "nn/engine.h"
#include "nn/engines/graph_cache.h"
#include "option_checks.h"
#include "roles/adapters/published_models.h"
#include "store/folder.h"

namespace anomalyvlm::cli {
namespace {

void line(std::string_view name, const std::string& value) { show("{:<12} {}\n", name, printable(value)); }

void print_engines() {
  for (const std::string& name : nn::engine_names()) {
    try {
      const auto engine = nn::make_engine(name);
      line("engine", fmt::format("{}: {}; devices {}", name, engine->description(),
                                 fmt::join(engine->devices(), ", ")));
    } catch (const std::exception& error) {
      line("engine", fmt::format("{}: not usable here: {}", name, error.what()));
    }
  }
}

void print_kernels() {
  line("SIMD", simd_target());
  for (const KernelInfo& kernel : list_kernels())
    line("kernel",
         fmt::format("{}: {} (of {})", kernel.name, kernel.chosen, fmt::join(kernel.implementations, ", ")));
}

void print_cache(const nn::GraphCache& cache) {
  if (const std::string why = cache.why_unused(); !why.empty()) return line("cache", why);
  const auto usage = cache.usage();
  line("cache", fmt::format("{}: {} compiled graphs, {:.1f} MB", cache.folder().string(), usage.entries,
                            static_cast<double>(usage.bytes) / 1e6));
}

// Printed last, since a model that cannot be used ends the command with an error.
void print_models() {
  for (const ModelEntry& entry : model_entries()) {
    const auto names = published_names(entry.name);
    const std::filesystem::path folder =
        names ? store::models_folder() : find_data_folder({}) / "models" / entry.name;
    line("model", fmt::format("{}: {}; {}", entry.name, entry.summary, folder.string()));
    if (names) {
      const std::vector<std::string> missing = missing_weights(entry.name);
      if (!missing.empty())
        line("", fmt::format("not here: {}; 'anomalyvlm models fetch {}' gets them", fmt::join(missing, ", "),
                             entry.name));
      continue;
    }
    const auto loaded = entry.load({entry.name, {}, nn::make_engine(), nn::Precision::kF32});
    for (const LoadedModel& model : loaded->models())
      line("", fmt::format("{}; {:.1f} million parameters", model.id,
                           static_cast<double>(model.parameters) / 1e6));
  }
}

}  // namespace

Command add_info(CLI::App& app) {
  const auto threads = std::make_shared<int>(0);
  app.footer("Examples:\n  anomalyvlm info\n  anomalyvlm info --threads 2");
  app.add_option("--threads", *threads, "CPU threads; by default all CPUs of this process")
      ->check(whole_number(1, kMostThreads));
  return [=] {
    if (*threads > 0) set_thread_count(*threads);
    line("version", version());
    line("CPU", cpu_name());
    line("features", fmt::format("{}", fmt::join(cpu_features(), " ")));
    line("threads", fmt::format("{} (of {} CPUs)", thread_count(), available_cpus()));
    print_engines();
    print_kernels();
    print_cache(nn::GraphCache::of_user());
    print_models();
    return kFine;
  };
}

}  // namespace anomalyvlm::cli
