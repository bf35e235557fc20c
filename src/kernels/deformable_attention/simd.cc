// For each query and head, first the places and shares of all corners (vectors of points), then their
// weighted sum (vectors of channels, sums in registers). What lies outside has a share of 0 and a place
// within, so that the second step has no branches. One source for every instruction set; the best one is
// chosen at run time.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/threads.h"
#include "kernels/deformable_attention/implementations.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "deformable_attention/simd.cc"
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
using I = hn::RebindToSigned<D>;
using Floats = hwy::AlignedFreeUniquePtr<float[]>;
using Ints = hwy::AlignedFreeUniquePtr<std::int32_t[]>;

std::size_t whole_vectors(std::size_t n) {
  return (n + hn::Lanes(D()) - 1) / hn::Lanes(D()) * hn::Lanes(D());
}

// The points of one query and head, each an entry of these arrays; filled up to whole vectors.
struct Points {
  std::size_t count, filled;
  // Of the maps, the same for all queries.
  Floats width = array(), height = array();
  Ints first = integers();  // the map's first place
  // Of the query: offset o lies at origin + o * unit.
  Floats origin_x = array(), origin_y = array(), unit_x = array(), unit_y = array();
  // Of the head. Corner k of point i is entry k * filled + i.
  Floats offsets = hwy::AllocateAligned<float>(2 * filled), weights = array();
  Floats shares = hwy::AllocateAligned<float>(4 * filled);
  Ints places = hwy::AllocateAligned<std::int32_t>(4 * filled);

  explicit Points(const DeformableAttention& a)
      : count(a.maps.size() * static_cast<std::size_t>(a.points)), filled(whole_vectors(count)) {
    std::fill_n(offsets.get(), 2 * filled, 0.0F);
    std::fill_n(width.get(), filled, 1.0F);
    std::fill_n(height.get(), filled, 1.0F);
    std::int64_t place = 0;
    std::size_t i = 0;
    for (const Extent& map : a.maps) {
      for (std::int64_t p = 0; p < a.points; ++p, ++i) {
        width[i] = static_cast<float>(map.width);
        height[i] = static_cast<float>(map.height);
        first[i] = static_cast<std::int32_t>(place);
      }
      place += map.places();
    }
  }

  void set_query(const DeformableAttention& a, const float* reference) {
    const std::size_t size = a.boxes ? 4 : 2;
    for (std::size_t i = 0; i < count; ++i) {
      const float* r = reference + i / static_cast<std::size_t>(a.points) * size;
      origin_x[i] = r[0] * width[i] - 0.5F;
      origin_y[i] = r[1] * height[i] - 0.5F;
      unit_x[i] = a.boxes ? r[2] * width[i] / (2 * static_cast<float>(a.points)) : 1;
      unit_y[i] = a.boxes ? r[3] * height[i] / (2 * static_cast<float>(a.points)) : 1;
    }
  }

  void set_head(const float* head_offsets, const float* head_weights) {
    std::memcpy(offsets.get(), head_offsets, 2 * count * sizeof(float));
    std::memcpy(weights.get(), head_weights, count * sizeof(float));
    for (std::size_t i = 0; i < filled; i += hn::Lanes(D())) set_corners(i);
  }

 private:
  Floats array() const {
    Floats made = hwy::AllocateAligned<float>(filled);
    std::fill_n(made.get(), filled, 0.0F);
    return made;
  }
  Ints integers() const {
    Ints made = hwy::AllocateAligned<std::int32_t>(filled);
    std::fill_n(made.get(), filled, 0);
    return made;
  }

  using Vector = hn::Vec<D>;

  // Along one axis: the cells before and behind, and their shares, 0 where they are outside.
  static void along(Vector at, Vector extent, Vector& before, Vector& behind, Vector& share_before,
                    Vector& share_behind) {
    const D d;
    const Vector one = hn::Set(d, 1.0F), zero = hn::Zero(d), last = hn::Sub(extent, one);
    // Not so where it is not a number, either.
    const auto near = hn::And(hn::Gt(at, hn::Set(d, -1.0F)), hn::Lt(at, extent));
    const Vector v = hn::IfThenElseZero(near, at);
    before = hn::Floor(v);
    behind = hn::Add(before, one);
    const Vector share = hn::Sub(v, before);
    share_before = hn::IfThenElseZero(hn::And(near, hn::Ge(before, zero)), hn::Sub(one, share));
    share_behind = hn::IfThenElseZero(hn::And(near, hn::Le(behind, last)), share);
    before = hn::Max(before, zero);
    behind = hn::Min(behind, last);
  }

