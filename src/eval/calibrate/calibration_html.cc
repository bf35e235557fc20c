// A calibration as one page that needs nothing but itself.
#include <fmt/format.h>

#include "eval/calibrate/calibration_parts.h"
#include "eval/report/html.h"
#include "eval/report/tables.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval {
namespace {

using report::Table;

std::string paragraphs(const std::vector<std::string>& sentences) {
  std::string out;
  for (const std::string& sentence : sentences)
    out += fmt::format("<p>{}</p>\n", report::html_text(sentence));
  return out;
}

Table expectations_table(const Calibration& c) {
  Table table;
  table.caption = "What is to be expected of the limits.";
  table.columns = {{"Limit", "", false},
                   {"", "", false},
                   {"", "", false},
                   {"here", "Images"},
                   {"at most", "Of 1000 to come"},
                   {"95 % confidence", "Of 1000 to come"}};
  double shown = -1;
  for (const auto& [limit, name, what, rate] : expectations(c)) {
    const bool first = limit != shown;
    shown = limit;
    table.rows.push_back({{{first ? fmt::format("{}", limit) : "", {}},
                           {first ? name : "", {}},
                           {what, {}},
                           {fmt::format("{} of {}", rate.count, rate.of), {}},
                           {fmt::format("{:.0f}", 1000 * rate.expected), {}},
                           {fmt::format("{:.0f} to {:.0f}", 1000 * rate.low, 1000 * rate.high), {}}},
                          first && !table.rows.empty(),
                          false});
  }
  return table;
}

Table trade_off_table(const Calibration& c) {
  Table table;
  table.caption = "What other limits would give on these images.";
  table.columns = {{"Limit", ""}, {"False alarms", ""}};
  if (!c.defective.empty()) table.columns.push_back({"Missed", ""});
  const auto cell = [](std::size_t count, std::size_t of) {
    return report::Cell{fmt::format("{} of {}", count, of), {}};
  };
  for (const TradeOff& other : shown_trade_off(c)) {
    const bool proposed = other.limit == c.proposed().limit;
    Table::Row row{{{fmt::format("{}{:.4f}", proposed ? "proposed: " : "", other.limit), {}},
                    cell(other.false_alarms, c.good.size())}};
    if (!c.defective.empty()) row.cells.push_back(cell(other.missed, c.defective.size()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// The images that a person will want to look at first.
Table wrong_table(const Calibration& c) {
  Table table;
  table.caption = "Images on the wrong side of the proposed limit.";
  table.columns = {{"Image", "", false}, {"Score", ""}, {"Verdict", "", false}};
  const double limit = c.proposed().limit;
  const auto add = [&](const std::vector<ScoredImage>& images, bool good) {
    for (const ScoredImage& image : images)
      if ((image.score >= limit) == good)
        table.rows.push_back({{{image.file, {}},
                               {fmt::format("{:.4f}", image.score), {}},
                               {good ? "good, but not OK" : "defective, but OK", {}}}});
  };
  add(c.good, true);
  add(c.defective, false);
  return table;
}

Table settings_table(const Settings& settings) {
  Table table;
  table.caption = "How the images were judged.";
  table.columns = {{"Setting", "", false}, {"Value", "", false}};
  for (const auto& [name, value] : settings) table.rows.push_back({{{name, {}}, {value, {}}}});
  return table;
}

}  // namespace

std::string calibration_page(const Calibration& c, const Settings& settings) {
  report::Numbering numbering;
  const auto table = [&](const Table& rows) {
    return rows.rows.empty() ? std::string() : html_table(rows, numbering.table());
  };
  std::string body = fmt::format(
      "<header>\n<h1>Limit of the image score: {}</h1>\n<p class=\"lead\">AnomalyVLM, from {} and {}. An "
      "image is not "
      "OK where its score is the limit or more.</p>\n</header>\n<main>\n",
      c.proposed().limit, report::counted(c.good.size(), "good image", "good images"),
      report::counted(c.defective.size(), "defective one", "defective ones"));
  svg::LinePanel panel = histogram_panel(histogram_of(c));
  panel.width = 700;
  body += report::html_section("Scores",
                               report::html_plots({panel}, numbering.figure(), "Images by their score."));
  body += report::html_section("What is to be expected", table(expectations_table(c)) +
                                                             paragraphs({kAssumption}) + paragraphs(c.notes));
  body += report::html_section("Other limits", table(trade_off_table(c)));
  body += report::html_section("To look at", table(wrong_table(c)));
  body += report::html_section("Settings", table(settings_table(settings)));
  return report::html_page(fmt::format("{}: {}", kPageTitle, c.proposed().limit), body + "</main>\n");
}

}  // namespace anomalyvlm::eval
