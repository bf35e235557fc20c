// Lines over x, with axes, grid and legend.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "eval/report/svg_parts.h"

namespace anomalyvlm::eval::svg {
namespace {

constexpr double kLegendRow = 19, kLegendSample = 26, kSmall = 11;

bool is_number(const Point& p) { return std::isfinite(p.x) && std::isfinite(p.y); }

Ticks axis_ticks(const LinePanel& panel, const Axis& axis, double Point::*of, bool keep_ends) {
  if (axis.high > axis.low) return ticks_for(axis.low, axis.high, true);
  double low = INFINITY, high = -INFINITY;
  for (const Line& line : panel.lines) {
    for (const Point& p : line.points)
      if (is_number(p)) low = std::min(low, p.*of), high = std::max(high, p.*of);
  }
  if (!(low <= high)) low = 0, high = 1;
  return ticks_for(low, high, keep_ends && high > low);
}

// Where things are, and numbers to places.
class Frame {
 public:
  explicit Frame(const LinePanel& panel)
      : x(axis_ticks(panel, panel.x, &Point::x, true)), y(axis_ticks(panel, panel.y, &Point::y, false)) {
    double label = 0;
    for (const double at : y.at) label = std::max(label, text_width(tick_text(at), kSmall));
    left = 8 + (panel.y.label.empty() ? 0 : 18) + label + 6;
    right = panel.width - (panel.f1_contours ? 30 : 16);
    top = 10 + (panel.title.empty() ? 0 : 18) + (panel.subtitle.empty() ? 0 : 17);
    bottom = panel.height - (panel.x.label.empty() ? 26 : 46);
  }
  double px(double value) const {
    return left + inset + (value - x.low) / (x.high - x.low) * (right - left - 2 * inset);
  }
  double py(double value) const {
    return bottom - inset - (value - y.low) / (y.high - y.low) * (bottom - top - 2 * inset);
  }

