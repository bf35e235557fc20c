// By what evidence was gathered, as a report says it.
#include "eval/run/provenance.h"

#include <gmock/gmock.h>

#include "eval/run/small_run.h"

namespace anomalyvlm::eval {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

TEST(Provenance, EqualValuesAreSaidOnce) {
  const Provenance one{{"threads", "2"}, {"CPU", "x"}};
  EXPECT_EQ(united({one, one, one}), one);
  EXPECT_EQ(mixed_note({one, one, one}), "");
  EXPECT_TRUE(united({}).empty());
  EXPECT_EQ(mixed_note({}), "");
}

TEST(Provenance, OthersAreCounted) {
  const std::vector<Provenance> images{
      {{"threads", "2"}, {"CPU", "x"}}, {{"threads", "8"}, {"CPU", "x"}}, {{"threads", "2"}, {"CPU", "x"}}};
  EXPECT_THAT(united(images),
              testing::ElementsAre(Pair("threads", "2 (2 images); 8 (1 image)"), Pair("CPU", "x")));
  EXPECT_THAT(mixed_note(images), AllOf(HasSubstr("differ in: threads."), testing::Not(HasSubstr("CPU"))));
}

TEST(Provenance, OtherCommandsAreToldWithoutANote) {
  const std::vector<Provenance> images{{{kCommand, "eval"}}, {{kCommand, "eval --score-limit 0.5"}}};
  EXPECT_THAT(united(images), Contains(Pair(kCommand, "eval (1 image); eval --score-limit 0.5 (1 image)")));
  EXPECT_EQ(mixed_note(images), "");
}

// What is judged later, by another program, is still said to be of who gathered it.
TEST_F(SmallRun, AReportTellsWhoGatheredTheEvidence) {
  const RunPlan plan = this->plan();
  const LoadedDetector detector = fake_detector();
  {
    RunFolder folder(out(), plan);
    collect(plan, detector, folder, {.jobs = 1, .command = "first command", .progress = {}});
  }
  const auto configuration = [&] {
    RunFolder folder(out(), plan);
    collect(plan, detector, folder, {.jobs = 2, .command = "second command", .progress = {}});
    return evaluate(plan, *detector.method->judge(), folder);
  };
  EvaluationResult result = configuration();
  EXPECT_THAT(result.configuration,
              AllOf(Contains(Pair("command", "first command")), Contains(Pair("models", "fake 1; fake 2"))));
  EXPECT_THAT(result.notes, testing::Not(Contains(HasSubstr("not all run in the same way"))));
  std::filesystem::remove(out() / "evidence/000003.safetensors");
  result = configuration();
  EXPECT_THAT(result.configuration,
              Contains(Pair("command", "first command (5 images); second command (1 image)")));
  EXPECT_THAT(result.notes, Contains(HasSubstr("not all run in the same way")));
}

}  // namespace
}  // namespace anomalyvlm::eval
