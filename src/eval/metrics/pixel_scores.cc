#include "eval/metrics/pixel_scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/check.h"
#include "core/threads.h"
#include "eval/metrics/sort.h"

namespace anomalyvlm::eval {
namespace {

constexpr std::size_t kFirstBlock = 1 << 10, kLargestBlock = 1 << 20;  // values
constexpr std::size_t kWindow = 1 << 18;  // values that are merged at once: they stay in the CPU's cache
constexpr std::size_t kStride = 32;       // pixels that are looked at together

template <typename V>
auto score_of(const V& value) {
  if constexpr (std::is_floating_point_v<V>)
    return value;
  else
    return value.score;
}

template <typename V>
void sort_block(std::vector<V>& values) {
  if constexpr (std::is_floating_point_v<V>)
    sort_descending(std::span(values));
  else
    std::sort(values.begin(), values.end(), [](const V& a, const V& b) { return a.score > b.score; });
}

// What is left of several blocks, each sorted. Those of either class are taken from the top.
template <typename V>
class Runs {
 public:
  void add(Blocks<V>& blocks) {
    for (const auto& block : blocks.blocks) runs_.push_back(block.values);
  }
  std::size_t count() const { return runs_.size(); }
  void drop_empty() {
    std::erase_if(runs_, [](const auto& run) { return run.empty(); });
  }
  // The highest score that has at least `count` others of its run before it; `none` when all runs are
  // shorter.
  template <typename T>
  T score_behind(std::size_t count, T none) const {
    for (const auto& run : runs_)
      if (run.size() > count) none = std::max(none, score_of(run[count]));
    return none;
  }
  // Moves all above `floor` to `out`, sorted.
  template <typename T>
  void take_above(T floor, std::vector<V>& out) {
    out.clear();
    for (auto& run : runs_) {
      const auto end = std::partition_point(run.begin(), run.end(),
                                            [&](const V& value) { return score_of(value) > floor; });
      out.insert(out.end(), run.begin(), end);
      run = run.subspan(static_cast<std::size_t>(end - run.begin()));
    }
    sort_block(out);
  }
  // Moves on over all that are equal to `floor`, calling visit(span) for each run's; none is higher.
  template <typename T, typename Visit>
  void take_at(T floor, const Visit& visit) {
    for (auto& run : runs_) {
      const auto end = std::partition_point(run.begin(), run.end(),
                                            [&](const V& value) { return score_of(value) == floor; });
      const auto count = static_cast<std::size_t>(end - run.begin());
      visit(run.first(count));
      run = run.subspan(count);
    }
  }

