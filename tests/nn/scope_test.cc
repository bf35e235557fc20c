// Scopes, signatures and the check of weights; layers and windows against their definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "errors.h"
#include "nn/layers.h"
#include "nn/run_case.h"
#include "nn/windows.h"

namespace anomalyvlm::test {
namespace {

using nn::Scope;
using nn::Value;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Tensor uniform_tensor(const Shape& shape, float low = -1, float high = 1) {
  return draw_inputs({fmt::format("weight {} {}", to_string(shape), low), {{shape, low, high}}, {}, {}})[0];
}

nn::NamedValues two_layers(const Scope& root, const std::vector<Value>& in) {
  const Value hidden = relu(nn::linear(root / "layers" / 0, in[0], 4));
  const bool bias = (root / "layers" / 1).has("bias");
  return {{"out", nn::linear(root / "layers" / 1, hidden, 2, bias)}, {"hidden", hidden}};
}

TEST(Scope, NamesTensorsAsCheckpointsDo) {
  const nn::ModelSignature signature = nn::trace_signature(two_layers, {{"x", {5, 3}}});
  std::vector<std::string> weights, outputs;
  for (const auto& w : signature.weights) weights.push_back(w.name + " " + to_string(w.shape));
  for (const auto& o : signature.outputs) outputs.push_back(o.name + " " + to_string(o.shape));
  EXPECT_THAT(weights, ElementsAre("layers.0.weight [4, 3]", "layers.0.bias [4]", "layers.1.weight [2, 4]"));
  EXPECT_THAT(outputs, ElementsAre("out [5, 2]", "hidden [5, 4]"));
}

TEST(Scope, AsksForOptionalWeightsThatAreThere) {
  const auto has = [](const std::string& name) { return name == "layers.1.bias"; };
  EXPECT_EQ(nn::trace_signature(two_layers, {{"x", {5, 3}}}, has).weights.back().name, "layers.1.bias");
}

TEST(Scope, ListsAWeightOnceThatIsReadTwice) {
  const auto twice = [](const Scope& root, const std::vector<Value>& in) -> nn::NamedValues {
    return {{"out", nn::linear(root / "shared", nn::linear(root / "shared", in[0], 3, false), 3, false)}};
  };
  EXPECT_EQ(nn::trace_signature(twice, {{"x", {1, 3}}}).weights.size(), 1U);
}

TEST(Scope, AllThatDoesNotFitIsInOneError) {
  const WeightFile file("some.safetensors", {{"layers.0.weight", uniform_tensor({4, 7})},
                                             {"layers.0.bias", uniform_tensor({4})},
                                             {"another.model", uniform_tensor({1})}});
  const nn::ModelSignature signature =
      nn::trace_signature(two_layers, {{"x", {5, 3}}}, [](const std::string&) { return true; });
  EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { nn::require_weights(file, "two layers", signature); }),
              AllOf(HasSubstr("some.safetensors"), HasSubstr("two layers"),
                    HasSubstr("2 missing: layers.1.weight, layers.1.bias"),
                    HasSubstr("1 of another shape: layers.0.weight is [4, 7], not [4, 3]"),
                    Not(HasSubstr("another.model"))));
}

TEST(Scope, EnginesRefuseWeightsThatDoNotFit) {
  for (const std::string& name : nn::engine_names()) {
    const auto engine = nn::make_engine(name, {.device = "cpu", .disk_cache = false});
    nn::CompileRequest request;
    request.model = "two layers";
    request.weights = std::make_shared<WeightFile>("empty.safetensors", WeightFile::Tensors{});
    request.function = two_layers;
    request.inputs = {{"x", {5, 3}}};
    EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { engine->compile(request); }), HasSubstr("3 missing"))
        << name;
  }
}

// A model function with weights, on every engine, against its definition.
void expect_layer(
    const std::string& name, const Shape& input, const WeightFile::Tensors& weights,
    const std::function<Value(const Scope&, const Value&)>& layer,
    const std::function<Array(const Array&, const std::function<Array(const char*)>&)>& reference) {
  const Tensor x = uniform_tensor(input, -2, 2);
  const Array expected =
      reference(Array(x), [&](const char* weight) { return Array(weights.at(std::string("at.") + weight)); });
  for (const std::string& engine : nn::engine_names()) {
    nn::CompileRequest request;
    request.model = name;
    request.weights = std::make_shared<WeightFile>("test", weights);
    request.function = [&](const Scope& root, const std::vector<Value>& in) -> nn::NamedValues {
      return {{"out", layer(root / "at", in[0])}};
    };
    request.inputs = {{"x", input}};
    const auto program = nn::make_engine(engine, {.device = "cpu", .disk_cache = false})->compile(request);
    EXPECT_LE(difference(program->run({x}).at(0), expected), 3e-6) << engine << ", " << name;
  }
}

