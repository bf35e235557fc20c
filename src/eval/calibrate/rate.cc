#include "eval/calibrate/rate.h"

#include <cmath>

#include "core/check.h"

namespace anomalyvlm::eval {
namespace {

constexpr double kTail = 0.025;

// P(X <= count) where X of `of` happen with probability p each.
double binomial_up_to(std::size_t count, std::size_t of, double p) {
  if (p <= 0) return 1;
  if (p >= 1) return count >= of ? 1 : 0;
  const auto n = static_cast<double>(of);
  double sum = 0;
  for (std::size_t i = 0; i <= count; ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(p) +
                    (n - k) * std::log1p(-p));
  }
  return std::fmin(sum, 1);
}

// The p at which that is `share`; it falls with p.
double solved(std::size_t count, std::size_t of, double share) {
  double low = 0, high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (binomial_up_to(count, of, middle) > share ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

Rate rate_of(std::size_t count, std::size_t of) {
  AVLM_CHECK(count <= of);
  Rate rate{.count = count, .of = of};
  rate.expected = static_cast<double>(count + 1) / static_cast<double>(of + 1);
  if (of == 0) return rate;
  rate.low = count == 0 ? 0 : solved(count - 1, of, 1 - kTail);
  rate.high = count == of ? 1 : solved(count, of, kTail);
  return rate;
}

}  // namespace anomalyvlm::eval
