#include "references/check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/check.h"

namespace anomalyvlm {
namespace {

constexpr double kHighestShare = 0.01;  // of an image's cells: their mean says how unlike the others it is

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double mean_of_highest(std::vector<float> values) {
  const auto count =
      std::max<std::size_t>(1, static_cast<std::size_t>(kHighestShare * static_cast<double>(values.size())));
  std::partial_sort(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), values.end(),
                    std::greater<>());
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += static_cast<double>(values[i]);
  return sum / static_cast<double>(count);
}

// The finest scale, of which the images' rows are compared.
class Comparison {
 public:
  explicit Comparison(const Bank& bank) : rows_(bank.rows().back()) {
    for (std::size_t i = 0; i < bank.images().size(); ++i) own_.push_back(rows_of_image(rows_, i));
  }

  bool has(std::size_t image) const { return own_[image].count() > 0; }

  // How unlike these others an image is; nothing where there are no rows to compare.
  std::optional<double> unlike(std::size_t image, const std::vector<std::size_t>& others, float reach) const {
    if (!has(image)) return std::nullopt;
    std::vector<RowPool> pools;
    for (const std::size_t other : others)
      if (has(other)) pools.emplace_back(own_[other].vectors, own_[other].places);
    if (pools.empty()) return std::nullopt;
    const BankRows& asked = own_[image];
    const Tensor queries = asked.vectors.to_f32();
    const NearestQuestion question{1, reach};
    const NearestRows found = nearest(pools, queries.floats(), static_cast<int>(asked.size()), {&question, 1},
                                      asked.places.floats())
                                  .front();
    std::vector<float> distances;
    for (const float squared : found.distances)
      if (std::isfinite(squared)) distances.push_back(squared / 2);
    if (distances.empty()) return std::nullopt;
    return mean_of_highest(std::move(distances));
  }

 private:
  const BankRows& rows_;
  std::vector<BankRows> own_;
};

std::vector<std::size_t> all_but(std::size_t image, const std::vector<std::size_t>& images) {
  std::vector<std::size_t> others;
  for (const std::size_t i : images)
    if (i != image) others.push_back(i);
  return others;
}

void find_outliers(ReferenceCheck& check) {
  // As far from the others as hardly ever happens among images of one kind.
  constexpr double kDeviations = 4, kLeastFactor = 1.25;
  std::vector<double> known;
  for (const auto& value : check.unlike)
    if (value) known.push_back(*value);
  if (known.size() < 3) return;
  const double middle = median(known);
  std::vector<double> offsets;
  for (const double value : known) offsets.push_back(std::abs(value - middle));
  const double deviation = 1.4826 * median(offsets);
  for (std::size_t i = 0; i < check.unlike.size(); ++i)
    if (check.unlike[i] && *check.unlike[i] > middle + kDeviations * deviation &&
        *check.unlike[i] > kLeastFactor * middle)
      check.outliers.push_back(i);
}

}  // namespace

ReferenceCheck check_bank(const Bank& bank) {
  constexpr std::size_t kAsked = 12;  // images for the curve and for the comparison of nearby places
  std::vector<std::size_t> whole;     // parts that were marked in images say nothing of these
  for (std::size_t i = 0; i < bank.images().size(); ++i)
    if (!bank.images()[i].part) whole.push_back(i);
  const std::size_t count = whole.size();
  ReferenceCheck check;
  const Comparison comparison(bank);
  check.unlike.resize(bank.images().size());
  for (const std::size_t i : whole)
    check.unlike[i] = comparison.unlike(i, all_but(i, whole), NearestQuestion::kAnywhere);
  find_outliers(check);
  const std::size_t asked = std::min(count, kAsked);
  for (std::size_t number = 1; number < count;
       number = std::min(2 * number, std::max(number + 1, count - 1))) {
    std::vector<double> values;
    for (std::size_t k = 0; k < asked; ++k) {
      const std::size_t first = k * count / asked;
      std::vector<std::size_t> some;  // those that follow it
      for (std::size_t i = 1; i <= number; ++i) some.push_back(whole[(first + i) % count]);
      if (const auto value = comparison.unlike(whole[first], some, NearestQuestion::kAnywhere))
        values.push_back(*value);
    }
    if (!values.empty()) check.by_number.emplace_back(number, mean(values));
  }
  std::vector<double> anywhere, nearby;
  for (std::size_t k = 0; k < asked && bank.origin().tile == 0; ++k) {
    const std::size_t image = whole[k * count / asked];
    const auto value = comparison.unlike(image, all_but(image, whole), static_cast<float>(kUsualNearby));
    if (!value || !check.unlike[image]) continue;
    nearby.push_back(*value);
    anywhere.push_back(*check.unlike[image]);
  }
  if (!nearby.empty() && mean(anywhere) > 0) check.nearby_factor = mean(nearby) / mean(anywhere);
  return check;
}

}  // namespace anomalyvlm
