#include "kernels/nearest/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "anomalyvlm/error.h"
#include "kernels/forced.h"
#include "kernels/nearest/implementations.h"
#include "kernels/nearest_cases.h"
#include "kernels/registry.h"

namespace anomalyvlm {
namespace {

using Floats = std::vector<float>;

// Everything a sorted list in double precision, over all pools.
void expect_nearest(std::span<const RowPool> pools, const Floats& queries, int size, const Floats& places,
                    std::span<const NearestQuestion> questions, const std::vector<NearestRows>& got) {
  ASSERT_EQ(got.size(), questions.size());
  std::vector<Floats> rows;
  Floats row_places;
  for (const RowPool& pool : pools) {
    for (std::int64_t i = 0; i < pool.count(); ++i) rows.push_back(pool.row(i));
    const Floats placed = grid_places(static_cast<int>(pool.count()));
    row_places.insert(row_places.end(), placed.begin(), placed.end());
  }
  for (std::size_t q = 0; q < queries.size() / size; ++q) {
    std::vector<double> apart(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (int k = 0; k < size; ++k) {
        const double difference = static_cast<double>(queries[q * size + k]) - rows[i][k];
        apart[i] += difference * difference;
      }
    for (std::size_t j = 0; j < questions.size(); ++j) {
      std::vector<std::int32_t> order;
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (questions[j].reach == NearestQuestion::kAnywhere ||
            std::max(std::abs(places[2 * q] - row_places[2 * i]),
                     std::abs(places[2 * q + 1] - row_places[2 * i + 1])) <= questions[j].reach)
          order.push_back(static_cast<std::int32_t>(i));
      std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return apart[a] < apart[b]; });
      const std::size_t count = questions[j].count;
      ASSERT_EQ(got[j].count, questions[j].count);
      ASSERT_EQ(got[j].indices.size(), queries.size() / size * count);
      for (std::size_t n = 0; n < count; ++n) {
        const std::int32_t index = got[j].indices[q * count + n];
        const float distance = got[j].distances[q * count + n];
        if (n >= order.size()) {
          ASSERT_EQ(index, -1);
          ASSERT_EQ(distance, std::numeric_limits<float>::infinity());
          continue;
        }
        ASSERT_GE(index, 0);
        // The order of sums of the same terms may differ by rounding where distances are all but equal.
        const double expected = apart[order[n]];
        ASSERT_NEAR(apart[index], expected, index == order[n] ? 0 : 1e-12 * expected) << q << ' ' << n;
        ASSERT_NEAR(distance, expected, 1e-6 * expected + 1e-44) << q << ' ' << n;
      }
    }
  }
}

struct Prepared {
  explicit Prepared(const NearestCase& c)
      : pool(pool_of(clustered_rows(c.rows, c.size, 1), c.size, c.bfloat16)),
        queries(clustered_rows(c.queries, c.size, 2)),
        places(grid_places(c.queries)) {}
  RowPool pool;
  Floats queries, places;
};

void check_nearest_cases() {
  for (const NearestCase& c : nearest_cases()) {
    if (c.timed) continue;
    SCOPED_TRACE(c.name);
    const Prepared p(c);
    expect_nearest({&p.pool, 1}, p.queries, c.size, p.places, c.questions,
                   nearest({&p.pool, 1}, p.queries, c.size, c.questions, p.places));
  }
}

TEST(NearestTest, PortableAgreesWithDoublePrecision) {
  const Forced portable("nearest=portable");
  check_nearest_cases();
}

TEST(NearestTest, EveryInstructionSetAgreesWithDoublePrecision) {
  const Forced simd("nearest=simd");
  with_every_instruction_set([](auto) { check_nearest_cases(); });
}

// Those that this CPU has; "portable" first.
std::vector<std::string> usable_implementations() {
  std::vector<std::string> names;
  for (const NearestImplementation& implementation : nearest_implementations())
    if (implementation.accepts({})) names.insert(names.begin(), std::string(implementation.name));
  return names;
}

TEST(NearestTest, EveryImplementationAgreesWithDoublePrecision) {
  for (const std::string& name : usable_implementations()) {
    SCOPED_TRACE(name);
    const Forced forced("nearest=" + name);
    check_nearest_cases();
  }
}

bool same(const std::vector<NearestRows>& a, const std::vector<NearestRows>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].indices != b[i].indices || a[i].distances != b[i].distances) return false;
  return a.size() == b.size();
}

