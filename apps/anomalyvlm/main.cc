// anomalyvlm: finds anomalies in photographs from a description in words.
#include <CLI/CLI.hpp>
#include <clocale>
#include <locale>
#include <map>
#include <sstream>

#include "anomalyvlm/detector.h"
#include "anomalyvlm/error.h"
#include "command_line.h"
#include "commands.h"
#include "output.h"
#include "process/process.h"

namespace anomalyvlm::cli {
namespace {

struct Entry {
  const char *name, *summary;
  Command (*add)(CLI::App& app);
};

constexpr Entry kEntries[] = {
    {"detect", "Finds and outlines anomalies in images", add_detect},
    {"calibrate", "Proposes a limit on the image score from good images, and defective ones", add_calibrate},
    {"eval", "Evaluates a method on a data set with known defects and writes a report", add_eval},
    {"study", "Repeats the paper's ablations and comparisons on a data set", add_study},
    {"serve", "Serves a live page and a REST service for other programs", add_serve},
    {"prompt", "Shows how a prompt is understood", add_prompt},
    {"reference", "Makes and checks banks of good images, which detect compares others with", add_reference},
    {"models", "Lists, fetches, verifies and converts published weights", add_models},
    {"cache", "Shows or clears cached compiled graphs", add_cache},
    {"info", "Shows engines, devices, CPU, kernels, threads, cache, models", add_info},
};

Exit run(const Command& command, const OutputOptions& options) {
  Exit exit = kFailed;
  try {
    open_output(options);
    exit = command();
  } catch (const UsageError& error) {
    report("{}", error.what());
    exit = kUsage;
  } catch (const Error& error) {
    report("{}", error.what());
    if (error.kind() == ErrorKind::kBadPrompt) exit = kUsage;
  } catch (const std::exception& error) {
    report("{}", sentence_of(error));
  }
  const std::string complaint = output_complaint();
  if (complaint.empty()) return exit;
  report("{}", complaint);
  return exit == kUsage ? kUsage : kFailed;
}

Exit main(int argc, char** argv) {
  CLI::App app("Finds anomalies in photographs of a product from a description of its standard in words.",
               "anomalyvlm");
  OutputOptions options;
  std::map<std::string, Command> commands;
  app.set_version_flag("--version", "anomalyvlm " + version());
  app.require_subcommand(1);
  app.footer(
      "Exit: 0 fine, 1 the work failed, 2 the command line is wrong, 3 an image is not OK ('detect' with a "
      "limit).\nFor details, see 'anomalyvlm help COMMAND'.\n\nExamples:\n"
      "  anomalyvlm detect photo.jpg --out results\n"
      "  anomalyvlm calibrate --good good_parts --write part.toml");
  for (const Entry& entry : kEntries)
    commands[entry.name] = entry.add(*app.add_subcommand(entry.name, entry.summary));
  commands["help"] = add_help(*app.add_subcommand("help", "Shows how a command is used"), app);
  for_each_command(app, [&](CLI::App& command) { declare_output(command, options); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream text, ignored;
    const bool asked = app.exit(error, text, ignored) == 0;  // for help or the version
    return run(
        [&] {
          if (!asked) throw UsageError(usage_sentence(app, error));
          show("{}", text.str());
          return kFine;
        },
        {});
  }
  return run(commands.at(app.get_subcommands().front()->get_name()), options);
}

}  // namespace
}  // namespace anomalyvlm::cli

int main(int argc, char** argv) {
  std::setlocale(LC_ALL, "C");  // numbers have a point here, whatever a library made of the locale before
  std::locale::global(std::locale::classic());
  anomalyvlm::prepare_process();
  return anomalyvlm::end_process(anomalyvlm::cli::main(argc, argv));
}
