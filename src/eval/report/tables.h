#pragma once
// The tables of a report, before they become HTML or Markdown.
#include <string>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/metrics/study_table.h"

namespace anomalyvlm::eval::report {

struct Cell {
  std::string text;       // as it is, not escaped
  std::string undefined;  // why there is no number: a footnote
};

Cell percent_cell(const MetricValue& share);

struct Table {
  struct Column {
    std::string title;
    std::string group;  // a heading over neighbouring columns of the same group
    bool number = true;
  };
  struct Row {
    std::vector<Cell> cells;
    bool ruled = false;   // a line above
    bool strong = false;  // a mean
  };
  std::string caption;
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::vector<std::string> notes;
};

// The metrics that stand for the whole data set: the total's, or those of the only category; nullptr: none.
const Metrics* overall(const EvaluationResult& result);

// Of all that follows, those without a row are not worth showing.
Table results_table(const EvaluationResult& result);    // categories by group, each with its mean; the total
Table published_table(const EvaluationResult& result);  // ours beside theirs
Table kinds_table(const EvaluationResult& result);      // per kind of defect
Table limits_table(const EvaluationResult& result);     // verdicts at each category's limit of the score
Table detect_table(const EvaluationResult& result);     // how detect gives the same maps
Table stages_table(const EvaluationResult& result);
Table prompts_table(const EvaluationResult& result);
Table configuration_table(const EvaluationResult& result);
// One value of a study as its table and its bars show it; shares in percent.
std::string study_value(const StudyTable& study, const StudyTable::Row& row, std::size_t column);
Table study_table(const StudyTable& study);  // without a caption

// Footnotes of a table: equal reasons share a mark.
class Footnotes {
 public:
  std::string mark(const std::string& reason);  // "a", "b", ...
  const std::vector<std::string>& reasons() const { return reasons_; }
  static std::string mark_of(std::size_t place);

 private:
  std::vector<std::string> reasons_;
};

std::string markdown_table(const Table& table);
std::string html_table(const Table& table, const std::string& label);  // label: "Table 1"; may be empty

}  // namespace anomalyvlm::eval::report
