// The search around the products: panels of queries meet blocks of rows that stay in the cache, shortlists
// take what may be among the nearest, and at the end their exact distances decide.
#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

#include "core/threads.h"
#include "kernels/nearest/implementations.h"
#include "kernels/nearest/queries.h"
#include "kernels/nearest/shortlist.h"

namespace anomalyvlm {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::size_t kBlockBytes = 256 << 10;  // of rows: they stay in the L2 cache beside a panel
constexpr std::int64_t kPanelsPerTask = 8;      // that share a block while it is there
constexpr std::int64_t kQueriesAtOnce = 128 * kPanelWidth;  // bounds the memory of panels and shortlists

std::int64_t pieces(std::int64_t n, std::int64_t length) { return (n + length - 1) / length; }

// Consecutive rows of one pool.
struct Block {
  const RowPool::Contents* pool;
  std::int64_t first;  // in the pool
  int count;
  std::int32_t index;  // of the first, through all pools
};

std::vector<Block> cut_blocks(std::span<const RowPool> pools, int size) {
  const std::size_t fitting = kBlockBytes / sizeof(float) / static_cast<std::size_t>(size);
  const auto most =
      static_cast<std::int64_t>(std::clamp<std::size_t>(fitting / kRowGroup * kRowGroup, kRowGroup, 512));
  std::vector<Block> blocks;
  std::int64_t index = 0;
  for (const RowPool& pool : pools) {
    for (std::int64_t first = 0; first < pool.count(); first += most) {
      const std::int64_t n = std::min(most, pool.count() - first);
      blocks.push_back(
          {pool.contents(), first, static_cast<int>(n), static_cast<std::int32_t>(index + first)});
    }
    index += pool.count();
  }
  return blocks;
}

// What all threads share.
class Search {
 public:
  Search(const NearestArguments& a, const NearestParts& parts)
      : a_(a), parts_(parts), queries_(a, parts), blocks_(cut_blocks(a.pools, a.size)) {
    const auto panels = static_cast<std::int64_t>(queries_.panels().size());
    const std::int64_t groups =
        pieces(panels, std::clamp<std::int64_t>(panels / thread_count(), 1, kPanelsPerTask));
    panels_per_group_ = pieces(panels, groups);
    groups_ = pieces(panels, panels_per_group_);
    // Ranges of rows, so that all threads are busy to the end. Each one begins anew.
    const std::int64_t wanted = thread_count() == 1 ? 1 : pieces(8 * thread_count(), groups_);
    ranges_ = std::min<std::int64_t>(wanted, static_cast<std::int64_t>(blocks_.size()));
    bounds_ = std::vector<std::atomic<float>>(a.questions.size() * static_cast<std::size_t>(a.count));
    for (auto& bound : bounds_) bound = kInfinity;
    found_.resize(static_cast<std::size_t>(ranges_) * bounds_.size());
  }

  void run(std::int64_t first_query);

 private:
  friend class Task;

  std::size_t slot(std::size_t question, std::int64_t q) const {
    return question * static_cast<std::size_t>(a_.count) + static_cast<std::size_t>(q);
  }

  const float* row(std::int32_t index, float* space) const {
    const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), index,
                                        [](std::int32_t i, const Block& block) { return i < block.index; });
    const Block& block = *(after - 1);
    return block.pool->row(block.first + index - block.index, space);
  }

  void settle(Shortlist& list, std::int64_t q, float* space) const {
    const float* query = a_.queries + q * a_.size;
    list.settle([&](std::int32_t index) { return parts_.rough(query, row(index, space), a_.size); },
                rough_error(a_.size),
                [&](std::int32_t index) { return parts_.distance(query, row(index, space), a_.size); });
  }

  // Of values in either precision.
  float margin(std::int64_t q) const {
    return parts_.narrow != nullptr ? queries_.scaled(q).pair_margin : queries_.scaled(q).margin;
  }

  void answer(std::int64_t q, std::int64_t first_query) const;

  const NearestArguments& a_;
  const NearestParts& parts_;
  const PreparedQueries queries_;
  const std::vector<Block> blocks_;
  std::int64_t groups_ = 1, panels_per_group_ = 1, ranges_ = 1;
  // [question][query]: bounds that hold whatever range of rows they were found in. Which ranges they come
  // from depends on the threads, what is found does not.
  mutable std::vector<std::atomic<float>> bounds_;
  mutable std::vector<std::vector<Candidate>> found_;  // [range][question][query]
};

// A panel, and what is known of its queries' nearest rows.
struct Panel : QueryPanel {
  Panel(const QueryPanel& queries, std::size_t questions)
      : QueryPanel(queries), lists(questions * static_cast<std::size_t>(count)) {
    std::fill(std::begin(limits), std::end(limits), -kInfinity);
  }
  Shortlist& list(std::size_t question, int lane) {
    return lists[question * static_cast<std::size_t>(count) + static_cast<std::size_t>(lane)];
  }
  std::vector<Shortlist> lists;       // [question][query]
  float limits[kPanelWidth];          // the widest of the questions'
  std::int64_t offers = 0, rows = 0;  // how many candidates there were among so many rows
};

