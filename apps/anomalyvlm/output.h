#pragma once
// Messages to the user. Nothing here throws or stops the work because a stream is closed or a disk is full:
// output_complaint() reports that at the end. Whatever the text contains, a terminal receives printable
// characters only.
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli_fwd.h"

namespace anomalyvlm::cli {

struct OutputOptions {
  bool quiet = false, verbose = false;
  std::string log;  // a file; empty: none
};

// `options` must live as long as `app`.
void declare_output(CLI::App& app, OutputOptions& options);
void open_output(const OutputOptions& options);  // throws Error(kIo) when there can be no such log

enum class Level {
  kError,   // shown always
  kNote,    // not with --quiet
  kDetail,  // with --verbose only
};
// To standard error, prefixed with "anomalyvlm: ", and to the log whatever the level. A line break is kept if
// the next line is indented.
void write_message(Level level, std::string_view text);
void write_notes(const std::vector<std::string>& notes);  // kNote, "note: ..."; of very many the first
void write_result(std::string_view text);                 // to standard output; line breaks stay
// The same, but not with --quiet, and to the log too: a line of a long call, shown at once.
void write_result_line(std::string_view line);
// Verbatim to standard error, if that is a terminal: for progress, which may be lost.
void write_progress(std::string_view text);
bool quiet();

std::string megabytes(std::uint64_t bytes);  // "39.3 MB"

// What could not be written so far, as a sentence; empty when all could. Flushes.
std::string output_complaint();

template <typename... Args>
void report(fmt::format_string<Args...> text, Args&&... args) {
  write_message(Level::kError, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void note(fmt::format_string<Args...> text, Args&&... args) {
  write_message(Level::kNote, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void detail(fmt::format_string<Args...> text, Args&&... args) {
  write_message(Level::kDetail, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void show(fmt::format_string<Args...> text, Args&&... args) {
  write_result(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace anomalyvlm::cli
