// Similarities of a tile of locations to all references by a register-blocked product (or sum of squared
// differences), then, row by row, the mean of the largest by a search for their threshold: neither the whole
// matrix nor a sorted row ever exists. One source for every instruction set; the best one is chosen at run
// time.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/threads.h"
#include "kernels/registry.h"
#include "kernels/saliency/implementations.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "saliency/simd.cc"
#include <hwy/foreach_target.h>  // includes this file once per target
// (it must come before the next)
#include <hwy/aligned_allocator.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace anomalyvlm {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using Floats = hwy::AlignedFreeUniquePtr<float[]>;

constexpr std::size_t kGroup =
    4;  // locations whose products stay in registers, beside 3 vectors of references:
constexpr std::size_t kVectors = 3;  // 12 sums fill the 16 registers of AVX2 and keep the multipliers busy
constexpr std::size_t kDepth = 128;  // channels at a time: a panel's share of that many stays in the L1 cache
constexpr float kBound = 1.0625F;    // no similarity is beyond this
constexpr float kExcluded = -std::numeric_limits<float>::infinity();

std::size_t panel_width() { return kVectors * hn::Lanes(D()); }
std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

// What Euclidean features are multiplied by, so that no distance exceeds 1 and the largest is at least 1/4: a
// power of 2, which rounds nothing. No pair is further apart than twice what lies farthest from the first
// location. 0 if all are the same.
float scale_of_euclidean(const SaliencyArguments& a) {
  const auto cells = static_cast<std::size_t>(a.cells());
  std::vector<double> from_first2(cells);
  for (std::size_t c = 0; c < static_cast<std::size_t>(a.channels); ++c) {
    const float* channel = a.features + c * cells;
    for (std::size_t i = 0; i < cells; ++i) {
      const double difference = static_cast<double>(channel[i]) - channel[0];
      from_first2[i] += difference * difference;
    }
  }
  const double bound = 2 * std::sqrt(*std::max_element(from_first2.begin(), from_first2.end()));
  if (bound == 0) return 0;
  int exponent = 0;
  std::frexp(bound, &exponent);
  return std::ldexp(1.0F, std::clamp(-exponent, -126, 126));
}

// Divides every column of a panel [channels, width] by its length; width: a multiple of d's lanes.
template <typename Tag>
void normalize_columns(Tag d, float* panel, std::size_t channels, std::size_t width) {
  constexpr std::size_t kChunk = 32;  // summing in pieces keeps the error of many channels small
  for (std::size_t i = 0; i < width; i += hn::Lanes(d)) {
    auto total = hn::Zero(d);
    for (std::size_t begin = 0; begin < channels; begin += kChunk) {
      auto sum = hn::Zero(d);
      for (std::size_t c = begin; c < std::min(begin + kChunk, channels); ++c) {
        const auto v = hn::Load(d, panel + c * width + i);
        sum = hn::MulAdd(v, v, sum);
      }
      total = hn::Add(total, sum);
    }
    const auto scale = hn::Div(hn::Set(d, 1.0F), hn::Max(hn::Sqrt(total), hn::Set(d, 1e-12F)));
    for (std::size_t c = 0; c < channels; ++c) {
      float* at = panel + c * width + i;
      hn::Store(hn::Mul(hn::Load(d, at), scale), d, at);
    }
  }
}

// Makes the columns of a panel what is compared: unit vectors, or features times `scale`.
template <typename Tag>
void prepare_columns(Tag d, const SaliencyArguments& a, float scale, float* panel, std::size_t width) {
  const auto channels = static_cast<std::size_t>(a.channels);
  if (a.metric == FeatureMetric::kCosine) return normalize_columns(d, panel, channels, width);
  for (std::size_t i = 0; i < channels * width; ++i) panel[i] *= scale;
}

