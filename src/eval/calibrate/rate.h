#pragma once
// A rate, estimated from a small sample.
#include <cstddef>

namespace anomalyvlm::eval {

struct Rate {
  std::size_t count = 0, of = 0;
  // An upper bound on the probability that the next one of the same kind is counted: (count + 1) / (of + 1).
  // Of a limit that leaves `count` good images at or above it this is the bound of conformal prediction,
  // whatever the scores' distribution, as long as the next image comes from the same one.
  double expected = 1;
  double low = 0, high = 1;  // the true rate, with 95 % confidence (Clopper and Pearson's interval)
};

Rate rate_of(std::size_t count, std::size_t of);

}  // namespace anomalyvlm::eval
