#include "prompt_options.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "anomalyvlm/data_folder.h"
#include "commands.h"
#include "core/files.h"

namespace anomalyvlm::cli {
namespace {

// A file, or sentences from standard input.
HybridPrompt read_prompt(const std::string& file) {
  if (file != "-") return load_prompt(find_prompt(file));
  std::string text(std::size_t{1} << 20, '\0');  // more than any prompt has
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return parse_prompt_text(text);
}

}  // namespace

PromptOptions::PromptOptions(CLI::App& app, const std::string& file) {
  constexpr const char* kGroup = "What to look for";
  app.add_option(
         file, given_->file,
         "A prompt file: TOML (*.toml) or sentences; the name of one that comes with the program (generic, "
         "mvtec/bottle, screw); -: sentences from standard input")
      ->group(kGroup);
  const auto given = given_;
  for (const PromptOption& option : prompt_options()) {
    const std::string name(option.name);
    const auto take = [given, name](const std::string& value) { given->options.emplace_back(name, value); };
    if (option.value.empty()) {
      app.add_flag_function(
             "--" + name, [take](std::int64_t) { take(""); }, std::string(option.help))
          ->group(kGroup);
      continue;
    }
    app.add_option_function<std::vector<std::string>>(
           "--" + name,
           [take](const std::vector<std::string>& values) {
             for (const std::string& value : values) take(value);
           },
           std::string(option.help))
        ->type_name(std::string(option.value))
        ->type_size(1)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group(kGroup);
  }
}

HybridPrompt PromptOptions::prompt(const HybridPrompt& without) const {
  if (nothing_given()) return without;
  return over({});
}

std::vector<std::string> PromptOptions::notes() const {
  if (!nothing_given()) return {};
  return {
      "without a prompt the paper's generic one holds: no region of half of the object or more, five at most "
      "(with --tile any number); with --phrases or --standard only what is said holds"};
}

HybridPrompt PromptOptions::over(const HybridPrompt& base) const {
  const HybridPrompt weaker = given_->file.empty() ? base : read_prompt(given_->file);
  return as_usage([&] {
    HybridPrompt prompt = merge(weaker, parse_prompt_options(given_->options));
    validate(prompt);
    return prompt;
  });
}

std::string PromptOptions::sentences() const {
  std::string text;
  if (!given_->file.empty()) {
    if (reads_standard_input()) return {};
    const std::filesystem::path file = find_prompt(given_->file);
    if (file.extension() == ".toml") return {};
    text = read_file(file);
  }
  for (const auto& [name, value] : given_->options) {
    if (name != "standard") return {};
    text += (text.empty() ? "" : "\n") + value;
  }
  return text;
}

}  // namespace anomalyvlm::cli
