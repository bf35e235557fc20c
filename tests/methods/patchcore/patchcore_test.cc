// PatchCore against the released code's steps, written out one after the other in double precision: unfold,
// enlarge, means.
#include "methods/patchcore/patchcore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "errors.h"
#include "image/blur.h"
#include "image/resize.h"
#include "methods/patchcore/describer.h"
#include "models/random_model.h"
#include "models/resnet/resnet.h"
#include "roles/adapters/resnet_features.h"

namespace anomalyvlm::patchcore {
namespace {

using ::testing::HasSubstr;
using Numbers = std::vector<double>;

// ---- the steps, written again

struct Unfolded {
  int height = 0, width = 0;
  std::vector<Numbers> patches;  // [height * width][C * size * size]
};

Unfolded plain_unfold(const Tensor& layer, int size, int stride) {
  const int channels = static_cast<int>(layer.dim(1)), h = static_cast<int>(layer.dim(2)),
            w = static_cast<int>(layer.dim(3));
  const int padding = static_cast<int>((size - 1) / 2.0);
  const auto places = [&](int cells) {
    return static_cast<int>((cells + 2 * padding - 1.0 * (size - 1) - 1) / stride + 1);
  };
  Unfolded out{places(h), places(w), {}};
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      Numbers patch;
      for (int c = 0; c < channels; ++c)
        for (int i = 0; i < size * size; ++i) {
          const int row = y * stride - padding + i / size, column = x * stride - padding + i % size;
          const bool inside = row >= 0 && row < h && column >= 0 && column < w;
          patch.push_back(inside ? layer.floats()[(c * h + row) * w + column] : 0);
        }
      out.patches.push_back(patch);
    }
  }
  return out;
}

Unfolded plain_enlarged(const Unfolded& in, int height, int width) {
  Unfolded out{height, width, {}};
  const auto at = [](int i, int places, int cells) {
    return std::max((i + 0.5) * cells / places - 0.5, 0.0);
  };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double v = at(y, height, in.height), u = at(x, width, in.width);
      const int y0 = std::min(static_cast<int>(v), in.height - 1),
                x0 = std::min(static_cast<int>(u), in.width - 1);
      const int y1 = std::min(y0 + 1, in.height - 1), x1 = std::min(x0 + 1, in.width - 1);
      Numbers patch(in.patches[0].size());
      for (std::size_t k = 0; k < patch.size(); ++k)
        patch[k] = (1 - (v - y0)) * ((1 - (u - x0)) * in.patches[y0 * in.width + x0][k] +
                                     (u - x0) * in.patches[y0 * in.width + x1][k]) +
                   (v - y0) * ((1 - (u - x0)) * in.patches[y1 * in.width + x0][k] +
                               (u - x0) * in.patches[y1 * in.width + x1][k]);
      out.patches.push_back(patch);
    }
  }
  return out;
}

Numbers plain_means(const Numbers& in, int bins) {
  Numbers out;
  const double m = static_cast<double>(in.size());
  for (int i = 0; i < bins; ++i) {
    const auto begin = static_cast<std::size_t>(std::floor(i * m / bins)),
               end = static_cast<std::size_t>(std::ceil((i + 1) * m / bins));
    double sum = 0;
    for (std::size_t k = begin; k < end; ++k) sum += in[k];
    out.push_back(sum / static_cast<double>(end - begin));
  }
  return out;
}

std::vector<Numbers> plain_embedding(const std::vector<Tensor>& layers, const Config& config) {
  std::vector<Unfolded> all;
  for (const Tensor& layer : layers)
    all.push_back(plain_unfold(layer, config.patch_size, config.patch_stride));
  for (Unfolded& layer : all) layer = plain_enlarged(layer, all[0].height, all[0].width);
  std::vector<Numbers> out;
  for (std::size_t i = 0; i < all[0].patches.size(); ++i) {
    Numbers joined;
    for (const Unfolded& layer : all)
      for (const double v : plain_means(layer.patches[i], config.layer_size)) joined.push_back(v);
    out.push_back(plain_means(joined, config.embedding_size));
  }
  return out;
}