// The references, prepared, [panel][channel][panel_width()], the last panel filled up with zeros.
Floats pack_references(const SaliencyArguments& a, float scale) {
  const std::size_t width = panel_width(), channels = static_cast<std::size_t>(a.channels);
  const auto cells = static_cast<std::size_t>(a.cells()), count = static_cast<std::size_t>(a.compared());
  const std::size_t panels = round_up(count, width) / width;
  Floats packed = hwy::AllocateAligned<float>(panels * channels * width);
  parallel_for(static_cast<std::int64_t>(panels), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto p = static_cast<std::size_t>(begin); p < static_cast<std::size_t>(end); ++p) {
      float* panel = packed.get() + p * channels * width;
      const std::size_t first = p * width, n = std::min(width, count - first);
      for (std::size_t c = 0; c < channels; ++c) {
        const float* from = a.features + c * cells;
        float* to = panel + c * width;
        for (std::size_t i = 0; i < n; ++i) to[i] = from[a.reference(static_cast<int>(first + i))];
        std::fill(to + n, to + width, 0.0F);
      }
      prepare_columns(D(), a, scale, panel, width);
    }
  });
  return packed;
}

// Locations first .. first + count, prepared, [group][channel][kGroup], filled up with zeros.
void pack_locations(const SaliencyArguments& a, float scale, std::size_t first, std::size_t count,
                    float* packed) {
  const auto cells = static_cast<std::size_t>(a.cells()), channels = static_cast<std::size_t>(a.channels);
  for (std::size_t begin = 0; begin < count; begin += kGroup, packed += channels * kGroup) {
    const std::size_t n = std::min(kGroup, count - begin);
    std::fill(packed, packed + channels * kGroup, 0.0F);
    for (std::size_t i = 0; i < n; ++i) {
      const float* from = a.features + a.location(static_cast<int>(first + begin + i));
      for (std::size_t c = 0; c < channels; ++c) packed[c * kGroup + i] = from[c * cells];
    }
    prepare_columns(hn::CappedTag<float, kGroup>(), a, scale, packed, kGroup);
  }
}

// Products of kGroup locations with kVectors vectors of references over `depth` channels, or squares of their
// differences; added to `out`.
template <FeatureMetric kMetric, bool kFirst>
void multiply_block(const float* locations, const float* references, std::size_t depth, float* out,
                    std::size_t stride) {
  const D d;
  const std::size_t n = hn::Lanes(d);
  const auto start = [&](std::size_t row, std::size_t column) HWY_ATTR {
    return kFirst ? hn::Zero(d) : hn::Load(d, out + row * stride + column * n);
  };
  auto a0 = start(0, 0), a1 = start(0, 1), a2 = start(0, 2), b0 = start(1, 0), b1 = start(1, 1),
       b2 = start(1, 2);
  auto c0 = start(2, 0), c1 = start(2, 1), c2 = start(2, 2), d0 = start(3, 0), d1 = start(3, 1),
       d2 = start(3, 2);
  for (std::size_t c = 0; c < depth; ++c, locations += kGroup, references += kVectors * n) {
    const auto r0 = hn::Load(d, references), r1 = hn::Load(d, references + n);
    const auto r2 = hn::Load(d, references + 2 * n);
    const auto add = [&](auto& s0, auto& s1, auto& s2, float value) HWY_ATTR {
      const auto w = hn::Set(d, value);
      if constexpr (kMetric == FeatureMetric::kCosine) {
        s0 = hn::MulAdd(w, r0, s0);
        s1 = hn::MulAdd(w, r1, s1);
        s2 = hn::MulAdd(w, r2, s2);
      } else {
        const auto apart0 = hn::Sub(w, r0), apart1 = hn::Sub(w, r1), apart2 = hn::Sub(w, r2);
        s0 = hn::MulAdd(apart0, apart0, s0);
        s1 = hn::MulAdd(apart1, apart1, s1);
        s2 = hn::MulAdd(apart2, apart2, s2);
      }
    };
    add(a0, a1, a2, locations[0]);
    add(b0, b1, b2, locations[1]);
    add(c0, c1, c2, locations[2]);
    add(d0, d1, d2, locations[3]);
  }
  const auto put = [&](std::size_t row, const auto& s0, const auto& s1, const auto& s2) HWY_ATTR {
    float* to = out + row * stride;
    hn::Store(s0, d, to);
    hn::Store(s1, d, to + n);
    hn::Store(s2, d, to + 2 * n);
  };
  put(0, a0, a1, a2), put(1, b0, b1, b2), put(2, c0, c1, c2), put(3, d0, d1, d2);
}

