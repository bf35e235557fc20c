#include "image/blur.h"

#include <cmath>
#include <utility>

#include "core/check.h"
#include "core/threads.h"

namespace anomalyvlm {
namespace {

constexpr double kCutOff = 4;  // standard deviations
constexpr double kLargestSigma = 1000;

// Weights of the distances 0, 1, ... pixels; those of both sides sum to 1.
std::vector<double> half_gaussian(double sigma) {
  std::vector<double> weights(static_cast<std::size_t>(kCutOff * sigma + 0.5) + 1);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double x = static_cast<double>(i) / sigma;
    weights[i] = std::exp(-0.5 * x * x);
    sum += i == 0 ? weights[i] : 2 * weights[i];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

// Where a position outside of [0, n) is found by mirroring, again and again if need be.
int mirrored(int i, int n) {
  const int period = 2 * n, within = ((i % period) + period) % period;
  return within < n ? within : period - 1 - within;
}

// Calls set(i, sum) for each of n positions of a line, of which get(i) gives the values.
template <typename Get, typename Set>
void blur_line(const std::vector<double>& weights, int n, const Get& get, const Set& set) {
  const int reach = static_cast<int>(weights.size()) - 1;
  std::vector<double> line(static_cast<std::size_t>(n) + 2 * static_cast<std::size_t>(reach));
  for (std::size_t i = 0; i < line.size(); ++i)
    line[i] = static_cast<double>(get(mirrored(static_cast<int>(i) - reach, n)));
  for (int i = 0; i < n; ++i) {
    const double* centre = line.data() + i + reach;
    double sum = centre[0] * weights[0];
    for (int k = reach; k >= 1; --k)  // the smallest weights first
      sum += (centre[-k] + centre[k]) * weights[static_cast<std::size_t>(k)];
    set(i, static_cast<float>(sum));
  }
}

}  // namespace

FloatMap blur_gaussian(const FloatMap& map, double sigma) {
  AVLM_CHECK(map.width > 0 && map.height > 0 &&
             map.values.size() == static_cast<std::size_t>(map.width) * static_cast<std::size_t>(map.height));
  if (!(sigma >= 0 && sigma <= kLargestSigma))
    fail(ErrorKind::kBadInput, "Cannot smooth with a standard deviation of {} pixels; 0 to {} are possible.",
         sigma, kLargestSigma);
  if (sigma == 0) return map;
  const std::vector<double> weights = half_gaussian(sigma);
  FloatMap columns = map, out = map;
  parallel_for(map.width, 16, [&](std::int64_t begin, std::int64_t end) {
    for (int x = static_cast<int>(begin); x < static_cast<int>(end); ++x)
      blur_line(
          weights, map.height, [&](int y) { return map.at(x, y); },
          [&](int y, float value) { columns.at(x, y) = value; });
  });
  parallel_for(map.height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < static_cast<int>(end); ++y)
      blur_line(
          weights, map.width, [&](int x) { return columns.at(x, y); },
          [&](int x, float value) { out.at(x, y) = value; });
  });
  return out;
}

}  // namespace anomalyvlm