Config config_of(int patch_size, int stride, int layer_size, int embedding_size) {
  Config config;
  config.patch_size = patch_size;
  config.patch_stride = stride;
  config.layer_size = layer_size;
  config.embedding_size = embedding_size;
  return config;
}

void expect_embedding(const std::vector<Tensor>& layers, const Config& config) {
  const std::vector<Numbers> expected = plain_embedding(layers, config);
  const Embedding got = embed(layers, config);
  ASSERT_EQ(got.grid.places(), static_cast<std::int64_t>(expected.size()));
  ASSERT_EQ(got.vectors.size(), expected.size() * static_cast<std::size_t>(config.embedding_size));
  for (std::size_t i = 0; i < expected.size(); ++i)
    for (std::size_t k = 0; k < expected[i].size(); ++k)
      ASSERT_NEAR(got.vectors[i * expected[i].size() + k], expected[i][k], 2e-6)
          << "patch " << i << ", number " << k;
}

TEST(PatchCore, EmbedsAsTheStepsDo) {
  const std::vector<Tensor> two = {test::random_tensor({1, 12, 11, 8}, 1),
                                   test::random_tensor({1, 20, 6, 4}, 2)};
  const std::vector<Tensor> three = {test::random_tensor({1, 4, 16, 16}, 1),
                                     test::random_tensor({1, 6, 8, 8}, 2),
                                     test::random_tensor({1, 7, 4, 4}, 3)};
  const std::vector<Tensor> one = {test::random_tensor({1, 3, 5, 9}, 4)};
  expect_embedding(two, config_of(3, 1, 32, 24));
  expect_embedding(two, config_of(3, 1, 300, 500));  // bins overlap when a row is enlarged
  expect_embedding(two, config_of(1, 1, 12, 12));
  expect_embedding(two, config_of(2, 1, 31, 17));  // the grid shrinks
  expect_embedding(two, config_of(4, 1, 31, 17));
  expect_embedding(two, config_of(3, 2, 32, 24));  // in each layer's own grid
  expect_embedding(two, config_of(5, 3, 7, 9));
  expect_embedding(three, config_of(3, 1, 16, 16));
  expect_embedding(three, config_of(2, 2, 16, 40));
  expect_embedding(one, config_of(3, 1, 27, 27));
  expect_embedding(one, config_of(3, 1, 1, 1));
}

TEST(PatchCore, PatchesAreThoseOfUnfold) {
  const Tensor layer = test::random_tensor({1, 5, 7, 6}, 3);
  for (const auto& [size, stride] : {std::pair{3, 1}, {2, 1}, {3, 2}, {4, 3}, {1, 1}}) {
    const Config config = config_of(size, stride, 4, 4);
    const Unfolded expected = plain_unfold(layer, size, stride);
    const Tensor got = patchify(layer, config);
    EXPECT_EQ(got.shape(), (Shape{expected.height * expected.width, 5, size, size}));
    EXPECT_EQ(patch_grid({7, 6}, config), (Extent{expected.height, expected.width}));
    for (std::size_t i = 0; i < expected.patches.size(); ++i)
      for (std::size_t k = 0; k < expected.patches[i].size(); ++k)
        ASSERT_EQ(got.floats()[i * expected.patches[i].size() + k],
                  static_cast<float>(expected.patches[i][k]));
  }
}

// ---- scores

RowPool bank_of(std::vector<float> rows, int size) {
  const auto count = static_cast<std::int64_t>(rows.size()) / size;
  return RowPool(Tensor::from<float>({count, size}, std::move(rows)));
}

TEST(PatchCore, ScoresAreMeansOfTheNearest) {
  const RowPool bank = bank_of({0, 3, 10}, 1);
  const std::vector<float> patches = {1, 9};
  Config config;
  EXPECT_EQ(patch_scores(nearest(bank, patches, 1), config), (std::vector<float>{1, 1}));
  config.neighbours = 2;
  EXPECT_EQ(patch_scores(nearest(bank, patches, 2), config),
            (std::vector<float>{(1 + 4) / 2.0F, (1 + 36) / 2.0F}));
  config.neighbours = 5;  // all there are
  const std::vector<float> all = patch_scores(nearest(bank, patches, 5), config);
  EXPECT_FLOAT_EQ(all[0], (1 + 4 + 81) / 3.0F);
  EXPECT_EQ(image_score(all), std::max(all[0], all[1]));
  EXPECT_THROW(patch_scores(nearest({}, patches, 1, std::vector<NearestQuestion>{{1}})[0], config), Error);
}

