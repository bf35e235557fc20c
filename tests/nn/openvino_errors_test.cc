// Nothing but Error leaves the OpenVINO engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openvino/runtime/core.hpp>

#include "core/check.h"
#include "errors.h"
#include "nn/engines/openvino_program.h"

namespace anomalyvlm::nn {
namespace {

using test::error_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(OpenVinoErrors, AreTranslated) {
  const std::string text = error_of(ErrorKind::kBadModel, [] {
    asking_openvino(
        "read a graph", [] { return ov::Core().read_model("/nowhere/graph.xml"); }, ErrorKind::kBadModel);
  });
  EXPECT_THAT(text, AllOf(HasSubstr("OpenVINO could not read a graph: "), HasSubstr("/nowhere/graph.xml"),
                          Not(HasSubstr("\n"))));
  EXPECT_THAT(error_of(ErrorKind::kInternal,
                       [] { asking_openvino("run a graph", [] { OPENVINO_THROW("a reason"); }); }),
              HasSubstr("a reason"));
}

TEST(OpenVinoErrors, OfMemoryAreTheSentenceAboutMemory) {
  const auto said = [](const auto& call) {
    return error_of(ErrorKind::kNoMemory, [&] { asking_openvino("run a graph", call); });
  };
  EXPECT_THAT(said([] { throw std::bad_alloc(); }), HasSubstr("not enough memory to run a graph"));
  EXPECT_THAT(said([] { OPENVINO_THROW("std::bad_alloc"); }), HasSubstr("not enough memory to run a graph"));
}

TEST(OpenVinoErrors, OfOurOwnStayAsTheyAre) {
  EXPECT_EQ(error_of(ErrorKind::kBadPrompt,
                     [] { asking_openvino("x", [] { fail(ErrorKind::kBadPrompt, "no"); }); }),
            "no");
}

}  // namespace
}  // namespace anomalyvlm::nn
