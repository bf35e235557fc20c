#include <fmt/format.h>

#include "eval/report/tables.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval::report {
namespace {

bool has_groups(const Table& table) {
  for (const auto& column : table.columns)
    if (!column.group.empty()) return true;
  return false;
}

bool has_numbers(const Table& table) {
  for (const auto& column : table.columns)
    if (column.number) return true;
  return false;
}

bool opens_group(const Table& table, std::size_t i) {
  return !table.columns[i].group.empty() && (i == 0 || table.columns[i - 1].group != table.columns[i].group);
}

// The upper of two lines of headings; columns without a group reach over both.
std::string group_headings(const Table& table) {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < table.columns.size();) {
    const auto& column = table.columns[i];
    std::size_t end = i + 1;
    if (column.group.empty()) {
      out += fmt::format("<th scope=\"col\" rowspan=\"2\"{}>{}</th>", column.number ? " class=\"n\"" : "",
                         html_text(column.title));
    } else {
      while (end < table.columns.size() && table.columns[end].group == column.group) ++end;
      out += fmt::format("<th scope=\"colgroup\" colspan=\"{}\" class=\"over\"><span>{}</span></th>", end - i,
                         html_text(column.group));
    }
    i = end;
  }
  return out + "</tr>\n";
}

std::string classes(const Table& table, std::size_t i) {
  std::string names = table.columns[i].number ? "n" : "";
  if (opens_group(table, i)) names += names.empty() ? "first" : " first";
  return names.empty() ? "" : " class=\"" + names + "\"";
}

std::string headings(const Table& table) {
  const bool groups = has_groups(table);
  std::string out = groups ? group_headings(table) : "";
  out += "<tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (groups && table.columns[i].group.empty()) continue;
    out += fmt::format("<th scope=\"col\"{}>{}</th>", classes(table, i), html_text(table.columns[i].title));
  }
  return out + "</tr>\n";
}

std::string cell(const Table& table, const Table::Row& row, std::size_t i, Footnotes& footnotes) {
  const Cell& content = row.cells[i];
  std::string text = html_text(content.text);
  if (!content.undefined.empty()) {
    text = fmt::format("<span title=\"{}\">{}<sup>{}</sup></span>", html_text(content.undefined), text,
                       footnotes.mark(content.undefined));
  }
  if (i == 0) return fmt::format("<th scope=\"row\"{}>{}</th>", classes(table, i), text);
  return fmt::format("<td{}>{}</td>", classes(table, i), text);
}

}  // namespace

std::string html_table(const Table& table, const std::string& label) {
  Footnotes footnotes;
  std::string body;
  for (const Table::Row& row : table.rows) {
    body += row.ruled && row.strong ? "<tr class=\"ruled strong\">"
            : row.ruled             ? "<tr class=\"ruled\">"
                                    : "<tr>";
    for (std::size_t i = 0; i < row.cells.size(); ++i) body += cell(table, row, i, footnotes);
    body += "</tr>\n";
  }
  std::string out = "<figure class=\"table\">\n<figcaption>";
  if (!label.empty()) out += fmt::format("<b>{}.</b> ", html_text(label));
  out += html_text(table.caption) + "</figcaption>\n";
  out += fmt::format(
      "<div class=\"scroll\" "
      "tabindex=\"0\"><table class=\"{}\">\n<thead>\n{}</thead>\n<tbody>\n{}</tbody>\n</table></div>\n",
      has_numbers(table) ? "figures" : "prose", headings(table), body);
  const auto& reasons = footnotes.reasons();
  for (std::size_t i = 0; i < reasons.size(); ++i)
    out +=
        fmt::format("<p class=\"note\"><sup>{}</sup> {}</p>\n", Footnotes::mark_of(i), html_text(reasons[i]));
  for (const std::string& note : table.notes)
    out += fmt::format("<p class=\"note\">{}</p>\n", html_text(note));
  return out + "</figure>\n";
}

}  // namespace anomalyvlm::eval::report
