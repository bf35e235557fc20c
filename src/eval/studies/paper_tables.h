#pragma once
// What the paper's tables have in common.
#include <string>
#include <utility>
#include <vector>

#include "eval/metrics/study_table.h"

namespace anomalyvlm::eval {

// Metrics of pixels (paper IV-A).
inline std::vector<StudyTable::Column> paper_columns() { return {{"max-F1"}, {"AP"}, {"max-IoU"}}; }

inline StudyTable titled(std::string name, std::string title, std::string x_label = {}) {
  StudyTable table;
  table.name = std::move(name);
  table.title = std::move(title);
  table.x_label = std::move(x_label);
  return table;
}

}  // namespace anomalyvlm::eval
