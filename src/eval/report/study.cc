#include "eval/report/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/platform.h"
#include "eval/report/documents.h"
#include "eval/report/tables.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval {
namespace report {
namespace {

using Row = StudyTable::Row;

std::vector<std::string> groups_of(const StudyTable& study) {
  std::vector<std::string> groups;
  for (const Row& row : study.rows)
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) groups.push_back(row.group);
  return groups;
}

double value_of(const StudyTable& study, const Row& row, std::size_t column) {
  if (column >= row.values.size() || !is_number(row.values[column]))
    return std::numeric_limits<double>::quiet_NaN();
  return row.values[column].value * (study.columns[column].share ? 100 : 1);
}

svg::Line line_of(const StudyTable& study, const std::string& group, std::size_t column,
                  const std::string& label) {
  svg::Line line{label, {}};
  for (const Row& row : study.rows)
    if (row.group == group) line.points.push_back({row.x, value_of(study, row, column)});
  return line;
}

std::vector<svg::Panel> line_panels(const StudyTable& study) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < study.columns.size(); ++i)
    if (study.columns[i].share) shown.push_back(i);
  const bool shares = !shown.empty();
  for (std::size_t i = 0; !shares && i < study.columns.size(); ++i) shown.push_back(i);

  const auto groups = groups_of(study);
  std::vector<svg::Panel> panels;
  if (groups.size() == 1 && shares) {
    svg::LinePanel panel;
    panel.x.label = study.x_label;
    panel.y.label = "%";
    panel.width = 460;
    for (const std::size_t i : shown)
      panel.lines.push_back(line_of(study, groups[0], i, study.columns[i].name));
    if (shown.size() == 1) panel.y.label = study.columns[shown[0]].name + ", %";
    panels.push_back(std::move(panel));
    return panels;
  }
  for (const std::size_t i : shown) {
    const std::string& name = study.columns[i].name;
    svg::LinePanel panel;
    panel.x.label = study.x_label;
    panel.y.label = shares ? name + ", %" : name;
    for (const std::string& group : groups) panel.lines.push_back(line_of(study, group, i, group));
    panels.push_back(std::move(panel));
  }
  return panels;
}

std::vector<svg::Panel> bar_panels(const StudyTable& study) {
  const bool several = groups_of(study).size() > 1;
  std::vector<svg::Panel> panels;
  for (std::size_t i = 0; i < study.columns.size(); ++i) {
    const StudyTable::Column& column = study.columns[i];
    svg::BarPanel panel;
    panel.title = column.share ? column.name + ", %" : column.name;
    for (const Row& row : study.rows) {
      panel.bars.push_back({several ? row.group + ": " + row.label : row.label, value_of(study, row, i),
                            study_value(study, row, i)});
    }
    panels.push_back(std::move(panel));
  }
  return panels;
}

}  // namespace

std::vector<svg::Panel> study_panels(const StudyTable& study) {
  StudyTable shown = study;
  std::erase_if(shown.rows, [&](const Row& row) {
    return !study.drawn.empty() &&
           std::find(study.drawn.begin(), study.drawn.end(), row.group) == study.drawn.end();
  });
  if (shown.rows.empty()) return {};
  return study.x_label.empty() ? bar_panels(shown) : line_panels(shown);
}

}  // namespace report

void write_study(const StudyTable& table, const std::filesystem::path& folder) {
  std::string csv = "group,label,x";
  for (const auto& column : table.columns) csv += "," + report::csv_field(column.name);
  csv += "\r\n";
  for (const auto& row : table.rows) {
    csv += fmt::format("{},{},{}", report::csv_field(row.group), report::csv_field(row.label),
                       table.x_label.empty() ? "" : fmt::format("{}", row.x));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const bool known = i < row.values.size() && report::is_number(row.values[i]);
      csv += known ? fmt::format(",{}", row.values[i].value) : ",";
    }
    csv += "\r\n";
  }
  write_file_atomically(folder / (table.name + ".csv"), csv);

  std::string markdown = fmt::format("# {}\n\n", report::markdown_text(table.title));
  const auto panels = report::study_panels(table);
  if (!panels.empty())
    markdown += fmt::format("![{}]({}.svg)\n\n", report::markdown_text(table.title), table.name);
  markdown += report::markdown_table(report::study_table(table));
  markdown.pop_back();
  write_file_atomically(folder / (table.name + ".md"), markdown);
  if (!panels.empty())
    write_file_atomically(folder / (table.name + ".svg"), svg::draw(panels, table.title, svg::Use::kFile));
}

}  // namespace anomalyvlm::eval
