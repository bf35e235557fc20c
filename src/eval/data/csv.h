#pragma once
// Tables with a header row as spreadsheets save them (RFC 4180 and its relatives): separated by commas,
// semicolons, tabs or bars, whichever the header uses most or a first line "sep=;" names; in UTF-8, UTF-16
// or Windows-1252; lines that end in LF, CRLF or CR. Quotes only around whole fields. Rows without any text
// are skipped, and so are empty fields behind the last column; else every row has the header's number of
// fields. Throws Error(kBadInput) naming file and line.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm::eval {

struct CsvRow {
  int line = 0;                     // of its beginning; the first is 1
  std::vector<std::string> fields;  // without blanks around them
};

struct CsvTable {
  std::string name;  // of the file, for messages
  std::vector<std::string> columns;
  std::vector<CsvRow> rows;
  char separator = ',';
  bool guessed_encoding = false;  // DecodedText::guessed

  // Case is ignored.
  std::optional<std::size_t> find_column(std::string_view column) const;
  std::size_t column(std::string_view column) const;  // throws Error(kBadInput): there is none of this name
  std::string where(const CsvRow& row) const;         // "'labels.csv', line 3,"
  std::string first_line() const;                     // for messages: its columns, and what separates them
};

CsvTable parse_csv(std::string_view bytes, const std::string& name);
CsvTable read_csv(const std::filesystem::path& file);  // at most 64 MiB; throws Error(kIo) too

}  // namespace anomalyvlm::eval
