// Similarities of a few locations at a time to all others by a register-blocked product, then the mean of the
// largest by bisection over values: neither the whole matrix nor a sorted row ever exists. One source for
// every instruction set; the best one is chosen at run time.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "core/threads.h"
#include "kernels/registry.h"
#include "kernels/saliency/implementations.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/saliency/simd.cc"
#include <hwy/foreach_target.h>  // includes this file once per target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace anomalyvlm {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;

constexpr int kRows = 8;    // locations at a time
constexpr int kPanel = 64;  // references a panel: a multiple of two vectors of every target

// Unit vectors in panels of kPanel references, [panel][channel][kPanel], the last one padded with zeros.
struct Panels {
  int cells, channels, count;
  std::vector<float> values;
  const float* panel(int p) const { return values.data() + static_cast<std::size_t>(p) * channels * kPanel; }
  float at(int cell, int c) const { return panel(cell / kPanel)[c * kPanel + cell % kPanel]; }
};

Panels make_panels(const SaliencyArguments& a) {
  Panels p{a.cells(), a.channels, (a.cells() + kPanel - 1) / kPanel, {}};
  p.values.assign(static_cast<std::size_t>(p.count) * p.channels * kPanel, 0.0F);
  parallel_for(p.count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto panel = static_cast<int>(begin); panel < end; ++panel) {
      float* out = p.values.data() + static_cast<std::size_t>(panel) * p.channels * kPanel;
      const int first = panel * kPanel, n = std::min(kPanel, p.cells - first);
      double norm2[kPanel] = {};
      for (int c = 0; c < p.channels; ++c) {
        const float* in = a.features + static_cast<std::size_t>(c) * p.cells + first;
        for (int i = 0; i < n; ++i) norm2[i] += static_cast<double>(in[i]) * in[i];
      }
      for (double& v : norm2) v = 1 / std::max(std::sqrt(v), 1e-12);
      for (int c = 0; c < p.channels; ++c) {
        const float* in = a.features + static_cast<std::size_t>(c) * p.cells + first;
        for (int i = 0; i < n; ++i) out[c * kPanel + i] = static_cast<float>(in[i] * norm2[i]);
      }
    }
  });
  return p;
}

// Products of kRows locations (rows, [channel][kRows]) with one panel, into kRows rows of `stride`.
void multiply_panel(const float* rows, const float* panel, int channels, float* out, std::size_t stride) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t at = 0; at < kPanel; at += 2 * lanes) {
    auto a0 = hn::Zero(d), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
    auto e0 = a0, e1 = a0, f0 = a0, f1 = a0, g0 = a0, g1 = a0, h0 = a0, h1 = a0;
    for (int c = 0; c < channels; ++c) {
      const float* reference = panel + static_cast<std::size_t>(c) * kPanel + at;
      const float* row = rows + static_cast<std::size_t>(c) * kRows;
      const auto x = hn::LoadU(d, reference), y = hn::LoadU(d, reference + lanes);
      const auto step = [&](auto& left, auto& right, int k) HWY_ATTR {
        const auto w = hn::Set(d, row[k]);
        left = hn::MulAdd(w, x, left);
        right = hn::MulAdd(w, y, right);
      };
      step(a0, a1, 0), step(b0, b1, 1), step(c0, c1, 2), step(d0, d1, 3);
      step(e0, e1, 4), step(f0, f1, 5), step(g0, g1, 6), step(h0, h1, 7);
    }
    const auto put = [&](const auto& left, const auto& right, int k) HWY_ATTR {
      hn::StoreU(left, d, out + static_cast<std::size_t>(k) * stride + at);
      hn::StoreU(right, d, out + static_cast<std::size_t>(k) * stride + at + lanes);
    };
    put(a0, a1, 0), put(b0, b1, 1), put(c0, c1, 2), put(d0, d1, 3);
    put(e0, e1, 4), put(f0, f1, 5), put(g0, g1, 6), put(h0, h1, 7);
  }
}

std::size_t count_above(const float* row, std::size_t n, float threshold) {
  const D d;
  const auto t = hn::Set(d, threshold);
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d))
    count += hn::CountTrue(d, hn::Gt(hn::LoadU(d, row + i), t));
  return count;
}

