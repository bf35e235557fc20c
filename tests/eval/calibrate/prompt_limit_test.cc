// A limit goes into a prompt file and nothing else in it changes.
#include "eval/calibrate/prompt_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomalyvlm/prompt.h"
#include "core/platform.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string changed(const std::string& toml) { return with_limit(toml, 0.4321, "part.toml"); }

TEST(PromptLimit, TakesThePlaceOfTheOneThatIsThere) {
  EXPECT_EQ(changed("limit = 0.5\n"), "limit = 0.4321\n");
  EXPECT_EQ(changed("# a\nphrases = [\"scratch\"] # b\n  limit   =  1   # from March\nmax_regions = 3"),
            "# a\nphrases = [\"scratch\"] # b\n  limit   =  0.4321   # from March\nmax_regions = 3");
  EXPECT_EQ(changed("\"limit\" = 2e-1"), "\"limit\" = 0.4321");
  EXPECT_EQ(changed("# Ölfleck\r\nlimit = 12 # größer\r\n\r\n[[rule]]\r\narea = \"< 5%\"\r\n"),
            "# Ölfleck\r\nlimit = 0.4321 # größer\r\n\r\n[[rule]]\r\narea = \"< 5%\"\r\n");
  EXPECT_EQ(changed("\xEF\xBB\xBFlimit = 0.5\n"), "\xEF\xBB\xBFlimit = 0.4321\n");
}

TEST(PromptLimit, GetsALineBehindTheLastKey) {
  EXPECT_EQ(changed(""), "limit = 0.4321\n");
  EXPECT_EQ(changed("phrases = [\"scratch\"]"), "phrases = [\"scratch\"]\nlimit = 0.4321\n");
  EXPECT_EQ(
      changed("phrases = [\n  \"scratch\",  # long ones\n  \"dent\",\n]  # all\n\n# rules\n[[rule]]\n"
              "area = \"< 5%\"\nphrases = [\"dent\"]\n"),
      "phrases = [\n  \"scratch\",  # long ones\n  \"dent\",\n]  # all\nlimit = 0.4321\n\n# rules\n[[rule]]\n"
      "area = \"< 5%\"\nphrases = [\"dent\"]\n");
  EXPECT_EQ(changed("standard = \"\"\"\nScratches.\nDents.\n\"\"\"\n# the end\n"),
            "standard = \"\"\"\nScratches.\nDents.\n\"\"\"\nlimit = 0.4321\n# the end\n");
  EXPECT_EQ(changed("object = \"[[rule]]\" # limit = 1\n"),
            "object = \"[[rule]]\" # limit = 1\nlimit = 0.4321\n");
  EXPECT_EQ(changed("phrases = [\"scratch\"]\r\n[[rule]]\r\narea = \"< 5%\"\r\n"),
            "phrases = [\"scratch\"]\r\nlimit = 0.4321\r\n[[rule]]\r\narea = \"< 5%\"\r\n");
}

TEST(PromptLimit, GetsALineAboveTheFirstTableAndItsComment) {
  EXPECT_EQ(changed("# my part\n\n# no large ones\n# at all\n[[rule]]\narea = \"< 5%\"\n"),
            "# my part\n\nlimit = 0.4321\n# no large ones\n# at all\n[[rule]]\narea = \"< 5%\"\n");
  EXPECT_EQ(changed("[[rule]]\narea = \"< 5%\"\n"), "limit = 0.4321\n[[rule]]\narea = \"< 5%\"\n");
  EXPECT_EQ(changed("# nothing yet\n"), "# nothing yet\nlimit = 0.4321\n");
}

TEST(PromptLimit, IsReadBack) {
  for (const double limit : {0.0001, 0.5, 1.0, 2.7183, 12.0})
    EXPECT_EQ(parse_prompt_toml(with_limit("max_regions = 2\n", limit, "x"), "x").limit, limit);
}

TEST(PromptLimit, FilesAreWrittenWholeOrNotAtAll) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "part.toml";
  write_limit(file, 0.5, "phrases = [\"dent\"]\n");
  EXPECT_EQ(read_file(file), "phrases = [\"dent\"]\nlimit = 0.5\n");
  write_limit(file, 0.25, "max_regions = 1\n");
  EXPECT_EQ(read_file(file), "phrases = [\"dent\"]\nlimit = 0.25\n");
  std::filesystem::create_symlink("part.toml", folder / "link.toml");
  write_limit(folder / "link.toml", 0.75, "");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.toml"));
  EXPECT_THAT(read_file(file), HasSubstr("limit = 0.75"));
  write_file_atomically(file, std::string("phrases = [\n"));
  EXPECT_THAT(test::error_of(ErrorKind::kBadPrompt, [&] { write_limit(file, 1, ""); }),
              HasSubstr("part.toml"));
  EXPECT_EQ(read_file(file), "phrases = [\n");
}

TEST(PromptLimit, SentencesHaveNoPlaceForIt) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder.path() / "part.txt", std::string("Scratches."));
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { check_limit_file(folder / "part.txt"); }),
              AllOf(HasSubstr("does not end in .toml"), HasSubstr("prompt check"), HasSubstr("--toml")));
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { check_limit_file(folder / "nowhere/part.toml"); }),
              HasSubstr("nowhere"));
  EXPECT_NO_THROW(check_limit_file(folder / "part.TOML"));
}

}  // namespace
}  // namespace anomalyvlm::eval
