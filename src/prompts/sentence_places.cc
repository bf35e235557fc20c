// Regions of interest.
#include <cmath>

#include "prompts/grammar.h"

namespace anomalyvlm::prompts {
namespace {

struct Coordinates {
  std::vector<double> values;
  Unit unit = Unit::kPixels;
};

enum class Given { kNothing, kPixels, kPercent };

Given accept_coordinate_unit(Cursor& at) {
  if (at.accept_any({"px", "pixels", "pixel"})) return Given::kPixels;
  if (at.accept_any({"%", "percent"})) return Given::kPercent;
  return Given::kNothing;
}

bool accept_coordinate_separator(Cursor& at) {
  const int start = at.position();
  while (at.accept_any({",", "to", "from", "and", "(", ")", "[", "]", "-", "with corners", "at"})) {
  }
  if (at.peek().kind == Token::Kind::kNumber) return true;
  at.rewind(start);
  return false;
}

// Numbers up to the first thing that is none, each in pixels or per cent, or all followed by "of the image".
Coordinates parse_coordinates(Cursor& at) {
  Coordinates list;
  bool pixels = false, percent = false, bare = false;
  const int start = at.position();
  while (accept_coordinate_separator(at)) {
    list.values.push_back(*accept_number(at));
    const Given unit = accept_coordinate_unit(at);
    pixels |= unit == Given::kPixels;
    percent |= unit == Given::kPercent;
    bare |= unit == Given::kNothing;
  }
  while (at.accept(")") || at.accept("]")) {
  }
  pixels |= accept_coordinate_unit(at) == Given::kPixels;
  if (list.values.empty()) at.fail("expected the corners here, as in \"the rectangle 10, 20, 200, 180\"");
  const bool trailing_percent = percent && bare;  // "10, 20, 50, 80 %"
  if (pixels && percent) at.fail_from(start, "corners are given in pixels or in per cent, not in both");
  const bool of_image = at.accept_any({"of the image", "of the picture"});
  if (of_image && pixels) at.fail_from(start, "corners in pixels are not shares of the image");
  if (percent || of_image) list.unit = Unit::kOfImage;
  for (double& value : list.values) {
    if (percent || trailing_percent) value /= 100;
    if (list.unit == Unit::kOfImage && value > 1) {
      at.fail_from(start, "corners as shares of the image lie between 0 and 1, or 0% and 100%");
    }
  }
  return list;
}

Rule rectangle_of(double left, double top, double right, double bottom, Unit unit) {
  Rule rule;
  rule.unit = unit;
  rule.region = {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
  return rule;
}

Rule parse_rectangle(Cursor& at, int start) {
  const Coordinates c = parse_coordinates(at);
  if (c.values.size() != 4) at.fail_from(start, "a rectangle has four numbers: left, top, right, bottom");
  if (c.values[0] >= c.values[2])
    at.fail_from(start, "the rectangle's left side must lie left of its right side");
  if (c.values[1] >= c.values[3]) at.fail_from(start, "the rectangle's top must lie above its bottom");
  return rectangle_of(c.values[0], c.values[1], c.values[2], c.values[3], c.unit);
}

Rule parse_polygon(Cursor& at, int start) {
  const Coordinates c = parse_coordinates(at);
  if (c.values.size() % 2 != 0 || c.values.size() < 6) {
    at.fail_from(start, "a polygon has three or more corners of two numbers each");
  }
  Rule rule;
  rule.unit = c.unit;
  for (std::size_t i = 0; i < c.values.size(); i += 2) rule.region.push_back({c.values[i], c.values[i + 1]});
  return rule;
}

std::optional<Rule> accept_half(Cursor& at) {
  const auto half = [&](std::string_view name, std::string_view other, double l, double t, double r,
                        double b) {
    std::optional<Rule> rule;
    if (at.is(std::string(name) + " half") || at.is(std::string(other) + " half")) {
      at.advance();
      at.advance();
      at.expect({"of the image", "of the picture", "of the photo"}, "expected \"of the image\" here");
      rule = rectangle_of(l, t, r, b, Unit::kOfImage);
    }
    return rule;
  };
  if (auto rule = half("left", "left-hand", 0, 0, 0.5, 1)) return rule;
  if (auto rule = half("right", "right-hand", 0.5, 0, 1, 1)) return rule;
  if (auto rule = half("upper", "top", 0, 0, 1, 0.5)) return rule;
  return half("lower", "bottom", 0, 0.5, 1, 1);
}

}  // namespace

bool begins_place(Cursor at) {
  at.accept_any({"the", "a"});
  if (at.accept_any({"rectangle", "rect", "box", "polygon"}))
    return at.is("from") || at.is("(") || at.peek().kind == Token::Kind::kNumber;
  return at.is("half of", 1);
}

Rule parse_place(Cursor& at, Comparison side, double share) {
  const int start = at.position();
  at.accept_any({"the", "a", "its", "their"});
  Rule rule;
  if (at.accept_any({"rectangle", "rect", "box"})) {
    rule = parse_rectangle(at, start);
  } else if (at.accept("polygon")) {
    rule = parse_polygon(at, start);
  } else if (at.accept_any({"inspected object", "object"}) ||
             (!at.object().empty() && at.accept(at.object()))) {
    rule.unit = Unit::kNone;
  } else if (auto half = accept_half(at)) {
    rule = std::move(*half);
  } else {
    at.fail(
        "expected a place here: \"the rectangle 10, 20, 200, 180\", \"the polygon ...\" or \"the object\"");
  }
  rule.quantity = Quantity::kLocation;
  rule.comparison = side;
  rule.value = share;
  return rule;
}

Rule parse_place_value(Cursor& at, Comparison side) {
  double share = 0.5;
  if (at.accept_any({"entirely", "completely", "fully", "wholly"})) {
    share = 1;
  } else if (!at.accept("mostly") && at.peek().kind == Token::Kind::kNumber) {
    const int start = at.position();
    share = *accept_number(at) / 100;
    at.expect({"%", "percent"}, "expected \"%\" here");
    if (!(share > 0 && share <= 1)) at.fail_from(start, "this share lies above 0% and up to 100%");
  }
  return parse_place(at, side, share);
}

}  // namespace anomalyvlm::prompts
