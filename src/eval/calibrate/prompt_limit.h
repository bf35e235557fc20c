#pragma once
// Writes a limit on the image score into a prompt file and keeps everything else in it: comments, order,
// blanks, line endings.
#include <filesystem>
#include <string>
#include <string_view>

namespace anomalyvlm::eval {

// The text of a TOML prompt with `limit = LIMIT`: in place of the value that is there, else in a line of its
// own behind the last top-level key. `file_name` is for messages. Throws Error(kBadPrompt) for what is no
// prompt.
std::string with_limit(const std::string& toml, double limit, const std::string& file_name);

// Throws Error(kBadInput) for a file that write_limit() would refuse: one of sentences, for they have no
// place for a limit of a program's making; or what cannot be written. A TOML file that is not there yet can
// be written.
void check_limit_file(const std::filesystem::path& file);

// with_limit() for a file, whole or not at all; of one that is not there `otherwise` is written, with the
// limit.
void write_limit(const std::filesystem::path& file, double limit, const std::string& otherwise);

}  // namespace anomalyvlm::eval
