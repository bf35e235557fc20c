#include "core/timings.h"

#include <algorithm>

namespace anomalyvlm {

void Timings::add(const std::string& stage, double seconds) {
  const auto it =
      std::find_if(stages_.begin(), stages_.end(), [&](const auto& s) { return s.first == stage; });
  if (it == stages_.end()) {
    stages_.emplace_back(stage, seconds);
  } else {
    it->second += seconds;
  }
}

double Timings::total() const {
  double sum = 0;
  for (const auto& [name, seconds] : stages_) sum += seconds;
  return sum;
}

}  // namespace anomalyvlm