  Ticks x, y;
  double left, right, top, bottom;
  static constexpr double inset = 4;  // so that dots at the ends of an axis are whole
};

std::string axes(const LinePanel& panel, const Frame& f) {
  std::string out;
  for (const double at : f.y.at) {
    out += rule(f.left, f.py(at), f.right, f.py(at), 0.13);
    out += text_at(f.left - 6, f.py(at) + 4, tick_text(at), {Anchor::kEnd, kSmall});
  }
  double last_end = -INFINITY;  // labels that would touch the one before are left out
  for (const double at : f.x.at) {
    out += rule(f.px(at), f.top, f.px(at), f.bottom, 0.13);
    const double half = text_width(tick_text(at), kSmall) / 2;
    if (f.px(at) - half < last_end + 4) continue;
    last_end = f.px(at) + half;
    out += text_at(f.px(at), f.bottom + 15, tick_text(at), {Anchor::kMiddle, kSmall});
  }
  out += rule(f.left, f.bottom, f.right, f.bottom, 0.7) + rule(f.left, f.top, f.left, f.bottom, 0.7);
  const double middle = (f.left + f.right) / 2, center = (f.top + f.bottom) / 2;
  if (!panel.x.label.empty()) {
    const double half = std::min(middle, panel.width - middle);
    out += text_at(middle, f.bottom + 34, fitted(panel.x.label, 2 * half - 8), {Anchor::kMiddle});
  }
  if (!panel.y.label.empty()) {
    out += fmt::format("<g transform=\"translate(14 {:.1f}) rotate(-90)\">{}</g>\n", center,
                       text_at(0, 0, fitted(panel.y.label, f.bottom - f.top + 20), {Anchor::kMiddle}));
  }
  return out;
}

// Precision P and recall R of equal F1: P = F R / (2 R - F).
std::string f1_contours(const Frame& f) {
  std::string out;
  for (const int level : {20, 40, 60, 80}) {
    out += "<path fill=\"none\" stroke=\"currentColor\" stroke-dasharray=\"1 3\" opacity=\"0.45\" d=\"";
    const double first = level / (2 - level / 100.0);  // recall where the precision is 100
    for (int i = 0; i <= 24; ++i) {
      const double r = first + (100 - first) * i * i / (24.0 * 24.0);
      out += fmt::format("{}{:.1f} {:.1f}", i ? "L" : "M", f.px(r), f.py(level * r / (2 * r - level)));
    }
    out += "\"/>\n" +
           text_at(f.right + 4, f.py(first) + 4, std::to_string(level), {.size = 10, .opacity = 0.65});
  }
  return out + text_at(f.right + 4, f.py(100) + 4, "F1", {.size = 10, .opacity = 0.65});
}

std::string drawn_line(const Line& line, std::size_t n, const Frame& f) {
  std::string path, dots;
  bool begun = false;
  for (const Point& p : line.points) {
    if (!is_number(p)) {
      begun = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", begun ? "L" : "M", f.px(p.x), f.py(p.y));
    if (line.dots) dots += dot_at(n, f.px(p.x), f.py(p.y));
    begun = true;
  }
  if (path.empty()) return {};
  const std::string area =
      line.filled ? fmt::format("<path stroke=\"none\" opacity=\"0.16\" d=\"{}Z\"/>\n", path) : "";
  return open_group(n) + area +
         fmt::format(
             "<path fill=\"none\" stroke-width=\"1.8\" stroke-linejoin=\"round\"{} d=\"{}\"/>\n{}</g>\n",
             dash_of(n), path, dots);
}

// Below the panel, in as many rows as it takes.
Drawn legend(const LinePanel& panel, double left) {
  Drawn out;
  double x = left, y = 12;
  for (std::size_t n = 0; n < panel.lines.size(); ++n) {
    const std::string label = fitted(panel.lines[n].label, panel.width - left - kLegendSample - 10);
    const double width = kLegendSample + 6 + text_width(label) + 12;
    if (x > left && x + width > panel.width) x = left, y += kLegendRow;
    out.body +=
        open_group(n) + fmt::format("<path fill=\"none\" stroke-width=\"1.8\"{} d=\"M{:.1f} {:.1f}h{}\"/>\n",
                                    dash_of(n), x, y - 4, kLegendSample);
    if (panel.lines[n].dots) out.body += dot_at(n, x + kLegendSample / 2, y - 4);
    out.body += "</g>\n" + text_at(x + kLegendSample + 6, y, label);
    x += width;
  }
  out.height = y + 8;
  return out;
}

}  // namespace

Drawn draw(const LinePanel& panel) {
  const Frame f(panel);
  Drawn out{"", panel.width, panel.height};
  double y = 6;
  const double room = panel.width - f.left;
  if (!panel.title.empty())
    out.body += text_at(f.left, y += 14, fitted(panel.title, room * 0.95), {.bold = true});
  if (!panel.subtitle.empty())
    out.body +=
        text_at(f.left, y += 16, fitted(panel.subtitle, room, kSmall), {.size = kSmall, .opacity = 0.8});
  out.body += axes(panel, f);
  if (panel.f1_contours) out.body += f1_contours(f);
  for (std::size_t n = 0; n < panel.lines.size(); ++n) out.body += drawn_line(panel.lines[n], n, f);
  for (const Point& p : panel.rings) {
    if (!is_number(p)) continue;
    out.body += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5.5\" fill=\"none\" stroke=\"currentColor\" "
        "stroke-width=\"1.6\"/>\n",
        f.px(p.x), f.py(p.y));
  }
  if (panel.lines.size() > 1) {
    const Drawn below = legend(panel, f.left);
    out.body += fmt::format("<g transform=\"translate(0 {:.1f})\">\n{}</g>\n", panel.height, below.body);
    out.height += below.height;
  }
  return out;
}

}  // namespace anomalyvlm::eval::svg
