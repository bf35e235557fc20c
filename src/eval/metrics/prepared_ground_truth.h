#pragma once
// Where the defects of one image are, prepared once for all the maps that are compared with it.
#include <cstdint>
#include <span>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm::eval {

class PreparedGroundTruth {
 public:
  // Finds the mask's 8-connected parts. `boxes`: where the ground truth is boxes, of which `mask` is the
  // filled image; regions are then compared with these and not with the parts. Throws Error(kBadInput) for an
  // empty mask and for one whose values are not width * height.
  explicit PreparedGroundTruth(const Mask& mask, std::vector<Box> boxes = {});

  // Neighbouring marked pixels of one row: the places [begin, end) of the mask, counted row by row.
  struct Run {
    std::uint32_t begin, end;
    std::uint32_t part;  // index into part_pixels()
  };

  int width() const { return width_; }
  int height() const { return height_; }
  std::size_t pixels() const { return static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_); }
  std::span<const Run> runs() const { return runs_; }  // by place
  std::span<const Run> runs_of_row(int y) const;
  std::span<const std::uint32_t> part_pixels() const { return part_pixels_; }  // pixels of each part
  std::span<const Box> boxes() const { return boxes_; }  // empty: the ground truth is the mask

 private:
  int width_, height_;
  std::vector<Run> runs_;
  std::vector<std::uint32_t> row_begin_;  // height + 1 indices into runs_
  std::vector<std::uint32_t> part_pixels_;
  std::vector<Box> boxes_;
};

}  // namespace anomalyvlm::eval
