#include "anomalyvlm/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "errors.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(InstalledPrompts, AreFoundByName) {
  const std::filesystem::path own = test::source_dir();
  for (const char* name : {"generic", "mvtec/bottle", "screw", "screw.toml", "prompts/examples/screw.toml"})
    EXPECT_NO_THROW(load_prompt(find_prompt(name, own))) << name;
  EXPECT_EQ(find_prompt(own / "README.md", own), own / "README.md");
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { find_prompt("mvtec/botle", own); }),
              AllOf(HasSubstr("no prompt file"), HasSubstr("did you mean mvtec/bottle?")));
}

TEST(KnownWords, AreThoseOfTheEmbeddedModel) {
  EXPECT_THAT(known_defect_kinds(test::source_dir()), Contains(Contains("scratch")));
  HybridPrompt prompt;
  prompt.phrases = {"scratch", "deep schratch", "gloop"};
  EXPECT_THAT(notes_on_words(prompt, test::source_dir()),
              ElementsAre(HasSubstr("did you mean"), AllOf(HasSubstr("\"gloop\""), HasSubstr("any defect"))));
  EXPECT_THAT(notes_on_words(generic_prompt(), test::source_dir()), IsEmpty());
}

}  // namespace
}  // namespace anomalyvlm
