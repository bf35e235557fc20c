// Every category of the four data sets has its prompt, after the paper's recipe.
#include "eval/data/prompt_packs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomalyvlm/error.h"
#include "core/platform.h"
#include "eval/data/categories.h"
#include "source_dir.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

const fs::path kPrompts = test::source_dir() / "prompts";

TEST(PromptPacks, EveryCategoryHasOne) {
  for (const KnownCategory& known : known_categories()) {
    if (!*known.group) continue;  // not one of the paper's
    SCOPED_TRACE(std::string(known.dataset) + "/" + known.name);
    const auto packed = packed_prompt(kPrompts, known.dataset, known.name);
    ASSERT_TRUE(packed);
    const HybridPrompt& prompt = *packed;
    EXPECT_NO_THROW(validate(prompt));
    ASSERT_TRUE(prompt.max_regions);
    EXPECT_THAT(*prompt.max_regions, testing::AllOf(testing::Ge(1), testing::Le(5)));
    if (std::string(known.group) == "texture") {
      EXPECT_EQ(prompt, generic_prompt());
      continue;
    }
    EXPECT_FALSE(prompt.object.empty());
    EXPECT_GE(prompt.phrases.size(), 3u);
    ASSERT_EQ(prompt.rules.size(), 1u) << "the paper's rule is the area alone";
    EXPECT_EQ(prompt.rules[0].quantity, Quantity::kArea);
    EXPECT_EQ(prompt.rules[0].comparison, Comparison::kLess);
    EXPECT_EQ(prompt.rules[0].unit, Unit::kOfObject);
  }
}

TEST(PromptPacks, TexturesAlsoHaveNames) {
  for (const KnownCategory& known : known_categories()) {
    if (std::string(known.group) != "texture" || std::string(known.dataset) == "ksdd2") continue;
    const auto named = named_prompt(kPrompts, known.dataset, known.name);
    ASSERT_TRUE(named) << known.name;
    EXPECT_GE(named->phrases.size(), 3u) << known.name;
    EXPECT_NO_THROW(validate(*named));
  }
}

// A file of another name would never be looked up.
TEST(PromptPacks, EveryFileIsOfACategory) {
  for (const char* dataset : {"mvtec", "visa", "ksdd2", "mtd"})
    for (const auto& entry : fs::directory_iterator(kPrompts / dataset)) {
      std::string name = entry.path().stem().string();
      if (name.ends_with(".named")) name.resize(name.size() - 6);
      EXPECT_NE(group_of(dataset, name), "") << entry.path();
    }
}

TEST(PromptPacks, WhatIsNotThere) {
  EXPECT_FALSE(packed_prompt(kPrompts, "folder", "transistor"));
  EXPECT_FALSE(packed_prompt("/nowhere", "mvtec", "bottle"));
  EXPECT_FALSE(named_prompt(kPrompts, "mvtec", "bottle"));
  const test::TemporaryFolder folder;
  fs::create_directories(folder.path() / "own");
  write_file_atomically(folder.path() / "own/part.toml", std::string("phrases = [\"dent\"]"));
  write_file_atomically(folder.path() / "own/broken.toml", std::string("phrases = 7"));
  EXPECT_THAT(packed_prompt(folder.path(), "own", "part")->phrases, ElementsAre("dent"));
  EXPECT_THROW(packed_prompt(folder.path(), "own", "broken"), Error);
  for (const char* name : {"", "..", "../own/part", "x/../part", "..\\own\\part"})
    EXPECT_FALSE(packed_prompt(folder.path(), "own", name)) << name;
}

}  // namespace
}  // namespace anomalyvlm::eval
