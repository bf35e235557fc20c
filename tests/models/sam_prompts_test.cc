// SAM's prompts against plain double loops; names of weights; masks on both engines.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "anomalyvlm/error.h"
#include "models/plain_tokens.h"
#include "models/random_model.h"
#include "models/sam/graphs.h"
#include "models/shared_layouts.h"
#include "models/small_sam.h"

namespace anomalyvlm {
namespace {

using test::PlainMaps;

constexpr sam::PixelSize kInput = {48, 80}, kGrid = {3, 5};

std::shared_ptr<const WeightFile> prompt_weights(const SamConfig& config) {
  return test::random_weights(sam::expected_tensors(config), 31);
}

// Sines, then cosines, of a place within the input.
std::vector<double> plain_place(const WeightFile& weights, double x, double y) {
  const Tensor& matrix = weights.at("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix");
  const std::int64_t half = matrix.dim(1);
  std::vector<double> code(static_cast<std::size_t>(2 * half));
  for (std::int64_t i = 0; i < half; ++i) {
    const double turn = (2 * x - 1) * matrix.floats()[i] + (2 * y - 1) * matrix.floats()[half + i];
    code[i] = std::sin(2 * std::numbers::pi * turn);
    code[half + i] = std::cos(2 * std::numbers::pi * turn);
  }
  return code;
}

// Of a kind of point; of none, nothing.
const float* plain_vector(const WeightFile& weights, int kind) {
  const std::string at = "prompt_encoder.";
  if (kind == sam::kNotAPoint) return weights.at(at + "not_a_point_embed.weight").floats().data();
  return weights.at(fmt::format("{}point_embeddings.{}.weight", at, kind - sam::kBackground)).floats().data();
}

TEST(SamPrompts, PointsAreWhatPlainLoopsCompute) {
  const SamConfig config = test::small_sam(48);
  const auto weights = prompt_weights(config);
  const sam::PromptShape shape = {3, 6, false};  // the sixth point is of no kind at all
  Tensor points = test::random_tensor({3, 6, 2}, 1), kinds = Tensor::zeros({3, 6, sam::kPointKinds});
  for (float& value : points.mutable_floats()) value = 40 + 60 * value;  // beyond the input, too
  for (int n = 0; n < 3; ++n)
    for (int k = 0; k < sam::kPointKinds; ++k)
      kinds.mutable_floats()[(n * 6 + (k + n) % 5) * sam::kPointKinds + k] = 1;
  const nn::CompileRequest graph = sam::prompt_graph(config, shape, kInput, kGrid);
  for (const std::string& engine : nn::engine_names()) {
    const Tensor got = test::run_on(engine, graph, weights, {points, kinds}).at("sparse");
    ASSERT_EQ(got.shape(), (Shape{3, 6, 16}));
    for (int i = 0; i < 18; ++i) {
      const auto code =
          plain_place(*weights, (points.floats()[2 * i] + 0.5) / 80, (points.floats()[2 * i + 1] + 0.5) / 48);
      for (int c = 0; c < 16; ++c) {
        double expected = code[c];
        for (int kind = 0; kind < sam::kPointKinds; ++kind) {
          if (kinds.floats()[i * sam::kPointKinds + kind] == 0) continue;
          expected = plain_vector(*weights, kind)[c] + (kind == sam::kNotAPoint ? 0 : code[c]);
        }
        ASSERT_NEAR(got.floats()[i * 16 + c], expected, 2e-5) << engine << ", point " << i << ", " << c;
      }
    }
  }
}

TEST(SamPrompts, PlacesAreThoseOfTheGridsCentres) {
  const SamConfig config = test::small_sam(48);
  const auto weights = prompt_weights(config);
  const nn::CompileRequest graph = sam::decoder_graph(config, {1, 2, false}, kGrid);
  std::vector<Tensor> inputs;
  for (const nn::InputSpec& input : graph.inputs) inputs.push_back(test::random_tensor(input.shape, 2));
  for (const std::string& engine : nn::engine_names()) {
    const Tensor got = test::run_on(engine, graph, weights, inputs).at("dense_pe");
    ASSERT_EQ(got.shape(), (Shape{1, 16, 3, 5}));
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 5; ++x)
        for (int c = 0; c < 16; ++c)
          ASSERT_NEAR(got.floats()[(c * 3 + y) * 5 + x],
                      plain_place(*weights, (x + 0.5) / 5, (y + 0.5) / 3)[c], 1e-5)
              << engine;
  }
}

// A convolution with bias, a norm over channels, GELU.
PlainMaps plain_step(const WeightFile& weights, const PlainMaps& x, int index, int stride, bool normed) {
  const auto name = [&](int i) { return fmt::format("prompt_encoder.mask_downscaling.{}", i); };
  PlainMaps y =
      plain_conv(x, weights.at(name(index) + ".weight"), {stride, 0, 0, x.height / stride, x.width / stride});
  for (int c = 0; c < y.channels; ++c)
    for (int i = 0; i < y.height * y.width; ++i)
      y.at(c, i / y.width, i % y.width) += weights.at(name(index) + ".bias").floats()[c];
  if (!normed) return y;
  return test::plain_gelu(
      plain_maps(plain_layer_norm(plain_tokens(y), weights, name(index + 1), 1e-6), y.height, y.width));
}

TEST(SamPrompts, MasksAreWhatPlainLoopsCompute) {
  const SamConfig config = test::small_sam(48);
  const auto weights = prompt_weights(config);
  const Tensor mask = test::random_tensor({1, 1, 12, 20}, 6);
  const PlainMaps fine = plain_step(*weights, PlainMaps(mask), 0, 2, true);
  const PlainMaps expected = plain_step(*weights, plain_step(*weights, fine, 3, 2, true), 6, 1, false);
  const nn::CompileRequest graph = sam::prompt_graph(config, {1, 0, true}, kInput, kGrid);
  for (const std::string& engine : nn::engine_names())
    EXPECT_LT(relative_error(test::run_on(engine, graph, weights, {mask}).at("dense"), expected), 1e-5)
        << engine;
}

// ---- names

void expect_layout(const std::string& name, const SamConfig& config) {
  const std::filesystem::path file = test::shared_layout(name);
  if (test::absent(file)) GTEST_SKIP() << "no " << file;
  std::map<std::string, Shape> rest = test::read_layout(file);
  for (const ExpectedTensor& tensor : sam::expected_tensors(config)) {
    ASSERT_TRUE(rest.contains(tensor.name)) << tensor.name;
    EXPECT_EQ(rest[tensor.name], tensor.shape) << tensor.name;
    rest.erase(tensor.name);
  }
  for (const auto& [left, shape] : rest) {
    bool ignorable = false;
    for (const std::string& pattern : sam::ignorable_tensors())
      ignorable = ignorable || matches(pattern, left);
    EXPECT_TRUE(ignorable) << left;
  }
}

TEST(SamNames, VitB) { expect_layout("sam_vit_b", SamConfig::vit_b()); }
TEST(SamNames, VitL) { expect_layout("sam_vit_l", SamConfig::vit_l()); }
TEST(SamNames, VitH) { expect_layout("sam_vit_h", SamConfig::vit_h()); }
TEST(SamNames, MobileSam) { expect_layout("mobile_sam", SamConfig::vit_t()); }

// ---- masks

TEST(SamDecoder, EnginesAgree) {
  const SamConfig config = test::small_sam(48);
  const auto weights = prompt_weights(config);
  for (const sam::PromptShape& shape :
       std::vector<sam::PromptShape>{{1, 2, false}, {3, 4, true}, {2, 0, true}}) {
    const nn::CompileRequest graph = sam::decoder_graph(config, shape, kGrid);
    std::vector<Tensor> inputs;
    for (const nn::InputSpec& input : graph.inputs)
      inputs.push_back(test::random_tensor(input.shape, 5 + static_cast<unsigned>(inputs.size())));
    std::map<std::string, Tensor> first;
    for (const std::string& engine : nn::engine_names()) {
      const std::map<std::string, Tensor> got = test::run_on(engine, graph, weights, inputs);
      EXPECT_EQ(got.at("masks").shape(), (Shape{shape.prompts, 4, 12, 20}));
      EXPECT_EQ(got.at("quality").shape(), (Shape{shape.prompts, 4}));
      if (first.empty()) first = got;
      for (const auto& [name, tensor] : got)
        for (std::int64_t i = 0; i < tensor.size(); ++i)
          ASSERT_NEAR(tensor.floats()[i], first.at(name).floats()[i],
                      2e-5 + 2e-5 * std::abs(tensor.floats()[i]))
              << name << " on " << engine;
    }
  }
}

}  // namespace
}  // namespace anomalyvlm
