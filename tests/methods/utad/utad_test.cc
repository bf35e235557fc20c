// UTAD against its formulas written out in double precision.
#include "methods/utad/utad.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "errors.h"
#include "image/blur.h"
#include "models/random_model.h"
#include "models/resnet/resnet.h"
#include "roles/adapters/resnet_features.h"

namespace anomalyvlm::utad {
namespace {

using ::testing::HasSubstr;
using Plane = std::vector<std::vector<double>>;  // [row][column]

// ---- the formulas, written again

Plane plain_plane(const Tensor& features, int channel) {
  const int height = static_cast<int>(features.dim(2)), width = static_cast<int>(features.dim(3));
  Plane plane(height, std::vector<double>(width));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) plane[y][x] = features.floats()[(channel * height + y) * width + x];
  return plane;
}

// By a copy with a rim of zeros.
Plane plain_pooled(const Plane& plane, int kernel) {
  const int height = static_cast<int>(plane.size()), width = static_cast<int>(plane[0].size()),
            rim = kernel / 2;
  Plane padded(height + 2 * rim, std::vector<double>(width + 2 * rim)), out = plane;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) padded[y + rim][x + rim] = plane[y][x];
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      out[y][x] = 0;
      for (int i = 0; i < kernel * kernel; ++i) out[y][x] += padded[y + i / kernel][x + i % kernel];
      out[y][x] /= kernel * kernel;
    }
  }
  return out;
}

Plane plain_heat(const std::vector<Plane>& channels, int neighbours) {
  const int height = static_cast<int>(channels[0].size()), width = static_cast<int>(channels[0][0].size());
  Plane heat(height, std::vector<double>(width));
  for (int q = 0; q < height * width; ++q) {
    std::vector<double> distances;
    for (int i = 0; i < height * width; ++i) {
      double sum = 0;
      for (const Plane& channel : channels)
        sum += std::pow(channel[q / width][q % width] - channel[i / width][i % width], 2);
      distances.push_back(std::sqrt(sum));
    }
    std::sort(distances.begin(), distances.end());
    distances.resize(std::min<std::size_t>(distances.size(), neighbours));
    for (const double d : distances) heat[q / width][q % width] += d / static_cast<double>(distances.size());
  }
  return heat;
}

Plane plain_enlarged(const Plane& heat, int border, int height, int width) {
  const int rows = static_cast<int>(heat.size()), columns = static_cast<int>(heat[0].size());
  double least = std::numeric_limits<double>::infinity();
  for (const auto& row : heat) least = std::min(least, *std::min_element(row.begin(), row.end()));
  const auto cell = [&](int y, int x) {
    const bool inside = y >= border && y < rows - border && x >= border && x < columns - border;
    return inside ? heat[y][x] : least;
  };
  Plane out(height, std::vector<double>(width));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double v = std::clamp((y + 0.5) * rows / height - 0.5, 0.0, rows - 1.0);
      const double u = std::clamp((x + 0.5) * columns / width - 0.5, 0.0, columns - 1.0);
      for (int i = 0; i < rows; ++i)
        for (int k = 0; k < columns; ++k)
          out[y][x] += cell(i, k) * std::max(0.0, 1 - std::abs(v - i)) * std::max(0.0, 1 - std::abs(u - k));
    }
  }
  return out;
}

int plain_mirror(int i, int n) {
  while (i < 0 || i >= n) i = i < 0 ? -1 - i : 2 * n - 1 - i;
  return i;
}

Plane plain_smoothed(const Plane& map, double sigma) {
  const int height = static_cast<int>(map.size()), width = static_cast<int>(map[0].size());
  const int reach = static_cast<int>(4 * sigma + 0.5);
  Plane out(height, std::vector<double>(width));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      double total = 0;
      for (int dy = -reach; dy <= reach; ++dy) {
        for (int dx = -reach; dx <= reach; ++dx) {
          const double weight = std::exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
          out[y][x] += weight * map[plain_mirror(y + dy, height)][plain_mirror(x + dx, width)];
          total += weight;
        }
      }
      out[y][x] /= total;
    }
  }
  return out;
}

