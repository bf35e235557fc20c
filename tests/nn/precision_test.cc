#include "nn/precision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "errors.h"
#include "nn/ops.h"

namespace anomalyvlm::nn {
namespace {

using test::error_of;
using ::testing::HasSubstr;

class ChosenPrecision : public ::testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<Engine> engine_ = make_engine(GetParam(), {.device = "cpu", .disk_cache = false});
};

TEST_P(ChosenPrecision, IsTheOneNamed) {
  EXPECT_EQ(choose_precision(PrecisionChoice::kF32, *engine_), Precision::kF32);
  if (engine_->supports(Precision::kBF16))
    EXPECT_EQ(choose_precision(PrecisionChoice::kBF16, *engine_), Precision::kBF16);
  else
    EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { choose_precision(PrecisionChoice::kBF16, *engine_); }),
                HasSubstr("f32"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { parse_precision("f16"); }),
              HasSubstr("There is no precision \"f16\"; there are auto, f32 and bf16"));
}

TEST_P(ChosenPrecision, AutoIsOneThatWorksHere) {
  const Precision chosen = choose_precision(PrecisionChoice::kAuto, *engine_);
  EXPECT_TRUE(engine_->supports(chosen));
}

// An engine whose bfloat16 is wrong, as a library's once was on some CPUs.
class WrongEngine : public Engine {
 public:
  explicit WrongEngine(std::shared_ptr<Engine> right) : right_(std::move(right)) {}
  std::string name() const override { return "wrong"; }
  std::string description() const override { return "wrong"; }
  std::vector<std::string> devices() const override { return {}; }
  bool supports(Precision) const override { return true; }
  bool on_gpu() const override { return true; }
  std::shared_ptr<const Program> compile(const CompileRequest& request) override {
    CompileRequest changed = request;
    changed.precision = Precision::kF32;
    if (request.precision == Precision::kBF16)
      changed.function = [function = request.function](const Scope& root, const std::vector<Value>& in) {
        NamedValues values = function(root, in);
        for (auto& [name, value] : values) value = value * 1.1F;
        return values;
      };
    changed.model += request.precision == Precision::kBF16 ? ", wrong" : "";
    return right_->compile(changed);
  }

 private:
  std::shared_ptr<Engine> right_;
};

TEST_P(ChosenPrecision, AutoDoesNotTrustWrongProducts) {
  WrongEngine wrong(engine_);
  EXPECT_EQ(choose_precision(PrecisionChoice::kAuto, wrong), Precision::kF32);
}

INSTANTIATE_TEST_SUITE_P(OnEachEngine, ChosenPrecision, ::testing::ValuesIn(engine_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace anomalyvlm::nn
