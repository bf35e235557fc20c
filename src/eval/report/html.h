#pragma once
// The parts of the page. Private to report_html.cc and the files that make them.
#include <string>
#include <vector>

#include "eval/report/results.h"
#include "eval/report/svg_plot.h"

namespace anomalyvlm::eval::report {

extern const char* const kStyle;  // the page's style sheet

// Numbers tables and figures in the order in which they are asked for.
struct Numbering {
  int tables = 0, figures = 0;
  std::string table() { return "Table " + std::to_string(++tables); }
  std::string figure() { return "Figure " + std::to_string(++figures); }
};

// A figure of panels that flow into as many rows as the window asks for. Caption: not escaped.
std::string html_plots(const std::vector<svg::Panel>& panels, const std::string& label,
                       const std::string& caption);

// Of pixels, a plot for each category; of an only category also of images, and its kinds'. Empty without
// curves.
std::vector<svg::Panel> curve_panels(const EvaluationResult& result);

// Pictures of a category: best and worst, with the scale of the maps. Empty without examples.
std::string html_examples(const CategoryResult& category);

}  // namespace anomalyvlm::eval::report