void expect_near(const FloatMap& got, const Plane& expected, const std::string& what) {
  ASSERT_EQ(got.height, static_cast<int>(expected.size())) << what;
  ASSERT_EQ(got.width, static_cast<int>(expected[0].size())) << what;
  double largest = 0;
  for (const auto& row : expected) largest = std::max(largest, *std::max_element(row.begin(), row.end()));
  for (int y = 0; y < got.height; ++y)
    for (int x = 0; x < got.width; ++x)
      ASSERT_NEAR(got.at(x, y), expected[y][x], 2e-6 * largest) << what << " at " << x << ", " << y;
}

Tensor random_features(int channels, int height, int width, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(channels) * height * width);
  for (float& v : values) v = std::max(0.0F, 3 * normal(random) + 1);
  return Tensor::from({1, channels, height, width}, std::move(values));
}

struct StepsCase {
  int channels, height, width, pooling, neighbours, border;
  double sigma;
  int crop;
};

TEST(UtadSteps, AreTheFormulas) {
  const std::vector<StepsCase> cases = {{7, 11, 13, 3, 40, 3, 1.5, 4}, {1, 5, 8, 1, 400, 1, 0.8, 0},
                                        {19, 9, 6, 5, 1, 0, 2.0, 7},   {3, 6, 5, 3, 30, 3, 1.0, 2},
                                        {2, 1, 1, 3, 400, 0, 1.0, 1},  {130, 12, 12, 3, 144, 2, 4.0, 20}};
  for (const StepsCase& c : cases) {
    SCOPED_TRACE(fmt::format("{} x {} x {}", c.channels, c.height, c.width));
    const Tensor features = random_features(c.channels, c.height, c.width, 3);
    const int height = 5 * c.height + 3, width = 4 * c.width + 1;
    std::vector<Plane> expected_pooled;
    const Tensor means = pooled(features, c.pooling);
    for (int channel = 0; channel < c.channels; ++channel) {
      expected_pooled.push_back(plain_pooled(plain_plane(features, channel), c.pooling));
      const Plane got = plain_plane(means, channel);
      for (int i = 0; i < c.height * c.width; ++i)
        ASSERT_NEAR(got[i / c.width][i % c.width], expected_pooled.back()[i / c.width][i % c.width], 1e-5);
    }
    const Plane heat = plain_heat(expected_pooled, c.neighbours);
    const FloatMap got_heat = heat_map(means, c.neighbours);
    expect_near(got_heat, heat, "heat map");
    const Plane large = plain_enlarged(heat, c.border, height, width);
    const FloatMap got_large = enlarged(got_heat, c.border, {height, width});
    expect_near(got_large, large, "enlarged");
    Plane smooth = plain_smoothed(large, c.sigma);
    const FloatMap got_smooth = blur_gaussian(got_large, c.sigma);
    expect_near(got_smooth, smooth, "smoothed");
    const int crop = std::min({c.crop, (height - 1) / 2, (width - 1) / 2});
    smooth = Plane(smooth.begin() + crop, smooth.end() - crop);
    for (auto& row : smooth) row = std::vector<double>(row.begin() + crop, row.end() - crop);
    expect_near(cropped(got_smooth, crop), smooth, "cropped");
  }
}

// ---- what of an image is seen

TEST(UtadFraming, IsTheCentredSquareOfTheResizedImage) {
  struct Case {
    int width, height, resized_width, resized_height, left, top;
  };
  // Halves go to the even number, as Python rounds: 0.5 -> 0, 1.5 -> 2, 37.5 -> 38.
  for (const Case& c : std::vector<Case>{{320, 320, 320, 320, 0, 0},
                                         {218, 269, 320, 394, 0, 37},
                                         {320, 321, 320, 321, 0, 0},
                                         {323, 320, 323, 320, 2, 0},
                                         {1000, 1235, 320, 395, 0, 38},
                                         {1, 1, 320, 320, 0, 0},
                                         {20000, 1, 6400000, 320, 3199840, 0}}) {
    const Image image{c.width, c.height,
                      std::vector<std::uint8_t>(static_cast<std::size_t>(c.width) * c.height * 3)};
    const Framing framing = framing_of(image, {});
    EXPECT_EQ(framing.resized, (Extent{c.resized_height, c.resized_width})) << c.width << " x " << c.height;
    EXPECT_EQ(framing.left, c.left) << c.width << " x " << c.height;
    EXPECT_EQ(framing.top, c.top) << c.width << " x " << c.height;
    const Image input = input_of(image, {});
    EXPECT_EQ(input.width, 320);
    EXPECT_EQ(input.height, 320);
  }
}

