#include "eval/report/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "eval/metrics/limit_text.h"
#include "eval/report/histogram.h"
#include "eval/report/metric_columns.h"
#include "eval/report/published.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval::report {
namespace {

std::string group_of(const MetricColumn& column) {
  const std::string level = column.level;
  return level == "pixel" ? "Pixels" : level == "image" ? "Images" : "Regions";
}

void add_metric_columns(Table& table) {
  for (const MetricColumn& column : metric_columns())
    if (column.title) table.columns.push_back({column.title, group_of(column)});
}

void add_metrics(Table::Row& row, const Metrics& metrics) {
  for (const MetricColumn& column : metric_columns())
    if (column.title) row.cells.push_back(percent_cell(column.of(metrics)));
}

Table::Row metrics_row(const std::string& name, const Metrics& metrics) {
  Table::Row row{{{name, {}}, {std::to_string(metrics.images), {}}, {std::to_string(metrics.anomalous), {}}}};
  add_metrics(row, metrics);
  return row;
}

std::string mean_name(const MeanResult& mean) {
  if (mean.name == "total") return "Mean of all " + std::to_string(mean.categories);
  return fmt::format("Mean, {} ({})", mean.name, mean.categories);
}

std::string published_percent(double value) {
  return std::isnan(value) ? kNone : fmt::format("{:.1f}", value);
}

MetricValue value_at(const StudyTable::Row& row, std::size_t column) {
  return column < row.values.size() ? row.values[column] : MetricValue::none("not measured");
}

}  // namespace

Cell percent_cell(const MetricValue& share) {
  return is_number(share) ? Cell{percent(share), {}} : Cell{kNone, reason_of(share)};
}

const Metrics* overall(const EvaluationResult& result) {
  if (result.categories.size() == 1) return &result.categories.front().metrics;
  for (const MeanResult& mean : result.means)
    if (mean.name == "total") return &mean.metrics;
  return nullptr;
}

Table results_table(const EvaluationResult& result) {
  Table table;
  table.caption = "Detection performance per category, in percent.";
  table.columns = {{"Category", "", false}, {"all", "Number of"}, {"defective", "Number of"}};
  add_metric_columns(table);

  const auto add_categories = [&](const auto& wanted) {
    for (const CategoryResult& category : result.categories)
      if (wanted(category.group)) table.rows.push_back(metrics_row(category.name, category.metrics));
  };
  const bool several = result.categories.size() > 1;
  const auto has_mean = [&](const std::string& group) {
    return std::any_of(result.means.begin(), result.means.end(),
                       [&](const MeanResult& mean) { return mean.name == group && mean.name != "total"; });
  };
  add_categories([&](const std::string& group) { return !has_mean(group); });
  for (const bool total : {false, true}) {
    for (const MeanResult& mean : result.means) {
      if ((mean.name == "total") != total) continue;
      if (!total) add_categories([&](const std::string& group) { return group == mean.name; });
      if (!several) continue;
      table.rows.push_back(metrics_row(mean_name(mean), mean.metrics));
      table.rows.back().strong = true;
    }
  }
  for (std::size_t i = 1; i < table.rows.size(); ++i)
    table.rows[i].ruled = table.rows[i].strong || table.rows[i - 1].strong;
  return table;
}

Table published_table(const EvaluationResult& result) {
  Table table;
  const auto published = published_scores(result.dataset);
  const Metrics* ours = overall(result);
  if (published.empty() || !ours) return table;
  table.caption = "Published figures beside this run: pixels, in percent.";
  table.columns = {{"Method", "", false}, {"Data", "", false},         {"max-F1", ""}, {"AP", ""},
                   {"max-IoU", ""},       {"Measured with", "", false}};
  table.rows.push_back({{{"This run", {}},
                         {result.title, {}},
                         percent_cell(ours->pixel.max_f1),
                         percent_cell(ours->pixel.ap),
                         percent_cell(ours->pixel.max_iou),
                         {"see Configuration", {}}}});
  for (const PublishedScore& score : published) {
    table.rows.push_back({{{score.method, {}},
                           {score.data, {}},
                           {published_percent(score.max_f1), {}},
                           {published_percent(score.ap), {}},
                           {published_percent(score.max_iou), {}},
                           {score.measured_with, {}}}});
  }
  table.notes.emplace_back(kPublishedNote);
  table.notes.emplace_back("A dash among them: not published.");
  if (result.dataset == "ksdd2")
    table.notes.push_back(
        "The paper's numbers of images, 2085 normal and 246 with defects, are those of KSDD2's training "
        "split.");
  return table;
}

Table kinds_table(const EvaluationResult& result) {
  Table table;
  table.caption =
      "Detection performance per kind of defect, in percent: its images against all normal images of the "
      "category.";
  table.columns = {{"Category", "", false}, {"Kind", "", false}, {"Images", ""}};
  add_metric_columns(table);
  for (const CategoryResult& category : result.categories) {
    bool first = true;
    for (const KindResult& kind : category.kinds) {
      Table::Row row{
          {{first ? category.name : "", {}}, {kind.kind, {}}, {std::to_string(kind.metrics.anomalous), {}}},
          first && !table.rows.empty()};
      add_metrics(row, kind.metrics);
      table.rows.push_back(std::move(row));
      first = false;
    }
  }
  return table;
}

