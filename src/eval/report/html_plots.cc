#include <fmt/format.h>

#include "eval/report/histogram.h"
#include "eval/report/html.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval::report {
namespace {

svg::Line line_of(const std::string& label, const LevelMetrics& metrics) {
  svg::Line line{label, {}, false};
  for (const CurvePoint& p : metrics.curve) line.points.push_back({100 * p.recall, 100 * p.precision});
  return line;
}

// The point of the curve with the highest F1.
std::vector<svg::Point> best_point(const std::vector<CurvePoint>& curve) {
  const CurvePoint* best = nullptr;
  const auto f1 = [](const CurvePoint& p) { return p.precision * p.recall / (p.precision + p.recall); };
  for (const CurvePoint& p : curve)
    if (p.precision > 0 && p.recall > 0 && (!best || f1(p) > f1(*best))) best = &p;
  if (!best) return {};
  return {{100 * best->recall, 100 * best->precision}};
}

std::string subtitle_of(const LevelMetrics& metrics) {
  std::string text = fmt::format("max-F1 {}, AP {}", percent(metrics.max_f1), percent(metrics.ap));
  if (is_number(metrics.f1_threshold))
    text += fmt::format("; threshold {}", short_number(metrics.f1_threshold.value));
  return text;
}

svg::LinePanel curve_panel(const LevelMetrics& metrics) {
  svg::LinePanel panel;
  panel.subtitle = subtitle_of(metrics);
  panel.x = {"recall, %", 0, 100};
  panel.y = {"precision, %", 0, 100};
  panel.f1_contours = true;
  panel.lines.push_back(line_of("all", metrics));
  panel.rings = best_point(metrics.curve);
  return panel;
}

}  // namespace

std::string html_plots(const std::vector<svg::Panel>& panels, const std::string& label,
                       const std::string& caption) {
  std::string out = "<figure class=\"plots\">\n<div class=\"panels\">\n";
  for (const svg::Panel& panel : panels) {
    const auto title = std::visit([](const auto& p) { return p.title; }, panel);
    out += svg::draw({&panel, 1}, title.empty() ? label : title, svg::Use::kPage);
  }
  return out + fmt::format("</div>\n<figcaption><b>{}.</b> {}</figcaption>\n</figure>\n", html_text(label),
                           caption);
}

std::vector<svg::Panel> curve_panels(const EvaluationResult& result) {
  const bool only_one = result.categories.size() == 1;
  std::vector<svg::Panel> panels;
  for (const CategoryResult& category : result.categories) {
    for (const auto level : {&Metrics::pixel, &Metrics::image}) {
      if (level == &Metrics::image && !only_one) continue;
      const LevelMetrics& metrics = category.metrics.*level;
      if (metrics.curve.empty()) continue;
      svg::LinePanel panel = curve_panel(metrics);
      panel.title = !only_one ? category.name : level == &Metrics::pixel ? "Pixels" : "Images";
      for (const KindResult& kind : category.kinds) {
        const LevelMetrics& of_kind = kind.metrics.*level;
        if (only_one && !of_kind.curve.empty()) panel.lines.push_back(line_of(kind.kind, of_kind));
      }
      if (only_one) panel.width = 500, panel.height = 400;
      panels.push_back(std::move(panel));
    }
  }
  return panels;
}

std::vector<svg::Panel> score_panels(const EvaluationResult& result) {
  std::vector<svg::Panel> panels;
  for (const CategoryResult& category : result.categories) {
    if (category.images.empty()) continue;
    svg::LinePanel panel = histogram_panel(histogram_of(category));
    panel.title = category.name;
    if (result.categories.size() == 1) panel.width = 700;
    panels.push_back(std::move(panel));
  }
  return panels;
}

}  // namespace anomalyvlm::eval::report
