// The saliency stage against Eq. 3 by plain double loops over the network's features.
#include "roles/adapters/resnet_saliency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "image/resize.h"
#include "methods/anomalyvlm/pipeline.h"
#include "models/random_model.h"

namespace anomalyvlm {
namespace {

const ResNetConfig kNetwork{{1, 1, 1}, 4, 1, 1e-5F, {1, 2, 3}};
constexpr SaliencySizes kSizes{.side = 32, .among_objects = 48, .of_network = 24};  // 8 x 8 and 6 x 6 cells
constexpr int kWidth = 40, kHeight = 28;

Image noise_image() {
  std::mt19937 random(6);
  Image image{kWidth, kHeight, {}};
  for (int i = 0; i < kWidth * kHeight; ++i) {
    const auto grey = static_cast<std::uint8_t>(random() % 100 + 50);
    image.rgb.insert(image.rgb.end(),
                     {grey, static_cast<std::uint8_t>(grey / 2), static_cast<std::uint8_t>(random() % 256)});
  }
  return image;
}

Image with_red_and_blue_swapped(Image image) {
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) std::swap(image.rgb[i], image.rgb[i + 2]);
  return image;
}

InspectedObject object_in(int x0, int y0, int x1, int y1, bool with_mask) {
  InspectedObject object;
  object.box = {static_cast<float>(x0), static_cast<float>(y0), static_cast<float>(x1),
                static_cast<float>(y1)};
  if (!with_mask) return object;
  object.mask = Region::binary({x0, y0, x1, y1},
                               std::vector<std::uint8_t>(static_cast<std::size_t>((x1 - x0) * (y1 - y0)), 1));
  return object;
}

class Saliency : public testing::TestWithParam<std::string> {
 protected:
  Saliency() {
    const auto network = [](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
      return nn::NamedValues{{"features", resnet_features(root, kNetwork, inputs[0]).back()}};
    };
    const auto weights = test::random_weights(nn::trace_signature(network, {{"image", {1, 3, 32, 32}}}), 12);
    features_ = std::make_shared<const DenseFeatures>(
        weights, nn::make_engine(GetParam(), {.device = "cpu", .disk_cache = false}), nn::Precision::kF32,
        kNetwork);
  }

  FloatMap cells(std::span<const InspectedObject> objects, const StageOptions& options) const {
    return ResNetSaliency(features_, kSizes).cells(image_, objects, options);
  }

  // 1 - cosine of every two cells of an image as the network is to see it.
  std::vector<std::vector<double>> distances(const Image& seen) const {
    const Tensor f = features_->of(imagenet_input(seen));
    const auto count = static_cast<std::size_t>(f.dim(2) * f.dim(3)),
               depth = static_cast<std::size_t>(f.dim(1));
    std::vector<std::vector<double>> table(count, std::vector<double>(count));
    for (std::size_t a = 0; a < count; ++a)
      for (std::size_t b = 0; b < count; ++b) {
        double dot = 0, aa = 0, bb = 0;
        for (std::size_t c = 0; c < depth; ++c) {
          const double va = f.floats()[c * count + a], vb = f.floats()[c * count + b];
          dot += va * vb, aa += va * va, bb += vb * vb;
        }
        table[a][b] = 1 - dot / std::sqrt(aa * bb);
      }
    return table;
  }