TEST(NearestTest, ImplementationsInstructionSetsAndThreadsGiveTheSameBits) {
  const NearestCase c{"", 130, 2000, 37, {{1}, {7}, {3, 0.2F}}};
  const Prepared p(c);
  const auto ask = [&] { return nearest({&p.pool, 1}, p.queries, c.size, c.questions, p.places); };
  std::vector<NearestRows> expected;
  {
    const Forced portable("portable");
    expected = ask();
  }
  for (const std::string& name : usable_implementations()) {
    const Forced forced(name);
    with_every_instruction_set([&](auto) { EXPECT_TRUE(same(ask(), expected)) << name; });
    for (const int n : {1, 2, 3, 16, 64}) {
      const Threads threads(n);
      EXPECT_TRUE(same(ask(), expected)) << name << ", " << n << " threads";
    }
  }
}

// Rows that cannot be told apart by the fast pass, of all scales, and queries far from them.
TEST(NearestTest, TiesAndScales) {
  const int size = 19, rows = 700, queries = 20;
  std::vector<std::pair<Floats, Floats>> inputs;
  const auto filled = [&](int count, auto&& value) {
    Floats all;
    for (int i = 0; i < count; ++i)
      for (int k = 0; k < size; ++k) all.push_back(value(i, k));
    return all;
  };
  const auto ones = [](int, int) { return 1.0F; };
  const auto zeros = [](int, int) { return 0.0F; };
  const auto cycle = [](int i, int k) { return static_cast<float>((i * 7 + k * k * 3) % 5); };
  inputs.emplace_back(filled(rows, ones), filled(queries, ones));
  inputs.emplace_back(filled(rows, zeros), filled(queries, zeros));
  inputs.emplace_back(filled(rows, zeros), filled(queries, ones));
  inputs.emplace_back(filled(rows, cycle), filled(queries, cycle));
  for (const float scale : {1e-30F, 1e-20F, 1e-9F, 1e9F, 1e17F}) {
    const auto scaled = [&](int i, int k) { return scale * cycle(i, k); };
    inputs.emplace_back(filled(rows, scaled), filled(queries, scaled));
    inputs.emplace_back(filled(rows, scaled), filled(queries, ones));
    inputs.emplace_back(filled(rows, ones), filled(queries, scaled));
  }
  // Far from the origin, close to each other: where |a|^2 + |b|^2 - 2ab fails.
  const auto close = [&](int i, int k) { return 1000 + 1e-3F * cycle(i, k); };
  inputs.emplace_back(filled(rows, close), filled(queries, close));
  // One huge row among small ones.
  const auto mixed = [&](int i, int k) { return i == 300 ? 1e15F : 1e-3F * cycle(i, k); };
  inputs.emplace_back(filled(rows, mixed),
                      filled(queries, [&](int i, int k) { return 1e-3F * cycle(i + 1, k); }));
  const std::vector<NearestQuestion> questions = {{1}, {9}, {2, 0.1F}};
  const Floats places = grid_places(queries);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const RowPool pool = pool_of(inputs[i].first, size);
    std::vector<std::vector<NearestRows>> results;
    for (const std::string& name : usable_implementations()) {
      SCOPED_TRACE(name + ", input " + std::to_string(i));
      const Forced forced(name);
      results.push_back(nearest({&pool, 1}, inputs[i].second, size, questions, places));
      expect_nearest({&pool, 1}, inputs[i].second, size, places, questions, results.back());
      EXPECT_TRUE(same(results.back(), results.front()));
    }
  }
}

