#include "output.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/check.h"
#include "core/platform.h"
#include "core/printable.h"
#include "core/utc_now.h"

namespace anomalyvlm::cli {
namespace {

struct Output {
  OutputOptions options;
  std::FILE* log = nullptr;  // open until the process ends
  bool lost_results = false, lost_messages = false, lost_log = false;
};

Output& output() {
  static Output one;
  return one;
}

bool write_to(std::FILE* file, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), file) == text.size();
}

// Whether a file begins with a time, as each line of a log does.
bool begins_as_log(const std::filesystem::path& file) {
  constexpr std::string_view kPattern = "dddd-dd-ddTdd:dd:ddZ anomalyvlm: ";
  std::FILE* opened = std::fopen(file.c_str(), "rb");
  if (!opened) return false;
  char head[kPattern.size()] = {};
  const std::size_t size = std::fread(head, 1, sizeof head, opened);
  std::fclose(opened);
  return size == kPattern.size() && std::equal(kPattern.begin(), kPattern.end(), head, [](char p, char c) {
           return p == 'd' ? c >= '0' && c <= '9' : p == c;
         });
}

void write_log(std::string_view text) {
  Output& o = output();
  if (!o.log) return;
  const bool written = write_to(o.log, fmt::format("{} anomalyvlm: {}\n", utc_now(), text));
  if (std::fflush(o.log) != 0 || !written) o.lost_log = true;
}

// Keeps only those line breaks of a message that are intended.
std::string message_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find("\n  ");
    out += printable(text.substr(0, end));
    if (end == std::string_view::npos) break;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

void declare_output(CLI::App& app, OutputOptions& o) {
  constexpr const char* kGroup = "Messages";
  CLI::Option* quiet = app.add_flag("-q,--quiet", o.quiet, "Prints errors only")->group(kGroup);
  app.add_flag("-v,--verbose", o.verbose, "Prints more details")->group(kGroup)->excludes(quiet);
  app.add_option("--log", o.log, "Also adds all messages, with their time, to this file")
      ->type_name("FILE")
      ->group(kGroup);
}

void open_output(const OutputOptions& options) {
  Output& o = output();
  o.options = options;
  if (options.log.empty()) return;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(options.log, ignored) &&
      std::filesystem::file_size(options.log, ignored) > 0 && !begins_as_log(options.log))
    fail(ErrorKind::kIo, "'{}' is not a log of this program: choose another file for --log.", options.log);
  o.log = open_to_append(options.log);
}

void write_message(Level level, std::string_view text) {
  Output& o = output();
  const std::string shown = message_text(text);
  write_log(shown);
  if ((level == Level::kNote && o.options.quiet) || (level == Level::kDetail && !o.options.verbose)) return;
  if (!write_to(stderr, fmt::format("anomalyvlm: {}\n", shown))) o.lost_messages = true;
}

void write_notes(const std::vector<std::string>& notes) {
  constexpr std::size_t kMost = 100;
  for (std::size_t i = 0; i < std::min(kMost, notes.size()); ++i) note("note: {}", notes[i]);
  if (notes.size() > kMost) note("note: and {} more of this kind.", notes.size() - kMost);
}

void write_result(std::string_view text) {
  if (!write_to(stdout, printable_lines(text))) output().lost_results = true;
}

void write_result_line(std::string_view line) {
  Output& o = output();
  const std::string shown = printable(line);
  write_log(shown);
  if (o.options.quiet) return;
  const bool written = write_to(stdout, shown + "\n");
  if (std::fflush(stdout) != 0 || !written) o.lost_results = true;
}

void write_progress(std::string_view text) {
  write_to(stderr, text);
  std::fflush(stderr);
}

bool quiet() { return output().options.quiet; }

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string output_complaint() {
  Output& o = output();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) o.lost_results = true;
  if (o.lost_results) return "What was found could not be printed.";
  if (o.lost_messages) return "Some messages could not be printed.";
  if (o.lost_log) return fmt::format("Some messages could not be written to the log '{}'.", o.options.log);
  return {};
}

}  // namespace anomalyvlm::cli
