// What engines promise besides right numbers: names, taps, precision, threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "errors.h"
#include "nn/layers.h"
#include "nn/run_case.h"

namespace anomalyvlm::test {
namespace {

using nn::NamedValues;
using nn::Scope;
using nn::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<nn::Engine> plain_engine(const std::string& name) {
  return nn::make_engine(name, {.device = "cpu", .disk_cache = false});
}

nn::CompileRequest request_of(nn::ModelFunction function, std::vector<nn::InputSpec> inputs) {
  nn::CompileRequest request;
  request.model = "test";
  request.weights = std::make_shared<WeightFile>();
  request.function = std::move(function);
  request.inputs = std::move(inputs);
  return request;
}

Tensor vector_of(std::vector<float> values) {
  const auto n = static_cast<std::int64_t>(values.size());
  return Tensor::from<float>({n}, std::move(values));
}

class Engines : public ::testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<nn::Engine> engine_ = plain_engine(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Build, Engines, ::testing::ValuesIn(nn::engine_names()));

TEST_P(Engines, SayWhatTheyAre) {
  EXPECT_EQ(engine_->name(), GetParam());
  EXPECT_THAT(engine_->description(), HasSubstr("float32"));
  EXPECT_FALSE(engine_->devices().empty());
  EXPECT_TRUE(engine_->supports(nn::Precision::kF32));
}

TEST_P(Engines, TakeInputsAndGiveOutputsInOrder) {
  const auto function = [](const Scope&, const std::vector<Value>& v) -> NamedValues {
    return {{"difference", v[0] - v[1]}, {"first", v[0]}, {"again", v[0]}, {"four", constant(v[0], 4.0F)}};
  };
  const auto program = engine_->compile(request_of(function, {{"a", {2}}, {"b", {2}}}));
  EXPECT_THAT(program->outputs(), ElementsAre("difference", "first", "again", "four"));
  EXPECT_EQ(program->inputs()[1].name, "b");
  const std::vector<Tensor> out = program->run({vector_of({5, 6}), vector_of({1, 3})});
  EXPECT_THAT(out[0].floats(), ElementsAre(4, 3));
  EXPECT_THAT(out[1].floats(), ElementsAre(5, 6));
  EXPECT_THAT(out[2].floats(), ElementsAre(5, 6));
  EXPECT_THAT(out[3].floats(), ElementsAre(4));
  EXPECT_EQ(out[3].shape(), Shape{});
}

TEST_P(Engines, MayHaveInputsThatNothingReads) {
  const auto function = [](const Scope&, const std::vector<Value>& v) -> NamedValues {
    return {{"out", v[1] * 2.0F}};
  };
  const auto program = engine_->compile(request_of(function, {{"unread", {3}}, {"b", {2}}}));
  EXPECT_THAT(program->run({vector_of({0, 0, 0}), vector_of({1, 3})})[0].floats(), ElementsAre(2, 6));
}

TEST_P(Engines, RefuseInputsOfAnotherShapeNumberOrType) {
  const auto program = engine_->compile(request_of(
      [](const Scope&, const std::vector<Value>& v) -> NamedValues {
        return {{"out", relu(v[0])}};
      },
      {{"a", {2}}}));
  EXPECT_THROW(program->run({}), Error);
  EXPECT_THROW(program->run({vector_of({1, 2, 3})}), Error);
  EXPECT_THROW(program->run({Tensor::from<std::int64_t>({2}, {1, 2})}), Error);
}

TEST_P(Engines, GiveTheTapsThatAreAskedFor) {
  nn::CompileRequest request = request_of(
      [](const Scope&, const std::vector<Value>& v) -> NamedValues {
        const Value twice = tap("twice", v[0] + v[0]);
        return {{"out", tap("square", twice * twice) + 1.0F}};
      },
      {{"a", {2}}});
  const auto outputs = [&](std::vector<std::string> taps) {
    request.taps = std::move(taps);
    return engine_->compile(request)->outputs();
  };
  EXPECT_THAT(outputs({}), ElementsAre("out"));
  EXPECT_THAT(outputs({"square"}), ElementsAre("out", "square"));
  EXPECT_THAT(outputs({"*"}), ElementsAre("out", "twice", "square"));
  EXPECT_THAT(engine_->compile(request)->run({vector_of({1, 3})})[1].floats(), ElementsAre(2, 6));
  EXPECT_THAT(error_of([&] { outputs({"cube"}); }), HasSubstr("\"cube\"; it has twice, square"));
}

TEST_P(Engines, RunOneProgramFromSeveralThreads) {
  const auto function = [](const Scope&, const std::vector<Value>& v) -> NamedValues {
    return {{"out", matmul(softmax(matmul(v[0], v[0], true), -1), v[0])},
            {"distance", neighbour_distance(reshape(v[0], {1, 16, 8, 8}), {{4, 1}})}};
  };
  const auto program = engine_->compile(request_of(function, {{"a", {32, 32}}}));
  std::vector<std::vector<Tensor>> inputs, expected;
  for (int i = 0; i < 6; ++i) {
    inputs.push_back(draw_inputs({"thread " + std::to_string(i), {{{32, 32}}}, {}, {}}));
    expected.push_back(program->run(inputs.back()));
  }
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int again = 0; again < 20; ++again) {
        const std::vector<Tensor> found = program->run(inputs[i]);
        for (std::size_t k = 0; k < found.size(); ++k)
          wrong += difference(found[k], Array(expected[i][k])) > 1e-5;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(Engines, CompileFromSeveralThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      const auto program = engine_->compile(request_of(
          [](const Scope&, const std::vector<Value>& v) -> NamedValues {
            return {{"out", v[0] + v[0]}};
          },
          {{"a", {1 + i % 2}}}));
      right += program->run({vector_of(std::vector<float>(1 + i % 2, 2.0F))})[0].floats()[0] == 4;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 6);
}

// Each row of the kernels' tables, inside of a graph.
TEST_P(Engines, UseTheForcedImplementationOfAKernel) {
  for (const char* implementation : {"simd", "portable"}) {
    setenv("ANOMALYVLM_FORCE_IMPL", implementation, 1);
    for (const OpCase& c : op_cases()) {
      if (!c.is_kernel() || c.timed) continue;
      const std::vector<Tensor> inputs = draw_inputs(c);
      EXPECT_LE(difference(compile_case(*engine_, c, inputs).run(), expected_of(c, inputs)), c.f32)
          << implementation << ", " << c.name;
    }
  }
  setenv("ANOMALYVLM_FORCE_IMPL", "abacus", 1);
  const auto program = engine_->compile(request_of(
      [](const Scope&, const std::vector<Value>& v) -> NamedValues {
        return {{"out", neighbour_distance(v[0], {{1, 0}})}};
      },
      {{"a", {1, 2, 3, 4}}}));
  EXPECT_THAT(error_of([&] {
                program->run({Tensor::zeros({1, 2, 3, 4})});
              }),
              HasSubstr("ANOMALYVLM_FORCE_IMPL: the kernel saliency has no implementation \"abacus\""));
  unsetenv("ANOMALYVLM_FORCE_IMPL");
}

TEST(EngineNames, ThatDoNotExistAreRefused) {
  EXPECT_THAT(error_of([] { nn::make_engine("abacus"); }), HasSubstr("no engine \"abacus\""));
  for (const std::string& name : nn::engine_names())
    EXPECT_THAT(error_of([&] { nn::make_engine(name, {.device = "abacus", .disk_cache = false}); }),
                HasSubstr("\"abacus\""));
}

TEST(OpenVino, ComputesInBfloat16WhenAsked) {
  const auto engine = plain_engine("openvino");
  if (!engine->supports(nn::Precision::kBF16)) GTEST_SKIP() << "this CPU does not compute in bfloat16";
  for (const OpCase& c : op_cases()) {
    if (c.name != "conv2d/3x3 [1, 64, 32, 32] [64, 64, 3, 3]") continue;
    const std::vector<Tensor> inputs = draw_inputs(c);
    const Array expected = expected_of(c, inputs);
    const double half = difference(compile_case(*engine, c, inputs, nn::Precision::kBF16).run(), expected);
    EXPECT_GT(half, 1e-4);
    EXPECT_LT(half, c.bf16);
    return;
  }
  FAIL() << "the row is gone";
}

}  // namespace
}  // namespace anomalyvlm::test
