#include "eval/report/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "eval/metrics/limit_text.h"
#include "eval/report/svg_parts.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval::report {
namespace {

constexpr int kAbout = 16;        // bins
constexpr std::size_t kBar = 24;  // letters of the longest bar
constexpr const char* kColumn = "{:<32}";

// From the limit in both directions, or from 0, in steps that are easy to read; the first edge is not below
// 0.
std::vector<double> edges_for(double high, std::optional<double> limit) {
  if (!(high > 0)) high = 1;
  const svg::Ticks ticks = svg::ticks_for(0, high, false, kAbout);
  const double step = ticks.at.size() > 1 ? ticks.at[1] - ticks.at[0] : high;
  if (!limit) return ticks.at;
  std::vector<double> edges;
  for (int below = static_cast<int>(std::ceil(*limit / step - 1e-9)); below > 0; --below)
    edges.push_back(std::max(0.0, *limit - below * step));
  for (int above = 0; above < 2 || edges.back() < high; ++above) edges.push_back(*limit + above * step);
  return edges;
}

std::vector<std::size_t> counts(const std::vector<double>& scores, const std::vector<double>& edges) {
  std::vector<std::size_t> counted(edges.size() - 1);
  for (const double score : scores) {
    const auto after = std::upper_bound(edges.begin(), edges.end(), score);
    const auto bin = std::clamp<std::ptrdiff_t>(after - edges.begin() - 1, 0, std::ssize(counted) - 1);
    ++counted[static_cast<std::size_t>(bin)];
  }
  return counted;
}

std::string bar_of(std::size_t count, std::size_t most) {
  if (count == 0) return "|";
  const std::size_t length = std::max<std::size_t>(1, (kBar * count + most / 2) / most);
  return fmt::format("|{:#<{}} {}", "", length, count);
}

bool any(const std::vector<std::size_t>& counts) {
  return std::any_of(counts.begin(), counts.end(), [](std::size_t count) { return count > 0; });
}

svg::Line steps(const std::string& label, const std::vector<std::size_t>& counts,
                const std::vector<double>& edges) {
  svg::Line line{.label = label, .points = {{edges.front(), 0}}, .dots = false, .filled = true};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    line.points.push_back({edges[i], static_cast<double>(counts[i])});
    line.points.push_back({edges[i + 1], static_cast<double>(counts[i])});
  }
  line.points.push_back({edges.back(), 0});
  return line;
}

}  // namespace

ImageScoresByClass scores_of(const CategoryResult& category) {
  ImageScoresByClass scores;
  for (const ImageResult& image : category.images)
    (image.anomalous ? scores.defective : scores.good).push_back(image.score);
  return scores;
}

Confusion confusion_at(const ImageScoresByClass& scores, double limit) {
  Confusion confusion;
  for (const double score : scores.good) ++(score >= limit ? confusion.good_not_ok : confusion.good_ok);
  for (const double score : scores.defective)
    ++(score >= limit ? confusion.defective_not_ok : confusion.defective_ok);
  return confusion;
}

std::string in_words(const Confusion& c) {
  return fmt::format("Of {} {} {} not OK (false alarms); of {} {} OK (missed).",
                     counted(c.good_ok + c.good_not_ok, "good image", "good images"), c.good_not_ok,
                     c.good_not_ok == 1 ? "is" : "are",
                     counted(c.defective_ok + c.defective_not_ok, "defective one", "defective ones"),
                     fmt::format("{} {}", c.defective_ok, c.defective_ok == 1 ? "is" : "are"));
}

Histogram histogram_of(const ImageScoresByClass& scores, std::optional<double> limit,
                       const std::string& limit_name) {
  double high = limit.value_or(0);
  for (const auto* some : {&scores.good, &scores.defective})
    for (const double score : *some) high = std::max(high, score);
  Histogram histogram{edges_for(high, limit), {}, {}, limit, limit_name};
  histogram.good = counts(scores.good, histogram.edges);
  histogram.defective = counts(scores.defective, histogram.edges);
  return histogram;
}

Histogram histogram_of(const CategoryResult& category) {
  if (!category.limit) return histogram_of(scores_of(category), std::nullopt, "");
  return histogram_of(scores_of(category), category.limit->value,
                      fmt::format("limit {}{}", limit_text(category.limit->value),
                                  category.limit->given ? "" : " (best image F1)"));
}

std::string text_histogram(const Histogram& h) {
  const bool defective = any(h.defective);
  std::size_t most = 1;
  for (const auto* some : {&h.good, &h.defective})
    for (const std::size_t count : *some) most = std::max(most, count);
  const int decimals = decimals_for(h.edges);
  const auto line = [&](const std::string& range, const std::string& good, const std::string& bad) {
    std::string text = fmt::format("{:<17}", range);
    text += defective ? fmt::format(fmt::runtime(kColumn), good) + bad : good;
    return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };
  std::string out = line("image score", "good", "defective");
  for (std::size_t i = 0; i < h.good.size(); ++i) {
    if (h.limit && h.edges[i] == *h.limit) out += fmt::format("---- {} ----\n", h.limit_name);
    out += line(fmt::format("{} to {}", number(h.edges[i], decimals), number(h.edges[i + 1], decimals)),
                bar_of(h.good[i], most), bar_of(h.defective[i], most));
  }
  return out;
}

svg::LinePanel histogram_panel(const Histogram& h) {
  svg::LinePanel panel;
  panel.x = {"image score", h.edges.front(), h.edges.back()};
  std::size_t most = 5;  // so that no tick is a fraction of an image
  for (const auto* some : {&h.good, &h.defective})
    for (const std::size_t count : *some) most = std::max(most, count);
  panel.y = {"images", 0, static_cast<double>(most)};
  panel.lines.push_back(steps("good", h.good, h.edges));
  if (any(h.defective)) panel.lines.push_back(steps("defective", h.defective, h.edges));
  if (h.limit)
    panel.lines.push_back({.label = h.limit_name,
                           .points = {{*h.limit, 0}, {*h.limit, static_cast<double>(most)}},
                           .dots = false});
  return panel;
}

}  // namespace anomalyvlm::eval::report