// Some panels against a range of rows.
class Task {
 public:
  Task(const Search& search, std::int64_t group, std::int64_t range)
      : s_(search), a_(search.a_), range_(range), space_(static_cast<std::size_t>(a_.size)) {
    const std::vector<QueryPanel>& all = s_.queries_.panels();
    const auto begin = static_cast<std::size_t>(group * s_.panels_per_group_);
    const std::size_t end = std::min(all.size(), begin + static_cast<std::size_t>(s_.panels_per_group_));
    for (std::size_t p = begin; p < end; ++p) {
      panels_.emplace_back(all[p], a_.questions.size());
      start(panels_.back());
    }
  }

  void run() {
    const auto blocks = static_cast<std::int64_t>(s_.blocks_.size());
    for (std::int64_t b = blocks * range_ / s_.ranges_; b < blocks * (range_ + 1) / s_.ranges_; ++b)
      meet(s_.blocks_[static_cast<std::size_t>(b)]);
    for (Panel& panel : panels_) hand_over(panel);
  }

 private:
  void start(Panel& panel) const {
    for (int lane = 0; lane < panel.count; ++lane) {
      const std::int64_t q = s_.queries_.query(panel, lane);
      for (std::size_t k = 0; k < a_.questions.size(); ++k) {
        panel.list(k, lane) = Shortlist(a_.questions[k].count, s_.margin(q));
        panel.list(k, lane).lower_bound(s_.bounds_[s_.slot(k, q)].load(std::memory_order_relaxed));
        panel.limits[lane] = std::max(panel.limits[lane], panel.list(k, lane).limit());
      }
    }
  }

  void meet(const Block& block) {
    const auto size = static_cast<std::size_t>(a_.size), count = static_cast<std::size_t>(block.count);
    const auto unit =
        static_cast<float>(std::ldexp(1.0, 2 * (block.pool->exponent - s_.queries_.exponent())));
    constants_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = static_cast<std::size_t>(block.first) + i;
      const float dot = s_.queries_.centered() ? block.pool->center_dots[row] : 0;
      constants_[i] = (block.pool->half_norms[row] - dot) * unit;
    }
    rows_.clear();
    pair_rows_.clear();
    for (Panel& panel : panels_) {
      if (panel.pairs && pair_rows_.empty()) gather_pairs(block, size, count);
      if (!panel.pairs && rows_.empty()) gather_rows(block, size, count);
      for (int first = 0; first < block.count; first += kRowGroup)
        meet(panel, block, first, std::min(kRowGroup, block.count - first));
      panel.rows += block.count;
      if (panel.pairs && too_many_offers(panel)) change_to_float32(panel);
    }
  }

  void gather_rows(const Block& block, std::size_t size, std::size_t count) {
    if (block.pool->rows.dtype() != DType::kF32) converted_.resize(count * size);
    for (std::size_t i = 0; i < count; ++i)
      rows_.push_back(block.pool->row(block.first + static_cast<std::int64_t>(i),
                                      converted_.empty() ? nullptr : converted_.data() + i * size));
  }

  void gather_pairs(const Block& block, std::size_t size, std::size_t count) {
    const void* raw = block.pool->rows.raw();
    const std::size_t words = (size + 1) / 2;
    const bool in_place = block.pool->rows.dtype() == DType::kBF16 && size % 2 == 0 &&
                          std::bit_cast<std::uintptr_t>(raw) % alignof(std::uint32_t) == 0;
    if (!in_place) narrowed_.resize(count * words);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t row = block.first + static_cast<std::int64_t>(i);
      if (in_place) {
        pair_rows_.push_back(static_cast<const std::uint32_t*>(raw) + row * static_cast<std::int64_t>(words));
        continue;
      }
      narrow_pairs(s_.parts_, block.pool->row(row, space_.data()), size, narrowed_.data() + i * words);
      pair_rows_.push_back(narrowed_.data() + i * words);
    }
  }

  // Where many rows lie within the margin of bfloat16, telling them apart takes longer than it saves.
  bool too_many_offers(const Panel& panel) const {
    std::int64_t expected = 0;
    for (const NearestQuestion& question : a_.questions) expected += 8 * question.count + 32;
    return panel.offers > panel.count * (expected + panel.rows / 64);
  }

  void change_to_float32(Panel& panel) {
    s_.queries_.change_to_float32(panel);
    for (int lane = 0; lane < panel.count; ++lane) {
      const std::int64_t q = s_.queries_.query(panel, lane);
      const ScaledQuery& scaled = s_.queries_.scaled(q);
      panel.limits[lane] = -kInfinity;
      for (std::size_t k = 0; k < a_.questions.size(); ++k) {
        s_.settle(panel.list(k, lane), q, space_.data());
        panel.list(k, lane).restart(scaled.margin, [&](double distance) {
          return static_cast<float>((std::ldexp(distance, -2 * s_.queries_.exponent()) - scaled.norm2) / 2);
        });
        panel.limits[lane] = std::max(panel.limits[lane], panel.list(k, lane).limit());
      }
    }
  }

  void meet(Panel& panel, const Block& block, int first, int n) {
    if (s_.queries_.nearby_only() && too_far(panel, block, first, n)) return;
    alignas(64) float dots[kRowGroup * kPanelWidth];
    const auto row = [&](int r) { return static_cast<std::size_t>(first + std::min(r, n - 1)); };
    if (panel.pairs) {
      const std::uint32_t* rows[kRowGroup];
      for (int r = 0; r < kRowGroup; ++r) rows[r] = pair_rows_[row(r)];
      s_.parts_.pair_products(panel.pairs->data, panel.width, rows, (a_.size + 1) / 2, dots);
    } else {
      const float* rows[kRowGroup];
      for (int r = 0; r < kRowGroup; ++r) rows[r] = rows_[row(r)];
      s_.parts_.products(panel.values->data, panel.width, rows, a_.size, dots);
    }
    for (int r = 0; r < n; ++r) {
      const float constant = constants_[row(r)];
      const float* products = dots + r * panel.width;
      std::uint64_t below = s_.parts_.below(products, constant, panel.limits, panel.width);
      for (; below != 0; below &= below - 1) {
        const int lane = std::countr_zero(below);
        offer(panel, lane, constant - products[lane], block, first + r);
      }
    }
  }

  bool too_far(const Panel& panel, const Block& block, int first, int n) const {
    PlaceBox box;
    const float* places = block.pool->places.floats().data() + 2 * (block.first + first);
    for (int r = 0; r < n; ++r) box.add(places + 2 * r);
    return box.beyond(panel.box, s_.queries_.widest_reach());
  }

  void offer(Panel& panel, int lane, float value, const Block& block, int row) {
    const std::int64_t q = s_.queries_.query(panel, lane);
    float widest = -kInfinity;
    for (std::size_t k = 0; k < a_.questions.size(); ++k) {
      Shortlist& list = panel.list(k, lane);
      if (value < list.limit() && counts(q, block, row, a_.questions[k].reach)) {
        ++panel.offers;
        if (!list.offer(value, block.index + row)) s_.settle(list, q, space_.data());
      }
      widest = std::max(widest, list.limit());
    }
    panel.limits[lane] = widest;
  }

  bool counts(std::int64_t q, const Block& block, int row, float reach) const {
    return reach == NearestQuestion::kAnywhere ||
           is_near(a_.places + 2 * q, block.pool->places.floats().data() + 2 * (block.first + row), reach);
  }

  void hand_over(Panel& panel) {
    for (std::size_t k = 0; k < a_.questions.size(); ++k) {
      for (int lane = 0; lane < panel.count; ++lane) {
        Shortlist& list = panel.list(k, lane);
        const std::size_t at = s_.slot(k, s_.queries_.query(panel, lane));
        std::atomic<float>& shared = s_.bounds_[at];
        float before = shared.load();
        while (list.bound() < before && !shared.compare_exchange_weak(before, list.bound())) {
        }
        s_.found_[static_cast<std::size_t>(range_) * s_.bounds_.size() + at] = list.take();
      }
    }
  }

  const Search& s_;
  const NearestArguments& a_;
  std::int64_t range_;
  std::vector<Panel> panels_;
  std::vector<float> space_, converted_;
  std::vector<float> constants_;  // of rows: |x|^2 / 2, without <c, x>
  std::vector<std::uint32_t> narrowed_;
  std::vector<const float*> rows_;  // of a block, as they are needed
  std::vector<const std::uint32_t*> pair_rows_;
};