// rows[groups * kGroup][stride] = packed locations times all panels, or the squares of their distances.
template <FeatureMetric kMetric>
void multiply_tile(const float* locations, std::size_t groups, const float* references, std::size_t channels,
                   float* rows, std::size_t stride) {
  const std::size_t width = panel_width(), blocks = round_up(channels, kDepth) / kDepth;
  const std::size_t depth = (channels + blocks - 1) / blocks;  // blocks of equal depth
  for (std::size_t column = 0; column < stride; column += width, references += channels * width) {
    for (std::size_t c = 0; c < channels; c += depth) {
      const std::size_t n = std::min(depth, channels - c);
      for (std::size_t g = 0; g < groups; ++g) {
        const float* left = locations + (g * channels + c) * kGroup;
        float* out = rows + g * kGroup * stride + column;
        if (c == 0)
          multiply_block<kMetric, true>(left, references, n, out, stride);
        else
          multiply_block<kMetric, false>(left, references + c * width, n, out, stride);
      }
    }
  }
}

// How many of n values (n: a multiple of two vectors) are above a threshold.
std::size_t count_above(const float* values, std::size_t n, float threshold) {
  const D d;
  const hn::RebindToSigned<D> di;
  const auto t = hn::Set(d, threshold);
  auto minus0 = hn::Zero(di), minus1 = minus0;
  for (std::size_t i = 0; i < n; i += 2 * hn::Lanes(d)) {
    const auto above0 = hn::Gt(hn::Load(d, values + i), t);
    const auto above1 = hn::Gt(hn::Load(d, values + i + hn::Lanes(d)), t);
    minus0 = hn::Add(minus0, hn::VecFromMask(di, hn::RebindMask(di, above0)));
    minus1 = hn::Add(minus1, hn::VecFromMask(di, hn::RebindMask(di, above1)));
  }
  return static_cast<std::size_t>(-hn::GetLane(hn::SumOfLanes(di, hn::Add(minus0, minus1))));
}

// The sum of max(value - threshold, 0).
float excess_above(const float* values, std::size_t n, float threshold) {
  const D d;
  const auto t = hn::Set(d, threshold), zero = hn::Zero(d);
  auto sum0 = zero, sum1 = zero;
  for (std::size_t i = 0; i < n; i += 2 * hn::Lanes(d)) {
    sum0 = hn::Add(sum0, hn::Max(hn::Sub(hn::Load(d, values + i), t), zero));
    sum1 = hn::Add(sum1, hn::Max(hn::Sub(hn::Load(d, values + i + hn::Lanes(d)), t), zero));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
}

// A threshold that exactly k of the values are above. Where equal (or all but equal) values straddle it,
// their own: the mean of the largest that follows from it is then off by less than 2^-25. `present` values
// are not kExcluded; the search begins at `guess` and widens its steps until it has the threshold between two
// bounds.
float threshold_of_largest(const float* values, std::size_t n, std::size_t k, std::size_t present,
                           float guess) {
  float low = -kBound, high = kBound, step = 1.0F / 128, t = guess;
  if (k == present) return low;
  bool bounded_below = false, bounded_above = false;
  while (high - low > 0x1p-25F) {
    const std::size_t above = count_above(values, n, t);
    if (above == k) return t;
    (above > k ? low : high) = t;
    (above > k ? bounded_below : bounded_above) = true;
    t += above > k ? step : -step;
    step *= 4;
    if ((bounded_below && bounded_above) || t >= high || t <= low) t = low + 0.5F * (high - low);
    if (t <= low || t >= high) break;
  }
  return high;
}

// Answers the queries of one location after the other from its row of products or squared distances.
class RowAnswers {
 public:
  RowAnswers(const SaliencyArguments& a, float scale)
      : a_(a),
        scale_(scale),
        width_(round_up(static_cast<std::size_t>(a.compared()), 2 * hn::Lanes(D()))),
        values_(hwy::AllocateAligned<float>(width_)),
        guesses_(a.queries.size()) {}

  // Forgets where earlier thresholds were, so that a tile's answers do not depend on what was done before.
  void begin_tile() { std::fill(guesses_.begin(), guesses_.end(), a_.own_similarity() - 0.5F); }

  float answer(const float* row, std::size_t q, int location) {
    const NeighbourQuery& query = a_.queries[q];
    copy(row, query.farthest);
    std::size_t present = static_cast<std::size_t>(a_.compared());
    for_left_out(a_, location, query.radius, [&](int i) {
      values_[static_cast<std::size_t>(i)] = kExcluded;
      --present;
    });
    if (present == 0) return 0;
    const std::size_t k = std::min(present, static_cast<std::size_t>(query.count));
    // With exactly k values above t, k t + sum max(v - t, 0) is their sum; it still is if others equal t.
    const float t = threshold_of_largest(values_.get(), width_, k, present, guesses_[q]);
    const float mean = t + excess_above(values_.get(), width_, t) / static_cast<float>(k);
    guesses_[q] = t;
    const float own = a_.own_similarity();
    return std::max(query.farthest ? own + mean : own - mean, 0.0F) / scale_;
  }

 private:
  // The row's similarities, or their negatives: the least similar are the largest then. What fills it up is
  // never among them.
  void copy(const float* row, bool negative) {
    const D d;
    const auto n = static_cast<std::size_t>(a_.compared());
    const bool euclidean = a_.metric == FeatureMetric::kEuclidean;
    const auto sign = hn::Set(d, negative == euclidean ? 1.0F : -1.0F);
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
      auto value = hn::Load(d, row + i);
      if (euclidean) value = hn::Sqrt(value);
      hn::Store(hn::Mul(value, sign), d, values_.get() + i);
    }
    std::fill(values_.get() + n, values_.get() + width_, kExcluded);
  }

  const SaliencyArguments& a_;
  float scale_;
  std::size_t width_;
  Floats values_;
  std::vector<float> guesses_;
};

