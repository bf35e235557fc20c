#include "eval/data/csv.h"

#include <algorithm>

#include "core/check.h"
#include "core/platform.h"
#include "eval/data/listing.h"
#include "prompts/lexer.h"

namespace anomalyvlm::eval {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr std::size_t kMostColumns = 1000;

class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  bool at_end() const { return at_ == text_.size(); }

  // One line, or several where a quoted field goes on.
  CsvRow row() {
    CsvRow row;
    row.line = line_;
    do {
      row.fields.push_back(field());
      if (row.fields.size() > kMostColumns) refuse("has more than 1000 columns");
    } while (take(','));
    if (!at_end() && !take('\n')) refuse("has text behind a quoted field");
    ++line_;
    return row;
  }

 private:
  std::string field() {
    if (take('"')) return quoted();
    std::string value;
    for (; !at_end() && text_[at_] != ',' && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '"')
        refuse("has a quotation mark inside a field: quote the whole field, and double it");
      value += text_[at_];
    }
    if (value.ends_with('\r') && !at_end() && text_[at_] == '\n') value.pop_back();
    if (value.find('\r') != std::string::npos) refuse("has a carriage return that does not end a line");
    return value;
  }

  std::string quoted() {
    std::string value;
    for (; !at_end(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        value += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        value += text_[++at_];
      } else {
        ++at_;
        return value;
      }
    }
    refuse("ends inside a quoted field");
  }

  bool take(char c) {
    const std::size_t skipped = c == '\n' && text_.substr(at_).starts_with("\r\n") ? 1 : 0;
    if (at_ + skipped >= text_.size() || text_[at_ + skipped] != c) return false;
    at_ += skipped + 1;
    return true;
  }

  [[noreturn]] void refuse(const char* problem) const {
    fail(ErrorKind::kBadInput, "'{}', line {}, {}.", name_, line_, problem);
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::optional<std::size_t> CsvTable::find_column(std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::size_t CsvTable::column(std::string_view column) const {
  if (const auto found = find_column(column)) return *found;
  fail(ErrorKind::kBadInput, "'{}' has no column '{}'; its first line names: {}.", name, column,
       in_message(columns));
}

std::string CsvTable::where(const CsvRow& row) const { return fmt::format("'{}', line {},", name, row.line); }

CsvTable parse_csv(std::string_view text, const std::string& name) {
  if (!prompts::is_utf8(text)) fail(ErrorKind::kBadInput, "'{}' is not text in UTF-8.", name);
  if (text.find('\0') != std::string_view::npos) fail(ErrorKind::kBadInput, "'{}' is not text.", name);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Reader reader(text, name);
  CsvTable table;
  table.name = name;
  while (!reader.at_end()) {
    CsvRow row = reader.row();
    if (row.fields.size() == 1 && row.fields[0].empty()) continue;
    if (table.columns.empty()) {
      table.columns = std::move(row.fields);
      continue;
    }
    if (row.fields.size() != table.columns.size())
      fail(ErrorKind::kBadInput, "{} has {} fields, but the first line names {} columns.", table.where(row),
           row.fields.size(), table.columns.size());
    table.rows.push_back(std::move(row));
  }
  if (table.columns.empty()) fail(ErrorKind::kBadInput, "'{}' is empty.", name);
  for (auto at = table.columns.begin(); at != table.columns.end(); ++at)
    if (std::find(table.columns.begin(), at, *at) != at)
      fail(ErrorKind::kBadInput, "'{}' has two columns '{}'.", name, in_message(*at));
  return table;
}

CsvTable read_csv(const std::filesystem::path& file) {
  return parse_csv(read_file(file, kMostBytes), file.string());
}

}  // namespace anomalyvlm::eval
