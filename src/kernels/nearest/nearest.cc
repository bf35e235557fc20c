#include "kernels/nearest/nearest.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>

#include "core/check.h"
#include "core/threads.h"
#include "kernels/nearest/implementations.h"
#include "kernels/registry.h"

namespace anomalyvlm {
namespace {

constexpr std::int64_t kMostRows = std::numeric_limits<std::int32_t>::max() - 1;
constexpr int kMostNumbers = 65536;  // a row; the error bound assumes that it is far below 2^24
constexpr int kMostNeighbours = 65536;
constexpr float kLargest = 1e18F;

bool accepts_anything(const NearestArguments&) { return true; }
bool has_bf16_products(const NearestArguments&) { return has_avx512_bf16(); }

constexpr NearestImplementation kImplementations[] = {
    {"avx512_bf16", has_bf16_products, run_nearest_avx512_bf16, lower_distances_simd, project_rows_simd},
    {"simd", accepts_anything, run_nearest_simd, lower_distances_simd, project_rows_simd},
    {"portable", accepts_anything, run_nearest_portable, lower_distances_portable, project_rows_portable},
};

void require_finite(std::span<const float> values, const char* what) {
  for (const float v : values) {
    if (!(std::abs(v) <= kLargest))
      fail(ErrorKind::kBadInput, "The search for nearest rows was given {} with the value {}.", what, v);
  }
}

void add_exponent_and_center(RowPool::Contents& c) {
  std::mutex mutex;
  float most = 0;
  std::vector<double> sums(static_cast<std::size_t>(c.size));
  parallel_for(c.count, 256, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> space(sums.size()), sums_here(sums.size());
    float here = 0;
    for (std::int64_t i = begin; i < end; ++i)
      here = std::max(here, add_row(c.row(i, space.data()), c.size, sums_here.data()));
    const std::lock_guard lock(mutex);
    most = std::max(most, here);
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += static_cast<double>(sums_here[k]);
  });
  if (!(most <= kLargest))
    fail(ErrorKind::kBadInput, "The search for nearest rows was given a row with the value {}.", most);
  for (const double sum : sums)
    c.center.push_back(static_cast<float>(sum / static_cast<double>(std::max<std::int64_t>(c.count, 1))));
  std::frexp(most, &c.exponent);
  c.exponent = std::clamp(c.exponent, -60, 60);
}

// What is kept of each row.
void add_norms(RowPool::Contents& c) {
  c.half_norms.resize(static_cast<std::size_t>(c.count));
  c.center_dots.resize(c.half_norms.size());
  std::mutex mutex;
  const double unit2 = std::ldexp(1.0, -2 * c.exponent);
  parallel_for(c.count, 256, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> space(static_cast<std::size_t>(c.size));
    double norm2 = 0, lost2 = 0;
    for (std::int64_t i = begin; i < end; ++i) {
      const RowFacts facts = facts_of_row(c.row(i, space.data()), c.center.data(), c.size);
      c.half_norms[static_cast<std::size_t>(i)] = static_cast<float>(facts.norm2 * unit2 / 2);
      c.center_dots[static_cast<std::size_t>(i)] = static_cast<float>(facts.dot * unit2);
      norm2 = std::max(norm2, facts.norm2);
      lost2 = std::max(lost2, facts.lost2);
    }
    const std::lock_guard lock(mutex);
    c.largest_norm = std::max(c.largest_norm, std::sqrt(norm2 * unit2));
    c.largest_rounding = std::max(c.largest_rounding, std::sqrt(lost2 * unit2));
  });
  if (c.rows.dtype() == DType::kBF16) c.largest_rounding = 0;
}

std::int64_t checked_rows(std::span<const RowPool> pools, int size) {
  std::int64_t rows = 0;
  for (const RowPool& pool : pools) {
    if (pool.count() > 0 && pool.size() != size)
      fail(ErrorKind::kBadInput, "Rows of {} numbers cannot be compared with queries of {}.", pool.size(),
           size);
    rows += pool.count();
  }
  if (rows > kMostRows)
    fail(ErrorKind::kBadInput, "{} rows are too many to search; {} is the most.", rows, kMostRows);
  return rows;
}

void check_questions(std::span<const RowPool> pools, std::span<const NearestQuestion> questions,
                     bool queries_have_places) {
  for (const NearestQuestion& question : questions) {
    if (question.count < 1 || question.count > kMostNeighbours)
      fail(ErrorKind::kBadInput, "The {} nearest rows cannot be sought; 1 to {} can.", question.count,
           kMostNeighbours);
    if (!(question.reach >= 0))
      fail(ErrorKind::kBadInput, "Rows within a reach of {} cannot be sought; use 0 or more.",
           question.reach);
    if (question.reach == NearestQuestion::kAnywhere) continue;
    const bool all = std::all_of(pools.begin(), pools.end(),
                                 [](const RowPool& pool) { return pool.count() == 0 || pool.has_places(); });
    if (!all || !queries_have_places)
      fail(ErrorKind::kBadInput, "Rows nearby cannot be sought: {} without places.",
           all ? "the queries are" : "some of the rows are");
  }
}

}  // namespace

std::span<const NearestImplementation> nearest_implementations() { return kImplementations; }

std::string chosen_nearest_implementation() {
  return std::string(choose_implementation("nearest", kImplementations, NearestArguments{}).name);
}