  void set_corners(std::size_t i) {
    const D d;
    const I integer;
    Vector offset_x, offset_y;
    hn::LoadInterleaved2(d, offsets.get() + 2 * i, offset_x, offset_y);
    const Vector columns = hn::Load(d, width.get() + i), rows = hn::Load(d, height.get() + i);
    const Vector x = hn::MulAdd(offset_x, hn::Load(d, unit_x.get() + i), hn::Load(d, origin_x.get() + i));
    const Vector y = hn::MulAdd(offset_y, hn::Load(d, unit_y.get() + i), hn::Load(d, origin_y.get() + i));
    Vector left, right, share_left, share_right, above, below, share_above, share_below;
    along(x, columns, left, right, share_left, share_right);
    along(y, rows, above, below, share_above, share_below);
    const Vector weight = hn::Load(d, weights.get() + i);
    const auto start = hn::Load(integer, first.get() + i);
    const auto row_length = hn::ConvertTo(integer, columns);
    const auto set = [&](std::size_t corner, Vector column, Vector row, Vector share) HWY_ATTR {
      const auto place =
          hn::Add(hn::Mul(hn::ConvertTo(integer, row), row_length), hn::ConvertTo(integer, column));
      hn::Store(hn::Add(start, place), integer, places.get() + corner * filled + i);
      hn::Store(hn::Mul(share, weight), d, shares.get() + corner * filled + i);
    };
    set(0, left, above, hn::Mul(share_left, share_above));
    set(1, right, above, hn::Mul(share_right, share_above));
    set(2, left, below, hn::Mul(share_left, share_below));
    set(3, right, below, hn::Mul(share_right, share_below));
  }
};

// Sums kVectors vectors of channels over all points, a sum for each corner: enough of them to keep the
// multipliers busy, few enough for the registers of AVX2.
template <int kVectors, typename Tag>
void add_up(Tag d, const Points& points, const float* values, std::size_t stride, float* out) {
  const std::size_t n = hn::Lanes(d);
  auto a0 = hn::Zero(d), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  const std::int32_t* place = points.places.get();
  const float* share = points.shares.get();
  const auto add = [&](std::size_t entry, auto& s0, auto& s1) HWY_ATTR {
    const float* from = values + static_cast<std::size_t>(place[entry]) * stride;
    const auto w = hn::Set(d, share[entry]);
    s0 = hn::MulAdd(w, hn::LoadU(d, from), s0);
    if constexpr (kVectors == 2) s1 = hn::MulAdd(w, hn::LoadU(d, from + n), s1);
  };
  for (std::size_t i = 0; i < points.count; ++i) {
    add(i, a0, a1);
    add(i + points.filled, b0, b1);
    add(i + 2 * points.filled, c0, c1);
    add(i + 3 * points.filled, d0, d1);
  }
  hn::StoreU(hn::Add(hn::Add(a0, b0), hn::Add(c0, d0)), d, out);
  if constexpr (kVectors == 2) hn::StoreU(hn::Add(hn::Add(a1, b1), hn::Add(c1, d1)), d, out + n);
}

// One head: `channels` numbers out of rows that are `stride` apart.
void add_up_head(const Points& points, const float* values, std::size_t stride, std::size_t channels,
                 float* out) {
  const D d;
  const hn::CappedTag<float, 1> one;
  const std::size_t n = hn::Lanes(d);
  std::size_t c = 0;
  for (; c + 2 * n <= channels; c += 2 * n) add_up<2>(d, points, values + c, stride, out + c);
  for (; c + n <= channels; c += n) add_up<1>(d, points, values + c, stride, out + c);
  for (; c < channels; ++c) add_up<1>(one, points, values + c, stride, out + c);
}

void run_queries(const DeformableAttention& a, std::int64_t begin, std::int64_t end) {
  Points points(a);
  const std::size_t count = points.count;
  const auto heads = static_cast<std::size_t>(a.heads), channels = static_cast<std::size_t>(a.channels);
  const std::size_t stride = heads * channels, item = static_cast<std::size_t>(a.places()) * stride;
  const std::size_t reference = a.maps.size() * (a.boxes ? 4 : 2);
  for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
    const std::size_t b = i / static_cast<std::size_t>(a.queries),
                      q = i % static_cast<std::size_t>(a.queries);
    points.set_query(a, a.reference + (a.one_reference ? q : i) * reference);
    for (std::size_t head = 0; head < heads; ++head) {
      points.set_head(a.offsets + (i * heads + head) * count * 2, a.weights + (i * heads + head) * count);
      add_up_head(points, a.value + b * item + head * channels, stride, channels,
                  a.out + i * stride + head * channels);
    }
  }
}

void run(const DeformableAttention& a) {
  constexpr std::int64_t kGrain = 16;  // queries that are worth a thread's turn
  parallel_for(a.batch * a.queries, kGrain,
               [&](std::int64_t begin, std::int64_t end) { run_queries(a, begin, end); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anomalyvlm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anomalyvlm {

HWY_EXPORT(run);

void run_deformable_attention_simd(const DeformableAttention& arguments) {
  HWY_DYNAMIC_DISPATCH(run)(arguments);
}

}  // namespace anomalyvlm
#endif
