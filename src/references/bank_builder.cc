#include "references/bank_builder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/check.h"
#include "core/sha256.h"
#include "core/utc_now.h"
#include "image/resize.h"
#include "references/usual_distances.h"

namespace anomalyvlm {
namespace {

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

}  // namespace

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
}

// Rows that were added are replaced by their coreset; those that were kept before stay unless there are too
// many.
void BankBuilder::reduce(Scale& scale, const CoresetOptions& options) const {
  const bool by_share = options.share < 1 && coreset_.share < 1;
  const std::size_t begin = by_share ? scale.kept : 0, end = scale.images.size();
  std::vector<std::int64_t> chosen, others;
  for (std::size_t row = begin; row < end; ++row) {
    // Somebody marked just these as normal: none of them is too much.
    const bool marked = by_share && images_[static_cast<std::size_t>(scale.images[row])].part.has_value();
    (marked ? chosen : others).push_back(static_cast<std::int64_t>(row));
  }
  if (others.empty()) return;
  for (const std::int64_t pick : coreset_of(scale, others, options))
    chosen.push_back(others[static_cast<std::size_t>(pick)]);
  std::sort(chosen.begin(), chosen.end());  // the rows of an image stay together
  scale.keep(begin, chosen);
}

// Picks among `rows`, of which at least one is picked.
std::vector<std::int64_t> BankBuilder::coreset_of(const Scale& scale, const std::vector<std::int64_t>& rows,
                                                  CoresetOptions options) {
  const auto size = static_cast<std::size_t>(scale.size);
  const auto count = static_cast<std::int64_t>(rows.size());
  options.share = std::min(1.0, std::max(options.share, 1.5 / static_cast<double>(count)));
  const std::uint16_t* first = scale.vectors.data() + static_cast<std::size_t>(rows.front()) * size;
  if (rows.back() - rows.front() + 1 == count)
    return greedy_coreset(Tensor(DType::kBF16, {count, scale.size}, nullptr, first), options);
  std::vector<std::uint16_t> gathered;
  for (const std::int64_t row : rows) {
    const auto from = scale.vectors.begin() + row * scale.size;
    gathered.insert(gathered.end(), from, from + scale.size);
  }
  return greedy_coreset(Tensor(DType::kBF16, {count, scale.size}, nullptr, gathered.data()), options);
}

// From `begin` on only these rows, ascending.
void BankBuilder::Scale::keep(std::size_t begin, const std::vector<std::int64_t>& rows) {
  std::size_t to = begin;
  for (const std::int64_t row : rows) {
    const auto from = static_cast<std::size_t>(row);
    std::copy_n(vectors.begin() + row * size, size, vectors.begin() + static_cast<std::ptrdiff_t>(to) * size);
    images[to] = images[from];
    places[2 * to] = places[2 * from];
    places[2 * to + 1] = places[2 * from + 1];
    if (!alarms.empty()) alarms[to] = alarms[from];
    ++to;
  }
  vectors.resize(to * static_cast<std::size_t>(size));
  images.resize(to);
  places.resize(2 * to);
  if (!alarms.empty()) alarms.resize(to);
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
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> photographs;
  for (const BankImage& image : images_)
    photographs.push_back(numbers.emplace(image.sha256, numbers.size()).first->second);
  std::vector<BankRows> all;
  for (const Scale& scale : scales_) {
    const auto count = static_cast<std::int64_t>(scale.images.size());
    const auto vectors = std::make_shared<const std::vector<std::uint16_t>>(scale.vectors);
    BankRows& rows = all.emplace_back();
    rows.vectors = Tensor(DType::kBF16, {count, scale.size}, vectors, vectors->data());
    rows.images = Tensor::from({count}, scale.images);
    rows.places = Tensor::from({count, 2}, scale.places);
    if (!scale.alarms.empty()) rows.alarms = Tensor::from({count}, scale.alarms);
    rows.distances = origin_.options.mutual ? usual_mutual_distances(rows, images_.size(), origin_.reach())
                                            : usual_distances(rows, photographs, origin_.reach());
  }
  return std::make_shared<const Bank>(origin_, images_, std::move(all), utc_now(), calibration_);
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