// Locations a tile: as many as keep its rows within half a megabyte, so that they stay in the L2 cache.
std::size_t tile_size(std::size_t references) {
  return std::clamp<std::size_t>((std::size_t{1} << 17) / references / kGroup * kGroup, 2 * kGroup, 32);
}

void run(const SaliencyArguments& a) {
  const float scale = a.metric == FeatureMetric::kEuclidean ? scale_of_euclidean(a) : 1.0F;
  if (scale == 0) {
    std::fill_n(a.out, a.queries.size() * static_cast<std::size_t>(a.asked()), 0.0F);
    return;
  }
  const Floats references = pack_references(a, scale);
  const auto multiply = a.metric == FeatureMetric::kEuclidean ? multiply_tile<FeatureMetric::kEuclidean>
                                                              : multiply_tile<FeatureMetric::kCosine>;
  const auto channels = static_cast<std::size_t>(a.channels), asked = static_cast<std::size_t>(a.asked());
  const std::size_t stride = round_up(static_cast<std::size_t>(a.compared()), panel_width());
  const std::size_t tile = tile_size(stride), tiles = (asked + tile - 1) / tile;
  parallel_for(static_cast<std::int64_t>(tiles), 1, [&](std::int64_t begin, std::int64_t end) {
    const Floats rows = hwy::AllocateAligned<float>(tile * stride);
    const Floats locations = hwy::AllocateAligned<float>(tile * channels);
    RowAnswers answers(a, scale);
    for (auto t = static_cast<std::size_t>(begin); t < static_cast<std::size_t>(end); ++t) {
      const std::size_t first = t * tile, count = std::min(tile, asked - first);
      const std::size_t groups = (count + kGroup - 1) / kGroup;
      pack_locations(a, scale, first, count, locations.get());
      multiply(locations.get(), groups, references.get(), channels, rows.get(), stride);
      answers.begin_tile();
      for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t q = 0; q < a.queries.size(); ++q)
          a.out[q * asked + first + r] =
              answers.answer(rows.get() + r * stride, q, a.location(static_cast<int>(first + r)));
      }
    }
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anomalyvlm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anomalyvlm {

HWY_EXPORT(run);

void run_saliency_simd(const SaliencyArguments& arguments) { HWY_DYNAMIC_DISPATCH(run)(arguments); }

std::string simd_target() {
  const auto usable =
      static_cast<std::int64_t>(hwy::SupportedTargets()) & static_cast<std::int64_t>(HWY_TARGETS);
  return hwy::TargetName(usable & -usable);  // the best has the lowest bit
}

}  // namespace anomalyvlm
#endif
