#pragma once
// An ablation or sweep as a table, before it becomes documents.
#include <string>
#include <vector>

#include "eval/metrics/metric_values.h"

namespace anomalyvlm::eval {

// A table of a study with its plot: lines over x, one panel a column of shares, or bars, one panel a column.
struct StudyTable {
  struct Column {
    std::string name;   // "max-F1", "AP", "ms an image", ...
    bool share = true;  // values 0..1, shown in percent
  };
  struct Row {
    std::string group;                // "mtd", "object", "total": rows of one group make one line of the plot
    std::string label;                // "30 %"
    double x = 0;                     // on the plot
    std::vector<MetricValue> values;  // one a column
  };
  std::string name;     // "area": part of the files' names
  std::string title;    // "Area threshold (paper, Fig. 5)"
  std::string x_label;  // "largest area, share of the object"; empty: no plot over x but a bar for each row
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::vector<std::string> notes;       // for people, below the table
  std::string row_title = "Variant";    // over the rows' labels, where there is no x
  std::vector<std::string> drawn = {};  // the groups that the plot shows; empty: all
};

}  // namespace anomalyvlm::eval