TEST(UtadFraming, TheScoreMapGoesBackToItsPlace) {
  // 12 x 6 pixels, seen at twice the size: a square of 10 of its 12 pixels' height, of which 2 are cut off.
  const Config config{.shorter_side = 12, .input_side = 10, .border = 0, .crop = 2};
  const Image image{12, 6, std::vector<std::uint8_t>(12 * 6 * 3)};
  const Framing framing = framing_of(image, config);
  EXPECT_EQ(framing.left, 7);
  EXPECT_EQ(framing.top, 1);
  EXPECT_FLOAT_EQ(framing.evidence.x0, 4.5F);
  EXPECT_FLOAT_EQ(framing.evidence.y0, 1.5F);
  EXPECT_FLOAT_EQ(framing.evidence.x1, 7.5F);
  EXPECT_FLOAT_EQ(framing.evidence.y1, 4.5F);
  FloatMap ramp{6, 6, {}};  // at a place (u, v) of it: 1 + u + 10 v
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 6; ++x)
      ramp.values.push_back(1 + (static_cast<float>(x) + 0.5F) + 10 * (static_cast<float>(y) + 0.5F));
  const FloatMap map = placed(ramp, framing, image, config);
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 12; ++x) {
      const double u = 2 * (x + 0.5) - 9, v = 2 * (y + 0.5) - 3;
      const bool inside = u >= 0 && u < 6 && v >= 0 && v < 6;
      const double expected = 1 + std::clamp(u, 0.5, 5.5) + 10 * std::clamp(v, 0.5, 5.5);
      EXPECT_NEAR(map.at(x, y), inside ? expected : 0, 1e-5) << x << ", " << y;
    }
  }
}

// ---- the whole

// Mean colours of cells of 8 x 8 pixels.
class Colours : public FeatureExtractor {
 public:
  Tensor features(const Image& image) const override {
    const int width = image.width / 8, height = image.height / 8;
    std::vector<float> values(3 * static_cast<std::size_t>(width) * height);
    for (int y = 0; y < 8 * height; ++y)
      for (int x = 0; x < 8 * width; ++x)
        for (int c = 0; c < 3; ++c)
          values[(c * height + y / 8) * width + x / 8] += image.row(y)[3 * x + c] / 64.0F;
    return Tensor::from({1, 3, height, width}, std::move(values));
  }
};

// Noise with a spot of another colour.
Image spotted(int width, int height, int spot_x, int spot_y) {
  std::mt19937 random(1);
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool spot = std::hypot(x - spot_x, y - spot_y) < 0.06 * std::min(width, height);
      const auto level = static_cast<std::uint8_t>(80 + random() % 64);
      for (int c = 0; c < 3; ++c) image.rgb.push_back(spot && c == 0 ? 220 : level);
    }
  }
  return image;
}

TEST(Utad, FindsTheSpotWhereItIs) {
  const Utad method(std::make_shared<const Colours>());
  for (const auto& [width, height, x, y] :
       {std::tuple{320, 320, 200, 90}, {700, 400, 300, 260}, {211, 603, 90, 330}}) {
    const Observation seen = method.observe(spotted(width, height, x, y));
    ASSERT_EQ(seen.map.width, width);
    ASSERT_EQ(seen.map.height, height);
    const auto peak =
        std::max_element(seen.map.values.begin(), seen.map.values.end()) - seen.map.values.begin();
    const double near = 0.04 * std::min(width, height);
    EXPECT_NEAR(static_cast<double>(peak % width), x, near);
    EXPECT_NEAR(static_cast<double>(peak / width), y, near);
    EXPECT_NEAR(seen.map.values[static_cast<std::size_t>(peak)], seen.score, 0.02 * seen.score);
    EXPECT_TRUE(seen.notes.empty());
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        const Box& box = seen.evidence;
        const bool inside =
            column + 0.5F >= box.x0 && column + 0.5F < box.x1 && row + 0.5F >= box.y0 && row + 0.5F < box.y1;
        ASSERT_EQ(seen.map.at(column, row) > 0, inside) << column << ", " << row;
      }
    }
  }
}

