// Every row of the table on every engine of this build; and that the table leaves nothing out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "core/platform.h"
#include "nn/backend.h"
#include "nn/run_case.h"

namespace anomalyvlm::test {
namespace {

struct Setting {
  std::string engine;
  nn::Precision precision;
};

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const std::string& engine : nn::engine_names()) all.push_back({engine, nn::Precision::kF32});
  all.push_back({"openvino", nn::Precision::kBF16});
  return all;
}

std::set<std::string> operations() {
  std::set<std::string> names;
  for (const OpCase& c : op_cases()) names.insert(c.operation());
  return names;
}

class Ops : public ::testing::TestWithParam<std::tuple<Setting, std::string>> {};

TEST_P(Ops, AgreesWithItsDefinition) {
  const auto& [setting, operation] = GetParam();
  const auto engine = nn::make_engine(setting.engine, {.device = "cpu", .disk_cache = false});
  if (!engine->supports(setting.precision)) GTEST_SKIP() << "this CPU does not compute in bfloat16";
  const bool half = setting.precision == nn::Precision::kBF16;
  double worst = 0;
  for (const OpCase& c : op_cases()) {
    if (c.operation() != operation) continue;
    SCOPED_TRACE(c.name);
    const std::vector<Tensor> inputs = draw_inputs(c);
    const Tensor found = compile_case(*engine, c, inputs, setting.precision).run();
    const Array expected = expected_of(c, inputs);
    EXPECT_EQ(found.shape(), expected.shape);
    const double apart = difference(found, expected), allowed = half ? c.bf16 : c.f32;
    EXPECT_LE(apart, allowed);
    worst = std::max(worst, apart / allowed);
  }
  RecordProperty("worst_share_of_tolerance", std::to_string(worst));
}

std::string name_of(const ::testing::TestParamInfo<Ops::ParamType>& info) {
  const auto& [setting, operation] = info.param;
  const char* precision = setting.precision == nn::Precision::kBF16 ? "bf16" : "f32";
  return fmt::format("{}_{}_{}", setting.engine, precision, operation);
}

INSTANTIATE_TEST_SUITE_P(Table, Ops,
                         ::testing::Combine(::testing::ValuesIn(settings()),
                                            ::testing::ValuesIn(operations())),
                         name_of);

TEST(OpTable, NamesEachRowOnce) {
  std::set<std::string> names;
  for (const OpCase& c : op_cases()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
}

std::vector<std::string> all_matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
    found.push_back((*at)[1]);
  return found;
}

std::string header(const std::string& name) {
  return read_file(std::filesystem::path(AVLM_SOURCE_DIR) / "src/nn" / name);
}

TEST(OpTable, HasARowForEveryFunctionOfTheVocabulary) {
  const std::vector<std::string> declared =
      all_matches(header("ops.h"), R"((?:^|\n)(?:inline )?Value (\w+)\()");
  ASSERT_GT(declared.size(), 30U);
  const std::set<std::string> tested = operations();
  for (const std::string& name : declared) EXPECT_TRUE(tested.contains(name)) << name << " has no row";
}

// Notes which of its functions are called, with the kind of operation where there are several.
class Witness : public nn::Backend {
 public:
  std::set<std::string> seen;

  Handle constant(const Tensor&) override { return saw("constant"); }
  Handle unary(nn::Unary op, const nn::Value&) override { return saw("unary", "Unary", op); }
  Handle clamp(const nn::Value&, float, float) override { return saw("clamp"); }
  Handle binary(nn::Binary op, const nn::Value&, const nn::Value&) override {
    return saw("binary", "Binary", op);
  }
  Handle matmul(const nn::Value&, const nn::Value&, bool) override { return saw("matmul"); }
  Handle attention(const nn::Value&, const nn::Value&, const nn::Value&, float, const nn::Value&) override {
    return saw("attention");
  }
  Handle conv2d(const nn::Value&, const nn::Value&, const nn::Value&, const nn::ConvSpec&) override {
    return saw("conv2d");
  }
  Handle conv_transpose2d(const nn::Value&, const nn::Value&, const nn::Value&, std::int64_t) override {
    return saw("conv_transpose2d");
  }
  Handle max_pool2d(const nn::Value&, const nn::PoolSpec&) override { return saw("max_pool2d"); }
  Handle avg_pool2d(const nn::Value&, const nn::PoolSpec&) override { return saw("avg_pool2d"); }
  Handle layer_norm(const nn::Value&, const nn::Value&, const nn::Value&, float) override {
    return saw("layer_norm");
  }
  Handle batch_norm(const nn::Value&, const nn::BatchNorm&, float) override { return saw("batch_norm"); }
  Handle softmax(const nn::Value&, int) override { return saw("softmax"); }
  Handle reshape(const nn::Value&, const Shape&) override { return saw("reshape"); }
  Handle permute(const nn::Value&, const std::vector<int>&) override { return saw("permute"); }
  Handle slice(const nn::Value&, int, std::int64_t, std::int64_t, std::int64_t) override {
    return saw("slice");
  }
  Handle concat(const Values&, int) override { return saw("concat"); }
  Handle pad(const nn::Value&, int, std::int64_t, std::int64_t, float) override { return saw("pad"); }
  Handle roll(const nn::Value&, int, std::int64_t) override { return saw("roll"); }
  Handle gather(const nn::Value&, int, const std::vector<std::int64_t>&) override { return saw("gather"); }
  Handle broadcast_to(const nn::Value&, const Shape&) override { return saw("broadcast_to"); }
  Handle resize_bilinear(const nn::Value&, std::int64_t, std::int64_t) override {
    return saw("resize_bilinear");
  }
  Handle reduce(nn::Reduce op, const nn::Value&, const std::vector<int>&, bool) override {
    return saw("reduce", "Reduce", op);
  }
  Handle neighbour_distance(const nn::Value&, const std::vector<nn::Neighbourhood>&) override {
    return saw("neighbour_distance");
  }
  void tap(std::string_view, const nn::Value&) override { saw("tap"); }

 private:
  Handle saw(const std::string& function) {
    seen.insert(function);
    return {};
  }
  template <typename Enum>
  Handle saw(const std::string& function, const char* kind, Enum op) {
    seen.insert(fmt::format("{} {}", kind, static_cast<int>(op)));
    return saw(function);
  }
};

TEST(OpTable, CallsEveryFunctionOfABackendWithEveryKind) {
  Witness witness;
  for (const OpCase& c : op_cases()) {
    Values values;
    for (const OpInput& input : c.inputs) values.push_back({&witness, input.shape, nullptr});
    c.expression(values);
  }
  std::set<std::string> all;
  for (const std::string& name : all_matches(header("backend.h"), R"(virtual (?:Handle|void) (\w+)\()"))
    all.insert(name);
  ASSERT_GT(all.size(), 20U);
  for (const std::string kind : {"Unary", "Binary", "Reduce"}) {
    const std::vector<std::string> body =
        all_matches(header("ops.h"), "enum class " + kind + R"( \{([^}]*)\})");
    ASSERT_EQ(body.size(), 1U) << kind;
    for (std::size_t i = 0; i < all_matches(body[0], R"((k\w+))").size(); ++i)
      all.insert(fmt::format("{} {}", kind, i));
  }
  EXPECT_EQ(witness.seen, all);
}

}  // namespace
}  // namespace anomalyvlm::test
