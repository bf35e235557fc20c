#include "methods/stage_clock.h"

#include "core/check.h"

namespace anomalyvlm {

void StageClock::require_not_stopped() const {
  if (settings_.stop.stop_requested()) throw Cancelled("The caller cancelled the work.");
}

void StageClock::tell(std::size_t done, std::size_t all) const {
  if (settings_.progress && !settings_.progress(static_cast<int>(done), static_cast<int>(all)))
    throw Cancelled(fmt::format("The caller cancelled the work after {} of {} tiles.", done, all));
}

}  // namespace anomalyvlm