void Search::run(std::int64_t first_query) {
  parallel_for(groups_ * ranges_, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) Task(*this, t / ranges_, t % ranges_).run();
  });
  parallel_for(a_.count, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t q = begin; q < end; ++q) answer(q, first_query);
  });
}

void Search::answer(std::int64_t q, std::int64_t first_query) const {
  std::vector<float> space(static_cast<std::size_t>(a_.size));
  for (std::size_t k = 0; k < a_.questions.size(); ++k) {
    Shortlist list(a_.questions[k].count, margin(q));  // the wider one: some ranges may have changed
    const std::size_t at = slot(k, q);
    list.lower_bound(bounds_[at]);
    for (std::size_t range = 0; range < static_cast<std::size_t>(ranges_); ++range)
      list.merge(found_[range * bounds_.size() + at]);
    settle(list, q, space.data());
    std::size_t to =
        static_cast<std::size_t>(first_query + q) * static_cast<std::size_t>(a_.questions[k].count);
    for (const Candidate& c : list.candidates()) {
      a_.answers[k].distances[to] = static_cast<float>(c.distance);
      a_.answers[k].indices[to++] = c.index;
    }
  }
}

}  // namespace

void search_nearest(const NearestArguments& arguments, const NearestParts& parts) {
  for (std::int64_t first = 0; first < arguments.count; first += kQueriesAtOnce) {
    NearestArguments some = arguments;
    some.count = std::min(kQueriesAtOnce, arguments.count - first);
    some.queries += first * arguments.size;
    if (some.places != nullptr) some.places += 2 * first;
    Search(some, parts).run(first);
  }
}

}  // namespace anomalyvlm
