#pragma once
// The rows that may be among the k nearest of one query, by values of limited precision.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/nearest/implementations.h"

namespace anomalyvlm {

struct Candidate {
  float value = 0;  // |x|^2 / 2 - <q, x> of the fast pass
  std::int32_t index = 0;
  double distance = -1;  // exact and squared; -1: not computed yet
};

// `margin` bounds the error of each value. The k rows of the smallest values are truly at most that much
// above the k-th of them: a bound for the k nearest rows. A value that is more than the margin above the
// bound cannot belong to one of them.
class Shortlist {
 public:
  Shortlist() = default;
  Shortlist(int count, float margin)
      : count_(static_cast<std::size_t>(count)), margin_(margin), capacity_(4 * count_ + 60) {}

  // None of the k nearest rows is truly above it, whatever the margin.
  float bound() const { return bound_; }
  void lower_bound(float bound) {
    bound_ = std::min(bound_, bound);
    limit_ = upwards(bound_ + margin_);
  }
  // Values from here on need not be offered.
  float limit() const { return limit_; }
  // Returns false when the list is full of rows that cannot be told apart: settle() them then.
  bool offer(float value, std::int32_t index) {
    add({value, index, -1});
    if (candidates_.size() < capacity_) return true;
    forget();
    return candidates_.size() <= capacity_ / 2;
  }
  // Adds those of another list of the query; their errors must be within this list's margin.
  void merge(const std::vector<Candidate>& others) {
    for (const Candidate& other : others)
      if (other.value < limit_) add(other);
  }
  // Computes the missing distances, and keeps the k nearest rows. rough(index): a distance whose relative
  // error is at most `error`, less work than distance(index).
  template <typename Rough, typename Distance>
  void settle(Rough&& rough, float error, Distance&& distance) {
    forget();
    forget_by(rough, error);
    for (Candidate& c : candidates_)
      if (c.distance < 0) c.distance = distance(c.index);
    const std::size_t n = std::min(count_, candidates_.size());
    std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(n),
                      candidates_.end(), [](const Candidate& a, const Candidate& b) {
                        return RankedRow{a.distance, a.index} < RankedRow{b.distance, b.index};
                      });
    candidates_.resize(n);
  }
  // After settle(): goes on with values of another margin. value(distance): that of a distance, within it.
  template <typename Value>
  void restart(float margin, Value&& value) {
    margin_ = margin;
    std::vector<Candidate> settled;
    settled.swap(candidates_);
    smallest_.clear();
    lower_bound(bound_);
    for (const Candidate& c : settled) add({value(c.distance), c.index, c.distance});
  }
  std::vector<Candidate> take() {
    forget();
    return std::move(candidates_);
  }
  const std::vector<Candidate>& candidates() const { return candidates_; }

 private:
  static float upwards(float value) { return std::nextafter(value, std::numeric_limits<float>::infinity()); }
  void add(const Candidate& candidate) {
    candidates_.push_back(candidate);
    if (smallest_.size() == count_) {
      if (candidate.value >= smallest_.front()) return;
      std::pop_heap(smallest_.begin(), smallest_.end());
      smallest_.pop_back();
    }
    smallest_.push_back(candidate.value);
    std::push_heap(smallest_.begin(), smallest_.end());
    if (smallest_.size() == count_) lower_bound(upwards(smallest_.front() + margin_));
  }
  void forget() {
    std::erase_if(candidates_, [&](const Candidate& c) { return !(c.value < limit_); });
  }
  // Rough distances of differences, unlike values, tell apart rows that are all close to the query.
  template <typename Rough>
  void forget_by(Rough&& rough, float error) {
    if (candidates_.size() <= count_) return;
    std::vector<float> distances, sorted;
    for (const Candidate& c : candidates_)
      distances.push_back(c.distance < 0 ? rough(c.index) : static_cast<float>(c.distance));
    sorted = distances;
    const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(count_) - 1;
    std::nth_element(sorted.begin(), last, sorted.end());
    // Where float32 underflows or overflows, the error is not relative.
    if (!(*last > 1e-25F && *last < 1e37F)) return;
    const float most = *last * (1 + 3 * error);
    std::size_t at = 0;
    std::erase_if(candidates_, [&](const Candidate&) { return distances[at++] > most; });
  }

  std::size_t count_ = 1;
  float margin_ = 0;
  std::size_t capacity_ = 64;
  float bound_ = std::numeric_limits<float>::infinity(), limit_ = bound_;
  std::vector<float> smallest_;  // a heap of the k smallest values seen, the largest first
  std::vector<Candidate> candidates_;
};

}  // namespace anomalyvlm
