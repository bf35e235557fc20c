#include "prompts/quantities.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/check.h"

namespace anomalyvlm::prompts {
namespace {

constexpr double kAny = std::numeric_limits<double>::infinity();

constexpr std::array<QuantityInfo, 12> kQuantities = {{
    {Quantity::kArea, "area", "area", Dimension::kArea, 0, kAny},
    {Quantity::kLength, "length", "length", Dimension::kLength, 0, kAny},
    {Quantity::kWidth, "width", "width", Dimension::kLength, 0, kAny},
    {Quantity::kAspectRatio, "aspect_ratio", "aspect ratio", Dimension::kNumber, 1, kAny},
    {Quantity::kElongation, "elongation", "elongation", Dimension::kShare, 0, 1},
    {Quantity::kCircularity, "circularity", "circularity", Dimension::kShare, 0, 1},
    {Quantity::kBrightness, "brightness", "brightness against the surroundings", Dimension::kShare, -1, 1},
    {Quantity::kColorDifference, "color_difference", "colour difference from the surroundings",
     Dimension::kShare, 0, 1},
    {Quantity::kHue, "hue", "hue", Dimension::kDegrees, 0, 360},
    {Quantity::kEdgeDistance, "edge_distance", "distance to the object's edge", Dimension::kLength, 0, kAny},
    {Quantity::kConfidence, "confidence", "confidence", Dimension::kShare, 0, 1},
    {Quantity::kLocation, "location", "location", Dimension::kPlace, 0, 1},
}};

// With a fourth decimal where three could be read as thousands.
std::string measured_text(double value) {
  const std::string text = number_text(value);
  const std::size_t point = text.find('.');
  return point != std::string::npos && text[0] != '0' && text.size() == point + 4 ? text + "0" : text;
}

std::string unit_text(const Rule& rule, double value) {
  const bool area = rule.quantity == Quantity::kArea;
  switch (rule.unit) {
    case Unit::kOfObject:
      return percent_text(value) + " of the object";
    case Unit::kOfImage:
      return percent_text(value) + " of the image";
    case Unit::kPixels:
      return measured_text(value) + (area ? " px2" : " px");
    case Unit::kMm:
      return measured_text(value) + (area ? " mm2" : " mm");
    case Unit::kNone:
      break;
  }
  const bool percent = rule.quantity == Quantity::kBrightness || rule.quantity == Quantity::kColorDifference;
  return percent ? percent_text(value) : number_text(value);
}

bool is_rectangle(const std::vector<std::array<double, 2>>& p) {
  return p.size() == 4 && p[0][1] == p[1][1] && p[1][0] == p[2][0] && p[2][1] == p[3][1] &&
         p[3][0] == p[0][0];
}

std::string place_text(const Rule& rule) {
  std::string share = rule.value == 1 ? "entirely " : rule.value == 0.5 ? "" : percent_text(rule.value) + " ";
  if (rule.region.empty()) return share + "the object";
  std::vector<std::array<double, 2>> corners = rule.region;
  std::string name = "polygon";
  if (is_rectangle(corners)) {
    name = "rectangle";
    corners = {corners[0], corners[2]};
  }
  const bool of_image = rule.unit == Unit::kOfImage;
  std::string text = share + name;
  const char* between = " ";
  for (const auto& [x, y] : corners) {
    for (const double value : {x, y}) {
      text += between + (of_image ? percent_text(value) : number_text(value));
      between = ", ";
    }
  }
  return text + (of_image ? " of the image" : " px");
}

}  // namespace

std::span<const QuantityInfo> all_quantities() { return kQuantities; }

const QuantityInfo& info(Quantity quantity) {
  const auto index = static_cast<std::size_t>(quantity);  // a caller's number, perhaps none of these
  if (index >= std::size(kQuantities))
    fail(ErrorKind::kBadPrompt, "There is no quantity of rules number {}.", static_cast<int>(quantity));
  AVLM_CHECK(kQuantities[index].quantity == quantity);
  return kQuantities[index];
}

bool is_upper(Comparison c) { return c == Comparison::kLess || c == Comparison::kAtMost; }
bool is_lower(Comparison c) { return c == Comparison::kGreater || c == Comparison::kAtLeast; }

Comparison opposite(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return Comparison::kAtLeast;
    case Comparison::kAtMost:
      return Comparison::kGreater;
    case Comparison::kGreater:
      return Comparison::kAtMost;
    case Comparison::kAtLeast:
      return Comparison::kLess;
    case Comparison::kInside:
      return Comparison::kOutside;
    case Comparison::kOutside:
      return Comparison::kInside;
  }
  return comparison;
}

std::string_view symbol(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return "<";
    case Comparison::kAtMost:
      return "<=";
    case Comparison::kGreater:
      return ">";
    case Comparison::kAtLeast:
      return ">=";
    case Comparison::kInside:
      return "inside";
    case Comparison::kOutside:
      return "outside";
  }
  return "";
}

std::string number_text(double value) {
  // Plain digits, for the readers know no exponents; not printf's, which follow the locale.
  std::array<char, 1200> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  AVLM_CHECK(error == std::errc());
  return value == 0 ? "0" : std::string(digits.data(), end);
}

std::string percent_text(double share) {
  for (int digits = 0; digits <= 15; ++digits) {
    const std::string text = fmt::format("{:.{}f}", share * 100, digits);
    double read = 0;
    std::from_chars(text.data(), text.data() + text.size(), read);
    if (read / 100 == share) return (read == 0 ? "0" : text) + "%";
  }
  return number_text(share);
}

std::string bound_text(const Rule& rule) {
  if (rule.quantity == Quantity::kLocation) return place_text(rule);
  if (rule.quantity == Quantity::kHue &&
      (rule.comparison == Comparison::kInside || rule.comparison == Comparison::kOutside)) {
    return fmt::format("{}between {} and {}", rule.comparison == Comparison::kOutside ? "not " : "",
                       number_text(rule.value), number_text(rule.value_to));
  }
  return fmt::format("{} {}", symbol(rule.comparison), unit_text(rule, rule.value));
}

}  // namespace anomalyvlm::prompts