TEST(NearestTest, EqualRowsComeInTheirOrder) {
  const int size = 8;
  Floats rows(200 * size, 3.0F);
  for (const std::string& name : usable_implementations()) {
    const Forced forced(name);
    const NearestRows found = nearest(pool_of(rows, size), Floats(size, 1.0F), 150);
    std::vector<std::int32_t> expected(150);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(found.indices, expected) << name;
    EXPECT_EQ(found.distances, Floats(150, 32.0F)) << name;
  }
}

// Pools of different storage and scale, and one without rows, are searched as one.
TEST(NearestTest, SeveralPools) {
  const int size = 21, queries = 70;
  Floats large = clustered_rows(90, size, 4);
  for (float& v : large) v *= 300;
  const std::vector<RowPool> pools = {pool_of(clustered_rows(130, size, 3), size), RowPool(),
                                      pool_of(clustered_rows(77, size, 5), size, true), pool_of(large, size)};
  const Floats asked = clustered_rows(queries, size, 6), places = grid_places(queries);
  const std::vector<NearestQuestion> questions = {{3}, {300}, {2, 0.15F}};
  for (const std::string& name : usable_implementations()) {
    SCOPED_TRACE(name);
    const Forced forced(name);
    expect_nearest(pools, asked, size, places, questions, nearest(pools, asked, size, questions, places));
  }
}

TEST(NearestTest, LowersDistances) {
  for (const bool bfloat16 : {false, true}) {
    const int size = 45, rows = 3000;
    const RowPool pool = pool_of(clustered_rows(rows, size, 1), size, bfloat16);
    Floats expected;
    for (const std::string& name : usable_implementations()) {
      const Forced forced(name);
      with_every_instruction_set([&](auto) {
        for (const int n : {1, 3}) {
          const Threads threads(n);
          Floats distances(rows, std::numeric_limits<float>::infinity());
          const FarthestRow first = lower_distances(pool, pool.row(5), distances);
          EXPECT_EQ(distances[5], 0);
          EXPECT_EQ(first.distance, *std::max_element(distances.begin(), distances.end()));
          EXPECT_EQ(first.index, std::max_element(distances.begin(), distances.end()) - distances.begin());
          const Floats before = distances;
          lower_distances(pool, pool.row(first.index), distances);
          EXPECT_EQ(distances[first.index], 0);
          for (int i = 0; i < rows; ++i) EXPECT_LE(distances[i], before[i]);
          if (expected.empty()) expected = distances;
          EXPECT_EQ(distances, expected) << name;
        }
      });
    }
    for (int i = 0; i < rows; i += 101) {
      double squared = 0;
      for (int k = 0; k < size; ++k) squared += std::pow(double{pool.row(i)[k]} - pool.row(5)[k], 2);
      EXPECT_LE(expected[i], std::sqrt(squared) * (1 + 1e-6));
    }
  }
}

TEST(NearestTest, ProjectsRows) {
  for (const auto& shape : {std::tuple{1, 1, 1}, {7, 33, 5}, {50, 20, 128}, {9, 100, 37}}) {
    const int rows = std::get<0>(shape), size = std::get<1>(shape), to = std::get<2>(shape);
    const RowPool pool = pool_of(clustered_rows(rows, size, 1), size);
    Floats weights = clustered_rows(to, size, 2), expected;
    for (float& w : weights) w -= 0.5F;
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < to; ++j) {
        double sum = 0;
        for (int k = 0; k < size; ++k) sum += double{pool.row(i)[k]} * weights[j * size + k];
        expected.push_back(static_cast<float>(sum));
      }
    for (const std::string& name : usable_implementations()) {
      const Forced forced(name);
      with_every_instruction_set([&](auto) {
        Floats got(expected.size());
        project_rows(pool, weights, to, got.data());
        EXPECT_EQ(got, expected) << name;
      });
    }
    EXPECT_THROW(project_rows(pool, weights, to + 1, nullptr), Error);
  }
}

