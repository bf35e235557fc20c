#include "references/bank.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/chrono.h>

#include "core/check.h"
#include "core/sha256.h"
#include "image/resize.h"
#include "kernels/nearest/nearest.h"
#include "references/mutual.h"

namespace anomalyvlm {
namespace {

constexpr int kFew = 4, kMany = 16;                      // neighbours whose mean distance is taken
constexpr float kNearby = 0.15F;                         // of the image's width and of its height
constexpr float kNothingNear = 1;                        // the distance where no row lies within reach
constexpr double kUsualShare = 0.5, kHighShare = 0.998;  // of distances between good images
constexpr std::size_t kComparedImages = 24;              // at most so many are each compared with the others

std::string now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

double quantile(std::vector<float>& values, double share) {
  AVLM_CHECK(!values.empty());
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(place)]);
}

// Of unit vectors, from the square of their Euclidean distance.
float cosine_distance(float squared) { return squared / 2; }

UsualDistances usual_of(std::vector<float> distances) {
  if (distances.empty()) return {};
  const double usual = quantile(distances, kUsualShare);
  return {usual, quantile(distances, kHighShare)};
}

// The rows of one image.
std::pair<std::int64_t, std::int64_t> range_of(const BankRows& rows, std::size_t image) {
  const auto images = rows.images.values<std::int32_t>();
  const auto [first, last] = std::equal_range(images.begin(), images.end(), static_cast<std::int32_t>(image));
  return {first - images.begin(), last - images.begin()};
}

// Of a tensor whose first dimension are rows: all but those in a range.
Tensor without_rows(const Tensor& tensor, std::int64_t begin, std::int64_t end) {
  if (!tensor.defined()) return {};
  Shape shape = tensor.shape();
  const std::size_t row = tensor.bytes() / static_cast<std::size_t>(std::max<std::int64_t>(1, shape[0]));
  shape[0] -= end - begin;
  const auto* from = static_cast<const std::uint8_t*>(tensor.raw());
  auto bytes = std::make_shared<std::vector<std::uint8_t>>();
  bytes->reserve(row * static_cast<std::size_t>(shape[0]));
  bytes->insert(bytes->end(), from, from + row * static_cast<std::size_t>(begin));
  bytes->insert(bytes->end(), from + row * static_cast<std::size_t>(end), from + tensor.bytes());
  const void* data = bytes->data();
  return Tensor(tensor.dtype(), std::move(shape), std::move(bytes), data);
}

BankRows without_image(const BankRows& rows, std::size_t image) {
  const auto [begin, end] = range_of(rows, image);
  BankRows rest = rows;
  rest.vectors = without_rows(rows.vectors, begin, end);
  rest.places = without_rows(rows.places, begin, end);
  rest.alarms = without_rows(rows.alarms, begin, end);
  const Tensor images = without_rows(rows.images, begin, end);
  std::vector<std::int32_t> numbers(images.values<std::int32_t>().begin(),
                                    images.values<std::int32_t>().end());
  for (std::int32_t& number : numbers)
    if (static_cast<std::size_t>(number) > image) --number;
  const auto count = static_cast<std::int64_t>(numbers.size());
  rest.images = Tensor::from<std::int32_t>({count}, std::move(numbers));
  return rest;
}

Tensor only_rows(const Tensor& tensor, std::int64_t begin, std::int64_t end) {
  if (!tensor.defined()) return {};
  return without_rows(without_rows(tensor, end, tensor.dim(0)), 0, begin);
}

// The rows begin .. end of a scale as a grid without shape, to be compared with others.
DescriptorGrid grid_of(const BankRows& rows, std::int64_t begin, std::int64_t end) {
  DescriptorGrid grid;
  grid.width = static_cast<int>(end - begin);
  grid.height = 1;
  grid.size = static_cast<int>(rows.size());
  const auto* vectors = static_cast<const std::uint16_t*>(rows.vectors.raw()) + begin * rows.size();
  grid.vectors.resize(static_cast<std::size_t>((end - begin) * rows.size()));
  for (std::size_t i = 0; i < grid.vectors.size(); ++i) grid.vectors[i] = bf16_to_f32(vectors[i]);
  return grid;
}

