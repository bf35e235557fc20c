#include <fmt/format.h>

#include "eval/report/tables.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval::report {
namespace {

// Markdown has one line of headings: "Pixels: AP".
std::string heading(const Table::Column& column) {
  return markdown_text(column.group.empty() ? column.title : column.group + ": " + column.title);
}

}  // namespace

std::string markdown_table(const Table& table) {
  std::string head = "|", rule = "|", body;
  for (const Table::Column& column : table.columns) {
    head += fmt::format(" {} |", heading(column));
    rule += column.number ? "---:|" : "---|";
  }
  Footnotes footnotes;
  for (const Table::Row& row : table.rows) {
    body += "|";
    for (const Cell& cell : row.cells) {
      std::string text = markdown_text(cell.text);
      if (row.strong && &cell == &row.cells.front() && !text.empty()) text = "**" + text + "**";
      if (!cell.undefined.empty()) text += "<sup>" + footnotes.mark(cell.undefined) + "</sup>";
      body += fmt::format(" {} |", text);
    }
    body += "\n";
  }
  std::string out = table.caption.empty() ? "" : markdown_text(table.caption) + "\n\n";
  out += fmt::format("{}\n{}\n{}", head, rule, body);
  const auto& reasons = footnotes.reasons();
  for (std::size_t i = 0; i < reasons.size(); ++i)
    out += fmt::format("\n<sup>{}</sup> {}\n", Footnotes::mark_of(i), markdown_text(reasons[i]));
  for (const std::string& note : table.notes) out += fmt::format("\n{}\n", markdown_text(note));
  return out + "\n";
}

}  // namespace anomalyvlm::eval::report
