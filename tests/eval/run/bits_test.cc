// 16-bit images of one data set are scaled the same way.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "eval/run/small_run.h"

namespace anomalyvlm::eval {
namespace {

class Bits : public SmallRun {
 protected:
  // A 16-bit image in place of an 8-bit one: the content decides what a file is.
  void wide(const std::string& stem, int most) {
    std::string text = "P2 6 4 65535\n";
    for (int i = 0; i < 24; ++i) text += std::to_string(i == 0 ? most : i) + " ";
    write("set/images/" + stem + ".png", text);
  }
};

TEST_F(Bits, AreTheHighestGuessOfAllImages) {
  EXPECT_EQ(common_bits(plan()), 0) << "all have 8 bits";
  wide("a", 901);
  EXPECT_EQ(common_bits(plan()), 10);
  wide("b", 4001);
  wide("d", 0);
  write("set/images/e.png", "not an image");
  EXPECT_EQ(common_bits(plan()), 12);
  RunPlan said = plan();
  said.bits = 14;
  EXPECT_EQ(common_bits(said), 0);
  wide("c", 60001);
  EXPECT_EQ(common_bits(plan()), 16);
}

TEST_F(Bits, HoldForEachImage) {
  wide("a", 900);
  const auto first = [&](const RunPlan& plan) {
    return read_planned(plan, plan.dataset.categories[0].samples[0]).rgb[0];
  };
  RunPlan plan = this->plan();
  EXPECT_EQ(first(plan), 224);
  plan.assumed_bits = 12;
  EXPECT_EQ(first(plan), 56);
  EXPECT_EQ(configuration_of(plan)["assumed_bits"], 12);
  plan.bits = 16;
  EXPECT_EQ(first(plan), 4);
  EXPECT_EQ(configuration_of(plan)["bits"], 16);
  plan.bits = 8;
  EXPECT_THROW(first(plan), Error);
}

}  // namespace
}  // namespace anomalyvlm::eval
