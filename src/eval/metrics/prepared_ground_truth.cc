#include "eval/metrics/prepared_ground_truth.h"

#include <numeric>

#include "core/check.h"

namespace anomalyvlm::eval {
namespace {

// Sets of runs that touch. The root of a set is its first run.
class Sets {
 public:
  explicit Sets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0U); }

  std::uint32_t root(std::uint32_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

}  // namespace

PreparedGroundTruth::PreparedGroundTruth(const Mask& mask, std::vector<Box> boxes)
    : width_(mask.width), height_(mask.height), boxes_(std::move(boxes)) {
  if (width_ < 1 || height_ < 1 || mask.values.size() != pixels() || pixels() > UINT32_MAX)
    fail(ErrorKind::kBadInput, "A mask of {} x {} pixels with {} values cannot be compared with.", width_,
         height_, mask.values.size());
  const auto width = static_cast<std::uint32_t>(width_);
  row_begin_.push_back(0);
  for (std::uint32_t y = 0; y < static_cast<std::uint32_t>(height_); ++y) {
    const std::uint8_t* row = mask.values.data() + static_cast<std::size_t>(y) * width;
    for (std::uint32_t x = 0; x < width;) {
      if (row[x] == 0) {
        ++x;
        continue;
      }
      const std::uint32_t begin = x;
      while (x < width && row[x] != 0) ++x;
      runs_.push_back({y * width + begin, y * width + x, 0});
    }
    row_begin_.push_back(static_cast<std::uint32_t>(runs_.size()));
  }

  Sets sets(runs_.size());
  for (int y = 1; y < height_; ++y) {
    // Two pointers through both rows. A run's place in the row above is `width` less; runs that meet at a
    // corner touch.
    std::uint32_t above = row_begin_[y - 1], here = row_begin_[y];
    while (above < row_begin_[y] && here < row_begin_[y + 1]) {
      const std::uint32_t above_begin = runs_[above].begin + width, above_end = runs_[above].end + width;
      if (above_begin <= runs_[here].end && runs_[here].begin <= above_end) sets.join(above, here);
      (above_end < runs_[here].end ? above : here) += 1;
    }
  }
  for (std::uint32_t i = 0; i < runs_.size(); ++i) {
    const std::uint32_t root = sets.root(i);
    if (root == i) {
      runs_[i].part = static_cast<std::uint32_t>(part_pixels_.size());
      part_pixels_.push_back(0);
    } else {
      runs_[i].part = runs_[root].part;
    }
    part_pixels_[runs_[i].part] += runs_[i].end - runs_[i].begin;
  }
}

std::span<const PreparedGroundTruth::Run> PreparedGroundTruth::runs_of_row(int y) const {
  return std::span(runs_).subspan(row_begin_[y], row_begin_[y + 1] - row_begin_[y]);
}

}  // namespace anomalyvlm::eval