 private:
  std::vector<std::span<const V>> runs_;
};

// All pixels of one score.
struct Group {
  double score = 0;
  std::uint64_t positives = 0, negatives = 0;
  double overlap = 0;  // the sum of the shares of their parts that the positives cover
};

template <typename P>
void count_in(Group& group, const P& positive) {
  ++group.positives;
  group.overlap += 1.0 / positive.part_pixels;
}

}  // namespace

template <typename V>
void Blocks<V>::append(const V* values, std::size_t count) {
  size += count;
  while (count > 0) {
    if (blocks.empty() || blocks.back().values.size() == blocks.back().values.capacity()) {
      blocks.emplace_back();
      blocks.back().values.reserve(std::clamp(size, kFirstBlock, kLargestBlock));
    }
    Block& block = blocks.back();
    const std::size_t some = std::min(count, block.values.capacity() - block.values.size());
    block.values.insert(block.values.end(), values, values + some);
    block.sorted = false;
    values += some;
    count -= some;
  }
}

template <typename T>
T highest_score(std::span<const T> map) {
  if (map.empty()) fail(ErrorKind::kBadInput, "A map without pixels cannot be measured.");
  // A finite number minus itself is 0; infinities and NaN give NaN. Several sums and maxima, so that none
  // waits for another.
  constexpr std::size_t kLanes = 4;
  std::array<T, kLanes> sums{}, highest;
  highest.fill(map[0]);
  std::size_t i = 0;
  for (; i + kLanes <= map.size(); i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) {
      sums[k] += map[i + k] - map[i + k];
      highest[k] = std::max(highest[k], map[i + k]);
    }
  for (; i < map.size(); ++i) {
    sums[0] += map[i] - map[i];
    highest[0] = std::max(highest[0], map[i]);
  }
  if (!(sums[0] + sums[1] + sums[2] + sums[3] == 0))
    fail(ErrorKind::kBadInput, "A map has scores that are not finite numbers: it cannot be measured.");
  return *std::max_element(highest.begin(), highest.end());
}

template <typename T>
T PixelScores<T>::add(std::span<const T> map, const PreparedGroundTruth& truth) {
  if (map.size() != truth.pixels())
    fail(ErrorKind::kBadInput, "A map of {} scores cannot be compared with a mask of {} x {} pixels.",
         map.size(), truth.width(), truth.height());
  const T highest = highest_score(map);
  std::size_t place = 0;
  for (const PreparedGroundTruth::Run& run : truth.runs()) {
    add_negatives(map.subspan(place, run.begin - place));
    add_positives(map.subspan(run.begin, run.end - run.begin), truth.part_pixels()[run.part]);
    place = run.end;
  }
  add_negatives(map.subspan(place));
  regions_ += truth.part_pixels().size();
  return highest;
}

template <typename T>
void PixelScores<T>::add_negatives(std::span<const T> scores) {
  std::array<T, kStride> kept;
  while (!scores.empty()) {
    const std::span<const T> some = scores.first(std::min(kStride, scores.size()));
    scores = scores.subspan(some.size());
    std::size_t count = 0;
    bool any = some.size() < kStride;
    if (!any)
      for (std::size_t i = 0; i < kStride; ++i) any |= some[i] != 0;
    if (any) {
      for (const T score : some) {  // without a branch, which would be guessed wrong at every edge
        kept[count] = score;
        count += score != 0;
      }
      negatives_.append(kept.data(), count);
    }
    zero_negatives_ += some.size() - count;
  }
}

template <typename T>
void PixelScores<T>::add_positives(std::span<const T> scores, std::uint32_t part_pixels) {
  std::array<Positive, kStride> kept;
  while (!scores.empty()) {
    const std::span<const T> some = scores.first(std::min(kStride, scores.size()));
    scores = scores.subspan(some.size());
    std::size_t count = 0;
    for (const T score : some) {
      kept[count] = {score, part_pixels};
      count += score != 0;
    }
    positives_.append(kept.data(), count);
    zero_positives_ += some.size() - count;
    zero_overlap_ += static_cast<double>(some.size() - count) / part_pixels;
  }
}

// The pixels of several sets in groups of equal scores, from the highest.
template <typename T>
class PixelPass {
 public:
  using Positive = typename PixelScores<T>::Positive;

  explicit PixelPass(std::span<PixelScores<T>* const> parts) {
    sort(parts);
    for (PixelScores<T>* part : parts) {
      negatives_.add(part->negatives_);
      positives_.add(part->positives_);
      zeros_.negatives += part->zero_negatives_;
      zeros_.positives += part->zero_positives_;
      zeros_.overlap += part->zero_overlap_;
    }
  }

  // Merging run by run would compare each value with all runs. Instead windows: what lies above a floor is
  // few enough to be copied and sorted; what lies on it, few or many, is counted in place.
  template <typename Visit>
  void each_group(const Visit& visit) {
    bool zeros_left = zeros_.positives + zeros_.negatives > 0;
    const auto in_order = [&](const Group& group) {
      if (zeros_left && group.score < 0) {
        visit(zeros_);
        zeros_left = false;
      }
      visit(group);
    };
    const std::size_t share =
        std::max(kWindow / (negatives_.count() + positives_.count() + 1), std::size_t{64});
    while (negatives_.count() + positives_.count() > 0) {
      T floor = -std::numeric_limits<T>::infinity();
      floor = negatives_.score_behind(share, floor);
      floor = positives_.score_behind(share, floor);
      negatives_.take_above(floor, some_negatives_);
      positives_.take_above(floor, some_positives_);
      each_in_window(in_order);
      Group at_floor{.score = floor};
      negatives_.take_at(floor, [&](auto equal) { at_floor.negatives += equal.size(); });
      positives_.take_at(floor, [&](auto equal) {
        for (const Positive& positive : equal) count_in(at_floor, positive);
      });
      if (at_floor.positives + at_floor.negatives > 0) in_order(at_floor);
      negatives_.drop_empty();
      positives_.drop_empty();
    }
    if (zeros_left) visit(zeros_);
  }