using Weights = std::function<Array(const char*)>;

TEST(Layers, Linear) {
  const WeightFile::Tensors w = {{"at.weight", uniform_tensor({5, 7})}, {"at.bias", uniform_tensor({5})}};
  expect_layer(
      "linear", {2, 3, 7}, w, [](const Scope& at, const Value& x) { return nn::linear(at, x, 5); },
      [](const Array& x, const Weights& of) {
        return zip(matmul(x, of("weight"), true), of("bias"), std::plus<>());
      });
  expect_layer(
      "linear without bias", {4, 7}, w,
      [](const Scope& at, const Value& x) { return nn::linear(at, x, 5, false); },
      [](const Array& x, const Weights& of) { return matmul(x, of("weight"), true); });
}

TEST(Layers, Convolutions) {
  const WeightFile::Tensors w = {{"at.weight", uniform_tensor({6, 2, 3, 3})},
                                 {"at.bias", uniform_tensor({6})}};
  const nn::ConvSpec spec{2, nn::same_padding(1), 1, 2};
  expect_layer(
      "conv2d", {1, 4, 7, 6}, w,
      [=](const Scope& at, const Value& x) { return nn::conv2d(at, x, 6, 3, spec); },
      [=](const Array& x, const Weights& of) {
        const Array bias = of("bias");
        return conv2d(x, of("weight"), &bias, spec);
      });
  const WeightFile::Tensors t = {{"at.weight", uniform_tensor({4, 3, 2, 2})},
                                 {"at.bias", uniform_tensor({3})}};
  expect_layer(
      "conv_transpose2d", {1, 4, 5, 3}, t,
      [](const Scope& at, const Value& x) { return nn::conv_transpose2d(at, x, 3, 2); },
      [](const Array& x, const Weights& of) {
        const Array bias = of("bias");
        return conv_transpose2d(x, of("weight"), &bias, 2);
      });
}

TEST(Layers, Norms) {
  const WeightFile::Tensors w = {{"at.weight", uniform_tensor({6})},
                                 {"at.bias", uniform_tensor({6})},
                                 {"at.running_mean", uniform_tensor({6})},
                                 {"at.running_var", uniform_tensor({6}, 0.5F, 2)}};
  expect_layer(
      "layer_norm", {2, 5, 6}, w,
      [](const Scope& at, const Value& x) { return nn::layer_norm(at, x, 1e-5F); },
      [](const Array& x, const Weights& of) { return layer_norm(x, of("weight"), of("bias"), 1e-5); });
  expect_layer(
      "layer_norm2d", {2, 6, 3, 5}, w,
      [](const Scope& at, const Value& x) { return nn::layer_norm2d(at, x, 1e-6F); },
      [](const Array& x, const Weights& of) {
        const Array normed = layer_norm(permute(x, {0, 2, 3, 1}), of("weight"), of("bias"), 1e-6);
        return permute(normed, {0, 3, 1, 2});
      });
  expect_layer(
      "batch_norm", {2, 6, 3, 5}, w, [](const Scope& at, const Value& x) { return nn::batch_norm(at, x); },
      [](const Array& x, const Weights& of) {
        return batch_norm(x, of("weight"), of("bias"), of("running_mean"), of("running_var"), 1e-5);
      });
}

TEST(Layers, GroupNorm) {
  expect_layer(
      "group_norm", {2, 6, 3, 5}, {{"at.weight", uniform_tensor({6})}, {"at.bias", uniform_tensor({6})}},
      [](const Scope& at, const Value& x) { return nn::group_norm(at, x, 3, 1e-5F); },
      [](const Array& x, const Weights& of) { return group_norm(x, 3, of("weight"), of("bias"), 1e-5); });
}

