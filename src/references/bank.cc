#include "references/bank.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "core/utc_now.h"
#include "references/mutual.h"
#include "references/usual_distances.h"

namespace anomalyvlm {
namespace {

constexpr float kNothingNear = 1;  // the distance where no row lies within reach

}  // namespace

float BankOrigin::reach() const {
  return options.nearby > 0 && tile == 0 ? static_cast<float>(options.nearby) : NearestQuestion::kAnywhere;
}

Bank::Bank(BankOrigin origin, std::vector<BankImage> images, std::vector<BankRows> rows, std::string date,
           BankCalibration calibration)
    : origin_(std::move(origin)),
      images_(std::move(images)),
      rows_(std::move(rows)),
      date_(std::move(date)),
      calibration_(std::move(calibration)) {
  for (const BankRows& scale : rows_) {
    pools_.emplace_back(scale.vectors, scale.places);
    if (!origin_.options.mutual) continue;
    std::vector<RowPool>& images = image_pools_.emplace_back();
    for (std::size_t i = 0; i < images_.size(); ++i) {
      const BankRows own = rows_of_image(scale, i);
      images.emplace_back(own.vectors, own.places);
    }
  }
}

std::vector<GridComparison> Bank::compare(std::span<const DescriptorGrid> grids) const {
  AVLM_CHECK(grids.size() == rows_.size());
  std::vector<GridComparison> all;
  for (std::size_t g = 0; g < grids.size(); ++g) all.push_back(compare(g, grids[g]));
  return all;
}

GridComparison Bank::compare(std::size_t scale, const DescriptorGrid& grid) const {
  const BankRows& rows = rows_[scale];
  AVLM_CHECK(grid.size == rows.size());
  if (origin_.options.mutual) {
    GridComparison out = compare_mutually(
        image_pools_[scale], rows.alarms.defined() ? rows.alarms.floats() : std::span<const float>{}, grid,
        origin_.reach());
    out.usual = rows.distances.usual;
    out.high = rows.distances.high;
    return out;
  }
  GridComparison out;
  out.width = grid.width;
  out.height = grid.height;
  out.covered = grid.covered;
  out.usual = rows.distances.usual;
  out.high = rows.distances.high;
  const NearestQuestion question{kAlarmingRows, origin_.reach()};
  const NearestRows found =
      std::move(nearest({&pools_[scale], 1}, grid.vectors, grid.size, {&question, 1}, grid.places).front());
  for (std::size_t i = 0; i < grid.cells(); ++i) {
    const std::size_t first = i * static_cast<std::size_t>(kAlarmingRows);
    const std::int32_t* nearest = found.indices.data() + first;
    out.nearest.push_back(nearest[0] >= 0 ? cosine_distance(found.distances[first]) : kNothingNear);
    out.rows.push_back(std::max(0, nearest[0]));
    if (!rows.alarms.defined()) continue;
    float alarm = 0;
    for (int k = 0; k < kAlarmingRows && nearest[k] >= 0; ++k)
      alarm = std::max(alarm, rows.alarms.floats()[static_cast<std::size_t>(nearest[k])]);
    out.alarms.push_back(alarm);
  }
  return out;
}

ReferencePlace Bank::place(std::size_t grid, std::int64_t row) const {
  const BankRows& rows = rows_.at(grid);
  AVLM_CHECK(row >= 0 && row < rows.count());
  const auto at = static_cast<std::size_t>(row);
  const BankImage& image = images_.at(static_cast<std::size_t>(rows.images.values<std::int32_t>()[at]));
  return {image.name, static_cast<double>(rows.places.floats()[2 * at]) * image.width,
          static_cast<double>(rows.places.floats()[2 * at + 1]) * image.height};
}

std::size_t Bank::bytes() const {
  std::size_t sum = 0;
  for (const BankRows& scale : rows_) {
    sum += scale.vectors.bytes() + scale.images.bytes() + scale.places.bytes();
    if (scale.alarms.defined()) sum += scale.alarms.bytes();
  }
  return sum;
}

Bank Bank::without(std::size_t image) const {
  AVLM_CHECK(image < images_.size() && images_.size() > 1);
  std::vector<BankImage> images = images_;
  images.erase(images.begin() + static_cast<std::ptrdiff_t>(image));
  std::vector<BankRows> rows;
  for (const BankRows& scale : rows_) rows.push_back(without_image(scale, image));
  return {origin_, std::move(images), std::move(rows), date_};
}

Bank Bank::with(BankCalibration calibration) const {
  return {origin_, images_, rows_, utc_now(), std::move(calibration)};
}

}  // namespace anomalyvlm