TEST(PatchCore, ReweightsAsThePaperDoes) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 30);  // exp of such distances overflows
  const int size = 5, rows = 40, patches = 6;
  std::vector<float> bank, vectors;
  for (int i = 0; i < rows * size; ++i) bank.push_back(normal(random));
  for (int i = 0; i < patches * size; ++i) vectors.push_back(normal(random));
  const RowPool pools[] = {bank_of({bank.begin(), bank.begin() + 50}, size),
                           bank_of({bank.begin() + 50, bank.end()}, size)};
  const auto apart = [&](const float* a, const float* b) {
    double squared = 0;
    for (int k = 0; k < size; ++k) squared += std::pow(double{a[k]} - b[k], 2);
    return std::sqrt(squared);
  };
  double score = -1;
  int patch = 0, row = 0;
  for (int i = 0; i < patches; ++i) {
    int best = 0;
    for (int j = 0; j < rows; ++j)
      if (apart(&vectors[i * size], &bank[j * size]) < apart(&vectors[i * size], &bank[best * size]))
        best = j;
    if (apart(&vectors[i * size], &bank[best * size]) > score) {
      score = apart(&vectors[i * size], &bank[best * size]);
      patch = i, row = best;
    }
  }
  std::vector<int> order;
  for (int j = 0; j < rows; ++j) order.push_back(j);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return apart(&bank[row * size], &bank[a * size]) < apart(&bank[row * size], &bank[b * size]);
  });
  const Embedding embedding{{2, 3}, size, vectors};
  const NearestQuestion question{2};
  const NearestRows found = nearest(pools, vectors, size, {&question, 1})[0];
  for (const int b : {1, 3, 9, 100}) {
    double sum = 0;
    for (int j = 0; j < std::min(b, rows); ++j)
      sum += std::exp(apart(&vectors[patch * size], &bank[order[j] * size]) - score);
    EXPECT_NEAR(reweighted_score(pools, embedding, found, b), (1 - 1 / sum) * score, 1e-5 * score) << b;
  }
  EXPECT_THROW(reweighted_score(pools, embedding, found, 0), Error);
}

TEST(PatchCore, MapsAreEnlargedAndSmoothed) {
  const Tensor cells = test::random_tensor({1, 1, 4, 6}, 5);
  Config config;
  config.smoothing_sigma = 1.5;
  const FloatMap map = anomaly_map(cells.floats(), {4, 6}, {32, 48}, config);
  const Tensor pixels = resize_torch_bilinear(cells, 48, 32);
  const FloatMap expected = blur_gaussian({48, 32, {pixels.floats().begin(), pixels.floats().end()}}, 1.5);
  EXPECT_EQ(map.values, expected.values);
}

// ---- images

Image gradient(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        image.rgb.push_back(static_cast<std::uint8_t>((x * 3 + y * 5 + c * 70) % 256));
  return image;
}

TEST(PatchCore, SeesTheCentre) {
  Config config;
  config.shorter_side = 20;
  config.input_side = 15;
  const Image image = gradient(61, 40);
  const Framing framing = framing_of(image, config);
  EXPECT_EQ(framing.resized, (Extent{20, 30}));
  EXPECT_EQ(framing.left, 8);  // 7.5 to the even one
  EXPECT_EQ(framing.top, 2);   // as 2.5
  EXPECT_FLOAT_EQ(framing.covered.x0, 8 * 61 / 30.0F);
  EXPECT_FLOAT_EQ(framing.covered.y1, 17 * 2.0F);
  const Image input = input_of(image, config), whole = resize_pil_bilinear(image, 30, 20);
  ASSERT_EQ(input.width, 15);
  ASSERT_EQ(input.height, 15);
  for (int y = 0; y < 15; ++y)
    EXPECT_TRUE(std::equal(&input.rgb[y * 45], &input.rgb[y * 45] + 45, &whole.rgb[((y + 2) * 30 + 8) * 3]));
}

