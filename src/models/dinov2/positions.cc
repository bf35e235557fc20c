#include "models/dinov2/positions.h"

#include <algorithm>
#include <cmath>

namespace anomalyvlm::dinov2 {
namespace {

// Keys' cubic, at a distance.
double cubic(double a, double x) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

// What each of `out` places takes of `in` places: [out, in].
struct Mixture {
  std::int64_t in, out;
  std::vector<double> shares;

  Mixture(std::int64_t from, std::int64_t to)
      : in(from), out(to), shares(static_cast<std::size_t>(from * to)) {}
  double& at(std::int64_t i, std::int64_t k) { return shares[static_cast<std::size_t>(i * in + k)]; }
  double at(std::int64_t i, std::int64_t k) const { return shares[static_cast<std::size_t>(i * in + k)]; }
};

// Places of the table from one of the result to the next; torch rounds it to float32, which shows far from
// the first place.
double step_of(const PositionResampling& resampling, std::int64_t in, std::int64_t out) {
  if (resampling.offset == 0) return static_cast<double>(static_cast<float>(in) / static_cast<float>(out));
  const double factor = (static_cast<double>(out) + resampling.offset) / static_cast<double>(in);
  return static_cast<double>(static_cast<float>(1 / factor));
}

// The four places around, of which the table's first and last go on for ever.
Mixture plain_mixture(double step, std::int64_t in, std::int64_t out) {
  Mixture mixture(in, out);
  for (std::int64_t i = 0; i < out; ++i) {
    const double centre = step * (static_cast<double>(i) + 0.5) - 0.5;
    const auto first = static_cast<std::int64_t>(std::floor(centre)) - 1;
    for (std::int64_t k = first; k < first + 4; ++k)
      mixture.at(i, std::clamp<std::int64_t>(k, 0, in - 1)) += cubic(-0.75, static_cast<double>(k) - centre);
  }
  return mixture;
}

// A filter as wide as the reduction, whose weights within the table sum to 1.
Mixture smooth_mixture(double step, std::int64_t in, std::int64_t out) {
  Mixture mixture(in, out);
  const double widening = std::max(step, 1.0);
  for (std::int64_t i = 0; i < out; ++i) {
    const double centre = step * (static_cast<double>(i) + 0.5) - 0.5;
    double sum = 0;
    for (std::int64_t k = 0; k < in; ++k)
      sum += mixture.at(i, k) = cubic(-0.5, (static_cast<double>(k) - centre) / widening);
    for (std::int64_t k = 0; k < in; ++k) mixture.at(i, k) /= sum;
  }
  return mixture;
}

Mixture mixture_of(const PositionResampling& resampling, std::int64_t in, std::int64_t out) {
  const double step = step_of(resampling, in, out);
  return resampling.antialias ? smooth_mixture(step, in, out) : plain_mixture(step, in, out);
}

// `from` is a sequence of in blocks of equal length -> of out blocks, each a mixture of those.
void mix(const Mixture& mixture, const double* from, std::size_t length, double* to) {
  for (std::int64_t i = 0; i < mixture.out; ++i, to += length)
    for (std::int64_t k = 0; k < mixture.in; ++k) {
      const double share = mixture.at(i, k);
      if (share == 0) continue;
      const double* block = from + static_cast<std::size_t>(k) * length;
      for (std::size_t c = 0; c < length; ++c) to[c] += share * block[c];
    }
}

}  // namespace

Tensor resampled_positions(const Tensor& table, const PositionResampling& resampling, Extent grid) {
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(table.dim(1) - 1))));
  AVLM_CHECK(table.rank() == 3 && table.dim(0) == 1 && side >= 1 && 1 + side * side == table.dim(1));
  const auto channels = static_cast<std::size_t>(table.dim(2)), across = static_cast<std::size_t>(grid.width);
  const std::vector<double> trained(table.floats().begin() + static_cast<std::ptrdiff_t>(channels),
                                    table.floats().end());
  const auto trained_row = static_cast<std::size_t>(side) * channels, row = across * channels;
  // Rows are as many as before at first, and as long as they will be.
  std::vector<double> rows(static_cast<std::size_t>(side) * row),
      all(static_cast<std::size_t>(grid.height) * row);
  const Mixture columns = mixture_of(resampling, side, grid.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(side); ++y)
    mix(columns, trained.data() + y * trained_row, channels, rows.data() + y * row);
  mix(mixture_of(resampling, side, grid.height), rows.data(), row, all.data());
  Tensor result = Tensor::zeros({1, 1 + grid.places(), table.dim(2)});
  const auto to = result.mutable_floats();
  std::copy_n(table.floats().begin(), channels, to.begin());
  std::transform(all.begin(), all.end(), to.begin() + static_cast<std::ptrdiff_t>(channels),
                 [](double value) { return static_cast<float>(value); });
  return result;
}

Tensor positions(const WeightFile& file, const Dinov2Config& config, Extent grid) {
  if (grid.height < 1 || grid.width < 1)
    fail(ErrorKind::kBadInput, "DINOv2: there are no patches in {} rows and {} columns.", grid.height,
         grid.width);
  const Tensor& table = file.at("pos_embed");
  const Shape expected = {1, 1 + config.grid * config.grid, config.channels};
  if (table.shape() != expected)
    fail(ErrorKind::kBadModel, "{}: tensor 'pos_embed' is {}, not {}.", file.source(),
         to_string(table.shape()), to_string(expected));
  if (grid == Extent{config.grid, config.grid}) return table.to_f32();
  return resampled_positions(table.to_f32(), config.resampling, grid);
}

}  // namespace anomalyvlm::dinov2
