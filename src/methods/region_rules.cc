#include "methods/region_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/check.h"
#include "prompts/phrase_match.h"
#include "prompts/quantities.h"

namespace anomalyvlm {
namespace {

double share_of(double part, double whole) { return whole > 0 ? part / whole : part > 0 ? HUGE_VAL : 0; }

double millimetres(std::optional<double> pixel_size_mm, const Rule& rule) {
  if (!pixel_size_mm) {
    fail(ErrorKind::kBadPrompt, "The rule \"{}\" is in millimetres, but the size of a pixel is not known.",
         describe(rule));
  }
  return *pixel_size_mm;
}

double area_value(const Rule& rule, const RegionMeasures& m, std::optional<double> pixel_size_mm) {
  switch (rule.unit) {
    case Unit::kOfObject:
      return share_of(m.area(), m.scene().object_area());
    case Unit::kOfImage:
      return share_of(m.area(), m.scene().image_area());
    case Unit::kMm: {
      const double side = millimetres(pixel_size_mm, rule);
      return m.area() * side * side;
    }
    default:
      return m.area();
  }
}

double length_value(const Rule& rule, double pixels, std::optional<double> pixel_size_mm) {
  return rule.unit == Unit::kMm ? pixels * millimetres(pixel_size_mm, rule) : pixels;
}

double share_in_place(const Rule& rule, const RegionMeasures& m) {
  if (rule.region.empty()) return m.share_inside_object();
  if (rule.unit != Unit::kOfImage) return m.share_inside(rule.region);
  std::vector<std::array<double, 2>> corners = rule.region;
  for (auto& [x, y] : corners) {
    x *= m.scene().image().width;
    y *= m.scene().image().height;
  }
  return m.share_inside(corners);
}

// On the circle of colours; a range may pass through red.
bool hue_in_range(const Rule& rule, double hue) {
  if (rule.value <= rule.value_to) return hue >= rule.value && hue <= rule.value_to;
  return hue >= rule.value || hue <= rule.value_to;
}

bool is_met(const Rule& rule, double value) {
  switch (rule.comparison) {
    case Comparison::kLess:
      return value < rule.value;
    case Comparison::kAtMost:
      return value <= rule.value;
    case Comparison::kGreater:
      return value > rule.value;
    case Comparison::kAtLeast:
      return value >= rule.value;
    case Comparison::kInside:
      return rule.quantity == Quantity::kHue ? hue_in_range(rule, value) : value >= rule.value;
    case Comparison::kOutside:
      return rule.quantity == Quantity::kHue ? !hue_in_range(rule, value) : 1 - value >= rule.value;
  }
  return false;
}

std::string value_text(const Rule& rule, double value) {
  if (rule.quantity == Quantity::kHue)
    return std::isnan(value) ? "hue none (grey)" : fmt::format("hue {:.0f}", value);
  if (rule.quantity == Quantity::kLocation) return fmt::format("{:.1f}% inside", 100 * value);
  const bool area = rule.quantity == Quantity::kArea;
  const std::string_view name = prompts::info(rule.quantity).name;
  const bool difference =
      rule.quantity == Quantity::kBrightness || rule.quantity == Quantity::kColorDifference;
  switch (rule.unit) {
    case Unit::kOfObject:
      return fmt::format("{} {:.2f}% of the object", name, 100 * value);
    case Unit::kOfImage:
      return fmt::format("{} {:.2f}% of the image", name, 100 * value);
    case Unit::kPixels:
      return fmt::format("{} {:.4g} {}", name, value, area ? "px2" : "px");
    case Unit::kMm:
      return fmt::format("{} {:.4g} {}", name, value, area ? "mm2" : "mm");
    case Unit::kNone:
      break;
  }
  return difference ? fmt::format("{} {:.1f}%", name, 100 * value) : fmt::format("{} {:.3g}", name, value);
}

bool applies(const Rule& rule, std::string_view phrase) {
  return rule.phrases.empty() ||
         std::any_of(rule.phrases.begin(), rule.phrases.end(),
                     [&](const std::string& named) { return names_phrase(named, phrase); });
}

std::optional<Violation> violation(const Rule& rule, std::size_t index, double measured) {
  if (is_met(rule, measured)) return std::nullopt;
  return Violation{static_cast<int>(index), measured,
                   fmt::format("{}; the rule: {}", value_text(rule, measured), describe(rule))};
}

}  // namespace

bool looks_at_colors(const Rule& rule) {
  return rule.quantity == Quantity::kBrightness || rule.quantity == Quantity::kColorDifference ||
         rule.quantity == Quantity::kHue;
}

double measured_value(const Rule& rule, const RegionMeasures& m, std::optional<double> pixel_size_mm) {
  switch (rule.quantity) {
    case Quantity::kArea:
      return area_value(rule, m, pixel_size_mm);
    case Quantity::kLength:
      return length_value(rule, m.length(), pixel_size_mm);
    case Quantity::kWidth:
      return length_value(rule, m.width(), pixel_size_mm);
    case Quantity::kAspectRatio:
      return m.aspect_ratio();
    case Quantity::kElongation:
      return m.elongation();
    case Quantity::kCircularity:
      return m.circularity();
    case Quantity::kBrightness:
      return m.brightness();
    case Quantity::kColorDifference:
      return m.color_difference();
    case Quantity::kHue:
      return m.hue().value_or(std::numeric_limits<double>::quiet_NaN());
    case Quantity::kEdgeDistance:
      return length_value(rule, m.edge_distance(), pixel_size_mm);
    case Quantity::kConfidence:
      return m.confidence();
    case Quantity::kLocation:
      return share_in_place(rule, m);
  }
  return 0;
}

std::optional<Violation> first_violation(std::span<const Rule> rules, std::string_view phrase,
                                         const std::function<double(const Rule&)>& measure) {
  std::map<int, std::optional<Violation>> criteria;  // by number: the first rule of it that is broken
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    if (!applies(rule, phrase)) continue;
    if (rule.criterion != 0) {
      std::optional<Violation>& broken = criteria[rule.criterion];
      if (!broken) broken = violation(rule, i, measure(rule));
    } else if (auto broken = violation(rule, i, measure(rule))) {
      return broken;
    }
  }
  std::optional<Violation> none;
  for (auto& [number, broken] : criteria) {
    if (!broken) return std::nullopt;
    if (none) none->text += "; " + broken->text;
    if (!none) none = std::move(broken);
  }
  return none;
}

}  // namespace anomalyvlm
