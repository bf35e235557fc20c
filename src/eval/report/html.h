#pragma once
// The parts of HTML pages. Private to the pages made of them: reports and calibrations.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/report/svg_plot.h"

namespace anomalyvlm::eval::report {

extern const char* const kStyle;  // the pages' style sheet

// A whole page. Nothing is loaded or run by it, whatever a name or prompt might contain.
std::string html_page(const std::string& title, const std::string& body);
std::string html_section(const char* title, const std::string& content);  // empty without content

// Numbers tables and figures in the order in which they are asked for.
struct Numbering {
  int tables = 0, figures = 0;
  std::string table() { return fmt::format("Table {}", ++tables); }
  std::string figure() { return fmt::format("Figure {}", ++figures); }
};

// A figure of panels that flow into as many rows as the window asks for. Caption: not escaped.
std::string html_plots(const std::vector<svg::Panel>& panels, const std::string& label,
                       const std::string& caption);

// Of pixels, a plot for each category; of an only category also of images, and its kinds'. Empty without
// curves.
std::vector<svg::Panel> curve_panels(const EvaluationResult& result);

// Of the images' scores, a histogram for each category.
std::vector<svg::Panel> score_panels(const EvaluationResult& result);

// Images of a category: best and worst, with the scale of the maps. Empty without examples.
std::string html_examples(const CategoryResult& category);

}  // namespace anomalyvlm::eval::report