TEST(PatchCore, StripsAreRefused) {
  const Image strip{3, 200, std::vector<std::uint8_t>(3 * 200 * 3)};
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { input_of(strip, {}); }),
              HasSubstr("3 x 200 pixels"));
}

// Two layers of known values.
class Planes : public FeatureLayers {
 public:
  explicit Planes(float value = 1) : value_(value) {}
  std::vector<Tensor> layers(const Image& image) const override {
    std::vector<Tensor> all;
    for (const int stride : {2, 4}) {
      const std::int64_t h = image.height / stride, w = image.width / stride;
      all.push_back(
          Tensor::from<float>({1, 2, h, w}, std::vector<float>(static_cast<std::size_t>(2 * h * w), value_)));
    }
    return all;
  }
  std::string id() const override { return "planes"; }

 private:
  float value_;
};

TEST(PatchCore, DescribesAnImage) {
  Config config = config_of(3, 1, 4, 6);
  config.shorter_side = 20;
  config.input_side = 16;
  const Describer describer(std::make_shared<const Planes>(), config);
  const std::vector<DescriptorGrid> grids = describer.describe(gradient(50, 40));
  ASSERT_EQ(grids.size(), 1U);
  EXPECT_EQ(grids[0].width, 8);
  EXPECT_EQ(grids[0].height, 8);
  EXPECT_EQ(grids[0].size, 6);
  EXPECT_EQ(grids[0].vectors.size(), 64U * 6);
  EXPECT_FLOAT_EQ(grids[0].covered.y0, 4);
  EXPECT_THAT(describer.id(), HasSubstr("planes"));
  Config other = config;
  other.patch_size = 5;
  EXPECT_NE(Describer(std::make_shared<const Planes>(), other).id(), describer.id());
  const Describer broken(std::make_shared<const Planes>(std::nanf("")), config);
  EXPECT_THAT(test::error_of(ErrorKind::kBadModel, [&] { broken.describe(gradient(50, 40)); }),
              HasSubstr("not numbers"));
}

TEST(PatchCore, OnWideResNetWithPublishedNames) {
  ResNetConfig network = ResNetConfig::wide_resnet50_2();
  network.out_indices = {2, 3};
  const auto function = [network](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    const std::vector<nn::Value> layers = resnet_features(root, network, inputs[0]);
    return nn::NamedValues{{"layer2", layers[0]}, {"layer3", layers[1]}};
  };
  const auto weights = test::random_weights(nn::trace_signature(function, {{"image", {1, 3, 64, 64}}}), 2);
  Config config;
  config.shorter_side = config.input_side = 64;
  const auto layers = wide_resnet_layers23(weights, nn::make_engine("openvino", {.disk_cache = false}),
                                           nn::Precision::kF32, "random weights");
  const std::vector<DescriptorGrid> grids = Describer(layers, config).describe(gradient(80, 64));
  EXPECT_EQ(grids[0].width, 8);
  EXPECT_EQ(grids[0].size, 1024);
  EXPECT_THAT(layers->id(), HasSubstr("random weights"));
}

TEST(PatchCore, ArgumentsThatCannotBeAreRefused) {
  const Tensor layer = test::random_tensor({1, 3, 4, 4}, 1);
  EXPECT_THROW(embed({}, Config()), Error);
  EXPECT_THROW(embed(std::vector<Tensor>{layer.reshaped({3, 4, 4})}, Config()), Error);
  const Tensor cell = layer.reshaped({1, 48, 1, 1});
  EXPECT_THROW(embed({&cell, 1}, config_of(2, 1, 4, 4)), Error);
  for (const Config& config :
       {config_of(0, 1, 4, 4), config_of(3, 0, 4, 4), config_of(3, 1, 0, 4), config_of(3, 1, 4, 0)})
    EXPECT_THROW(embed({&layer, 1}, config), Error);
  Config config;
  config.input_side = config.shorter_side + 1;
  EXPECT_THROW(Describer(std::make_shared<const Planes>(), config), Error);
  config = {};
  config.smoothing_sigma = -1;
  EXPECT_THROW(require_possible(config), Error);
  config = {};
  config.neighbours = 0;
  EXPECT_THROW(require_possible(config), Error);
}

}  // namespace
}  // namespace anomalyvlm::patchcore
