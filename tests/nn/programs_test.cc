// How many of a model's compiled graphs are kept, and for how long.
#include "nn/programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/ops.h"

namespace anomalyvlm::test {
namespace {

nn::CompileRequest graph_of_size(std::int64_t n) {
  const auto function = [](const nn::Scope&, const std::vector<nn::Value>& v) -> nn::NamedValues {
    return {{"out", relu(v[0])}};
  };
  return nn::make_request("relu", function, {{"a", {n}}});
}

class KeptPrograms : public ::testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<const nn::Program> get(std::int64_t n) {
    return programs_.get(graph_of_size(n), nn::Precision::kF32);
  }
  std::shared_ptr<nn::Engine> engine_ = nn::make_engine(GetParam(), {.device = "cpu", .disk_cache = false});
  nn::Programs programs_{std::make_shared<const WeightFile>(), engine_, 2};
};

TEST_P(KeptPrograms, AreThoseUsedLast) {
  const auto first = get(1), second = get(2);
  EXPECT_NE(first, second);
  EXPECT_EQ(get(1), first);
  EXPECT_EQ(get(2), second);
  get(1);
  get(3);  // instead of the second
  EXPECT_EQ(get(1), first);
  EXPECT_NE(get(2), second);
}

TEST_P(KeptPrograms, BelongToAPrecision) {
  if (!engine_->supports(nn::Precision::kBF16)) GTEST_SKIP() << "this CPU does not compute in bfloat16";
  EXPECT_NE(programs_.get(graph_of_size(1), nn::Precision::kBF16), get(1));
}

TEST_P(KeptPrograms, AreNotThoseThatWereMade) {
  const std::weak_ptr<const nn::Program> made = programs_.make(graph_of_size(1), nn::Precision::kF32);
  EXPECT_TRUE(made.expired()) << "an engine keeps nothing, either";
}

INSTANTIATE_TEST_SUITE_P(All, KeptPrograms, ::testing::ValuesIn(nn::engine_names()));

}  // namespace
}  // namespace anomalyvlm::test
