// anomalyvlm prompt: how a prompt is understood, and which words the embedded model knows.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "anomalyvlm/data_folder.h"
#include "anomalyvlm/error.h"
#include "anomalyvlm/prompt.h"
#include "commands.h"
#include "prompt_options.h"

namespace anomalyvlm::cli {
namespace {

// A prompt can be checked without a model.
std::vector<std::string> word_notes(const HybridPrompt& prompt) {
  try {
    return notes_on_words(prompt);
  } catch (const Error&) {
    return {};
  }
}

Exit check(const PromptOptions& options, bool toml) {
  const HybridPrompt prompt = options.prompt();
  show("{}", toml ? to_toml(prompt) : describe(prompt));
  std::vector<std::string> notes = options.notes();
  for (std::string& note : word_notes(prompt)) notes.push_back(std::move(note));
  for (const std::string& text : notes) note("note: {}", text);
  return kFine;
}

void show_kinds() {
  for (const std::vector<std::string>& names : known_defect_kinds())
    show("{}: {}\n", names.front(), fmt::join(names.begin() + 1, names.end(), ", "));
}

}  // namespace

Command add_prompt(CLI::App& app) {
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  anomalyvlm prompt check part.toml\n"
      "  anomalyvlm prompt check --standard \"Scratches are longer than 20 px.\" --toml");
  CLI::App* checking = app.add_subcommand("check", "Prints how a prompt file, or options, are understood");
  const PromptOptions options(*checking, "FILE");
  const auto toml = std::make_shared<bool>(false);
  checking->add_flag("--toml", *toml, "Prints it as a TOML prompt file");
  CLI::App* const kinds =
      app.add_subcommand("kinds", "Lists the kinds of defects that the embedded model knows, with synonyms");
  kinds->footer("Examples:\n  anomalyvlm prompt kinds\n  anomalyvlm prompt kinds | grep scratch");
  return [=] {
    if (!kinds->parsed()) return check(options, *toml);
    show_kinds();
    return kFine;
  };
}

}  // namespace anomalyvlm::cli