TEST(Layers, Perceptron) {
  const WeightFile::Tensors w = {
      {"at.layers.0.weight", uniform_tensor({5, 7})}, {"at.layers.0.bias", uniform_tensor({5})},
      {"at.layers.1.weight", uniform_tensor({5, 5})}, {"at.layers.1.bias", uniform_tensor({5})},
      {"at.layers.2.weight", uniform_tensor({2, 5})}, {"at.layers.2.bias", uniform_tensor({2})}};
  expect_layer(
      "perceptron", {2, 3, 7}, w,
      [](const Scope& at, const Value& x) { return nn::perceptron(at, x, 5, 2, 3); },
      [](const Array& x, const Weights& of) {
        Array y = x;
        for (const std::string layer : {"layers.0", "layers.1", "layers.2"}) {
          y = zip(matmul(y, of((layer + ".weight").c_str()), true), of((layer + ".bias").c_str()),
                  std::plus<>());
          if (layer != "layers.2") y = map(y, [](double v) { return std::max(v, 0.0); });
        }
        return y;
      });
}

// The same token by token: one head sees channels 0 to 2, the other 3 to 5.
Array two_heads(const Array& x, const Array& weight, const Array& bias, const Array& seen) {
  const Array all = zip(matmul(x, weight, true), bias, std::plus<>());
  std::vector<Array> heads;
  for (const std::int64_t at : {0, 3}) {
    const auto part = [&](std::int64_t of) { return slice(all, 2, 6 * of + at, 6 * of + at + 3); };
    heads.push_back(attention(part(0), part(1), part(2), 1 / std::sqrt(3.0), &seen));
  }
  return concat(heads, 2);
}

TEST(Layers, MultiHeadAttention) {
  const WeightFile::Tensors w = {{"at.in_proj_weight", uniform_tensor({18, 6})},
                                 {"at.in_proj_bias", uniform_tensor({18})},
                                 {"at.out_proj.weight", uniform_tensor({6, 6})},
                                 {"at.out_proj.bias", uniform_tensor({6})}};
  const Tensor bias = uniform_tensor({5, 5}, -3, 3);
  expect_layer(
      "multi_head_attention", {2, 5, 6}, w,
      [&](const Scope& at, const Value& x) {
        return nn::multi_head_attention(at, x, x, x, 2, constant(x, bias));
      },
      [&](const Array& x, const Weights& of) {
        const Array y = two_heads(x, of("in_proj_weight"), of("in_proj_bias"), Array(bias));
        return zip(matmul(y, of("out_proj.weight"), true), of("out_proj.bias"), std::plus<>());
      });
}

TEST(Layers, HeadsAreSplitAndMerged) {
  expect_layer(
      "split_heads", {2, 5, 12}, {}, [](const Scope&, const Value& x) { return nn::split_heads(x, 3); },
      [](const Array& x, const Weights&) {
        return Array({2, 3, 5, 4}, [&](const Index& i) { return x({i[0], i[2], i[1] * 4 + i[3]}); });
      });
  expect_layer(
      "and merged", {2, 5, 12}, {},
      [](const Scope&, const Value& x) { return nn::merge_heads(nn::split_heads(x, 3)); },
      [](const Array& x, const Weights&) { return x; });
}

TEST(Windows, AreCutRowByRowWithZerosBelowAndToTheRight) {
  for (const Shape& shape : std::vector<Shape>{{1, 4, 4, 3}, {2, 5, 7, 3}, {1, 1, 9, 2}, {2, 8, 3, 1}}) {
    const std::int64_t window = 4, rows = (shape[1] + 3) / 4, columns = (shape[2] + 3) / 4;
    expect_layer(
        "split_windows", shape, {},
        [=](const Scope&, const Value& x) { return nn::split_windows(x, window); },
        [=](const Array& x, const Weights&) {
          return Array({shape[0] * rows * columns, window, window, shape[3]}, [&](const Index& i) {
            const std::int64_t y = i[0] / columns % rows * window + i[1];
            const std::int64_t z = i[0] % columns * window + i[2];
            return y < shape[1] && z < shape[2] ? x({i[0] / columns / rows, y, z, i[3]}) : 0.0;
          });
        });
    expect_layer(
        "merge_windows", shape, {},
        [=](const Scope&, const Value& x) { return nn::merge_windows(nn::split_windows(x, window), shape); },
        [](const Array& x, const Weights&) { return x; });
  }
}

}  // namespace
}  // namespace anomalyvlm::test