 private:
  static void sort(std::span<PixelScores<T>* const> parts) {
    std::vector<typename Blocks<T>::Block*> negatives;
    std::vector<typename Blocks<Positive>::Block*> positives;
    for (PixelScores<T>* part : parts) {
      for (auto& block : part->negatives_.blocks)
        if (!block.sorted) negatives.push_back(&block);
      for (auto& block : part->positives_.blocks)
        if (!block.sorted) positives.push_back(&block);
    }
    const auto sort_and_note = [](auto& block) {
      sort_block(block.values);
      block.sorted = true;
    };
    const auto count = static_cast<std::int64_t>(positives.size());
    parallel_for(count + static_cast<std::int64_t>(negatives.size()), 1,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t i = begin; i < end; ++i)
                     i < count ? sort_and_note(*positives[i]) : sort_and_note(*negatives[i - count]);
                 });
  }

  template <typename Visit>
  void each_in_window(const Visit& visit) const {
    auto n = some_negatives_.begin();
    auto p = some_positives_.begin();
    const auto n_end = some_negatives_.end();
    const auto p_end = some_positives_.end();
    while (n != n_end || p != p_end) {
      const T score = p == p_end || (n != n_end && *n > p->score) ? *n : p->score;
      Group group{.score = score};
      const auto first = n;
      while (n != n_end && *n == score) ++n;
      group.negatives = static_cast<std::uint64_t>(n - first);
      for (; p != p_end && p->score == score; ++p) count_in(group, *p);
      visit(group);
    }
  }

  Runs<T> negatives_;
  Runs<Positive> positives_;
  Group zeros_;
  std::vector<T> some_negatives_;
  std::vector<Positive> some_positives_;
};

namespace {

struct Totals {
  std::uint64_t positives = 0, negatives = 0, regions = 0;
};

template <typename T>
Totals totals_of(std::span<PixelScores<T>* const> parts) {
  Totals totals;
  for (const PixelScores<T>* part : parts) {
    totals.positives += part->positives();
    totals.negatives += part->negatives();
    totals.regions += part->regions();
  }
  return totals;
}

constexpr Reasons kPixelReasons{"there is no image with a mask", "no pixel is marked as a defect",
                                "every pixel is marked as a defect"};

}  // namespace

template <typename T>
PixelSweep sweep_pixels(std::span<PixelScores<T>* const> parts, double false_positive_limit) {
  const Totals totals = totals_of(parts);
  Sweep sweep(totals.positives, totals.negatives);
  ProArea pro(totals.regions, totals.negatives, false_positive_limit);
  double overlap = 0;
  PixelPass<T>(parts).each_group([&](const Group& group) {
    sweep.step(group.score, group.positives, group.negatives);
    pro.step(overlap += group.overlap, sweep.false_positives());
  });
  return {sweep.result(), pro.result()};
}

template <typename T>
PixelMetrics measure_pixels(std::span<PixelScores<T>* const> parts) {
  const Totals totals = totals_of(parts);
  const PixelSweep found = sweep_pixels(parts);
  return {with_reasons(found, totals.positives, totals.negatives, kPixelReasons),
          needs_both(found.pro, totals.positives, totals.negatives, kPixelReasons)};
}

template float highest_score(std::span<const float>);
template double highest_score(std::span<const double>);
template class PixelScores<float>;
template class PixelScores<double>;
template PixelSweep sweep_pixels(std::span<PixelScores<float>* const>, double);
template PixelSweep sweep_pixels(std::span<PixelScores<double>* const>, double);
template PixelMetrics measure_pixels(std::span<PixelScores<float>* const>);
template PixelMetrics measure_pixels(std::span<PixelScores<double>* const>);

}  // namespace anomalyvlm::eval
