// Builds of banks that were ended and went on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomalyvlm/references.h"
#include "core/files.h"
#include "detector/references_fixture.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using test::good_image;
using test::good_inputs;
using test::input_of;
using test::kProduct;
using test::nano64;
using test::options_with;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class ResumedBuild : public ::testing::Test {
 protected:
  // Ends after so many images were described or scored.
  void end_after(std::size_t described, std::size_t scored = 0,
                 const std::vector<ReferenceInput>& inputs = good_inputs(kProduct, 4)) const {
    ReferenceFileOptions options = options_;
    options.described = [=](std::size_t done, std::size_t) { return done < described || scored > 0; };
    options.scored = [=](std::size_t done, std::size_t) { return done < scored; };
    EXPECT_THROW(References::build_file(nano64(), inputs, path_, options), Cancelled);
    EXPECT_TRUE(fs::exists(partial_));
    EXPECT_FALSE(fs::exists(path_));
  }
  // The file that comes out, without its date, and what the call told.
  std::string built(const std::vector<ReferenceInput>& inputs = good_inputs(kProduct, 4),
                    const Detector& detector = nano64()) {
    told_.clear();
    ReferenceFileOptions options = options_;
    options.goes_on = [&](std::size_t images) { told_.push_back(images); };
    References::build_file(detector, inputs, path_, options);
    EXPECT_FALSE(fs::exists(partial_));
    const auto bank = read_bank(path_);
    write_bank(path_, Bank(bank->origin(), bank->images(), bank->rows(), "a date", bank->calibration()));
    const std::string bytes = read_file(path_);
    fs::remove(path_);
    return bytes;
  }

  const test::TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "part.avref", partial_ = folder_.path() / "part.avref.partial";
  const HybridPrompt prompt_ = generic_prompt();
  ReferenceFileOptions options_ = {.references = {}, .prompt = &prompt_, .replace = false};
  std::vector<std::size_t> told_;
};

TEST_F(ResumedBuild, IsTheSameAsAnUninterruptedOne) {
  const std::string whole = built();
  EXPECT_THAT(told_, IsEmpty());
  References separate = References::build(nano64(), good_inputs(kProduct, 4));
  separate.calibrate(nano64(), prompt_, good_inputs(kProduct, 4));
  for (const std::size_t images : {1, 3, 4}) {
    end_after(images);
    EXPECT_EQ(built(), whole) << images;
    EXPECT_THAT(told_, ElementsAre(images));
  }
  end_after(2);
  end_after(3);
  for (const std::size_t scores : {1, 3}) {
    end_after(4, scores);
    EXPECT_EQ(built(), whole) << scores;
    EXPECT_THAT(told_, ElementsAre(4U));
  }
  options_.prompt = nullptr;
  built();
  options_.prompt = &prompt_;
  References::build_file(nano64(), good_inputs(kProduct, 4), path_, options_);
  EXPECT_TRUE(test::same_rows(*read_bank(path_), *separate.bank()));
  EXPECT_EQ(References::open(path_).info().good_scores, separate.info().good_scores);
}

TEST_F(ResumedBuild, OfEachMethodAndWithViews) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 3);
  options_.references = {.rotations = 2, .variations = true};
  const std::string varied = built(inputs);
  end_after(2, 0, inputs);
  EXPECT_EQ(built(inputs), varied);
  options_ = {.references = {}, .prompt = nullptr, .replace = false};
  const Detector patches(options_with(64, {}, "patchcore"));
  const std::string coreset = built(inputs, patches);
  ReferenceFileOptions ended = options_;
  ended.described = [](std::size_t done, std::size_t) { return done < 2; };
  EXPECT_THROW(References::build_file(patches, inputs, path_, ended), Cancelled);
  EXPECT_EQ(built(inputs, patches), coreset);
}

// Images may be mended, left out or added behind those that are done.
TEST_F(ResumedBuild, GoesOnWithOtherImagesBehindThoseThatAreDone) {
  std::vector<ReferenceInput> inputs = good_inputs(kProduct, 4), broken = inputs;
  broken[2].load = []() -> Image { throw Error(ErrorKind::kIo, "damaged"); };
  EXPECT_EQ(error_of(ErrorKind::kIo, [&] { References::build_file(nano64(), broken, path_, options_); }),
            "damaged");
  EXPECT_FALSE(fs::exists(path_));
  const std::string whole = built(inputs);
  EXPECT_THAT(told_, ElementsAre(2U));
  EXPECT_EQ(built(inputs), whole);
  end_after(3, 0, inputs);
  inputs[1] = input_of("good_01.png", good_image(kProduct, 30));
  inputs.push_back(input_of("more.png", good_image(kProduct, 31)));
  const std::string other = built(inputs);
  EXPECT_EQ(built(inputs), other);
}

TEST_F(ResumedBuild, OfOtherImagesIsRefusedOrReplaced) {
  end_after(2);
  const std::vector<ReferenceInput> others = good_inputs(kProduct + 1, 2);
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { built(others); }),
              AllOf(HasSubstr("holds an unfinished build of other images"), HasSubstr("--overwrite")));
  options_.references.rotations = 2;
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { built(); }), HasSubstr("rotations (1 there, 2 here)"));
  options_.references.rotations = 1;
  options_.replace = true;
  built(others);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(ResumedBuild, WhatCannotBeginLeavesNothing) {
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { built({}); }), HasSubstr("There are no reference images"));
  options_.references.rotations = 99;
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { built(); }), HasSubstr("at 1 to 36 angles"));
  EXPECT_FALSE(fs::exists(partial_));
}

}  // namespace
}  // namespace anomalyvlm