// More queries than are prepared at once.
TEST(NearestTest, ManyQueries) {
  const int size = 3, queries = 13000;
  const RowPool pool = pool_of(clustered_rows(90, size, 1), size);
  const Floats asked = clustered_rows(queries, size, 2), places = grid_places(queries);
  const std::vector<NearestQuestion> questions = {{2}, {1, 0.2F}};
  expect_nearest({&pool, 1}, asked, size, places, questions,
                 nearest({&pool, 1}, asked, size, questions, places));
}

TEST(NearestTest, NothingIsFine) {
  const Floats none;
  EXPECT_TRUE(nearest(pool_of({1, 2}, 2), none, 3).indices.empty());
  const NearestQuestion question{2};
  const std::vector<NearestRows> found = nearest({}, Floats{1, 2}, 2, {&question, 1});
  EXPECT_EQ(found[0].indices, (std::vector<std::int32_t>{-1, -1}));
  EXPECT_EQ(lower_distances(RowPool(), none, {}).index, -1);
  EXPECT_EQ(RowPool().bytes(), 0U);
  EXPECT_EQ(RowPool(Tensor::from<float>({0, 4}, {})).count(), 0);
}

TEST(NearestTest, RefusesWhatMakesNoSense) {
  const RowPool pool = pool_of({1, 2, 3, 4}, 2), unplaced = pool_of({1, 2, 3, 4}, 2, false, false);
  const auto ask = [](const RowPool& rows, const Floats& queries, int size, NearestQuestion question,
                      const Floats& places) {
    nearest({&rows, 1}, queries, size, {&question, 1}, places);
  };
  EXPECT_NO_THROW(ask(pool, {1, 2}, 2, {1, 0.5F}, {0, 0}));
  EXPECT_THROW(ask(pool, {1, 2}, 2, {0}, {}), Error);
  EXPECT_THROW(ask(pool, {1, 2}, 2, {1 << 20}, {}), Error);
  EXPECT_THROW(ask(pool, {1, 2, 3}, 2, {1}, {}), Error);
  EXPECT_THROW(ask(pool, {1, 2, 3}, 3, {1}, {}), Error);
  EXPECT_THROW(ask(pool, {1, 2}, 0, {1}, {}), Error);
  EXPECT_THROW(ask(pool, {1, 2}, 2, {1, -1.0F}, {0, 0}), Error);
  EXPECT_THROW(ask(pool, {1, 2}, 2, {1, 0.5F}, {}), Error);
  EXPECT_THROW(ask(pool, {1, 2}, 2, {1, 0.5F}, {0, 0, 0}), Error);
  EXPECT_THROW(ask(unplaced, {1, 2}, 2, {1, 0.5F}, {0, 0}), Error);
  EXPECT_THROW(ask(pool, {1, NAN}, 2, {1}, {}), Error);
  EXPECT_THROW(ask(pool, {1, 1e19F}, 2, {1}, {}), Error);
  EXPECT_THROW(pool_of({1, INFINITY}, 2), Error);
  EXPECT_THROW(RowPool(Tensor::from<float>({4}, {1, 2, 3, 4})), Error);
  EXPECT_THROW(RowPool(Tensor::from<std::int64_t>({1, 1}, {1})), Error);
  EXPECT_THROW(RowPool(Tensor::from<float>({2, 1}, {1, 2}), Tensor::from<float>({1, 2}, {0, 0})), Error);
  Floats distances(1);
  EXPECT_THROW(lower_distances(pool, Floats{1, 2}, distances), Error);
  const Forced forced("nearest=abacus");
  EXPECT_THROW(ask(pool, {1, 2}, 2, {1}, {}), Error);
}

}  // namespace
}  // namespace anomalyvlm
