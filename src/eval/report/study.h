#pragma once
// A study as plots; tables.h has it as a table.
#include <vector>

#include "eval/metrics/study_table.h"
#include "eval/report/svg_plot.h"

namespace anomalyvlm::eval::report {

// Over x: of one group, all shares in one panel; of several, a panel for each share with a line for each
// group. Without x: a panel of bars for each column. Of StudyTable::drawn alone. Empty where there is nothing
// to draw.
std::vector<svg::Panel> study_panels(const StudyTable& study);

}  // namespace anomalyvlm::eval::report
