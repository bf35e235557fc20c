// Bars with their labels on the left and their values beside them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "eval/report/svg_parts.h"

namespace anomalyvlm::eval::svg {
namespace {

constexpr double kRow = 24, kBar = 15, kGap = 8;

}  // namespace

Drawn draw(const BarPanel& panel) {
  double labels = 0, texts = 0, full = panel.full;
  for (const Bar& bar : panel.bars) {
    labels = std::max(labels, text_width(bar.label));
    texts = std::max(texts, text_width(bar.text));
    if (panel.full <= 0 && std::isfinite(bar.value)) full = std::max(full, bar.value);
  }
  labels = std::min(labels, panel.width * 0.45);
  const double left = labels + kGap, room = std::max(20.0, panel.width - left - texts - 2 * kGap);
  Drawn out{"", panel.width, 0};
  double y = 4;
  if (!panel.title.empty()) {
    out.body += text_at(left, y + 14, fitted(panel.title, panel.width - left), {.bold = true});
    y += 24;
  }
  const double top = y;
  for (const Bar& bar : panel.bars) {
    const double share = full > 0 && std::isfinite(bar.value) ? std::clamp(bar.value / full, 0.0, 1.0) : 0;
    const double base = y + kRow / 2 + 4;
    out.body += text_at(labels, base, fitted(bar.label, labels + 1), {Anchor::kEnd});
    if (share > 0) {
      out.body += fmt::format(
          "<rect class=\"c0\" fill=\"#0072b2\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\"/>\n",
          left, y + (kRow - kBar) / 2, share * room, kBar);
    }
    out.body += text_at(left + share * room + kGap - 2, base, bar.text);
    y += kRow;
  }
  out.body += rule(left, top, left, y, 0.7);
  out.height = y + 6;
  return out;
}

}  // namespace anomalyvlm::eval::svg
