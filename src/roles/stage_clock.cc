#include "roles/stage_clock.h"

#include "core/check.h"

namespace anomalyvlm {

void StageClock::require_not_stopped() const {
  if (stop_.stop_requested()) throw Cancelled("The caller cancelled the work.");
}

void StageClock::tell(std::size_t done, std::size_t all) const {
  if (progress_ && !progress_(static_cast<int>(done), static_cast<int>(all)))
    throw Cancelled(fmt::format("The caller cancelled the work after {} of {} tiles.", done, all));
}

void StageClock::add(const StageClock& other) {
  for (const auto& [stage, seconds] : other.times()) timings_.add(stage, seconds);
}

}  // namespace anomalyvlm
