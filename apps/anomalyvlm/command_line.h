#pragma once
// The command line as a whole: help and error messages.
#include <functional>
#include <string>

#include "cli_fwd.h"
#include "commands.h"

namespace anomalyvlm::cli {

// Calls `use` for each command that does work itself: for a group of commands, its subcommands.
void for_each_command(CLI::App& app, const std::function<void(CLI::App&)>& use);

// `anomalyvlm help [COMMAND...]`; `whole` must live as long as `app`.
Command add_help(CLI::App& app, CLI::App& whole);

// What is wrong, what was probably meant, and where help is.
std::string usage_sentence(const CLI::App& whole, const CLI::ParseError& error);

}  // namespace anomalyvlm::cli
