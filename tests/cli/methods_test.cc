// Methods whose weights are not there, and what a method does not have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/detect_fixture.h"

namespace anomalyvlm::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(Detect, WhatAMethodLacksIsSaidAtOnce) {
  const std::string folder = folder_ / "models";
  const std::string plate = image_file("plate.png");
  const auto without = [&](const char* method) {
    const Outcome run = run_program({"detect", plate, "--out", out_, "--method", method},
                                    {"ANOMALYVLM_MODELS=" + folder, {}});
    EXPECT_EQ(run.exit, 1);
    return run.err;
  };
  EXPECT_THAT(without("clipseg"),
              AllOf(HasSubstr("'anomalyvlm models fetch clipseg-rd64 clip-vit-b-16 clip-vocabulary'"),
                    HasSubstr("rd64-uni.pth"), HasSubstr("into '" + folder + "'")));
  EXPECT_THAT(without("winclip"),
              HasSubstr("'anomalyvlm models fetch clip-vit-b-16-plus-240 clip-vocabulary'"));
}

TEST_F(Detect, MethodsRefuseWhatTheyDoNotHave) {
  const std::string plate = image_file("plate.png");
  const auto refused = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"detect", plate, "--out", out_, "--method", "clipseg"});
    const Outcome run = run_program(options);
    EXPECT_NE(run.exit, 0);
    return run.err;
  };
  EXPECT_THAT(refused({"--profile", "paper"}), HasSubstr("The method clipseg has no profiles"));
  EXPECT_THAT(refused({"--proposal-side", "512"}), HasSubstr("has no proposal side"));
  EXPECT_THAT(refused({"--model", "paper"}), HasSubstr("runs on the models clipseg-rd64 and clipseg-rd16"));
}

}  // namespace
}  // namespace anomalyvlm::test
