#pragma once
// Small plots as SVG: lines over x, and bars. Distinguished by colours that colour-blind readers can tell
// apart, and in grey by dashes and the shapes of the dots.
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace anomalyvlm::eval::svg {

struct Point {
  double x = 0, y = 0;  // a line is broken where one is not a number
};

struct Axis {
  std::string label;
  double low = 0, high = 0;  // equal: wide enough for the data
};

struct Line {
  std::string label;  // for the legend, which only several lines have
  std::vector<Point> points;
  bool dots = true;     // on each point
  bool filled = false;  // the area below it, lightly
};

struct LinePanel {
  std::string title, subtitle;
  Axis x, y;
  std::vector<Line> lines;
  std::vector<Point> rings;  // points to look at
  bool f1_contours = false;  // precision over recall in percent: where F1 is 20, 40, 60, 80 %
  double width = 340, height = 300;
};

struct Bar {
  std::string label;
  double value = 0;  // >= 0; no number: no bar
  std::string text;  // beside the bar: the value, for people
};

struct BarPanel {  // bars to the right, one below the other
  std::string title;
  std::vector<Bar> bars;
  double full = 0;  // the value of a whole bar; 0: the largest
  double width = 340;
};

using Panel = std::variant<LinePanel, BarPanel>;

enum class Use {
  kPage,  // inside HTML: letters and axes have the text's colour, the lines the classes c0, c1, ...
  kFile,  // a file of its own, dark on white
};

// Panels side by side, at most three in a row. `title` is for those who cannot see it. Text may be any bytes.
std::string draw(std::span<const Panel> panels, const std::string& title, Use use);

}  // namespace anomalyvlm::eval::svg
