// The ResNet against plain double loops, and against the names of the published weights.
#include "models/resnet/resnet.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anomalyvlm/error.h"
#include "models/plain_maps.h"
#include "models/random_model.h"
#include "models/resnet/dense_features.h"
#include "models/shared_layouts.h"

namespace anomalyvlm {
namespace {

using test::PlainMaps;

nn::ModelFunction network_of(const ResNetConfig& config) {
  return [config](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    nn::NamedValues named;
    for (const nn::Value& feature : resnet_features(root, config, inputs[0]))
      named.emplace_back(fmt::format("feature{}", config.out_indices[named.size()]), feature);
    return named;
  };
}

nn::ModelSignature signature_of(const ResNetConfig& config) {
  return nn::trace_signature(network_of(config), {{"image", {1, 3, 64, 64}}});
}

// ---- the same network, written again

int halved(int extent) { return (extent + 1) / 2; }

class PlainResNet {
 public:
  PlainResNet(const WeightFile& weights, const ResNetConfig& config) : weights_(weights), config_(config) {}

  std::map<std::string, PlainMaps> operator()(const Tensor& image) const {
    std::map<std::string, PlainMaps> out;
    out["feature0"] = rectified(unit("conv1", "bn1", PlainMaps(image), 2, 3));
    PlainMaps x = out["stem"] = pooled(out["feature0"]);
    for (std::size_t layer = 0; layer < config_.layers.size(); ++layer) {
      for (int block = 0; block < config_.layers[layer]; ++block)
        x = residual(fmt::format("layer{}.{}.", layer + 1, block), x, layer > 0 && block == 0 ? 2 : 1,
                     block == 0);
      out[fmt::format("feature{}", layer + 1)] = out[fmt::format("layer{}", layer + 1)] = x;
    }
    return out;
  }

 private:
  static PlainMaps rectified(PlainMaps x) {
    return test::plain_clamp(std::move(x), 0, std::numeric_limits<double>::infinity());
  }

  PlainMaps unit(const std::string& conv, const std::string& norm, const PlainMaps& x, int stride,
                 int pad) const {
    const int height = stride == 2 ? halved(x.height) : x.height,
              width = stride == 2 ? halved(x.width) : x.width;
    const PlainMaps y = plain_conv(x, weights_.at(conv + ".weight"), {stride, pad, pad, height, width});
    return plain_norm(y, weights_, norm, static_cast<double>(config_.bn_eps));
  }

  PlainMaps residual(const std::string& at, const PlainMaps& x, int stride, bool first) const {
    PlainMaps y = rectified(unit(at + "conv1", at + "bn1", x, 1, 0));
    y = rectified(unit(at + "conv2", at + "bn2", y, stride, 1));
    y = unit(at + "conv3", at + "bn3", y, 1, 0);
    return rectified(plain_sum(y, first ? unit(at + "downsample.0", at + "downsample.1", x, stride, 0) : x));
  }

  // The largest of 3 x 3, every second.
  static PlainMaps pooled(const PlainMaps& x) {
    PlainMaps out(x.channels, halved(x.height), halved(x.width));
    for (int c = 0; c < x.channels; ++c) {
      for (int y = 0; y < out.height; ++y) {
        for (int column = 0; column < out.width; ++column) {
          double largest = -std::numeric_limits<double>::infinity();
          for (int i = std::max(0, 2 * y - 1); i <= std::min(x.height - 1, 2 * y + 1); ++i)
            for (int k = std::max(0, 2 * column - 1); k <= std::min(x.width - 1, 2 * column + 1); ++k)
              largest = std::max(largest, x.at(c, i, k));
          out.at(c, y, column) = largest;
        }
      }
    }
    return out;
  }

