#include "eval/report/svg_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "eval/report/svg_parts.h"

namespace anomalyvlm::eval::svg {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string svg_of(const Panel& panel, Use use = Use::kPage) { return draw({&panel, 1}, "title", use); }

LinePanel panel_of(const std::vector<std::vector<Point>>& lines) {
  LinePanel panel;
  for (const auto& points : lines)
    panel.lines.push_back({"line " + std::to_string(panel.lines.size()), points});
  return panel;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(Ticks, AreRoundNumbersThatHoldTheData) {
  EXPECT_THAT(ticks_for(0, 100, true).at, ElementsAre(0, 20, 40, 60, 80, 100));
  const Ticks loose = ticks_for(17.3, 36.1, false);
  EXPECT_THAT(loose.at, ElementsAre(15, 20, 25, 30, 35, 40));
  EXPECT_EQ(loose.low, 15);
  EXPECT_EQ(loose.high, 40);
  EXPECT_THAT(ticks_for(1, 10, true).at, ElementsAre(2, 4, 6, 8, 10));
  const Ticks flat = ticks_for(3, 3, false);
  EXPECT_LT(flat.low, 3);
  EXPECT_GT(flat.high, 3);
  EXPECT_FALSE(ticks_for(1e-9, 3e-9, false).at.empty());
  EXPECT_EQ(tick_text(0.30000000000000004), "0.3");
}

TEST(LinePlot, HasALegendForSeveralLinesOnly) {
  EXPECT_THAT(svg_of(panel_of({{{0, 1}, {1, 2}}})), Not(HasSubstr("line 0")));
  const std::string two = svg_of(panel_of({{{0, 1}, {1, 2}}, {{0, 2}, {1, 3}}}));
  EXPECT_THAT(two, HasSubstr(">line 0</text>"));
  EXPECT_THAT(two, HasSubstr("class=\"c1\""));
  EXPECT_THAT(two, HasSubstr("stroke-dasharray=\"7 3\"")) << "told apart in grey";
}

TEST(LinePlot, BreaksALineWhereThereIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string svg = svg_of(panel_of({{{0, 1}, {1, 2}, {2, nan}, {3, 2}, {4, 3}}}));
  EXPECT_EQ(count(svg, "<circle"), 4U);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  const auto begin = svg.find(" d=\"M", svg.find("stroke-linejoin"));
  const std::string path = svg.substr(begin + 4, svg.find('"', begin + 4) - begin - 4);
  EXPECT_EQ(count(path, "M"), 2U);
}

TEST(LinePlot, TakesAnyData) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const auto& panel :
       {panel_of({}), panel_of({{}}), panel_of({{{1, 1}}}), panel_of({{{nan, nan}, {inf, 1}}}),
        panel_of({{{1e12, -1e-12}, {2e12, 1e-12}}})}) {
    const std::string svg = svg_of(panel);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
  std::vector<std::vector<Point>> many(30, {{0, 1}, {1, 2}});
  EXPECT_THAT(svg_of(panel_of(many)), HasSubstr("line 29"));
}

TEST(LinePlot, EscapesAndShortensText) {
  LinePanel panel = panel_of({{{0, 1}, {1, 2}}, {{0, 2}, {1, 3}}});
  panel.title = std::string(200, 'm') + "end";
  panel.x.label = "a <b> & \"c\" \x01";
  panel.lines[0].label = "\xc3\xa4<\xff";
  const std::string svg = svg_of(panel);
  EXPECT_THAT(svg, HasSubstr("mm…</text>"));
  EXPECT_THAT(svg, HasSubstr(">a &lt;b&gt; &amp; &quot;c&quot; \xef\xbf\xbd</text>"));
  EXPECT_THAT(svg, HasSubstr("\xc3\xa4&lt;\xef\xbf\xbd"));
  EXPECT_EQ(fitted("äöü", 1000), "äöü");
  EXPECT_EQ(fitted("äöüäöüäöü", 40), "äöü…");
}

TEST(BarPlot, ShowsValuesAndGaps) {
  BarPanel panel;
  panel.bars = {{"long", 2, "2.0"}, {"short", 1, "1.0"}, {"none", std::nan(""), "–"}};
  const std::string svg = svg_of(panel);
  EXPECT_EQ(count(svg, "<rect"), 2U);
  EXPECT_THAT(svg, HasSubstr(">–</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_FALSE(svg_of(BarPanel{}).empty());
}

TEST(Draw, StandsAloneAsAFileOnly) {
  const LinePanel panel = panel_of({{{0, 1}, {1, 2}}});
  EXPECT_THAT(svg_of(panel, Use::kFile), HasSubstr("xmlns="));
  EXPECT_THAT(svg_of(panel, Use::kFile), HasSubstr("fill=\"#fff\""));
  EXPECT_THAT(svg_of(panel, Use::kPage), Not(HasSubstr("xmlns=")));
}

}  // namespace
}  // namespace anomalyvlm::eval::svg
