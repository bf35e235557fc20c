#include "eval/report/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>

#include "eval/report/svg_parts.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval::svg {
namespace {

constexpr double kBetween = 24;
constexpr const char* kFonts =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

}  // namespace

std::string draw(std::span<const Panel> panels, const std::string& title, Use use) {
  const std::size_t across = panels.size() == 4 ? 2 : 3;
  std::string body;
  double width = 0, x = 0, y = 0, row_height = 0;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    if (i && i % across == 0) x = 0, y += row_height + kBetween, row_height = 0;
    const Drawn drawn = std::visit([](const auto& panel) { return draw(panel); }, panels[i]);
    body += x > 0 || y > 0
                ? fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n{}</g>\n", x, y, drawn.body)
                : drawn.body;
    width = std::max(width, x + drawn.width);
    row_height = std::max(row_height, drawn.height);
    x += drawn.width + kBetween;
  }
  double height = y + row_height;
  std::string out = "<svg";
  std::string size = fmt::format(" viewBox=\"0 0 {:.0f} {:.0f}\"", width, height);
  if (use == Use::kFile) {
    out += " xmlns=\"http://www.w3.org/2000/svg\"";
    constexpr double kRim = 12;
    width += 2 * kRim, height += 2 * kRim;
    size = fmt::format(" viewBox=\"{0} {0} {1:.0f} {2:.0f}\" color=\"#1a1a1a\"", -kRim, width, height);
    body = fmt::format("<rect x=\"{0}\" y=\"{0}\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", -kRim) +
           body;
  }
  return out + fmt::format(
                   "{} width=\"{:.0f}\" height=\"{:.0f}\" role=\"img\" font-family=\"{}\" font-size=\"{}\" "
                   "fill=\"currentColor\">\n"
                   "<title>{}</title>\n{}</svg>\n",
                   size, width, height, kFonts, kFontSize, report::html_text(title), body);
}

}  // namespace anomalyvlm::eval::svg