  std::shared_ptr<const DenseFeatures> features_;
  Image image_ = noise_image();
};

double mean_of_first(std::vector<double> values, std::size_t count, bool largest) {
  std::sort(values.begin(), values.end());
  if (largest) std::reverse(values.begin(), values.end());
  values.resize(std::min(count, values.size()));
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

TEST_P(Saliency, OfOneObjectComparesWithTheWholeImage) {
  const auto table = distances(resize_linear(image_, kSizes.side, kSizes.side));
  StageOptions options;
  for (const int n : {1, 5, 63, 400}) {
    options.saliency_neighbors = n;
    const std::vector<InspectedObject> one = {object_in(3, 3, 9, 9, true)};
    const FloatMap got = cells(one, options);
    ASSERT_EQ(got.values.size(), table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
      std::vector<double> others = table[i];
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_NEAR(got.values[i], mean_of_first(others, static_cast<std::size_t>(n), false), 2e-6)
          << n << ", " << i;
    }
  }
}

TEST_P(Saliency, OfTheReleasedCodeTakesTheFarthestInBlueGreenRed) {
  const auto table = distances(resize_linear(with_red_and_blue_swapped(image_), kSizes.side, kSizes.side));
  StageOptions options = profile_named("saa-plus").stages;
  options.saliency_neighbors = 10;
  const std::vector<InspectedObject> whole = {InspectedObject::whole_image(kWidth, kHeight)};
  const FloatMap got = cells(whole, options);
  for (std::size_t i = 0; i < table.size(); ++i)
    EXPECT_NEAR(got.values[i], 0.5 * mean_of_first(table[i], 10, true), 2e-6) << i;
}

// Cells whose centres lie in the object; of masks, the pixel that OpenCV's nearest takes.
std::vector<bool> cells_of(int x0, int y0, int x1, int y1, int side, bool with_mask) {
  std::vector<bool> inside;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const double half = with_mask ? 0 : 0.5;
      double px = (x + half) * kWidth / side, py = (y + half) * kHeight / side;
      if (with_mask) px = std::floor(px), py = std::floor(py);
      inside.push_back(px >= x0 && px < x1 && py >= y0 && py < y1);
    }
  return inside;
}

TEST_P(Saliency, OfSeveralObjectsStaysInEach) {
  const auto table = distances(resize_linear(image_, kSizes.side, kSizes.side));
  StageOptions options;
  options.saliency_neighbors = 3;
  const std::vector<InspectedObject> objects = {object_in(0, 0, 20, 14, true),
                                                object_in(22, 5, 40, 28, false)};
  const FloatMap got = cells(objects, options);
  const auto first = cells_of(0, 0, 20, 14, 8, true), second = cells_of(22, 5, 40, 28, 8, false);
  int outside = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& own = first[i] ? first : second;
    std::vector<double> others;
    for (std::size_t k = 0; k < table.size(); ++k)
      if (own[k] && k != i) others.push_back(table[i][k]);
    const bool in_any = first[i] || second[i];
    outside += !in_any;
    EXPECT_NEAR(got.values[i], in_any ? mean_of_first(others, 3, false) : 0, 2e-6) << i;
  }
  EXPECT_GT(outside, 4);
}

TEST_P(Saliency, AmongObjectsIsTheDistanceToTheNearestOther) {
  const Image square =
      resize_linear(with_red_and_blue_swapped(image_), kSizes.among_objects, kSizes.among_objects);
  const auto table = distances(resize_pil_bilinear(square, kSizes.of_network, kSizes.of_network));
  const std::vector<InspectedObject> objects = {object_in(0, 0, 20, 14, true),
                                                object_in(22, 5, 40, 28, true)};
  const FloatMap got = cells(objects, profile_named("saa-plus").stages);
  ASSERT_EQ(got.values.size(), 36u);
  const auto first = cells_of(0, 0, 20, 14, 6, true), second = cells_of(22, 5, 40, 28, 6, true);
  for (std::size_t i = 0; i < table.size(); ++i) {
    double nearest = 2;
    for (std::size_t k = 0; k < table.size(); ++k)
      if (first[i] ? second[k] : first[k]) nearest = std::min(nearest, table[i][k]);
    EXPECT_NEAR(got.values[i], first[i] || second[i] ? 0.5 * nearest : 0, 2e-6) << i;
  }
}

TEST_P(Saliency, IsOfTheImagesSize) {
  const std::vector<InspectedObject> whole = {InspectedObject::whole_image(kWidth, kHeight)};
  const FloatMap map = ResNetSaliency(features_, kSizes).map(image_, whole, {});
  EXPECT_EQ(map.width, kWidth);
  EXPECT_EQ(map.height, kHeight);
  EXPECT_EQ(map.values, resize_linear(cells(whole, {}), kWidth, kHeight).values);
}

INSTANTIATE_TEST_SUITE_P(OnEachEngine, Saliency, testing::ValuesIn(nn::engine_names()),
                         [](const auto& engine) { return engine.param; });

}  // namespace
}  // namespace anomalyvlm
