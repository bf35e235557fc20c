// Invalid arguments: one Error(kBadModel) that names the operation and its arguments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "errors.h"
#include "nn/ops.h"
#include "nn/scope.h"

namespace anomalyvlm::test {
namespace {

using nn::Value;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Refusal {
  const char* operation;
  std::function<Value(const std::vector<Value>&)> wrong;
  std::vector<Shape> inputs;
  std::vector<const char*> names;  // what the message must hold
};

std::string message_of(const Refusal& refusal) {
  std::vector<nn::InputSpec> inputs;
  for (const Shape& shape : refusal.inputs) inputs.push_back({"x", shape});
  const auto model = [&](const nn::Scope&, const std::vector<Value>& v) -> nn::NamedValues {
    return {{"out", refusal.wrong(v)}};
  };
  return error_of(ErrorKind::kBadModel, [&] { nn::trace_signature(model, inputs); });
}

using V = const std::vector<Value>&;
const nn::Padding kNone;

const Refusal kArithmetic[] = {
    {"add", [](V v) { return v[0] + v[1]; }, {{2, 3}, {2, 4}}, {"[2, 3]", "[2, 4]"}},
    {"subtract", [](V v) { return v[0] - v[1]; }, {{3}, {2, 1, 4}}, {"[3]", "[2, 1, 4]"}},
    {"multiply", [](V v) { return v[0] * v[1]; }, {{5}, {6}}, {"[5]", "[6]"}},
    {"divide", [](V v) { return v[0] / v[1]; }, {{5}, {6}}, {"[5]", "[6]"}},
    {"maximum", [](V v) { return binary(nn::Binary::kMaximum, v[0], v[1]); }, {{5}, {6}}, {"[5]", "[6]"}},
    {"minimum", [](V v) { return binary(nn::Binary::kMinimum, v[0], v[1]); }, {{5}, {6}}, {"[5]", "[6]"}},
    {"add", [](V v) { return v[0] + Value{}; }, {{5}}, {"missing"}},
    {"unary", [](V) { return relu(Value{}); }, {}, {"missing"}},
    {"clamp", [](V v) { return clamp(v[0], 2, 1); }, {{2, 3}}, {"[2, 3]", "2 .. 1"}},
    {"clamp", [](V) { return relu6(Value{}); }, {}, {"missing"}},
    {"constant", [](V v) { return constant(v[0], Tensor()); }, {{3}}, {"missing"}},
    {"constant", [](V) { return constant(Value{}, 1.0F); }, {}, {"missing"}},
    {"matmul", [](V v) { return matmul(v[0], v[1]); }, {{2, 3}, {4, 5}}, {"[2, 3]", "[4, 5]"}},
    {"matmul", [](V v) { return matmul(v[0], v[1], true); }, {{2, 3}, {3, 5}}, {"[2, 3]", "[3, 5]"}},
    {"matmul", [](V v) { return matmul(v[0], v[1]); }, {{3}, {3, 5}}, {"[3]", "[3, 5]"}},
    {"matmul", [](V v) { return matmul(v[0], v[1]); }, {{2, 4, 3}, {3, 3, 5}}, {"[2]", "[3]"}},
    {"attention",
     [](V v) { return attention(v[0], v[1], v[2], 1); },
     {{2, 3}, {4, 5}, {4, 3}},
     {"q [2, 3]", "k [4, 5]"}},
    {"attention", [](V v) { return attention(v[0], v[1], v[2], 1); }, {{2, 3}, {4, 3}, {5, 3}}, {"v [5, 3]"}},
    {"attention",
     [](V v) { return attention(v[0], v[1], v[2], 1); },
     {{2, 2, 3}, {3, 4, 3}, {3, 4, 3}},
     {"[2, 2, 3]"}},
    {"attention", [](V v) { return attention(v[0], v[0], v[0], 1, v[1]); }, {{2, 3}, {3}}, {"[2, 2]", "[3]"}},
    {"attention",
     [](V v) { return attention(v[0], v[0], v[0], 1, v[1]); },
     {{2, 3}, {5, 2, 2}},
     {"[5, 2, 2]"}},
};

const Refusal kImages[] = {
    {"conv2d",
     [](V v) { return conv2d(v[0], v[1], {}); },
     {{3, 8, 8}, {4, 3, 3, 3}},
     {"[B, C, H, W]", "[3, 8, 8]"}},
    {"conv2d",
     [](V v) { return conv2d(v[0], v[1], {}); },
     {{1, 3, 8, 8}, {4, 2, 3, 3}},
     {"[4, 2, 3, 3]", "[1, 3, 8, 8]"}},
    {"conv2d",
     [](V v) {
       return conv2d(v[0], v[1], {}, {1, kNone, 1, 2});
     },
     {{1, 4, 8, 8}, {3, 2, 3, 3}},
     {"2 groups"}},
    {"conv2d",
     [](V v) {
       return conv2d(v[0], v[1], {}, {1, kNone, 1, 0});
     },
     {{1, 4, 8, 8}, {3, 4, 3, 3}},
     {"0 groups"}},
    {"conv2d",
     [](V v) { return conv2d(v[0], v[1], v[2]); },
     {{1, 2, 8, 8}, {3, 2, 3, 3}, {4}},
     {"[4]", "[3]"}},
    {"conv2d",
     [](V v) { return conv2d(v[0], v[1], {}); },
     {{1, 2, 2, 8}, {3, 2, 3, 3}},
     {"3", "[1, 2, 2, 8]"}},
    {"conv2d",
     [](V v) {
       return conv2d(v[0], v[1], {}, {0, kNone});
     },
     {{1, 2, 8, 8}, {3, 2, 3, 3}},
     {"stride 0", "[1, 2, 8, 8]"}},
    {"conv2d",
     [](V v) {
       return conv2d(v[0], v[1], {}, {1, kNone, 0});
     },
     {{1, 2, 8, 8}, {3, 2, 3, 3}},
     {"dilation of 0"}},
    {"conv2d",
     [](V v) {
       return conv2d(v[0], v[1], {}, {1, {0, -1, 0, 0}});
     },
     {{1, 2, 8, 8}, {3, 2, 3, 3}},
     {"-1"}},
    {"conv_transpose2d",
     [](V v) { return conv_transpose2d(v[0], v[1], {}, 2); },
     {{1, 3, 8, 8}, {4, 3, 2, 2}},
     {"[4, 3, 2, 2]", "[1, 3, 8, 8]"}},
    {"conv_transpose2d",
     [](V v) { return conv_transpose2d(v[0], v[1], {}, 0); },
     {{1, 3, 8, 8}, {3, 3, 2, 2}},
     {"stride 0"}},
    {"conv_transpose2d",
     [](V v) { return conv_transpose2d(v[0], v[1], v[2], 2); },
     {{1, 3, 8, 8}, {3, 4, 2, 2}, {3}},
     {"[3]", "[4]"}},
    {"max_pool2d", [](V v) { return max_pool2d(v[0], {}); }, {{3, 8, 8}}, {"[3, 8, 8]"}},
    {"max_pool2d",
     [](V v) {
       return max_pool2d(v[0], {3, 1, {}});
     },
     {{1, 3, 2, 8}},
     {"[1, 3, 2, 8]"}},
    {"max_pool2d",
     [](V v) {
       return max_pool2d(v[0], {2, 1, nn::same_padding(2)});
     },
     {{1, 3, 8, 8}},
     {"padding", "[1, 3, 8, 8]"}},
    {"max_pool2d",
     [](V v) {
       return max_pool2d(v[0], {0, 1, {}});
     },
     {{1, 3, 8, 8}},
     {"window of 0"}},
    {"avg_pool2d",
     [](V v) {
       return avg_pool2d(v[0], {2, 0, {}});
     },
     {{1, 3, 8, 8}},
     {"stride 0"}},
    {"avg_pool2d",
     [](V v) {
       return avg_pool2d(v[0], {2, 1, {0, 0, 0, -1}});
     },
     {{1, 3, 8, 8}},
     {"-1"}},
    {"resize",
     [](V v) { return resize(v[0], 0, 4, nn::Resample::kNearest); },
     {{1, 3, 8, 8}},
     {"0 x 4", "[1, 3, 8, 8]"}},
    {"resize", [](V v) { return resize(v[0], 4, 4, nn::Resample::kBilinear); }, {{8, 8}}, {"[8, 8]"}},
    {"neighbour_distance",
     [](V v) {
       return neighbour_distance(v[0], {{1, 0}});
     },
     {{8, 8}},
     {"[8, 8]"}},
    {"neighbour_distance",
     [](V v) { return neighbour_distance(v[0], {}); },
     {{1, 2, 8, 8}},
     {"[1, 2, 8, 8]"}},
    {"neighbour_distance",
     [](V v) {
       return neighbour_distance(v[0], {{0, 0}});
     },
     {{1, 2, 8, 8}},
     {"0 nearest"}},
    {"neighbour_distance",
     [](V v) {
       return neighbour_distance(v[0], {{1, -1}});
     },
     {{1, 2, 8, 8}},
     {"-1 cells"}},
    {"deformable_attention",
     [](V v) {
       return deformable_attention(v[0], {{3, 2}}, v[1], v[2], v[3]);
     },
     {{1, 6, 2, 4}, {1, 5, 1, 3}, {1, 5, 2, 1, 4, 2}, {1, 5, 2, 1, 4}},
     {"reference [1, 5, 1, 3]"}},
    {"deformable_attention",
     [](V v) {
       return deformable_attention(v[0], {{3, 2}, {1, 1}}, v[1], v[2], v[3]);
     },
     {{1, 6, 2, 4}, {1, 5, 2, 2}, {1, 5, 2, 2, 4, 2}, {1, 5, 2, 2, 4}},
     {"value [1, 6, 2, 4]", "2 maps"}},
    {"deformable_attention",
     [](V v) {
       return deformable_attention(v[0], {{3, 2}}, v[1], v[2], v[3]);
     },
     {{1, 6, 2, 4}, {1, 5, 1, 2}, {1, 5, 2, 1, 4, 2}, {1, 5, 2, 1, 3}},
     {"weights [1, 5, 2, 1, 3]"}},
    {"deformable_attention",
     [](V v) {
       return deformable_attention(v[0], {{0, 2}}, v[1], v[2], v[3]);
     },
     {{1, 6, 2, 4}, {1, 5, 1, 2}, {1, 5, 2, 1, 4, 2}, {1, 5, 2, 1, 4}},
     {"a map of 0 x 2"}},
};

const Refusal kNorms[] = {
    {"layer_norm", [](V v) { return layer_norm(v[0], v[1], v[1], 1e-5F); }, {{2, 3}, {4}}, {"[4]", "[3]"}},
    {"layer_norm", [](V v) { return layer_norm(v[0], v[1], {}, 1e-5F); }, {{2, 3}, {3}}, {"[]", "[3]"}},
    {"layer_norm", [](V v) { return layer_norm(v[0], v[1], v[1], 1e-5F); }, {{}, {1}}, {"[..., C]", "[]"}},
    {"batch_norm",
     [](V v) {
       return batch_norm(v[0], {v[1], v[1], v[1], v[2]}, 1e-5F);
     },
     {{2, 3, 4}, {3}, {4}},
     {"[4]", "[3]"}},
    {"batch_norm",
     [](V v) {
       return batch_norm(v[0], {v[0], v[0], v[0], v[0]}, 1e-5F);
     },
     {{3}},
     {"[3]"}},
    {"group_norm",
     [](V v) { return group_norm(v[0], 4, v[1], v[1], 1e-5F); },
     {{2, 6, 3}, {6}},
     {"[2, 6, 3]", "4 groups"}},
    {"group_norm",
     [](V v) { return group_norm(v[0], 3, v[1], v[1], 1e-5F); },
     {{2, 6, 3}, {3}},
     {"[3]", "[6]"}},
    {"softmax", [](V v) { return softmax(v[0], 2); }, {{2, 3}}, {"axis 2", "[2, 3]"}},
    {"softmax", [](V v) { return softmax(v[0], -3); }, {{2, 3}}, {"axis -3", "[2, 3]"}},
    {"softmax", [](V v) { return softmax(v[0], 0); }, {{}}, {"axis 0", "[]"}},
    {"reduce", [](V v) { return sum(v[0], {}); }, {{2, 3}}, {"[2, 3]", "()"}},
    {"reduce",
     [](V v) {
       return mean(v[0], {0, -2});
     },
     {{2, 3}},
     {"[2, 3]", "(0, -2)"}},
    {"reduce",
     [](V v) {
       return max(v[0], {1, 2});
     },
     {{2, 3}},
     {"axis 2", "[2, 3]"}},
};

const Refusal kShapes[] = {
    {"reshape",
     [](V v) {
       return reshape(v[0], {4, 2});
     },
     {{2, 3}},
     {"[2, 3]", "[4, 2]"}},
    {"reshape",
     [](V v) {
       return reshape(v[0], {-1, 4});
     },
     {{2, 3}},
     {"[2, 3]", "[-1, 4]"}},
    {"reshape",
     [](V v) {
       return reshape(v[0], {-1, -1});
     },
     {{2, 3}},
     {"[-1, -1]"}},
    {"reshape",
     [](V v) {
       return reshape(v[0], {-2, -3});
     },
     {{2, 3}},
     {"[-2, -3]"}},
    {"reshape",
     [](V v) {
       return reshape(v[0], {0, -1});
     },
     {{2, 3}},
     {"[0, -1]"}},
    {"permute",
     [](V v) {
       return permute(v[0], {0, 2});
     },
     {{2, 3}},
     {"(0, 2)", "[2, 3]"}},
    {"permute",
     [](V v) {
       return permute(v[0], {0, 0});
     },
     {{2, 3}},
     {"(0, 0)"}},
    {"permute", [](V v) { return permute(v[0], {0}); }, {{2, 3}}, {"(0)"}},
    {"transpose", [](V v) { return transpose(v[0], 0, 2); }, {{2, 3}}, {"axis 2", "[2, 3]"}},
    {"slice", [](V v) { return slice(v[0], 1, 2, 2); }, {{2, 3}}, {"[2, 2)", "[2, 3]"}},
    {"slice", [](V v) { return slice(v[0], 1, 0, 4); }, {{2, 3}}, {"[0, 4)"}},
    {"slice", [](V v) { return slice(v[0], 1, -1, 3); }, {{2, 3}}, {"[-1, 3)"}},
    {"slice", [](V v) { return slice(v[0], 1, 0, 3, 0); }, {{2, 3}}, {"step 0"}},
    {"slice", [](V v) { return slice(v[0], 5, 0, 3); }, {{2, 3}}, {"axis 5"}},
    {"concat", [](V) { return nn::concat({}, 0); }, {}, {"nothing"}},
    {"concat",
     [](V v) {
       return nn::concat({v[0], v[1]}, 0);
     },
     {{2, 3}, {2, 4}},
     {"[2, 3]", "[2, 4]"}},
    {"concat",
     [](V v) {
       return nn::concat({v[0], v[1]}, 1);
     },
     {{2, 3}, {2}},
     {"[2, 3]", "[2]"}},
    {"concat",
     [](V v) {
       return nn::concat({v[0], v[0]}, 2);
     },
     {{2, 3}},
     {"axis 2"}},
    {"pad", [](V v) { return pad(v[0], 0, -1, 0); }, {{2, 3}}, {"-1", "[2, 3]"}},
    {"pad", [](V v) { return pad(v[0], 2, 1, 0); }, {{2, 3}}, {"axis 2"}},
    {"roll", [](V v) { return roll(v[0], 2, 1); }, {{2, 3}}, {"axis 2", "[2, 3]"}},
    {"gather",
     [](V v) {
       return gather(v[0], 1, {0, 3});
     },
     {{2, 3}},
     {"index 3", "[2, 3]"}},
    {"gather", [](V v) { return gather(v[0], 1, {-1}); }, {{2, 3}}, {"index -1"}},
    {"gather", [](V v) { return gather(v[0], 1, {}); }, {{2, 3}}, {"[2, 3]"}},
    {"broadcast_to",
     [](V v) {
       return broadcast_to(v[0], {2, 4});
     },
     {{2, 3}},
     {"[2, 3]", "[2, 4]"}},
    {"broadcast_to", [](V v) { return broadcast_to(v[0], {3}); }, {{2, 3}}, {"[2, 3]", "[3]"}},
    {"broadcast_to", [](V) { return broadcast_to(Value{}, {3}); }, {}, {"missing"}},
};

template <std::size_t N>
void check(const Refusal (&refusals)[N]) {
  for (const Refusal& refusal : refusals) {
    const std::string message = message_of(refusal);
    EXPECT_THAT(message, StartsWith(std::string(refusal.operation) + ": "));
    for (const char* name : refusal.names) EXPECT_THAT(message, HasSubstr(name));
  }
}

TEST(OpErrors, Arithmetic) { check(kArithmetic); }
TEST(OpErrors, Images) { check(kImages); }
TEST(OpErrors, NormsAndReductions) { check(kNorms); }
TEST(OpErrors, Shapes) { check(kShapes); }

}  // namespace
}  // namespace anomalyvlm::test
