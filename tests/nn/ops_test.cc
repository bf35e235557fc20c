// Every row of the table on every engine of this build; and that the table leaves nothing out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "core/platform.h"
#include "nn/run_case.h"
#include "source_dir.h"

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

std::string header(const std::string& name) { return read_file(source_dir() / "src/nn" / name); }

TEST(OpTable, HasARowForEveryFunctionOfTheVocabulary) {
  const std::vector<std::string> declared =
      all_matches(header("ops.h"), R"((?:^|\n)(?:inline )?Value (\w+)\()");
  ASSERT_GT(declared.size(), 30U);
  const std::set<std::string> tested = operations();
  for (const std::string& name : declared) EXPECT_TRUE(tested.contains(name)) << name << " has no row";
}

// The operations of all rows as backends meet them: "clamp", and "unary 3" where there are several kinds.
std::set<std::string> traced_operations() {
  std::set<std::string> seen;
  for (const OpCase& c : op_cases()) {
    std::vector<nn::InputSpec> inputs;
    for (const OpInput& input : c.inputs) inputs.push_back({"x", input.shape});
    const auto function = [&](const nn::Scope&, const Values& v) -> nn::NamedValues {
      return {{"out", c.expression(v)}};
    };
    std::istringstream lines(nn::trace_signature(function, inputs).graph);
    std::string number, operation, kind, rest;
    while (lines >> number >> operation >> kind && std::getline(lines, rest)) {
      seen.insert(operation);
      if (operation == "unary" || operation == "binary" || operation == "reduce")
        seen.insert(operation + " " + kind);
    }
  }
  return seen;
}

TEST(OpTable, CallsEveryFunctionOfABackendWithEveryKind) {
  const std::set<std::string> seen = traced_operations();
  const std::vector<std::string> functions =
      all_matches(header("backend.h"), R"(virtual (?:Handle|void) (\w+)\()");
  ASSERT_GT(functions.size(), 20U);
  for (const std::string& name : functions) EXPECT_TRUE(seen.contains(name)) << name << " is never called";
  for (const auto& [word, type] : {std::pair{"unary", "Unary"}, {"binary", "Binary"}, {"reduce", "Reduce"}}) {
    const std::vector<std::string> body =
        all_matches(header("ops.h"), fmt::format(R"(enum class {} \{{([^}}]*)\}})", type));
    ASSERT_EQ(body.size(), 1U) << type;
    for (std::size_t i = 0; i < all_matches(body[0], R"((k\w+))").size(); ++i)
      EXPECT_TRUE(seen.contains(fmt::format("{} {}", word, i))) << type << " number " << i << " has no row";
  }
}

}  // namespace
}  // namespace anomalyvlm::test
