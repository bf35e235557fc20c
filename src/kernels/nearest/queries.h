#pragma once
// The queries as the fast pass takes them: scaled, in panels, with bounds of the errors that it makes.
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "kernels/nearest/implementations.h"

namespace anomalyvlm {

template <typename T>
struct Aligned {
  explicit Aligned(std::size_t n)
      : data(static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{64}))) {}
  ~Aligned() { ::operator delete (data, std::align_val_t{64}); }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  T* data;
};

// Around places.
struct PlaceBox {
  float x0 = std::numeric_limits<float>::infinity(), y0 = x0, x1 = -x0, y1 = -x0;
  void add(const float* place);
  // Whether every place in it is farther than `reach` from every place in the other.
  bool beyond(const PlaceBox& other, float reach) const;
};

// What of a query the fast pass needs. Its unit: rows and queries are divided by 2^exponent, so that rows are
// below 1. Errors grow with the query's length. The mean row c is subtracted from it therefore, and <q, x>
// becomes <c, x>, which is known of each row, + <q - c, x>.
struct ScaledQuery {
  float factor =
      0;  // the query without the mean row is multiplied by it; 0: it is too large, all rows are candidates
  float margin = std::numeric_limits<float>::infinity();       // bounds the error of values of float32
  float pair_margin = std::numeric_limits<float>::infinity();  // and of bfloat16
  double norm2 = 0;
};

// Up to kPanelWidth queries next to each other.
struct QueryPanel {
  std::int64_t begin = 0;  // in the order of the queries
  int count = 0, width = 0;
  PlaceBox box;
  // One of them: [size, width], or two bfloat16 in each word, [(size + 1) / 2, width].
  std::shared_ptr<const Aligned<float>> values;
  std::shared_ptr<const Aligned<std::uint32_t>> pairs;
};

class PreparedQueries {
 public:
  // Panels are of bfloat16 if the parts can multiply these.
  PreparedQueries(const NearestArguments& arguments, const NearestParts& parts);

  int exponent() const { return exponent_; }
  // Whether the mean row is subtracted: of one pool; several pools have several.
  bool centered() const { return centered_; }
  // Whether all questions ask for nearby rows only, and how far the widest one reaches. Queries of nearby
  // places share a panel then, because whole groups of rows are too far away for it.
  bool nearby_only() const { return nearby_only_; }
  float widest_reach() const { return widest_reach_; }
  const ScaledQuery& scaled(std::int64_t q) const { return scaled_[static_cast<std::size_t>(q)]; }
  const std::vector<QueryPanel>& panels() const { return panels_; }
  std::int64_t query(const QueryPanel& panel, int lane) const {
    return order_[static_cast<std::size_t>(panel.begin + lane)];
  }
  void change_to_float32(QueryPanel& panel) const;

 private:
  void set_scale();
  void set_order();
  const float* copy_centered(std::int64_t q, float* space) const;
  ScaledQuery scaled_query(std::int64_t q) const;
  void fill_pairs(QueryPanel& panel) const;
  void copy_scaled(std::int64_t q, float* space) const;

  const NearestArguments& a_;
  const NearestParts& parts_;
  int exponent_ = 0;
  bool centered_ = false;
  std::vector<float> center_;                       // c, or zeros
  double largest_norm_ = 0, largest_rounding_ = 0;  // of the rows, in the pass's unit
  double center_norm_ = 0;
  bool nearby_only_ = true;
  float widest_reach_ = 0;
  std::vector<ScaledQuery> scaled_;
  std::vector<std::int64_t> order_;
  std::vector<QueryPanel> panels_;
};

// `from` rounded to bfloat16, in (n + 1) / 2 words; of an odd number of numbers the last has no partner.
void narrow_pairs(const NearestParts& parts, const float* from, std::size_t n, std::uint32_t* to);

}  // namespace anomalyvlm
