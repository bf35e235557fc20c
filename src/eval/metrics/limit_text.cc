#include "eval/metrics/limit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace anomalyvlm::eval {
namespace {

constexpr double kLimitDecimals = 1e4;  // as a factor: four

// The largest number of four decimals that is not above.
double cut(double value) {
  const double whole = std::floor(value * kLimitDecimals);
  for (const double near : {whole + 1, whole})
    if (near / kLimitDecimals <= value) return near / kLimitDecimals;
  return (whole - 1) / kLimitDecimals;
}

}  // namespace

std::string limit_text(double value) { return fmt::format("{}", std::max(0.0, cut(value))); }

std::string threshold_text(double value) { return limit_text(std::nextafter(value, -1.0)); }

}  // namespace anomalyvlm::eval
