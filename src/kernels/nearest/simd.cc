// Products of a group of rows with a panel of queries, all sums in registers. One source for every
// instruction set; the best one is chosen at run time.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/threads.h"
#include "kernels/nearest/implementations.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nearest/simd.cc"
#include <hwy/foreach_target.h>  // includes this file once per target
// (it must come before the next)
#include <hwy/highway.h>

// Rows whose sums are kept in registers, with 3 vectors of queries each: 24 of 32 registers, or 12 of 16.
#undef AVLM_EACH_ROW
#undef AVLM_ROWS
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
#define AVLM_ROWS 8
#define AVLM_EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#else
#define AVLM_ROWS 4
#define AVLM_EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3)
#endif

HWY_BEFORE_NAMESPACE();
namespace anomalyvlm {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Single = hn::CappedTag<float, 16>;  // a panel's width is a multiple of 16
using Double = hn::CappedTag<double, 8>;  // of the 16 partial sums

// dots[r, column .. column + kVectors vectors] of AVLM_ROWS rows, over numbers from `begin` on; added to what
// is there, unless it begins with the first.
template <int kVectors>
void multiply(const float* panel, std::size_t width, const float* const* rows, std::size_t begin,
              std::size_t depth, float* dots) {
  const Single d;
  const std::size_t n = hn::Lanes(d);
#define AVLM_START(r)                    \
  const float* row##r = rows[r] + begin; \
  auto a##r = hn::Zero(d), b##r = a##r, c##r = a##r;
  AVLM_EACH_ROW(AVLM_START)
#undef AVLM_START
  for (std::size_t k = 0; k < depth; ++k, panel += width) {
    const auto p0 = hn::Load(d, panel);
    const auto p1 = hn::Load(d, panel + (kVectors > 1 ? n : 0));
    const auto p2 = hn::Load(d, panel + (kVectors > 2 ? 2 * n : 0));
#define AVLM_ADD(r)                                             \
  {                                                             \
    const auto w = hn::Set(d, row##r[k]);                       \
    a##r = hn::MulAdd(w, p0, a##r);                             \
    if constexpr (kVectors > 1) b##r = hn::MulAdd(w, p1, b##r); \
    if constexpr (kVectors > 2) c##r = hn::MulAdd(w, p2, c##r); \
  }
    AVLM_EACH_ROW(AVLM_ADD)
#undef AVLM_ADD
  }
  const auto put = [&](const auto& sum, float* to)
                       HWY_ATTR { hn::Store(begin == 0 ? sum : hn::Add(hn::Load(d, to), sum), d, to); };
#define AVLM_PUT(r)                                            \
  put(a##r, dots + r * width);                                 \
  if constexpr (kVectors > 1) put(b##r, dots + r * width + n); \
  if constexpr (kVectors > 2) put(c##r, dots + r * width + 2 * n);
  AVLM_EACH_ROW(AVLM_PUT)
#undef AVLM_PUT
}

void products(const float* panel, int width, const float* const* rows, int depth, float* dots) {
  const auto across = static_cast<std::size_t>(width), down = static_cast<std::size_t>(depth);
  const std::size_t n = hn::Lanes(Single());
  for (int r = 0; r < kRowGroup; r += AVLM_ROWS, rows += AVLM_ROWS, dots += AVLM_ROWS * width) {
    for (std::size_t begin = 0; begin < down; begin += kDepth) {
      const std::size_t some = std::min<std::size_t>(kDepth, down - begin);
      const float* from = panel + begin * across;
      std::size_t column = 0;
      for (; column + 3 * n <= across; column += 3 * n)
        multiply<3>(from + column, across, rows, begin, some, dots + column);
      if (column + 2 * n <= across)
        multiply<2>(from + column, across, rows, begin, some, dots + column);
      else if (column < across)
        multiply<1>(from + column, across, rows, begin, some, dots + column);
    }
  }
}

std::uint64_t below(const float* dots, float half_norm, const float* limits, int width) {
  const Single d;
  const auto h = hn::Set(d, half_norm);
  const std::size_t n = hn::Lanes(d);
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(width); i += n) {
    const auto mask = hn::Lt(hn::Sub(h, hn::Load(d, dots + i)), hn::LoadU(d, limits + i));
    if (HWY_LIKELY(hn::AllFalse(d, mask))) continue;
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(d, mask, bits);
    std::uint64_t here = 0;
    for (std::size_t b = 0; b < (n + 7) / 8; ++b) here |= std::uint64_t{bits[b]} << (8 * b);
    found |= here << i;
  }
  return found;
}

float rough_distance(const float* a, const float* b, int size) {
  const Single d;
  const std::size_t n = hn::Lanes(d), all = static_cast<std::size_t>(size);
  auto sum0 = hn::Zero(d), sum1 = sum0;
  std::size_t i = 0;
  for (; i + 2 * n <= all; i += 2 * n) {
    const auto apart0 = hn::Sub(hn::LoadU(d, a + i), hn::LoadU(d, b + i));
    const auto apart1 = hn::Sub(hn::LoadU(d, a + i + n), hn::LoadU(d, b + i + n));
    sum0 = hn::MulAdd(apart0, apart0, sum0);
    sum1 = hn::MulAdd(apart1, apart1, sum1);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
  for (; i < all; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// Two vectors of the partial sums at a time. A product and its addition are separate instructions, as in the
// plain loops.
double squared_distance(const float* a, const float* b, int size) {
  const Double d;
  const hn::Rebind<float, Double> half;
  const std::size_t n = hn::Lanes(d), whole = static_cast<std::size_t>(size) / 16 * 16;
  HWY_ALIGN double sums[16];
  for (std::size_t column = 0; column < 16; column += 2 * n) {
    auto sum0 = hn::Zero(d), sum1 = sum0;
    for (std::size_t i = column; i < whole; i += 16) {
      const auto apart0 =
          hn::Sub(hn::PromoteTo(d, hn::LoadU(half, a + i)), hn::PromoteTo(d, hn::LoadU(half, b + i)));
      const auto apart1 =
          hn::Sub(hn::PromoteTo(d, hn::LoadU(half, a + i + n)), hn::PromoteTo(d, hn::LoadU(half, b + i + n)));
      sum0 = hn::Add(sum0, hn::Mul(apart0, apart0));
      sum1 = hn::Add(sum1, hn::Mul(apart1, apart1));
    }
    hn::StoreU(sum0, d, sums + column);
    hn::StoreU(sum1, d, sums + column + n);
  }
  for (std::size_t i = whole; i < static_cast<std::size_t>(size); ++i) {
    const double apart = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    const double square = apart * apart;
    sums[i % 16] += square;
  }
  return sum_of_partial(sums);
}

NearestParts parts() { return {products, below, squared_distance, rough_distance}; }

void lower(const RowPool& pool, const float* row, float* distances) {
  const RowPool::Contents& rows = *pool.contents();
  const double least = 1 - rough_error(rows.size);
  parallel_for(rows.count, 1024, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> space(static_cast<std::size_t>(rows.size));
    for (std::int64_t i = begin; i < end; ++i) {
      const float* other = rows.row(i, space.data());
      // Most rows are nearer to another one already, which float32 can tell; where it overflows it cannot.
      const float rough = rough_distance(row, other, rows.size);
      const double known = static_cast<double>(distances[i]) * distances[i];
      if (rough * least > known * (1 + 0x1p-20) && rough < std::numeric_limits<float>::infinity()) continue;
      const double squared = squared_distance(row, other, rows.size);
      distances[i] = std::min(distances[i], static_cast<float>(std::sqrt(squared)));
    }
  });
}

// Rows whose sums are kept in registers, with 2 vectors of outputs each.
constexpr int kProjected = 4;

// out[r, 0 .. kVectors vectors] of kProjected rows. A product and its addition are separate instructions, as
// in the plain loops.
template <int kVectors>
void project_group(const float* const* rows, int size, const double* columns, std::size_t to,
                   float* const* out) {
  const Double d;
  const hn::Rebind<float, Double> single;
  const std::size_t n = hn::Lanes(d), second = kVectors > 1 ? n : 0;
  auto a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (int k = 0; k < size; ++k, columns += to) {
    const auto p0 = hn::LoadU(d, columns), p1 = hn::LoadU(d, columns + second);
    const auto add = [&](auto& a, auto& b, const float* row) HWY_ATTR {
      const auto x = hn::Set(d, static_cast<double>(row[k]));
      a = hn::Add(a, hn::Mul(x, p0));
      if constexpr (kVectors > 1) b = hn::Add(b, hn::Mul(x, p1));
    };
    add(a0, b0, rows[0]);
    add(a1, b1, rows[1]);
    add(a2, b2, rows[2]);
    add(a3, b3, rows[3]);
  }
  const auto put = [&](const auto& a, const auto& b, float* to_row) HWY_ATTR {
    hn::StoreU(hn::DemoteTo(single, a), single, to_row);
    if constexpr (kVectors > 1) hn::StoreU(hn::DemoteTo(single, b), single, to_row + n);
  };
  put(a0, b0, out[0]), put(a1, b1, out[1]), put(a2, b2, out[2]), put(a3, b3, out[3]);
}

void project(const RowPool& pool, const double* columns, int to, float* out) {
  const RowPool::Contents& rows = *pool.contents();
  const std::size_t n = hn::Lanes(Double()), size = static_cast<std::size_t>(rows.size);
  parallel_for((rows.count + kProjected - 1) / kProjected, 16, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> space(kProjected * size), results(kProjected * static_cast<std::size_t>(to));
    for (std::int64_t group = begin; group < end; ++group) {
      const float* some[kProjected];
      float* to_rows[kProjected];
      const auto row = [&](int r) { return std::min(group * kProjected + r, rows.count - 1); };
      for (int r = 0; r < kProjected; ++r)
        some[r] = rows.row(row(r), space.data() + static_cast<std::size_t>(r) * size);
      const auto at = [&](std::size_t column) {
        for (int r = 0; r < kProjected; ++r)
          to_rows[r] = results.data() + static_cast<std::size_t>(r * to) + column;
        return to_rows;
      };
      const auto wide = static_cast<std::size_t>(to);
      std::size_t column = 0;
      for (; column + 2 * n <= wide; column += 2 * n)
        project_group<2>(some, rows.size, columns + column, wide, at(column));
      for (; column + n <= wide; column += n)
        project_group<1>(some, rows.size, columns + column, wide, at(column));
      for (; column < wide; ++column)
        for (int r = 0; r < kProjected; ++r) {
          double sum = 0;
          for (std::size_t k = 0; k < size; ++k) {
            const double product = static_cast<double>(some[r][k]) * columns[k * wide + column];
            sum += product;
          }
          at(column)[r][0] = static_cast<float>(sum);
        }
      for (int r = 0; r < kProjected; ++r)
        std::copy_n(results.data() + static_cast<std::size_t>(r * to), wide, out + row(r) * to);
    }
  });
}

RowFacts facts(const float* row, const float* center, int size) {
  const Double d;
  const hn::Rebind<float, Double> single;
  const hn::RebindToUnsigned<decltype(single)> bits;
  const std::size_t n = hn::Lanes(d), all = static_cast<std::size_t>(size);
  auto norm2 = hn::Zero(d), dot = norm2;
  auto lost2 = hn::Zero(single);
  std::size_t i = 0;
  for (; i + n <= all; i += n) {
    const auto x = hn::LoadU(single, row + i);
    const auto wide = hn::PromoteTo(d, x);
    norm2 = hn::MulAdd(wide, wide, norm2);
    dot = hn::MulAdd(wide, hn::PromoteTo(d, hn::LoadU(single, center + i)), dot);
    // To the nearest, halves to even.
    const auto b = hn::BitCast(bits, x);
    const auto odd = hn::And(hn::ShiftRight<16>(b), hn::Set(bits, 1));
    const auto rounded = hn::And(hn::Add(b, hn::Add(odd, hn::Set(bits, 0x7fff))), hn::Set(bits, 0xffff0000U));
    const auto lost = hn::Sub(x, hn::BitCast(single, rounded));
    lost2 = hn::MulAdd(lost, lost, lost2);
  }
  RowFacts found{hn::GetLane(hn::SumOfLanes(d, norm2)), hn::GetLane(hn::SumOfLanes(d, dot)),
                 hn::GetLane(hn::SumOfLanes(single, lost2))};
  for (; i < all; ++i) {
    const double x = row[i], lost = x - bf16_to_f32(f32_to_bf16(row[i]));
    found.norm2 += x * x;
    found.dot += x * center[i];
    found.lost2 += lost * lost;
  }
  found.lost2 = found.lost2 * 1.01 + size * 1e-37;  // of float32: its rounding, and its underflow
  return found;
}

float add_row_to(const float* row, int size, float* sums) {
  const Single d;
  const hn::RebindToSigned<Single> bits;
  const std::size_t n = hn::Lanes(d), all = static_cast<std::size_t>(size);
  auto most = hn::Zero(bits);  // magnitudes are in the order of their bits, NaN beyond infinity
  std::size_t i = 0;
  for (; i + n <= all; i += n) {
    const auto x = hn::LoadU(d, row + i);
    hn::StoreU(hn::Add(hn::LoadU(d, sums + i), x), d, sums + i);
    most = hn::Max(most, hn::BitCast(bits, hn::Abs(x)));
  }
  float largest = hn::GetLane(hn::BitCast(d, hn::MaxOfLanes(bits, most)));
  for (; i < all; ++i) {
    sums[i] += row[i];
    if (!(std::abs(row[i]) <= largest)) largest = std::abs(row[i]);
  }
  return largest < std::numeric_limits<float>::infinity() ? largest : std::numeric_limits<float>::infinity();
}

void widen(const std::uint16_t* from, int size, float* to) {
  const Single d;
  const hn::RebindToUnsigned<Single> bits;
  const hn::Rebind<std::uint16_t, Single> half;
  const std::size_t n = hn::Lanes(d), all = static_cast<std::size_t>(size);
  std::size_t i = 0;
  for (; i + n <= all; i += n)
    hn::StoreU(hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, hn::LoadU(half, from + i)))), d, to + i);
  for (; i < all; ++i) to[i] = bf16_to_f32(from[i]);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anomalyvlm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anomalyvlm {

HWY_EXPORT(parts);
HWY_EXPORT(lower);
HWY_EXPORT(project);
HWY_EXPORT(facts);
HWY_EXPORT(add_row_to);
HWY_EXPORT(widen);

RowFacts facts_of_row(const float* row, const float* center, int size) {
  return HWY_DYNAMIC_DISPATCH(facts)(row, center, size);
}
float add_row(const float* row, int size, float* sums) {
  return HWY_DYNAMIC_DISPATCH(add_row_to)(row, size, sums);
}
void widen_bfloat16(const std::uint16_t* from, int size, float* to) {
  HWY_DYNAMIC_DISPATCH(widen)(from, size, to);
}

NearestParts simd_nearest_parts() { return HWY_DYNAMIC_DISPATCH(parts)(); }
void run_nearest_simd(const NearestArguments& arguments) { search_nearest(arguments, simd_nearest_parts()); }
void lower_distances_simd(const RowPool& pool, const float* row, float* distances) {
  HWY_DYNAMIC_DISPATCH(lower)(pool, row, distances);
}
void project_rows_simd(const RowPool& pool, const double* columns, int to, float* out) {
  HWY_DYNAMIC_DISPATCH(project)(pool, columns, to, out);
}

}  // namespace anomalyvlm
#endif