Table limits_table(const EvaluationResult& result) {
  Table table;
  table.caption =
      "Verdicts on whole images: an image is not OK where its score is the limit or more. Numbers of images.";
  table.columns = {{"Category", "", false},        {"Limit", ""},
                   {"OK", "Good images"},          {"not OK (false alarms)", "Good images"},
                   {"not OK", "Defective images"}, {"OK (missed)", "Defective images"}};
  bool chosen_here = false;
  for (const CategoryResult& category : result.categories) {
    if (!category.limit) continue;
    const Confusion c = confusion_at(scores_of(category), category.limit->value);
    const auto cell = [](std::size_t count) { return Cell{fmt::format("{}", count), {}}; };
    chosen_here |= !category.limit->given;
    table.rows.push_back({{{category.name, {}},
                           {limit_text(category.limit->value) + (category.limit->given ? "" : "*"), {}},
                           cell(c.good_ok),
                           cell(c.good_not_ok),
                           cell(c.defective_not_ok),
                           cell(c.defective_ok)}});
  }
  if (chosen_here)
    table.notes.emplace_back(
        "* No limit was given: this is the limit of the best image F1, chosen on these very images, and so "
        "more "
        "favourable than it will be on others.");
  return table;
}

Table detect_table(const EvaluationResult& result) {
  Table table;
  table.caption =
      "How 'anomalyvlm detect' gives the same maps, with the mask's threshold of the best pixel F1 and the "
      "limit "
      "of the image score.";
  table.columns = {{"Category", "", false}, {"Command", "", false}};
  for (const CategoryResult& category : result.categories)
    if (!category.detect_command.empty())
      table.rows.push_back({{{category.name, {}}, {category.detect_command, {}}}});
  return table;
}

Table stages_table(const EvaluationResult& result) {
  Table table;
  table.caption = "Time per image and stage, median over all images.";
  table.columns = {{"Stage", "", false}, {"ms", ""}, {"Share, %", ""}};
  double total = 0;
  for (const StageTime& stage : result.stages) total += stage.seconds;
  if (!(total > 0)) return table;
  const auto row = [&](const std::string& name, double seconds, bool sum) {
    table.rows.push_back(
        {{{name, {}}, {fmt::format("{:.1f}", 1e3 * seconds), {}}, {percent(seconds / total), {}}}, sum, sum});
  };
  for (const StageTime& stage : result.stages) row(stage.stage, stage.seconds, false);
  row("All", total, true);
  table.notes.push_back(fmt::format("{} images a second.", short_number(1 / total)));
  return table;
}

Table prompts_table(const EvaluationResult& result) {
  Table table;
  table.caption = "Hybrid prompts.";
  table.columns = {{"Category", "", false}, {"Prompt", "", false}};
  for (const CategoryResult& category : result.categories)
    if (!category.prompt.empty()) table.rows.push_back({{{category.name, {}}, {category.prompt, {}}}});
  return table;
}

Table configuration_table(const EvaluationResult& result) {
  Table table;
  table.caption = "Configuration.";
  table.columns = {{"Setting", "", false}, {"Value", "", false}};
  for (const auto& [name, value] : result.configuration) table.rows.push_back({{{name, {}}, {value, {}}}});
  return table;
}

std::string study_value(const StudyTable& study, const StudyTable::Row& row, std::size_t column) {
  const MetricValue value = value_at(row, column);
  if (study.columns[column].share || !is_number(value)) return percent(value);
  std::vector<double> all;
  for (const StudyTable::Row& r : study.rows) all.push_back(value_at(r, column).value);
  return number(value.value, decimals_for(all));
}

Table study_table(const StudyTable& study) {
  Table table;
  const auto& rows = study.rows;
  const bool groups =
      std::any_of(rows.begin(), rows.end(), [](const auto& row) { return !row.group.empty(); });
  if (groups) table.columns.push_back({"Data", "", false});
  table.columns.push_back(
      {study.x_label.empty() ? study.row_title : study.x_label, "", !study.x_label.empty()});
  for (const StudyTable::Column& column : study.columns)
    table.columns.push_back({column.share ? column.name + ", %" : column.name, ""});
  std::string group;
  for (const StudyTable::Row& row : rows) {
    Table::Row out;
    const bool next = row.group != group;
    out.ruled = groups && next && !table.rows.empty();
    if (groups) out.cells.push_back({next ? row.group : "", {}});
    group = row.group;
    out.cells.push_back({row.label, {}});
    for (std::size_t i = 0; i < study.columns.size(); ++i) {
      const MetricValue value = value_at(row, i);
      out.cells.push_back({study_value(study, row, i), is_number(value) ? "" : reason_of(value)});
    }
    table.rows.push_back(std::move(out));
  }
  table.notes = study.notes;
  return table;
}

std::string Footnotes::mark(const std::string& reason) {
  auto at = std::find(reasons_.begin(), reasons_.end(), reason);
  if (at == reasons_.end()) at = reasons_.insert(at, reason);
  return mark_of(static_cast<std::size_t>(at - reasons_.begin()));
}

std::string Footnotes::mark_of(std::size_t place) {
  return std::string(place / 26 + 1, static_cast<char>('a' + place % 26));
}

}  // namespace anomalyvlm::eval::report