TEST(Utad, FewerCellsThanNeighboursAreAllOfThemAndNoted) {
  const Config small{.shorter_side = 64, .input_side = 64, .border = 1, .crop = 8};
  const Observation seen = Utad(std::make_shared<const Colours>(), small).observe(spotted(90, 64, 40, 30));
  EXPECT_THAT(seen.notes, testing::ElementsAre(HasSubstr("all 64 cells, as there are fewer than 400")));
  EXPECT_GT(seen.score, 0);
}

TEST(Utad, OnWideResNetWithPublishedNames) {
  ResNetConfig network = ResNetConfig::wide_resnet50_2();
  network.out_indices = {2};
  const auto function = [network](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    return nn::NamedValues{{"layer2", resnet_features(root, network, inputs[0]).front()}};
  };
  const auto weights = test::random_weights(nn::trace_signature(function, {{"image", {1, 3, 64, 64}}}), 2);
  const Config small{.shorter_side = 64, .input_side = 64, .border = 1, .crop = 8};
  const Image image = spotted(80, 64, 40, 30);
  std::vector<Observation> all;
  for (const std::string& engine : nn::engine_names())
    all.push_back(
        Utad(wide_resnet_layer2(weights, nn::make_engine(engine, {.device = "cpu", .disk_cache = false}),
                                nn::Precision::kF32),
             small)
            .observe(image));
  for (const Observation& seen : all) {
    EXPECT_GT(seen.score, 0);
    EXPECT_NEAR(seen.score, all.front().score, 1e-4 * all.front().score);
  }
}

TEST(Utad, WeightsThatDoNotFitAreAnError) {
  const auto empty =
      std::make_shared<const WeightFile>("none.safetensors", WeightFile::Tensors{}, WeightFile::Strings{});
  const Utad method(
      wide_resnet_layer2(empty, nn::make_engine("openvino", {.disk_cache = false}), nn::Precision::kF32));
  EXPECT_THAT(test::error_of(ErrorKind::kBadModel, [&] { method.observe(spotted(40, 40, 9, 9)); }),
              HasSubstr("conv1.weight"));
}

TEST(Utad, FeaturesThatAreNotNumbersAreAnError) {
  class Broken : public FeatureExtractor {
    Tensor features(const Image&) const override {
      return Tensor::from<float>({1, 1, 1, 2}, {0, std::numeric_limits<float>::quiet_NaN()});
    }
  };
  const Utad method(std::make_shared<const Broken>());
  EXPECT_THAT(test::error_of(ErrorKind::kBadModel, [&] { method.observe(spotted(40, 40, 9, 9)); }),
              HasSubstr("not numbers"));
}

TEST(Utad, ConfigsThatCannotBeAreRefused) {
  const auto features = std::make_shared<const Colours>();
  EXPECT_NO_THROW(Utad(features, {.crop = 159}));
  for (const Config& config : std::vector<Config>{{.shorter_side = 0, .input_side = 0},
                                                  {.shorter_side = 100},
                                                  {.pooling = 2},
                                                  {.pooling = 0},
                                                  {.neighbours = 0},
                                                  {.border = -1},
                                                  {.smoothing_sigma = -1},
                                                  {.crop = -1},
                                                  {.crop = 160}})
    EXPECT_THROW(Utad(features, config), Error);
  EXPECT_THROW(cropped(FloatMap{4, 3, std::vector<float>(12)}, 2), Error);
  EXPECT_THROW(pooled(Tensor::zeros({3, 4, 5}), 3), Error);
}

}  // namespace
}  // namespace anomalyvlm::utad
