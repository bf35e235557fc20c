#pragma once
// Wall-clock times of named stages, in the order in which they first ran.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace anomalyvlm {

class Timings {
 public:
  void add(const std::string& stage, double seconds);  // adds up if a stage runs more than once
  const std::vector<std::pair<std::string, double>>& stages() const { return stages_; }
  double total() const;

  // Adds the time from its construction to its destruction to a stage.
  class Scope {
   public:
    Scope(Timings& timings, std::string stage) : timings_(timings), stage_(std::move(stage)) {}
    ~Scope() { timings_.add(stage_, std::chrono::duration<double>(Clock::now() - start_).count()); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    using Clock = std::chrono::steady_clock;
    Timings& timings_;
    std::string stage_;
    Clock::time_point start_ = Clock::now();
  };

 private:
  std::vector<std::pair<std::string, double>> stages_;
};

}  // namespace anomalyvlm