// Sum and count of the values above a threshold; row[n ...] up to a whole vector is -infinity.
double sum_above(const float* row, std::size_t n, float threshold) {
  const D d;
  const auto t = hn::Set(d, threshold);
  auto sum = hn::Zero(d);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto v = hn::LoadU(d, row + i);
    sum = hn::Add(sum, hn::IfThenElseZero(hn::Gt(v, t), v));
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// The sum of the k largest of n values, all in -1.01 .. 1.01 or -infinity; at least k are finite. Bisection
// until few values are left between the bounds, then those are put in order.
double sum_of_largest(const float* row, std::size_t n, std::size_t k, std::vector<float>& scratch) {
  constexpr std::size_t kFew = 48;
  float low = -1.02F, high = 1.02F;  // more than k values are above low, or exactly all; at most k above high
  std::size_t above_low = n, above_high = 0;
  while (above_low - above_high > kFew) {
    const float middle = 0.5F * (low + high);
    if (middle <= low || middle >= high) break;  // equal values: any of them will do
    const std::size_t above = count_above(row, n, middle);
    if (above > k) {
      low = middle;
      above_low = above;
    } else {
      high = middle;
      above_high = above;
      if (above == k) return sum_above(row, n, high);
    }
  }
  scratch.clear();
  for (std::size_t i = 0; i < n; ++i) {
    if (row[i] > low && row[i] <= high) scratch.push_back(row[i]);
  }
  const std::size_t rest = k - above_high;
  std::nth_element(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(rest) - 1, scratch.end(),
                   std::greater<>());
  double sum = sum_above(row, n, high);
  for (std::size_t i = 0; i < rest; ++i) sum += scratch[i];
  return sum;
}

// One location's answer to one query. `row` comes back as it was.
float answer(const SaliencyArguments& a, const NeighbourQuery& query, int cell, float* row,
             std::vector<std::pair<int, float>>& removed, std::vector<float>& scratch) {
  const auto n = static_cast<std::size_t>(a.cells());
  removed.clear();
  if (query.farthest) {  // the largest of the negated similarities
    for (std::size_t i = 0; i < n; ++i) row[i] = -row[i];
  }
  for_left_out(a, cell, query.radius, [&](int other) { removed.emplace_back(other, row[other]); });
  for (const auto& [other, value] : removed) row[other] = -std::numeric_limits<float>::infinity();
  const std::size_t left = n - removed.size(), k = std::min(left, static_cast<std::size_t>(query.count));
  double distance = 0;
  if (k > 0) {
    const double mean = sum_of_largest(row, n, k, scratch) / static_cast<double>(k);
    distance = query.farthest ? 1 + mean : 1 - mean;
  }
  for (const auto& [other, value] : removed) row[other] = value;
  if (query.farthest) {
    for (std::size_t i = 0; i < n; ++i) row[i] = -row[i];
  }
  return static_cast<float>(distance);
}

void run(const SaliencyArguments& a) {
  const Panels panels = make_panels(a);
  const auto cells = static_cast<std::size_t>(a.cells());
  const std::size_t stride = static_cast<std::size_t>(panels.count) * kPanel;
  const int blocks = (a.cells() + kRows - 1) / kRows;
  parallel_for(blocks, 2, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> rows(static_cast<std::size_t>(a.channels) * kRows), similarity(stride * kRows),
        scratch;
    std::vector<std::pair<int, float>> removed;
    for (auto block = static_cast<int>(begin); block < end; ++block) {
      const int first = block * kRows, count = std::min(kRows, a.cells() - first);
      for (int c = 0; c < a.channels; ++c) {
        for (int r = 0; r < kRows; ++r) rows[c * kRows + r] = r < count ? panels.at(first + r, c) : 0.0F;
      }
      for (int p = 0; p < panels.count; ++p)
        multiply_panel(rows.data(), panels.panel(p), a.channels, similarity.data() + p * kPanel, stride);
      for (int r = 0; r < count; ++r) {
        float* row = similarity.data() + r * stride;
        std::fill(row + cells, row + stride, -std::numeric_limits<float>::infinity());
        for (std::size_t k = 0; k < a.queries.size(); ++k)
          a.out[k * cells + first + r] = answer(a, a.queries[k], first + r, row, removed, scratch);
      }
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace anomalyvlm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anomalyvlm {

HWY_EXPORT(run);

void neighbour_distance_simd(const SaliencyArguments& arguments) { HWY_DYNAMIC_DISPATCH(run)(arguments); }

std::string simd_target() {
  const auto usable =
      static_cast<std::int64_t>(hwy::SupportedTargets()) & static_cast<std::int64_t>(HWY_TARGETS);
  return hwy::TargetName(usable & -usable);  // the best has the lowest bit
}

}  // namespace anomalyvlm
#endif
