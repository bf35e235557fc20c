#include "eval/report/svg_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "eval/report/text.h"

namespace anomalyvlm::eval::svg {
namespace {

// Blue, vermilion, green, purple, orange, the text's own, sky blue: of M. Okabe and K. Ito's palette,
// which can be distinguished with any kind of colour vision.
constexpr const char* kColors[] = {"#0072b2", "#d55e00",      "#009e73", "#cc79a7",
                                   "#e69f00", "currentColor", "#56b4e9"};
constexpr const char* kDashes[] = {"", "7 3", "2 2.5", "9 3 2 3", "12 3", "5 2 1 2 1 2"};

double letter_width(unsigned char c) {
  if (c >= 0xe0) return 1.0;  // begins a character of three bytes or more: often as wide as high
  if (c >= 0x80) return 0.65;
  if (std::string_view("iljtfrI.,:;'|![]()/ ").find(static_cast<char>(c)) != std::string_view::npos)
    return 0.38;
  if (std::string_view("mwMW%@").find(static_cast<char>(c)) != std::string_view::npos) return 0.95;
  return c >= 'A' && c <= 'Z' ? 0.72 : 0.62;
}

bool continues(unsigned char c) { return (c & 0xc0) == 0x80; }

}  // namespace

double text_width(std::string_view text, double size) {
  double width = 0;
  for (const char c : text)
    if (const auto byte = static_cast<unsigned char>(c); !continues(byte)) width += letter_width(byte);
  return width * size;
}

std::string fitted(std::string_view text, double width, double size) {
  std::string out = report::clean_text(text);
  if (text_width(out, size) <= width) return out;
  while (!out.empty() && text_width(out, size) > width - size) {
    while (!out.empty() && continues(static_cast<unsigned char>(out.back()))) out.pop_back();
    if (!out.empty()) out.pop_back();
  }
  return out + "…";
}

Ticks ticks_for(double low, double high, bool keep_ends, int about) {
  if (!(high > low)) {
    const double around = std::max(0.5, std::abs(low) / 10);
    low -= around, high += around;
  }
  const double rough = (high - low) / about, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double times : {5.0, 2.0, 1.0})
    if (times * power >= 0.99 * rough) step = times * power;
  Ticks ticks{low, high, {}};
  if (!keep_ends) ticks.low = std::floor(low / step) * step, ticks.high = std::ceil(high / step) * step;
  for (double k = std::ceil(ticks.low / step - 1e-6); k * step <= ticks.high + 1e-6 * step; ++k)
    ticks.at.push_back(k * step);
  return ticks;
}

std::string tick_text(double value) { return std::abs(value) < 1e-12 ? "0" : fmt::format("{:.4g}", value); }

std::string text_at(double x, double y, std::string_view text, const TextStyle& style) {
  constexpr const char* kAnchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
  return fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\"{}{}{}{}>{}</text>\n", x, y, kAnchors[static_cast<int>(style.anchor)],
      style.size == kFontSize ? "" : fmt::format(" font-size=\"{}\"", style.size),
      style.bold ? " font-weight=\"600\"" : "",
      style.opacity == 1 ? "" : fmt::format(" opacity=\"{}\"", style.opacity), report::html_text(text));
}

std::string rule(double x0, double y0, double x1, double y1, double opacity) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"currentColor\" "
      "opacity=\"{}\"/>\n",
      x0, y0, x1, y1, opacity);
}

std::string open_group(std::size_t n) {
  const std::size_t i = n % std::size(kColors);
  return fmt::format("<g class=\"c{0}\" stroke=\"{1}\" fill=\"{1}\">\n", i, kColors[i]);
}

std::string dash_of(std::size_t n) {
  const char* dash = kDashes[n % std::size(kDashes)];
  return *dash ? fmt::format(" stroke-dasharray=\"{}\"", dash) : "";
}

std::string dot_at(std::size_t n, double x, double y) {
  const auto path = [&](const char* d) {
    return fmt::format("<path transform=\"translate({:.1f} {:.1f})\" d=\"{}\"/>\n", x, y, d);
  };
  switch (n % 6) {
    case 1:
      return path("M-3-3H3V3H-3Z");
    case 2:
      return path("M0-4L3.8 2.6H-3.8Z");
    case 3:
      return path("M0-4.2L4.2 0 0 4.2-4.2 0Z");
    case 4:
      return path("M0 4L3.8-2.6H-3.8Z");
    case 5:
      return path("M-3-3L3 3M3-3L-3 3");
    default:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.2\"/>\n", x, y);
  }
}

}  // namespace anomalyvlm::eval::svg
