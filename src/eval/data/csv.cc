#include "eval/data/csv.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "core/platform.h"
#include "eval/data/encoding.h"
#include "eval/data/listing.h"
#include "text/unicode.h"

namespace anomalyvlm::eval {
namespace {

constexpr std::size_t kMostCsvBytes = std::size_t{64} << 20;
constexpr std::size_t kMostColumns = 1000;

// Lines that end in LF only; a carriage return in the middle of one stays.
std::string with_line_feeds(std::string text) {
  if (text.find('\n') == std::string::npos) {  // as a Macintosh writes them
    std::replace(text.begin(), text.end(), '\r', '\n');
    return text;
  }
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  return out;
}

// "sep=;" in a first line of its own, with or without quotation marks: Excel's own way to say it.
std::optional<char> declared_separator(std::string_view line) {
  if (line.size() > 1 && line.front() == '"' && line.back() == '"') line = line.substr(1, line.size() - 2);
  if (line.size() != 5 || folded_text(line.substr(0, 4)) != "sep=") return std::nullopt;
  return line[4];
}

// What the header has most of outside of quotation marks; a comma where it has none at all.
char likely_separator(std::string_view header) {
  constexpr std::string_view kSeparators = ",;\t|";
  std::array<std::size_t, kSeparators.size()> counts{};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    const std::size_t which = kSeparators.find(c);
    if (!quoted && which != std::string_view::npos) ++counts[which];
  }
  return kSeparators[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                              counts.begin())];
}

bool is_blank(const std::vector<std::string>& fields) {
  return std::all_of(fields.begin(), fields.end(), [](const std::string& field) { return field.empty(); });
}

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : text_(text), name_(name) {
    std::string_view line = next_line();
    if (const auto declared = declared_separator(line)) {
      separator_ = *declared;
      if (separator_ == '"') refuse("names a quotation mark as separator");
      at_ = std::min(text_.size(), line.size() + 1);
      line_ = 2;
      return;
    }
    for (std::size_t from = 0; from < text_.size(); from += line.size() + 1) {
      line = text_.substr(from, text_.find('\n', from) - from);
      if (line.find_first_not_of(" ") != std::string_view::npos) break;
    }
    separator_ = likely_separator(line);
  }

  bool at_end() const { return at_ == text_.size(); }
  char separator() const { return separator_; }

  // One line, or several where a quoted field goes on.
  CsvRow row() {
    CsvRow row;
    row.line = line_;
    do {
      row.fields.push_back(stripped_text(field()));
      if (row.fields.size() > kMostColumns) refuse("has more than 1000 columns");
    } while (take(separator_));
    if (!at_end() && !take('\n')) refuse("has text behind a quoted field");
    ++line_;
    return row;
  }

 private:
  std::string field() {
    if (take('"')) return quoted();
    std::string value;
    for (; !at_end() && text_[at_] != separator_ && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '"')
        refuse("has a quotation mark inside a field: quote the whole field, and double it");
      if (text_[at_] == '\r') refuse("has a carriage return that does not end a line");
      value += text_[at_];
    }
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
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view next_line() const { return text_.substr(at_, text_.find('\n', at_) - at_); }

  [[noreturn]] void refuse(const char* problem) const {
    fail(ErrorKind::kBadInput, "'{}', line {}, {}.", name_, line_, problem);
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  int line_ = 1;
  char separator_ = ',';
};

}  // namespace

std::optional<std::size_t> CsvTable::find_column(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (folded_text(columns[i]) == folded_text(column)) return i;
  return std::nullopt;
}

std::size_t CsvTable::column(std::string_view column) const {
  if (const auto found = find_column(column)) return *found;
  fail(ErrorKind::kBadInput, "'{}' has no column '{}'; {}.", name, column, first_line());
}

std::string CsvTable::where(const CsvRow& row) const { return fmt::format("'{}', line {},", name, row.line); }

std::string CsvTable::first_line() const {
  const char* by = separator == ','    ? "commas"
                   : separator == ';'  ? "semicolons"
                   : separator == '\t' ? "tabs"
                                       : "";
  const std::string separated = *by ? by : fmt::format("'{}'", in_message(std::string(1, separator)));
  return fmt::format("its first line names, separated by {}: {}", separated, in_message(columns));
}

CsvTable parse_csv(std::string_view bytes, const std::string& name) {
  DecodedText decoded = decode_text(bytes);
  const std::string text = with_line_feeds(std::move(decoded.text));
  if (text.find('\0') != std::string::npos) fail(ErrorKind::kBadInput, "'{}' is not text.", name);
  CsvReader reader(text, name);
  CsvTable table{name, {}, {}, reader.separator(), decoded.guessed};
  while (!reader.at_end()) {
    CsvRow row = reader.row();
    if (is_blank(row.fields)) continue;
    const bool is_header = table.columns.empty();
    // Spreadsheets fill rows up with empty fields.
    while (row.fields.back().empty() && (is_header || row.fields.size() > table.columns.size()))
      row.fields.pop_back();
    if (is_header) {
      table.columns = std::move(row.fields);
      continue;
    }
    if (row.fields.size() != table.columns.size())
      fail(ErrorKind::kBadInput, "{} has {} fields, but the first line names {} columns.", table.where(row),
           row.fields.size(), table.columns.size());
    table.rows.push_back(std::move(row));
  }
  if (table.columns.empty()) fail(ErrorKind::kBadInput, "'{}' is empty.", name);
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.find_column(table.columns[i]) != i)
      fail(ErrorKind::kBadInput, "'{}' has two columns '{}'.", name, in_message(table.columns[i]));
  return table;
}

CsvTable read_csv(const std::filesystem::path& file) {
  return parse_csv(read_file(file, kMostCsvBytes), file.string());
}

}  // namespace anomalyvlm::eval
