#include "eval/calibrate/prompt_limit.h"

#include <toml++/toml.h>

#include <algorithm>

#include "anomalyvlm/prompt.h"
#include "core/check.h"
#include "core/platform.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKey = "limit";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMostBytes = 1 << 20;

// The place of a line and column (both from 1; a column is a character of UTF-8).
std::size_t place_of(std::string_view text, const toml::source_position& at) {
  std::size_t place = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (toml::source_index line = 1; line < at.line; ++line) place = text.find('\n', place) + 1;
  for (toml::source_index column = 1; column < at.column && place < text.size(); ++column) {
    ++place;
    while (place < text.size() && (text[place] & 0xC0) == 0x80) ++place;
  }
  return place;
}

// Tables that are written below a [heading]; everything else is a line of a key.
bool is_below_heading(const toml::node& node) {
  if (const toml::table* table = node.as_table()) return !table->is_inline();
  const toml::array* array = node.as_array();
  if (array == nullptr || array->empty() || !array->is_array_of_tables()) return false;
  return !array->front().as_table()->is_inline();
}

// Where a line can be put: behind the last key above the first heading, else above that and its comments.
std::size_t place_for_line(std::string_view text, const toml::table& table) {
  toml::source_index last_key = 0, first_heading = 0;
  for (const auto& [key, node] : table) {
    if (!is_below_heading(node)) {
      last_key = std::max(last_key, node.source().end.line);
      continue;
    }
    const toml::node& first = node.is_array() ? node.as_array()->front() : node;
    const toml::source_index line = first.source().begin.line;
    if (first_heading == 0 || line < first_heading) first_heading = line;
  }
  if (last_key > 0) {
    const std::size_t end = text.find('\n', place_of(text, {last_key, 1}));
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  if (first_heading == 0) return text.size();
  const auto is_comment = [&](toml::source_index line) {
    const std::size_t at = text.find_first_not_of(" \t", place_of(text, {line, 1}));
    return at != std::string_view::npos && text[at] == '#';
  };
  while (first_heading > 1 && is_comment(first_heading - 1)) --first_heading;
  return place_of(text, {first_heading, 1});
}

std::string number_of(double limit) {
  std::string number = fmt::format("{:.6f}", limit);
  while (number.ends_with('0') && number[number.size() - 2] != '.') number.pop_back();
  return number;
}

bool is_toml_name(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return extension == ".toml";
}

}  // namespace

std::string with_limit(const std::string& text, double limit, const std::string& file_name) {
  HybridPrompt wanted = parse_prompt_toml(text, file_name);  // says what is wrong with it
  wanted.limit = limit;
  const toml::table table = toml::parse(text, file_name);
  std::string changed = text;
  if (const toml::node* there = table.get(kKey)) {
    const std::size_t begin = place_of(text, there->source().begin),
                      end = place_of(text, there->source().end);
    changed.replace(begin, end - begin, number_of(limit));
  } else {
    const std::size_t place = place_for_line(text, table);
    const char* line_end = text.find("\r\n") != std::string::npos ? "\r\n" : "\n";
    const bool open_line = place > 0 && place == text.size() && text.back() != '\n' && text != kByteOrderMark;
    changed.insert(place,
                   fmt::format("{}{} = {}{}", open_line ? line_end : "", kKey, number_of(limit), line_end));
  }
  const HybridPrompt now = parse_prompt_toml(changed, file_name);
  AVLM_CHECK(now == wanted);
  return changed;
}

void check_limit_file(const fs::path& file) {
  std::error_code ignored;
  if (!is_toml_name(file))
    fail(ErrorKind::kBadInput,
         "A limit can be written into a TOML prompt only, and '{}' does not end in .toml: "
         "'anomalyvlm prompt check {} --toml' prints a prompt of sentences as TOML.",
         file.string(), file.string());
  if (!fs::exists(file, ignored)) {
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, ignored) || !can_write_into(folder))
      fail(ErrorKind::kIo, "'{}' cannot be written: '{}' is not a folder to write into.", file.string(),
           folder.string());
    return;
  }
  with_limit(read_file(file, kMostBytes), 1, file.string());
}

void write_limit(const fs::path& file, double limit, const std::string& otherwise) {
  check_limit_file(file);
  std::error_code error;
  const bool there = fs::exists(file, error);
  const fs::path whole = there ? fs::canonical(file, error) : file;  // a link stays one
  if (error) fail(ErrorKind::kIo, "'{}' cannot be written: {}.", file.string(), error.message());
  const std::string text = there ? read_file(whole, kMostBytes) : otherwise;
  write_file_atomically(whole, with_limit(text, limit, file.string()));
}

}  // namespace anomalyvlm::eval
