#pragma once
// The stages of a detection, timed and cancellable.
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/detector.h"
#include "core/timings.h"

namespace anomalyvlm {

// What the models' stages are called in Detection::timings, whatever the models.
namespace stages {
inline constexpr const char* kOpen = "open";  // features that are computed at once
inline constexpr const char* kObject = "object";
inline constexpr const char* kPropose = "propose";
inline constexpr const char* kRefine = "refine";
inline constexpr const char* kSaliency = "saliency";
inline constexpr const char* kCompare = "compare";  // with references
}  // namespace stages

// Times the stages of one prompt. For one thread.
class StageClock {
 public:
  explicit StageClock(const DetectSettings& settings) : stop_(settings.stop), progress_(settings.progress) {}

  // Runs a stage and gives what it gives. A stage within a stage counts as part of the outer one. Throws
  // Cancelled before it if the caller asked to stop.
  template <typename Stage>
  auto operator()(const char* name, Stage&& stage) {
    require_not_stopped();
    if (within_) return stage();
    const Outermost outermost(*this, name);
    return stage();
  }

  void tell(std::size_t done, std::size_t all) const;  // the caller's progress callback
  void add(const StageClock& other);                   // its times too
  const std::vector<std::pair<std::string, double>>& times() const { return timings_.stages(); }

 private:
  struct Outermost {
    Outermost(StageClock& owner, const char* name) : clock(owner), scope(owner.timings_, name) {
      clock.within_ = true;
    }
    ~Outermost() { clock.within_ = false; }
    Outermost(const Outermost&) = delete;
    Outermost& operator=(const Outermost&) = delete;
    StageClock& clock;
    Timings::Scope scope;
  };

  void require_not_stopped() const;

  std::stop_token stop_;
  DetectProgress progress_;
  Timings timings_;
  bool within_ = false;  // a stage
};

}  // namespace anomalyvlm
