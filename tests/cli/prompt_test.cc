// anomalyvlm prompt, from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cli/program.h"
#include "core/platform.h"
#include "source_dir.h"

namespace anomalyvlm::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PromptProgram, ListsTheKindsThatTheDocumentShows) {
  const Outcome run = run_program({"prompt", "kinds"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("scratch: "));
  EXPECT_THAT(read_file(source_dir() / "docs/PROMPTS.md"), HasSubstr("```kinds\n" + run.out + "```\n"));
}

TEST(PromptProgram, NamesUnknownWords) {
  const Outcome run =
      run_program({"prompt", "check", "--phrases", "schratches, thin cracks, deep zork, Kratzer"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err,
              HasSubstr("nano does not know \"schratches\" (did you mean \"scratch\"?): \"schratches\" is "
                        "taken as any defect."));
  EXPECT_THAT(run.err,
              HasSubstr("nano does not know \"zork\": \"deep zork\" is understood by its other words"));
  EXPECT_THAT(run.err, HasSubstr("nano does not know \"kratzer\": \"kratzer\" is taken as any defect"));
  EXPECT_THAT(run.err, Not(HasSubstr("crack")));
  EXPECT_THAT(run_program({"prompt", "check"}).err, HasSubstr("without a prompt"));
  EXPECT_EQ(run_program({"prompt", "check", "--phrases", "any defect"}).err, "");
}

TEST(PromptProgram, SaysWhichReadingWasUnderstood) {
  const Outcome run = run_program(
      {"prompt", "check", "--standard", "Scratches. Reject scratches longer than 60 px.", "--only-named"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("nothing else counts"), HasSubstr("length > 60 px (scratches only)"),
                             HasSubstr("60 px or less is tolerated, not reported")));
  const Outcome asked = run_program({"prompt", "check", "--standard", "Reject anomalies larger than 50%."});
  EXPECT_NE(asked.exit, 0);
  EXPECT_THAT(asked.err, HasSubstr("two ways"));
}

TEST(PromptProgram, DeepTomlIsRefused) {
  const TemporaryFolder folder;
  std::string key = "a";
  for (int i = 0; i < 31'000; ++i) key += ".a";
  for (const std::string& text :
       {key + " = 1", "[" + key + "]", "[[" + key + "]]", "x = " + std::string(60'000, '[')}) {
    std::ofstream(folder / "deep.toml") << text;
    const Outcome run = run_program({"prompt", "check", folder / "deep.toml"});
    EXPECT_EQ(run.exit, 2);
    EXPECT_THAT(run.err, HasSubstr("more than 16"));
  }
}

TEST(PromptProgram, ReadsStandardInput) {
  const TemporaryFolder folder;
  std::ofstream(folder / "prompt.txt") << "\xEF\xBB\xBFScratches.\r\n";
  const std::string file = folder / "prompt.txt";
  const auto from_file = [&] { (void)(std::freopen(file.c_str(), "rb", stdin) != nullptr); };
  const Outcome run = run_program({"prompt", "check", "-"}, {.prepare = from_file});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("look for:   scratches\n"));
}

}  // namespace
}  // namespace anomalyvlm::test