// Of one image nothing is known of how others differ from it. What differs within it, beyond the closest
// surroundings, is at least as much.
std::vector<float> distances_within(const BankRows& rows) {
  constexpr double kSurroundings = 0.1;      // of the image's width and of its height
  constexpr std::size_t kAskedRows = 2'048;  // a turned image has many more
  const DescriptorGrid grid = grid_of(rows, 0, rows.count());
  const auto places = rows.places.floats();
  const auto size = static_cast<std::size_t>(grid.size);
  std::vector<float> distances;
  for (std::size_t i = 0; i < grid.cells(); i += std::max<std::size_t>(1, grid.cells() / kAskedRows)) {
    float best = std::numeric_limits<float>::infinity();
    for (std::size_t j = 0; j < grid.cells(); ++j) {
      if (std::abs(places[2 * i] - places[2 * j]) < kSurroundings &&
          std::abs(places[2 * i + 1] - places[2 * j + 1]) < kSurroundings)
        continue;
      float squared = 0;
      for (std::size_t c = 0; c < size; ++c) {
        const float apart = grid.vectors[i * size + c] - grid.vectors[j * size + c];
        squared += apart * apart;
      }
      best = std::min(best, squared);
    }
    if (std::isfinite(best)) distances.push_back(cosine_distance(best));
  }
  return distances;
}

// A coreset of kMostRows. By a projection to few numbers: the step of each pick passes over all rows.
CoresetOptions limited(std::int64_t rows) {
  constexpr int kProjected = 32;
  return {.share = static_cast<double>(kMostRows) / static_cast<double>(rows), .projected = kProjected};
}

// Whether any of a cell lies in the part of the image that counts.
bool counts(const DescriptorGrid& grid, std::size_t cell, const BankImage& image) {
  if (!image.part) return true;
  const float x = grid.places[2 * cell] * static_cast<float>(image.width),
              y = grid.places[2 * cell + 1] * static_cast<float>(image.height),
              half_width = grid.covered.width() / static_cast<float>(2 * grid.width),
              half_height = grid.covered.height() / static_cast<float>(2 * grid.height);
  return x + half_width > image.part->x0 && x - half_width < image.part->x1 &&
         y + half_height > image.part->y0 && y - half_height < image.part->y1;
}

bool any_counts(const BankImage& image, std::span<const DescribedPart> seen) {
  for (const DescribedPart& described : seen)
    for (const DescriptorGrid& grid : described.grids)
      for (std::size_t cell = 0; cell < grid.cells(); ++cell)
        if (counts(grid, cell, image)) return true;
  return false;
}

// Places of tiles are their own, so that none are nearby.
float reach_of(const BankOrigin& origin) {
  return origin.options.nearby > 0 && origin.tile == 0 ? static_cast<float>(origin.options.nearby)
                                                       : NearestQuestion::kAnywhere;
}

UsualDistances measured(const BankRows& rows, std::size_t images, float reach) {
  if (images == 1) return usual_of(distances_within(rows));
  std::vector<float> all;
  const std::size_t asked = std::min(images, kComparedImages);
  for (std::size_t k = 0; k < asked; ++k) {
    const std::size_t image = k * images / asked;
    const BankRows own = rows_of_image(rows, image), others = without_image(rows, image);
    if (own.count() == 0 || others.count() == 0) continue;
    const RowPool pool(others.vectors, others.places);
    const NearestQuestion question{1, reach};
    const std::vector<NearestRows> found =
        nearest({&pool, 1}, own.vectors.to_f32().floats(), static_cast<int>(rows.size()), {&question, 1},
                own.places.floats());
    for (const float squared : found.front().distances)
      if (std::isfinite(squared)) all.push_back(cosine_distance(squared));
  }
  return usual_of(std::move(all));
}

// Of a batch, in which there may be defects: what they exceed by far is unknown, and told from what most do
// not.
UsualDistances measured_mutually(const BankRows& rows, std::size_t images, float reach) {
  constexpr double kMost = 0.9, kHighOfMost = 2;
  std::vector<RowPool> pools;
  for (std::size_t i = 0; i < images; ++i) {
    const BankRows own = rows_of_image(rows, i);
    pools.emplace_back(own.vectors, own.places);
  }
  std::vector<float> all;
  const std::size_t asked = std::min(images, kComparedImages / 2);
  for (std::size_t k = 0; k < asked; ++k) {
    const auto [begin, end] = range_of(rows, k * images / asked);
    if (begin == end) continue;
    DescriptorGrid grid = grid_of(rows, begin, end);
    const auto places = rows.places.floats().subspan(static_cast<std::size_t>(2 * begin), 2 * grid.cells());
    grid.places.assign(places.begin(), places.end());
    const GridComparison found = compare_mutually(pools, {}, grid, reach);
    all.insert(all.end(), found.nearest.begin(), found.nearest.end());
  }
  if (all.empty()) return {};
  const double usual = quantile(all, kUsualShare);
  return {usual, kHighOfMost * quantile(all, kMost)};
}

}  // namespace