  const WeightFile& weights_;
  const ResNetConfig& config_;
};

struct NetworkCase {
  std::string name;
  ResNetConfig config;
  int height, width;
};

std::vector<NetworkCase> network_cases() {
  return {{"odd sizes", {{1, 2, 1}, 6, 1, 1e-5F, {1, 2, 3}}, 37, 23},
          {"all features of four layers", {{1, 1, 1, 1}, 4, 1, 1e-5F, {0, 1, 2, 3, 4}}, 33, 18},
          {"groups, another eps, some features", {{2, 1}, 4, 2, 1e-2F, {0, 2}}, 16, 29},
          {"wide", {{1}, 128, 1, 1e-5F, {1}}, 12, 9},
          {"as small as can be", {{1, 1}, 2, 1, 1e-5F, {1, 2}}, 1, 1}};
}

TEST(ResNet, IsWhatPlainLoopsCompute) {
  for (const NetworkCase& c : network_cases()) {
    const auto weights = test::random_weights(signature_of(c.config), 11);
    const Tensor image = test::random_tensor({1, 3, c.height, c.width}, 5);
    const std::map<std::string, PlainMaps> expected = PlainResNet(*weights, c.config)(image);
    for (const std::string& engine : nn::engine_names()) {
      const auto results = test::run_on(engine, c.config.description(), network_of(c.config), weights, image);
      EXPECT_GE(results.size(), c.config.out_indices.size() + 2) << "features and taps";
      for (const auto& [name, got] : results)
        EXPECT_LT(relative_error(got, expected.at(name)), 1e-5) << c.name << ", " << name << ", " << engine;
    }
  }
}

TEST(ResNet, NamesAndShapesOfWideResNet50) {
  const std::filesystem::path file = test::shared_layout("wide_resnet50_2_torchvision");
  if (test::absent(file)) GTEST_SKIP() << "no " << file;
  ResNetConfig all = ResNetConfig::wide_resnet50_2();
  all.out_indices = {1, 2, 3, 4};
  std::map<std::string, Shape> rest = test::read_layout(file);
  for (const ExpectedTensor& weight : signature_of(all).weights) {
    ASSERT_TRUE(rest.contains(weight.name)) << weight.name;
    EXPECT_EQ(rest[weight.name], weight.shape) << weight.name;
    rest.erase(weight.name);
  }
  for (const auto& [name, shape] : rest)
    EXPECT_TRUE(name.starts_with("fc.") || name.ends_with(".num_batches_tracked")) << name;
}

TEST(ResNet, ReadsOnlyWhatItNeeds) {
  ResNetConfig config = ResNetConfig::wide_resnet50_2();
  for (const ExpectedTensor& weight : signature_of(config).weights)
    EXPECT_FALSE(weight.name.starts_with("layer4")) << weight.name;
  config.out_indices = {0};
  EXPECT_EQ(signature_of(config).weights.size(), 5u) << "a convolution and its norm";
}

TEST(ResNet, ShapesOfTheRealOne) {
  ResNetConfig config = ResNetConfig::wide_resnet50_2();
  config.out_indices = {0, 1, 2, 3, 4};
  const auto outputs = nn::trace_signature(network_of(config), {{"image", {2, 3, 225, 160}}}).outputs;
  const std::vector<Shape> expected = {
      {2, 64, 113, 80}, {2, 256, 57, 40}, {2, 512, 29, 20}, {2, 1024, 15, 10}, {2, 2048, 8, 5}};
  ASSERT_EQ(outputs.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(outputs[i].shape, expected[i]);
}

TEST(ResNet, RefusesConfigsThatCannotBe) {
  for (const ResNetConfig& config : std::vector<ResNetConfig>{{.out_indices = {}},
                                                              {.out_indices = {2, 1}},
                                                              {.out_indices = {1, 1}},
                                                              {.out_indices = {-1}},
                                                              {.out_indices = {5}},
                                                              {.layers = {1, 0}, .out_indices = {1}},
                                                              {.width_per_group = 0},
                                                              {.groups = 0}})
    EXPECT_THROW(signature_of(config), Error) << config.description();
}

TEST(DenseFeatures, JoinNormalisedFeaturesOfAllLayers) {
  const ResNetConfig config{{1, 1, 1}, 4, 1, 1e-5F, {1, 2, 3}};
  const auto weights = test::random_weights(signature_of(config), 3);
  const Tensor image = test::random_tensor({1, 3, 45, 26}, 8);
  const std::map<std::string, PlainMaps> layers = PlainResNet(*weights, config)(image);
  const PlainMaps& finest = layers.at("layer1");
  PlainMaps expected(256 + 512 + 1024, finest.height, finest.width);
  for (int y = 0; y < expected.height; ++y) {
    for (int x = 0; x < expected.width; ++x) {
      double squares = 0;
      int channel = 0;
      for (const char* name : {"layer1", "layer2", "layer3"}) {
        const PlainMaps& layer = layers.at(name);
        for (int c = 0; c < layer.channels; ++c) {
          const double v = layer.at(c, y * layer.height / expected.height, x * layer.width / expected.width);
          squares += v * v;
          expected.at(channel++, y, x) = v;
        }
      }
      for (int c = 0; c < channel; ++c) expected.at(c, y, x) /= std::sqrt(squares);
    }
  }
  for (const std::string& engine : nn::engine_names()) {
    const DenseFeatures features(weights, nn::make_engine(engine, {.device = "cpu", .disk_cache = false}),
                                 nn::Precision::kF32, config);
    EXPECT_LT(relative_error(features.of(image), expected), 1e-5) << engine;
    EXPECT_LT(relative_error(features.of(image), expected), 1e-5) << "again, " << engine;
  }
}

TEST(DenseFeatures, LayersAreAsTheyAre) {
  const ResNetConfig config{{1, 2}, 4, 1, 1e-5F, {1, 2}};
  const auto weights = test::random_weights(signature_of(config), 4);
  const Tensor image = test::random_tensor({1, 3, 29, 34}, 9);
  const std::map<std::string, PlainMaps> expected = PlainResNet(*weights, config)(image);
  for (const std::string& engine : nn::engine_names()) {
    const DenseFeatures features(weights, nn::make_engine(engine, {.device = "cpu", .disk_cache = false}),
                                 nn::Precision::kF32, config);
    const std::vector<Tensor> layers = features.layers(image);
    ASSERT_EQ(layers.size(), 2U);
    EXPECT_LT(relative_error(layers[0], expected.at("layer1")), 1e-5) << engine;
    EXPECT_LT(relative_error(layers[1], expected.at("layer2")), 1e-5) << engine;
  }
}

TEST(DenseFeatures, InputIsImageNets) {
  const Tensor input = imagenet_input(Image{2, 1, {0, 128, 255, 124, 116, 104}});
  ASSERT_EQ(input.shape(), (Shape{1, 3, 1, 2}));
  const double expected[] = {(0 / 255.0 - 0.485) / 0.229,   (124 / 255.0 - 0.485) / 0.229,
                             (128 / 255.0 - 0.456) / 0.224, (116 / 255.0 - 0.456) / 0.224,
                             (255 / 255.0 - 0.406) / 0.225, (104 / 255.0 - 0.406) / 0.225};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(input.floats()[i], expected[i], 1e-5) << i;
}

}  // namespace
}  // namespace anomalyvlm
