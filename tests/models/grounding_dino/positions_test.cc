// Levels and position encodings against plain loops over masks of padding.
#include "models/grounding_dino/positions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "models/grounding_dino/plain_masks.h"
#include "models/random_model.h"

namespace anomalyvlm::grounding_dino {
namespace {

using test::PlainBatch;
using test::PlainMask;

// Calls check(token, image, map, mask, y, x) for every place of a batch, tokens counted over all images.
template <typename Check>
void for_each_plain_place(const PlainBatch& batch, Check&& check) {
  std::size_t token = 0;
  for (const Extent& image : batch.images) {
    for (std::size_t map = 0; map < batch.maps.size(); ++map) {
      const PlainMask mask = test::plain_mask(batch.maps[map], batch.input, image);
      for (std::int64_t y = 0; y < mask.height; ++y)
        for (std::int64_t x = 0; x < mask.width; ++x) check(token++, image, mask, y, x);
    }
  }
}

TEST(GroundingDinoLevels, PaddingIsThatOfTheShrunkMask) {
  for (const PlainBatch& batch : test::plain_batches()) {
    const Levels levels = batch.levels();
    const Tensor got = padding(levels);
    ASSERT_EQ(got.shape(), (Shape{static_cast<std::int64_t>(batch.images.size()), levels.places()}));
    bool any = false;
    for_each_plain_place(batch, [&](std::size_t token, Extent, const PlainMask& mask, auto y, auto x) {
      ASSERT_EQ(got.floats()[token] == 1, mask.at(y, x)) << token;
      any = any || mask.at(y, x);
    });
    EXPECT_EQ(levels.padded(), any);
  }
}

TEST(GroundingDinoLevels, CentresAreSharesOfEachPaddedMap) {
  for (const PlainBatch& batch : test::plain_batches()) {
    const std::size_t maps = batch.maps.size();
    const Tensor got = centres(batch.levels()), ratios = valid_ratios(batch.levels());
    for_each_plain_place(batch, [&](std::size_t token, Extent image, const PlainMask& mask, auto y, auto x) {
      for (std::size_t other = 0; other < maps; ++other) {
        const PlainMask seen = test::plain_mask(batch.maps[other], batch.input, image);
        const double share_x = static_cast<double>(seen.valid_columns()) / static_cast<double>(seen.width);
        const double share_y = static_cast<double>(seen.valid_rows()) / static_cast<double>(seen.height);
        const float* place = got.floats().data() + (token * maps + other) * 2;
        ASSERT_NEAR(place[0], (x + 0.5) / mask.valid_columns() * share_x, 1e-5);
        ASSERT_NEAR(place[1], (y + 0.5) / mask.valid_rows() * share_y, 1e-5);
      }
    });
    EXPECT_EQ(ratios.shape(),
              (Shape{static_cast<std::int64_t>(batch.images.size()), static_cast<std::int64_t>(maps), 2}));
  }
}

// Sines and cosines in turn; all in double precision.
double plain_wave(double angle, double temperature, int width, int channel) {
  const double at = angle / std::pow(temperature, static_cast<double>(channel / 2 * 2) / width);
  return channel % 2 == 0 ? std::sin(at) : std::cos(at);
}

TEST(GroundingDinoPositions, OfImagesCountWhatIsNoPadding) {
  GroundingDinoConfig config;
  config.channels = 12;
  config.temperature_y = 7;
  config.temperature_x = 20;
  for (const PlainBatch& batch : test::plain_batches()) {
    const Tensor got = image_positions(config, batch.levels());
    for_each_plain_place(batch, [&](std::size_t token, Extent, const PlainMask& mask, auto y, auto x) {
      const auto angle = [](int count, int all) { return 2 * std::numbers::pi * count / (all + 1e-6); };
      const double down = angle(mask.count_down(y, x), mask.count_down(mask.height - 1, x));
      const double right = angle(mask.count_right(y, x), mask.count_right(y, mask.width - 1));
      for (int c = 0; c < 6; ++c) {
        ASSERT_NEAR(got.floats()[token * 12 + c], plain_wave(down, 7, 6, c), 3e-6);
        ASSERT_NEAR(got.floats()[token * 12 + 6 + c], plain_wave(right, 20, 6, c), 3e-6);
      }
    });
  }
}

TEST(GroundingDinoPositions, OfTextsTurnOnceAStep) {
  const std::vector<std::int64_t> positions = {0, 0, 1, 2, 0, 3};
  const Tensor got = text_positions(positions, 2, 3, 16);
  ASSERT_EQ(got.shape(), (Shape{2, 3, 16}));
  for (std::size_t i = 0; i < positions.size(); ++i)
    for (int c = 0; c < 16; ++c)
      EXPECT_NEAR(got.floats()[i * 16 + c],
                  plain_wave(2 * std::numbers::pi * static_cast<double>(positions[i]), 10000, 16, c), 3e-6);
}

TEST(GroundingDinoPositions, OfBoxesPutYFirst) {
  const Tensor boxes = test::random_tensor({2, 3, 4}, 8);
  nn::CompileRequest graph;
  graph.model = "positions of boxes";
  graph.inputs = {{"boxes", boxes.shape()}};
  graph.function = [](const nn::Scope&, const std::vector<nn::Value>& in) -> nn::NamedValues {
    return {{"out", box_positions(in[0], 10)}};
  };
  constexpr int kOrder[] = {1, 0, 2, 3};
  const auto weights = std::make_shared<const WeightFile>();
  for (const std::string& engine : nn::engine_names()) {
    const Tensor got = test::run_on(engine, graph, weights, {boxes}).at("out");
    ASSERT_EQ(got.shape(), (Shape{2, 3, 40}));
    for (int box = 0; box < 6; ++box)
      for (int part = 0; part < 4; ++part)
        for (int c = 0; c < 10; ++c)
          ASSERT_NEAR(got.floats()[box * 40 + part * 10 + c],
                      plain_wave(2 * std::numbers::pi * boxes.floats()[box * 4 + kOrder[part]], 10000, 10, c),
                      5e-6)
              << engine;
  }
}

}  // namespace
}  // namespace anomalyvlm::grounding_dino