BankRows rows_of_image(const BankRows& rows, std::size_t image) {
  const auto [begin, end] = range_of(rows, image);
  return {only_rows(rows.vectors, begin, end), only_rows(rows.images, begin, end),
          only_rows(rows.places, begin, end), only_rows(rows.alarms, begin, end), rows.distances};
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
        reach_of(origin_));
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
  const std::array questions = {NearestQuestion{kMany, reach_of(origin_)}, NearestQuestion{1, kNearby}};
  const std::vector<NearestRows> found =
      nearest({&pools_[scale], 1}, grid.vectors, grid.size,
              std::span(questions).first(origin_.tile > 0 ? 1 : 2), grid.places);
  const NearestRows &anywhere = found.front(), &nearby = found.back();  // tiles have places of their own
  for (std::size_t i = 0; i < grid.cells(); ++i) {
    const float* distances = anywhere.distances.data() + i * static_cast<std::size_t>(kMany);
    const std::int32_t* nearest = anywhere.indices.data() + i * static_cast<std::size_t>(kMany);
    int present = 0;
    float sum = 0, few = kNothingNear, alarm = 0;
    for (; present < kMany && nearest[present] >= 0; ++present) {
      sum += cosine_distance(distances[present]);
      if (present >= kFew) continue;
      few = sum / static_cast<float>(present + 1);
      if (rows.alarms.defined())
        alarm = std::max(alarm, rows.alarms.floats()[static_cast<std::size_t>(nearest[present])]);
    }
    out.nearest_few.push_back(few);
    out.nearest.push_back(present > 0 ? cosine_distance(distances[0]) : kNothingNear);
    out.nearest_many.push_back(present > 0 ? sum / static_cast<float>(present) : kNothingNear);
    out.nearby.push_back(found.size() < 2 || nearby.indices[i] < 0 ? out.nearest.back()
                                                                   : cosine_distance(nearby.distances[i]));
    out.rows.push_back(std::max(0, nearest[0]));
    if (rows.alarms.defined()) out.alarms.push_back(alarm);
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
  return {origin_, images_, rows_, now(), std::move(calibration)};
}

BankBuilder::BankBuilder(const Bank& base, const CoresetOptions& coreset)
    : origin_(base.origin()), coreset_(coreset), images_(base.images()), calibration_(base.calibration()) {
  for (const BankRows& rows : base.rows()) {
    Scale& scale = scales_.emplace_back();
    scale.size = rows.size();
    const auto* vectors = static_cast<const std::uint16_t*>(rows.vectors.raw());
    scale.vectors.assign(vectors, vectors + rows.vectors.size());
    scale.images.assign(rows.images.values<std::int32_t>().begin(), rows.images.values<std::int32_t>().end());
    scale.places.assign(rows.places.floats().begin(), rows.places.floats().end());
    if (rows.alarms.defined()) scale.alarms.assign(rows.alarms.floats().begin(), rows.alarms.floats().end());
    scale.kept = scale.images.size();
  }
}

bool BankBuilder::holds(const std::string& sha256) const {
  return std::any_of(images_.begin(), images_.end(),
                     [&](const BankImage& image) { return image.sha256 == sha256 && !image.part; });
}

void BankBuilder::add_cell(Scale& scale, const DescriptorGrid& grid, std::size_t cell) {
  const auto size = static_cast<std::size_t>(grid.size);
  for (std::size_t c = 0; c < size; ++c) scale.vectors.push_back(f32_to_bf16(grid.vectors[cell * size + c]));
  scale.images.push_back(static_cast<std::int32_t>(images_.size() - 1));
  scale.places.insert(scale.places.end(), {grid.places[2 * cell], grid.places[2 * cell + 1]});
  if (!grid.alarms.empty()) scale.alarms.push_back(grid.alarms[cell]);
}

