#pragma once
// The table of implementations of the search for nearest rows, best first, and what they share.
#include <span>
#include <string>
#include <string_view>

#include "kernels/nearest/nearest.h"

namespace anomalyvlm {

struct RowPool::Contents {
  Tensor rows, places;
  std::int64_t count = 0;
  int size = 0;
  int exponent = 0;                // the largest magnitude is below 2^exponent; -60 to 60
  std::vector<float> half_norms;   // |x|^2 / 2 * 2^(-2 exponent)
  std::vector<float> center;       // the mean row
  std::vector<float> center_dots;  // <center, x> * 2^(-2 exponent)
  double largest_norm = 0;         // of |x| * 2^-exponent
  double largest_rounding = 0;     // of |x - bfloat16(x)| * 2^-exponent

  // Row i in float32: its own memory, or `space` [size].
  const float* row(std::int64_t i, float* space) const;
};

// What a pool keeps of its rows is only for the fast pass, so that any rounding will do, if `lost2` is not
// too small. All of these use the best instruction set.
struct RowFacts {
  double norm2 = 0;  // |x|^2
  double dot = 0;    // <center, x>
  double lost2 = 0;  // |x - bfloat16(x)|^2, or a little more
};
RowFacts facts_of_row(const float* row, const float* center, int size);
// Adds a row to `sums`. Returns the largest magnitude, infinity if a value is not finite.
float add_row(const float* row, int size, float* sums);
void widen_bfloat16(const std::uint16_t* from, int size, float* to);

struct NearestArguments {
  std::span<const RowPool> pools;
  const float* queries = nullptr;  // [count, size]
  std::int64_t count = 0;
  int size = 0;
  const float* places = nullptr;  // [count, 2] or null
  std::span<const NearestQuestion> questions;
  std::span<NearestRows> answers;  // allocated, filled with infinity and -1
};

struct NearestImplementation {
  std::string_view name;
  bool (*accepts)(const NearestArguments&);
  void (*run)(const NearestArguments&);
  void (*lower)(const RowPool& pool, const float* row, float* distances);
  // `columns`: the weights transposed, [size, to].
  void (*project)(const RowPool& pool, const double* columns, int to, float* out);
};

std::span<const NearestImplementation> nearest_implementations();
std::string chosen_nearest_implementation();

void run_nearest_portable(const NearestArguments& arguments);
void lower_distances_portable(const RowPool& pool, const float* row, float* distances);
void project_rows_portable(const RowPool& pool, const double* columns, int to, float* out);
void project_rows_simd(const RowPool& pool, const double* columns, int to, float* out);
bool has_avx512_bf16();
void run_nearest_avx512_bf16(const NearestArguments& arguments);
void run_nearest_simd(const NearestArguments& arguments);
void lower_distances_simd(const RowPool& pool, const float* row, float* distances);

// Squared distance: 16 partial sums in double precision, of the dimensions i mod 16, added up by
// sum_of_partial(). Every implementation keeps this order and fuses no multiplication with an addition, so
// that all give the same bits.
using SquaredDistance = double (*)(const float* a, const float* b, int size);
double squared_distance_portable(const float* a, const float* b, int size);
inline double sum_of_partial(const double* sums) {
  double half[8];
  for (int i = 0; i < 8; ++i) half[i] = sums[i] + sums[i + 8];
  return ((half[0] + half[4]) + (half[2] + half[6])) + ((half[1] + half[5]) + (half[3] + half[7]));
}

inline bool is_near(const float* a, const float* b, float reach) {
  const float dx = a[0] - b[0], dy = a[1] - b[1];
  return (dx < 0 ? -dx : dx) <= reach && (dy < 0 ? -dy : dy) <= reach;
}

// A found row. Nearer ones come first, of equal ones that of the lower index.
struct RankedRow {
  double distance = 0;  // squared
  std::int32_t index = 0;
  friend bool operator<(const RankedRow& a, const RankedRow& b) {
    return a.distance < b.distance || (a.distance == b.distance && a.index < b.index);
  }
};

// ---- for implementations with a fast pass: search.cc does all but the products.

constexpr int kRowGroup = 8;     // rows whose products are computed together,
constexpr int kPanelWidth = 48;  // with so many queries at most
constexpr int kDepth = 256;      // numbers whose products are added up before they are added to the rest

// dots[r * width + j] = <rows[r], query j of the panel>. panel: [depth, width], aligned to 64 bytes; width:
// 16, 32 or 48. Sums of kDepth products, then the sum of those.
using GroupProducts = void (*)(const float* panel, int width, const float* const* rows, int depth,
                               float* dots);
// The same of bfloat16, two in each word: panel [pairs, width].
using PairProducts = void (*)(const std::uint32_t* panel, int width, const std::uint32_t* const* rows,
                              int pairs, float* dots);
// The queries j with half_norm - dots[j] < limits[j], as bits.
using QueriesBelow = std::uint64_t (*)(const float* dots, float half_norm, const float* limits, int width);
// The sum of squared differences in float32, in any order; its relative error, unless it underflows or
// overflows: of the sum and of each difference and square.
using RoughDistance = float (*)(const float* a, const float* b, int size);
constexpr float rough_error(int size) { return static_cast<float>((size + 8) * 0x1.01p-24); }
// Rounds to the nearest bfloat16.
using Narrow = void (*)(const float* from, std::size_t n, std::uint16_t* to);

struct NearestParts {
  GroupProducts products;
  QueriesBelow below;
  SquaredDistance distance;
  RoughDistance rough;
  PairProducts pair_products = nullptr;  // null: everything in float32
  Narrow narrow = nullptr;               // with pair_products
};
NearestParts simd_nearest_parts();
void search_nearest(const NearestArguments& arguments, const NearestParts& parts);

}  // namespace anomalyvlm
