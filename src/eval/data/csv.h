#pragma once
// Comma-separated tables with a header row (RFC 4180), strictly: UTF-8 with or without a byte order mark,
// lines end in LF or CRLF, every row has the header's number of fields, quotes only around whole fields.
// Empty lines are skipped. Throws Error(kBadInput) naming file and line.
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm::eval {

struct CsvRow {
  int line = 0;  // of its beginning; the first is 1
  std::vector<std::string> fields;
};

struct CsvTable {
  std::string name;  // of the file, for messages
  std::vector<std::string> columns;
  std::vector<CsvRow> rows;

  std::optional<std::size_t> find_column(std::string_view column) const;
  std::size_t column(std::string_view column) const;  // throws Error(kBadInput): there is none of this name
  std::string where(const CsvRow& row) const;         // "'labels.csv', line 3,"
};

CsvTable parse_csv(std::string_view text, const std::string& name);
CsvTable read_csv(const std::filesystem::path& file);  // at most 64 MiB; throws Error(kIo) too

}  // namespace anomalyvlm::eval
