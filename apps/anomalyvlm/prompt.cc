// anomalyvlm prompt check: how a prompt is understood.
#include <fmt/format.h>

#include "anomalyvlm/prompt.h"
#include "commands.h"
#include "prompt_options.h"

namespace anomalyvlm::cli {

Command add_prompt(CLI::App& app) {
  app.require_subcommand(1);
  CLI::App* check = app.add_subcommand("check", "Prints how a prompt file, or options, are understood");
  const PromptOptions options(*check, "FILE");
  const auto toml = std::make_shared<bool>(false);
  check->add_flag("--toml", *toml, "Prints it as a TOML prompt file");
  return [=] {
    const HybridPrompt prompt = options.prompt();
    show("{}", *toml ? to_toml(prompt) : describe(prompt));
    return kFine;
  };
}

}  // namespace anomalyvlm::cli
