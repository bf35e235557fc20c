// anomalyvlm cache: compiled graphs, which the next start of the program loads instead of compiling them
// again.
#include "commands.h"

#include <CLI/CLI.hpp>
#include "nn/engines/graph_cache.h"

namespace anomalyvlm::cli {
namespace {

using nn::GraphCache;

Exit info() {
  const GraphCache cache = GraphCache::of_user();
  if (const std::string why = cache.why_unused(); !why.empty()) {
    show("{}\n", why);
    return kFine;
  }
  const GraphCache::Usage usage = cache.usage();
  show("folder      {}\n", cache.folder().string());
  show("graphs      {}\n", usage.entries);
  show("size        {} of at most {}\n", megabytes(usage.bytes), megabytes(GraphCache::kLargest));
  if (usage.unfinished > 0)
    show("unfinished  {}, which the next one that is written removes\n", usage.unfinished);
  return kFine;
}

Exit clear() {
  const GraphCache::Usage gone = GraphCache::of_user().clear();
  const int files = gone.entries + gone.unfinished;
  show("Removed {} file{}, {}.\n", files, files == 1 ? "" : "s", megabytes(gone.bytes));
  return kFine;
}

}  // namespace

Command add_cache(CLI::App& app) {
  app.require_subcommand(1);
  app.footer(
      "The folder is $ANOMALYVLM_CACHE, else $XDG_CACHE_HOME/anomalyvlm, else ~/.cache/anomalyvlm. Nothing "
      "is lost with it but the time to compile graphs again.\n\nExamples:\n"
      "  anomalyvlm cache info\n"
      "  anomalyvlm cache clear");
  const CLI::App* const shown =
      app.add_subcommand("info", "Shows where compiled graphs are stored and how large they are");
  app.add_subcommand("clear", "Removes all compiled graphs");
  return [=] { return shown->parsed() ? info() : clear(); };
}

}  // namespace anomalyvlm::cli
