#pragma once
// What plots are made of. Private to the plots.
#include <string>
#include <string_view>
#include <vector>

#include "eval/report/svg_plot.h"

namespace anomalyvlm::eval::svg {

constexpr double kFontSize = 12;

double text_width(std::string_view text, double size = kFontSize);  // about, rather too wide; pixels
std::string fitted(std::string_view text, double width,
                   double size = kFontSize);  // cut with "…" where it has to be

// Numbers for the ends of an axis and the ticks between, 1, 2 or 5 times a power of ten apart.
struct Ticks {
  double low = 0, high = 1;
  std::vector<double> at;
};
Ticks ticks_for(double low, double high, bool keep_ends, int about = 5);
std::string tick_text(double value);

enum class Anchor { kStart, kMiddle, kEnd };
struct TextStyle {
  Anchor anchor = Anchor::kStart;
  double size = kFontSize;
  bool bold = false;
  double opacity = 1;
};
std::string text_at(double x, double y, std::string_view text, const TextStyle& style = {});
std::string rule(double x0, double y0, double x1, double y1, double opacity);  // a thin straight line

// Colour, dash and dot of the n-th line.
std::string open_group(std::size_t n);  // <g ...>, to be closed by the caller
std::string dash_of(std::size_t n);     // an attribute, empty for a solid line
std::string dot_at(std::size_t n, double x, double y);

// A panel without its <svg>, from (0, 0), and how much room it takes.
struct Drawn {
  std::string body;
  double width = 0, height = 0;
};
Drawn draw(const LinePanel& panel);
Drawn draw(const BarPanel& panel);

}  // namespace anomalyvlm::eval::svg
