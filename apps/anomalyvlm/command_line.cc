#include "command_line.h"

#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "core/closest.h"
#include "output.h"

namespace anomalyvlm::cli {
namespace {

std::string full_name(const CLI::App& app) {
  return app.get_parent() ? full_name(*app.get_parent()) + " " + app.get_name() : app.get_name();
}

// The innermost command that was parsed before the error.
const CLI::App& reached(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : reached(*parsed.front());
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
  const std::string meant = closest(word, names);
  return meant.empty() ? "" : fmt::format("; did you mean {}?", meant);
}

std::string unknown_command(const CLI::App& app, const std::string& word) {
  const std::vector<std::string> names = command_names(app);
  const std::string meant = did_you_mean(word, names);
  return fmt::format("There is no command \"{}\"{}", word,
                     meant.empty() ? fmt::format("; there are {}.", fmt::join(names, ", ")) : meant);
}

std::string unknown_option(const CLI::App& app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const std::string dashes = name.starts_with("--") ? "" : "-";  // -threshold
  const std::string meant = did_you_mean(dashes + name, option_names(app));
  return fmt::format("There is no option \"{}\" of '{}'{}", name, full_name(app),
                     meant.empty() ? "." : meant);
}

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> left = app.remaining(true);
  const auto option = std::find_if(left.begin(), left.end(), is_option);
  const bool takes_command = !command_names(app).empty();
  const auto word = std::find_if_not(left.begin(), left.end(), is_option);
  if (takes_command && word != left.end()) return unknown_command(app, *word);
  if (option != left.end()) return unknown_option(app, *option);
  if (takes_command)
    return fmt::format("'{}' needs a command; there are {}.", full_name(app),
                       fmt::join(command_names(app), ", "));
  if (!left.empty()) return fmt::format("'{}' takes no \"{}\".", full_name(app), left.front());
  if (error.get_name() == "RequiredError") return fmt::format("'{}': {}.", full_name(app), error.what());
  std::string text = error.what();
  if (!text.ends_with('.') && !text.ends_with('?')) text += '.';
  return text;
}

CLI::App& command_named(CLI::App& whole, const std::vector<std::string>& words) {
  CLI::App* app = &whole;
  for (const std::string& word : words) {
    const std::vector<std::string> names = command_names(*app);
    if (std::find(names.begin(), names.end(), word) == names.end())
      throw UsageError(unknown_command(*app, word));
    app = app->get_subcommand(word);
  }
  return *app;
}

}  // namespace

void for_each_command(CLI::App& app, const std::function<void(CLI::App&)>& use) {
  const auto below = app.get_subcommands([](CLI::App*) { return true; });
  if (below.empty()) use(app);
  for (CLI::App* command : below) for_each_command(*command, use);
}

Command add_help(CLI::App& app, CLI::App& whole) {
  const auto words = std::make_shared<std::vector<std::string>>();
  app.add_option("COMMAND", *words, "Its name, as in \"detect\" or \"models fetch\"; by default all");
  return [words, &whole] {
    CLI::App& command = command_named(whole, *words);
    // Not command.help(): the parsed command is 'help', so that would print the usage of 'help' itself.
    show("{}", command.get_formatter()->make_help(&command, full_name(command), CLI::AppFormatMode::Normal));
    return kFine;
  };
}

std::string usage_sentence(const CLI::App& whole, const CLI::ParseError& error) {
  const CLI::App& app = reached(whole);
  const std::string name = full_name(app), help = name.substr(std::min(name.size(), name.find(' ')));
  return fmt::format("{} 'anomalyvlm help{}' shows what there is.", what_is_wrong(app, error), help);
}

}  // namespace anomalyvlm::cli
