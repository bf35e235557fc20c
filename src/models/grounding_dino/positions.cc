#include "models/grounding_dino/positions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace anomalyvlm::grounding_dino {
namespace {

using nn::Value;

constexpr float kTurn = 2 * std::numbers::pi_v<float>;
constexpr float kTextTemperature = 10000, kBoxTemperature = 10000;
constexpr float kNotZero = 1e-6F;

// What the angle is divided by: one divisor for each sine and the cosine after it.
std::vector<float> divisors(float temperature, std::int64_t width) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < width; i += 2)
    values.push_back(static_cast<float>(
        std::pow(static_cast<double>(temperature), static_cast<double>(i) / static_cast<double>(width))));
  return values;
}

using Waves = std::vector<float>;

void append_waves(Waves& out, float angle, const std::vector<float>& divisors) {
  for (const float divisor : divisors) {
    out.push_back(std::sin(angle / divisor));
    out.push_back(std::cos(angle / divisor));
  }
}

// Of each place along an axis of which `valid` are no padding: the authors count places that are none, so
// that beyond the last the count stays. At the end, of a count of 0.
std::vector<Waves> waves_along(std::int64_t places, std::int64_t valid, const std::vector<float>& divisors) {
  std::vector<Waves> all(static_cast<std::size_t>(places) + 1);
  const auto last = static_cast<float>(valid);
  for (std::int64_t i = 0; i < places; ++i)
    append_waves(all[static_cast<std::size_t>(i)],
                 static_cast<float>(std::min(i + 1, valid)) / (last + kNotZero) * kTurn, divisors);
  append_waves(all.back(), 0, divisors);
  return all;
}

// Of one map of one image, [places, channels]. A row or column that is all padding counts 0.
void append_map(std::vector<float>& out, const Extent& map, const Extent& valid,
                const std::vector<float>& row_divisors, const std::vector<float>& column_divisors) {
  const std::vector<Waves> rows = waves_along(map.height, valid.height, row_divisors),
                           columns = waves_along(map.width, valid.width, column_divisors);
  for (std::int64_t y = 0; y < map.height; ++y) {
    for (std::int64_t x = 0; x < map.width; ++x) {
      const Waves& row = x < valid.width ? rows[static_cast<std::size_t>(y)] : rows.back();
      const Waves& column = y < valid.height ? columns[static_cast<std::size_t>(x)] : columns.back();
      out.insert(out.end(), row.begin(), row.end());
      out.insert(out.end(), column.begin(), column.end());
    }
  }
}

}  // namespace

Tensor image_positions(const GroundingDinoConfig& config, const Levels& levels) {
  const std::vector<float> rows = divisors(config.temperature_y, config.channels / 2),
                           columns = divisors(config.temperature_x, config.channels / 2);
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(levels.images() * levels.places() * config.channels));
  for (const std::vector<Extent>& valid : levels.valid)
    for (std::size_t map = 0; map < valid.size(); ++map)
      append_map(values, levels.maps[map], valid[map], rows, columns);
  return Tensor::from<float>({levels.images(), levels.places(), config.channels}, std::move(values));
}

Tensor text_positions(std::span<const std::int64_t> positions, std::int64_t captions, std::int64_t tokens,
                      std::int64_t channels) {
  AVLM_CHECK(static_cast<std::int64_t>(positions.size()) == captions * tokens);
  const std::vector<float> by = divisors(kTextTemperature, channels);
  Waves values;
  for (const std::int64_t position : positions)
    append_waves(values, static_cast<float>(position) * kTurn, by);
  return Tensor::from<float>({captions, tokens, channels}, std::move(values));
}

Value box_positions(const Value& boxes, std::int64_t width) {
  const std::vector<float> by = divisors(kBoxTemperature, width);
  const auto count = static_cast<std::int64_t>(by.size());
  const Value numbers = reshape(gather(boxes, -1, {1, 0, 2, 3}) * kTurn, {boxes.dim(0), boxes.dim(1), 4, 1});
  const Value angles = numbers / constant(boxes, Tensor::from<float>({count}, by));
  const Shape pairs = {boxes.dim(0), boxes.dim(1), 4, count, 1};
  const Value waves = nn::concat({reshape(sin(angles), pairs), reshape(cos(angles), pairs)}, -1);
  return reshape(waves, {boxes.dim(0), boxes.dim(1), 4 * width});
}

}  // namespace anomalyvlm::grounding_dino