RowPool::RowPool(Tensor rows, Tensor places) {
  const bool known = rows.dtype() == DType::kF32 || rows.dtype() == DType::kBF16;
  if (rows.rank() != 2 || !known || rows.dim(0) < 0 || rows.dim(0) > kMostRows || rows.dim(1) < 1 ||
      rows.dim(1) > kMostNumbers)
    fail(ErrorKind::kBadInput,
         "Rows to search must be float32 or bfloat16 of shape [count, size] (up to {} numbers), not {} {}.",
         kMostNumbers, name_of(rows.dtype()), to_string(rows.shape()));
  if (places.defined() && (places.dtype() != DType::kF32 || places.shape() != Shape{rows.dim(0), 2}))
    fail(ErrorKind::kBadInput, "The places of {} rows must be float32 [{}, 2], not {} {}.", rows.dim(0),
         rows.dim(0), name_of(places.dtype()), to_string(places.shape()));
  auto contents = std::make_shared<Contents>();
  contents->count = rows.dim(0);
  contents->size = static_cast<int>(rows.dim(1));
  // A file may hold numbers at any byte.
  if (std::bit_cast<std::uintptr_t>(rows.raw()) % size_of(rows.dtype()) != 0) rows = rows.to_f32();
  contents->rows = std::move(rows);
  if (places.defined()) contents->places = places.to_f32();
  if (places.defined()) require_finite(contents->places.floats(), "a place");
  add_exponent_and_center(*contents);
  add_norms(*contents);
  contents_ = std::move(contents);
}

std::int64_t RowPool::count() const { return contents_ ? contents_->count : 0; }
int RowPool::size() const { return contents_ ? contents_->size : 0; }
bool RowPool::has_places() const { return contents_ && contents_->places.defined(); }

std::size_t RowPool::bytes() const {
  if (!contents_) return 0;
  const std::size_t places = has_places() ? contents_->places.bytes() : 0;
  return contents_->rows.bytes() + places + 2 * contents_->half_norms.size() * sizeof(float);
}

std::vector<float> RowPool::row(std::int64_t i) const {
  AVLM_CHECK(i >= 0 && i < count());
  std::vector<float> space(static_cast<std::size_t>(size()));
  const float* values = contents_->row(i, space.data());
  if (values != space.data()) std::copy_n(values, space.size(), space.data());
  return space;
}

const float* RowPool::Contents::row(std::int64_t i, float* space) const {
  if (rows.dtype() == DType::kF32) return static_cast<const float*>(rows.raw()) + i * size;
  const auto* from = static_cast<const std::uint16_t*>(rows.raw()) + i * size;
  widen_bfloat16(from, size, space);
  return space;
}

std::vector<NearestRows> nearest(std::span<const RowPool> pools, std::span<const float> queries, int size,
                                 std::span<const NearestQuestion> questions, std::span<const float> places) {
  if (size < 1 || size > kMostNumbers || queries.size() % static_cast<std::size_t>(size) != 0)
    fail(ErrorKind::kBadInput, "{} numbers are not queries of {} each.", queries.size(), size);
  const std::size_t count = queries.size() / static_cast<std::size_t>(size);
  if (!places.empty() && places.size() != 2 * count)
    fail(ErrorKind::kBadInput, "{} queries cannot have {} coordinates.", count, places.size());
  const std::int64_t rows = checked_rows(pools, size);
  check_questions(pools, questions, count == 0 || !places.empty());
  require_finite(queries, "a query");
  require_finite(places, "a place");
  std::vector<NearestRows> answers;
  for (const NearestQuestion& question : questions) {
    const std::size_t numbers = count * static_cast<std::size_t>(question.count);
    answers.push_back({question.count, std::vector<float>(numbers, std::numeric_limits<float>::infinity()),
                       std::vector<std::int32_t>(numbers, -1)});
  }
  const NearestArguments a{pools,     queries.data(), static_cast<std::int64_t>(count), size, places.data(),
                           questions, answers};
  const NearestImplementation& chosen = choose_implementation("nearest", kImplementations, a);
  if (count > 0 && rows > 0 && !questions.empty()) chosen.run(a);
  return answers;
}

NearestRows nearest(const RowPool& pool, std::span<const float> queries, int count) {
  const NearestQuestion question{count, NearestQuestion::kAnywhere};
  return std::move(nearest({&pool, 1}, queries, pool.size(), {&question, 1}).front());
}

void project_rows(const RowPool& pool, std::span<const float> weights, int to, float* out) {
  const auto size = static_cast<std::size_t>(pool.size()), wide = static_cast<std::size_t>(to);
  if (to < 1 || to > kMostNumbers || weights.size() != wide * size)
    fail(ErrorKind::kBadInput, "{} weights cannot project rows of {} numbers to {}.", weights.size(), size,
         to);
  require_finite(weights, "a weight");
  const NearestImplementation& chosen =
      choose_implementation("nearest", kImplementations, NearestArguments{});
  std::vector<double> columns(weights.size());
  for (std::size_t j = 0; j < wide; ++j)
    for (std::size_t k = 0; k < size; ++k) columns[k * wide + j] = weights[j * size + k];
  if (pool.count() > 0) chosen.project(pool, columns.data(), to, out);
}

FarthestRow lower_distances(const RowPool& pool, std::span<const float> row, std::span<float> distances) {
  if (static_cast<std::int64_t>(distances.size()) != pool.count() ||
      (pool.count() > 0 && static_cast<int>(row.size()) != pool.size()))
    fail(ErrorKind::kBadInput, "{} distances from a row of {} numbers are not those of {} rows of {}.",
         distances.size(), row.size(), pool.count(), pool.size());
  require_finite(row, "a row");
  const NearestImplementation& chosen =
      choose_implementation("nearest", kImplementations, NearestArguments{});
  if (pool.count() == 0) return {};
  chosen.lower(pool, row.data(), distances.data());
  const auto farthest = std::max_element(distances.begin(), distances.end());
  return {farthest - distances.begin(), *farthest};
}

}  // namespace anomalyvlm