void BankBuilder::add(BankImage image, std::span<const DescribedPart> seen) {
  if (holds(image.sha256) && !image.part)
    fail(ErrorKind::kBadInput,
         "'{}' shows the same pixels as a reference that is there already; leave it out.", image.name);
  if (image.part && !any_counts(image, seen))
    fail(ErrorKind::kBadInput,
         "The part {:g},{:g},{:g},{:g} of '{}' lies outside of the image's {} x {} pixels.", image.part->x0,
         image.part->y0, image.part->x1, image.part->y1, image.name, image.width, image.height);
  images_.push_back(std::move(image));
  for (const DescribedPart& described : seen) {
    scales_.resize(std::max(scales_.size(), described.grids.size()));
    AVLM_CHECK(described.grids.size() == scales_.size());
    for (std::size_t g = 0; g < scales_.size(); ++g) {
      const DescriptorGrid& grid = described.grids[g];
      if (scales_[g].size == 0) scales_[g].size = grid.size;
      AVLM_CHECK(scales_[g].size == grid.size && grid.places.size() == 2 * grid.cells());
      for (std::size_t cell = 0; cell < grid.cells(); ++cell)
        if (counts(grid, cell, images_.back())) add_cell(scales_[g], grid, cell);
    }
  }
  // As images come, so that memory is bounded.
  constexpr std::int64_t kHeld = 4 * kMostRows;
  for (Scale& scale : scales_)
    if (!origin_.options.mutual && coreset_.share >= 1 && scale.count() > kHeld)
      reduce(scale, limited(scale.count()));
}

// Rows that were added are replaced by their coreset; those that were kept before stay unless there are too
// many.
void BankBuilder::reduce(Scale& scale, const CoresetOptions& options) const {
  const std::size_t begin = options.share < 1 && coreset_.share < 1 ? scale.kept : 0;
  const auto size = static_cast<std::size_t>(scale.size);
  const auto added = scale.count() - static_cast<std::int64_t>(begin);
  if (added < 1) return;
  const Tensor rows(DType::kBF16, {added, scale.size}, nullptr, scale.vectors.data() + begin * size);
  CoresetOptions some = options;  // at least one
  some.share = std::min(1.0, std::max(some.share, 1.5 / static_cast<double>(added)));
  std::vector<std::int64_t> chosen = greedy_coreset(rows, some);
  std::sort(chosen.begin(), chosen.end());  // the rows of an image stay together
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    const std::size_t from = begin + static_cast<std::size_t>(chosen[k]), to = begin + k;
    std::copy_n(scale.vectors.begin() + static_cast<std::ptrdiff_t>(from * size), size,
                scale.vectors.begin() + static_cast<std::ptrdiff_t>(to * size));
    scale.images[to] = scale.images[from];
    scale.places[2 * to] = scale.places[2 * from];
    scale.places[2 * to + 1] = scale.places[2 * from + 1];
    if (!scale.alarms.empty()) scale.alarms[to] = scale.alarms[from];
  }
  const std::size_t left = begin + chosen.size();
  scale.vectors.resize(left * size);
  scale.images.resize(left);
  scale.places.resize(2 * left);
  if (!scale.alarms.empty()) scale.alarms.resize(left);
}

std::shared_ptr<const Bank> BankBuilder::finish() {
  if (images_.empty()) fail(ErrorKind::kBadInput, "There are no reference images; give at least one.");
  for (Scale& scale : scales_) {
    if (origin_.options.mutual) break;
    if (coreset_.share < 1)
      reduce(scale, coreset_);
    else if (scale.count() > kMostRows)
      reduce(scale, limited(scale.count()));
  }
  std::vector<BankRows> all;
  for (const Scale& scale : scales_) {
    const auto count = static_cast<std::int64_t>(scale.images.size());
    const auto vectors = std::make_shared<const std::vector<std::uint16_t>>(scale.vectors);
    BankRows& rows = all.emplace_back();
    rows.vectors = Tensor(DType::kBF16, {count, scale.size}, vectors, vectors->data());
    rows.images = Tensor::from({count}, scale.images);
    rows.places = Tensor::from({count, 2}, scale.places);
    if (!scale.alarms.empty()) rows.alarms = Tensor::from({count}, scale.alarms);
    rows.distances = origin_.options.mutual ? measured_mutually(rows, images_.size(), reach_of(origin_))
                                            : measured(rows, images_.size(), reach_of(origin_));
  }
  return std::make_shared<const Bank>(origin_, images_, std::move(all), now(), calibration_);
}

std::string fingerprint(const Image& image) {
  Sha256 sum;
  const std::string size = fmt::format("{} x {}\n", image.width, image.height);
  sum.add({reinterpret_cast<const std::uint8_t*>(size.data()), size.size()});
  sum.add(image.rgb);
  return sum.hex();
}

Image thumbnail_of(const Image& image) {
  const int longer = std::max(image.width, image.height);
  if (longer <= kThumbnailSide) return image;
  const auto reduced = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(side) * kThumbnailSide / longer)));
  };
  return resize_pil_bilinear(image, reduced(image.width), reduced(image.height));
}

}  // namespace anomalyvlm
