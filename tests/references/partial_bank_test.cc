#include "references/partial_bank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "errors.h"
#include "references/small_banks.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class PartialBankTest : public ::testing::Test {
 protected:
  PartialBank opened(const BankOrigin& origin = test::some_origin(), bool replace = false) const {
    return PartialBank(path_, origin, replace);
  }
  std::string error(const BankOrigin& origin = test::some_origin()) const {
    return error_of(ErrorKind::kBadInput, [&] { opened(origin); });
  }

  const test::TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "part.avref", partial_ = folder_.path() / "part.avref.partial";
};

TEST_F(PartialBankTest, KeepsWhatWasDescribed) {
  const std::vector<DescribedPart> parts = test::random_parts(1);
  opened().keep(0, "a sum", parts);
  EXPECT_EQ(opened().images(), 1U);
  EXPECT_EQ(opened().first_image(), "a sum");
  EXPECT_FALSE(opened().described(0, "another sum"));
  EXPECT_FALSE(opened().described(1, "a sum"));
  const auto read = opened().described(0, "a sum");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), parts.size());
  EXPECT_EQ((*read)[0].part.x1, parts[0].part.x1);
  for (std::size_t g = 0; g < 2; ++g) {
    const DescriptorGrid &a = parts[0].grids[g], &b = (*read)[0].grids[g];
    EXPECT_EQ(a.width, b.width);
    EXPECT_EQ(a.height, b.height);
    EXPECT_EQ(a.covered.x1, b.covered.x1);
    EXPECT_EQ(a.places, b.places);
    EXPECT_EQ(a.alarms, b.alarms);
    for (std::size_t i = 0; i < a.vectors.size(); ++i)
      EXPECT_EQ(f32_to_bf16(a.vectors[i]), f32_to_bf16(b.vectors[i])) << "as a bank keeps it";
  }
}

TEST_F(PartialBankTest, WhatIsDamagedIsNotKept) {
  opened().keep(0, "a sum", test::random_parts(1));
  opened().keep_start(*test::small_bank(1));
  opened().keep(1, "b sum", test::random_parts(2));
  for (const char* name : {"1.safetensors", "start.avref"}) {
    std::string bytes = read_file(partial_ / name);
    bytes[bytes.size() - 3] ^= 1;
    write_file_atomically(partial_ / name, bytes);
  }
  EXPECT_FALSE(opened().described(1, "b sum"));
  EXPECT_EQ(opened().start(), nullptr);
  write_file_atomically(partial_ / "build.json", std::string("{"));
  EXPECT_EQ(opened().images(), 0U) << "of unknown options";
}

TEST_F(PartialBankTest, AStartStandsForItsImages) {
  PartialBank partial = opened();
  for (std::size_t i = 0; i < 3; ++i) partial.keep(i, "sum", test::random_parts(1));
  partial.keep_start(*test::small_bank(2));
  EXPECT_EQ(partial.start()->images().size(), 2U);
  EXPECT_FALSE(partial.described(1, "sum"));
  EXPECT_TRUE(partial.described(2, "sum"));
  EXPECT_EQ(partial.whole(), nullptr);
}

TEST_F(PartialBankTest, ScoresAreOfTheWholeBank) {
  {
    PartialBank partial = opened();
    partial.keep_whole(*test::small_bank(2));
    partial.keep_score("a prompt", "a", 1.0 / 3);
    partial.keep_score("a prompt", "b", 0);
  }
  const std::string lines = read_file(partial_ / "scores.jsonl");
  write_file_atomically(partial_ / "scores.jsonl",
                        lines.substr(0, lines.size() - 4));  // a process ended there
  PartialBank partial = opened();
  EXPECT_EQ(partial.score("a prompt", "a"), 1.0 / 3);
  EXPECT_EQ(partial.score("a prompt", "b"), std::nullopt);
  EXPECT_EQ(partial.score("another prompt", "a"), std::nullopt);
  partial.keep_score("a prompt", "b", 0.5);
  EXPECT_EQ(partial.score("a prompt", "b"), 0.5);
  partial.keep_whole(*test::small_bank(3));
  EXPECT_EQ(partial.score("a prompt", "a"), std::nullopt) << "beside others";
}

TEST_F(PartialBankTest, BelongsToOneProcess) {
  const PartialBank partial = opened();
  EXPECT_THAT(error(), AllOf(HasSubstr("Another process builds"), HasSubstr("part.avref'")));
}

TEST_F(PartialBankTest, OtherOptionsAreRefusedOrReplaced) {
  opened().keep(0, "a sum", test::random_parts(1));
  BankOrigin other = test::some_origin();
  other.options.rotations = 8;
  EXPECT_THAT(error(other),
              AllOf(HasSubstr("with another rotations (1 there, 8 here)"), HasSubstr("--overwrite")));
  EXPECT_EQ(opened().images(), 1U);
  EXPECT_EQ(opened(other, true).images(), 0U);
  EXPECT_FALSE(fs::exists(partial_));
}

TEST_F(PartialBankTest, OtherFilesAreLeftAlone) {
  fs::create_directories(partial_);
  write_file_atomically(partial_ / "thesis.txt", std::string("my thesis"));
  EXPECT_THAT(error(), HasSubstr("holds other files ('thesis.txt')"));
  EXPECT_EQ(read_file(partial_ / "thesis.txt"), "my thesis");
  EXPECT_FALSE(fs::exists(partial_ / "scores.jsonl"));
}

TEST_F(PartialBankTest, LeavesNothing) {
  { const PartialBank nothing = opened(); }
  EXPECT_FALSE(fs::exists(partial_));
  PartialBank partial = opened();
  partial.keep(0, "a sum", test::random_parts(1));
  partial.keep_whole(*test::small_bank(2));
  partial.remove();
  EXPECT_FALSE(fs::exists(partial_));
  EXPECT_THAT(
      error_of(ErrorKind::kIo, [&] { PartialBank(folder_.path() / "no/such", test::some_origin(), false); }),
      HasSubstr("there is no folder"));
  EXPECT_FALSE(fs::exists(folder_.path() / "no"));
}

}  // namespace
}  // namespace anomalyvlm
