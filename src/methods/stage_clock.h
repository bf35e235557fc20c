#pragma once
// The stages of a method, timed and cancellable.
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/detector.h"
#include "core/timings.h"

namespace anomalyvlm {

// Times the stages of one prompt. Throws Cancelled before a stage if the caller asked to stop.
class StageClock {
 public:
  explicit StageClock(const DetectSettings& settings) : settings_(settings) {}

  template <typename Stage>
  auto operator()(const char* name, Stage&& stage) {
    require_not_stopped();
    const Timings::Scope scope(timings_, name);
    return stage();
  }

  void tell(std::size_t done, std::size_t all) const;  // the caller's progress callback
  const std::vector<std::pair<std::string, double>>& times() const { return timings_.stages(); }

 private:
  void require_not_stopped() const;

  const DetectSettings& settings_;
  Timings timings_;
};

}  // namespace anomalyvlm
