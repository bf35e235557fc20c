// Scores of good images, and limits from them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "detector/reference_bank.h"
#include "detector/references_fixture.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using test::defective;
using test::error_of;
using test::good_image;
using test::good_inputs;
using test::input_of;
using test::kProduct;
using test::nano64;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(GoodScores, ScoresAreThoseBesideTheOthers) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 4);
  References references = References::build(nano64(), std::span(inputs).first(3));
  HybridPrompt prompt = generic_prompt();
  prompt.limit = 0.3;  // has no part in it
  references.calibrate(nano64(), prompt, inputs);
  std::vector<double> expected;
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<ReferenceInput> others(inputs.begin(), inputs.begin() + 3);
    if (i < 3) others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    References rest = References::build(nano64(), others);
    // Distances between the images stay those of the whole bank.
    std::vector<BankRows> rows = rest.bank()->rows();
    for (std::size_t s = 0; s < rows.size(); ++s) rows[s].distances = references.bank()->rows()[s].distances;
    rest = References(std::make_shared<const Bank>(rest.bank()->origin(), rest.bank()->images(),
                                                   std::move(rows), rest.bank()->date()));
    expected.push_back(nano64().detect(inputs[i].load().view(), generic_prompt(), rest).image_score);
  }
  EXPECT_EQ(references.info().good_scores, expected);
  EXPECT_TRUE(references.is_calibrated_for(nano64(), generic_prompt()));
  EXPECT_TRUE(references.is_calibrated_for(nano64(), prompt));
  EXPECT_FALSE(references.is_calibrated_for(nano64(), parse_prompt_text("Scratch.")));

  const Image image = defective();
  const Detection found = nano64().detect(image.view(), generic_prompt(), references);
  const auto as_high = std::count_if(expected.begin(), expected.end(),
                                     [&](double score) { return score >= found.image_score; });
  EXPECT_EQ(found.p_value, static_cast<double>(1 + as_high) / 5);
  EXPECT_EQ(nano64().detect(image.view(), parse_prompt_text("Scratch."), references).p_value, std::nullopt);

  const test::TemporaryFolder folder;
  references.save(folder / "part.avref");
  EXPECT_EQ(References::open(folder / "part.avref").info().good_scores, expected);
  EXPECT_TRUE(References::open(folder / "part.avref").is_calibrated_for(nano64(), prompt));
}

TEST(GoodScores, AFalseAlarmOfAGoodImageIsLeftOutWithIt) {
  std::vector<ReferenceInput> inputs = good_inputs(kProduct, 2);
  References plain = References::build(nano64(), inputs), marked = plain;
  ReferenceInput part = inputs[0];
  part.part = Box{0, 0, 96, 80};
  marked.add(nano64(), part);
  plain.calibrate(nano64(), generic_prompt(), inputs);
  marked.calibrate(nano64(), generic_prompt(), inputs);
  // Had its own pixels been among the others, its distances would all be 0.
  EXPECT_NEAR(marked.info().good_scores[0], plain.info().good_scores[0],
              0.2 * plain.info().good_scores[0] + 0.02);
}

TEST(GoodScores, OneImageCannotBeScored) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 1);
  References one = References::build(nano64(), inputs);
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { one.calibrate(nano64(), generic_prompt(), inputs); }),
              HasSubstr("good_00.png"));
  const std::vector<ReferenceInput> other = {input_of("x", good_image(kProduct, 5))};
  one.calibrate(nano64(), generic_prompt(), other);
  EXPECT_THAT(one.info().good_scores, SizeIs(1)) << "other images can";
}

TEST(GoodScores, ScoringMayBeCancelled) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 2);
  References references = References::build(nano64(), inputs);
  EXPECT_THROW(references.calibrate(nano64(), generic_prompt(), inputs,
                                    [](std::size_t, std::size_t) { return false; }),
               Cancelled);
  EXPECT_THAT(references.info().good_scores, IsEmpty());
}

References scored(const std::vector<double>& scores) {
  static const References built = References::build(nano64(), good_inputs(kProduct, 1));
  HybridPrompt prompt = generic_prompt();
  prompt.limit.reset();
  return References(std::make_shared<const Bank>(
      built.bank()->with({scored_by(nano64().loaded()), to_toml(prompt), scores})));
}

// Conformal: of n good scores and a new one, each is as likely the highest.
TEST(GoodScores, LimitsAreTheConformalOnes) {
  std::vector<double> scores;  // 1, 2, ... 19 in another order
  for (int i = 0; i < 19; ++i) scores.push_back((i * 7) % 19 + 1);
  const References references = scored(scores);
  const auto just_above = [](double score) { return std::nextafter(score, HUGE_VAL); };
  EXPECT_EQ(references.limit_for(0.05), just_above(19)) << "1 of 20: none may reach it";
  EXPECT_EQ(references.limit_for(0.099), just_above(19));
  EXPECT_EQ(references.limit_for(0.1), just_above(18));
  EXPECT_EQ(references.limit_for(0.15), just_above(17)) << "though 0.15 * 20 is less than 3 in binary";
  EXPECT_EQ(references.limit_for(0.5), just_above(10));
  EXPECT_EQ(references.limit_for(0.95), just_above(1));
  EXPECT_EQ(references.p_value(19), 2.0 / 20);
  EXPECT_EQ(references.p_value(19.5), 1.0 / 20);
  EXPECT_EQ(references.p_value(0), 1);
  EXPECT_EQ(references.p_value(10), 11.0 / 20);
  for (double share = 0.05; share < 1; share += 0.013) {
    const double limit = references.limit_for(share);
    EXPECT_LE(*references.p_value(limit), share + 1e-12) << share;
    EXPECT_GT(*references.p_value(std::nextafter(limit, 0)), share) << "no lower one would do, " << share;
  }
}

TEST(GoodScores, EqualScoresNeverReachTheLimit) {
  const References references = scored({0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5});
  for (const double share : {0.1, 0.2, 0.5}) {
    const double limit = references.limit_for(share);
    EXPECT_GT(limit, 0.5);
    EXPECT_LE(*references.p_value(limit), share);
  }
}

TEST(GoodScores, TooFewImagesForAShare) {
  const References references = scored({1, 2, 3, 4, 5, 6, 7, 8, 9});
  const auto error = [&](double share) {
    return error_of(ErrorKind::kBadInput, [&] { references.limit_for(share); });
  };
  EXPECT_THAT(error(0.05), HasSubstr("9 good images cannot promise 5 % of false alarms: that takes 19"));
  EXPECT_THAT(error(0.01), HasSubstr("that takes 99"));
  EXPECT_THAT(error(0.001), HasSubstr("that takes 999"));
  EXPECT_THAT(error(0.03), HasSubstr("that takes 33")) << "1 / 0.03 - 1 is 32.3";
  EXPECT_EQ(error(0.1), "nothing was thrown");
  for (const double share : {0.0, 1.0, -1.0, 2.0, std::nan("")})
    EXPECT_THAT(error(share), HasSubstr("above 0 and below 1"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { scored({}).limit_for(0.5); }),
              HasSubstr("A single reference has no score"));
  EXPECT_EQ(scored({}).p_value(1), std::nullopt);
}

// What is printed as possible is possible.
TEST(GoodScores, ThePromisedShareIsTheLeast) {
  for (std::size_t count = 1; count <= 120; ++count) {
    const References references = scored(std::vector<double>(count, 0.5));
    const double share = promised_share(count);
    EXPECT_GT(references.limit_for(share), 0.5) << count;
    EXPECT_GE(share, 1.0 / static_cast<double>(count + 1));
    EXPECT_LT(share, 1.01 / static_cast<double>(count + 1));
    EXPECT_EQ(fmt::format("{:.3g}", share), fmt::format("{}", share)) << "three digits say it";
  }
}

TEST(GoodScores, AreOfOneProfile) {
  const References references = scored({0.01, 0.02, 0.03, 0.04});
  DetectorOptions options = nano64().options();
  options.profile = "saa-plus";
  const Detector other(options);
  EXPECT_TRUE(references.is_calibrated_for(nano64(), generic_prompt()));
  EXPECT_FALSE(references.is_calibrated_for(other, generic_prompt()));
  const Image image = defective();
  EXPECT_TRUE(nano64().detect(image.view(), generic_prompt(), references).p_value);
  EXPECT_FALSE(other.detect(image.view(), generic_prompt(), references).p_value);
}

TEST(GoodScores, ALimitGivesAVerdict) {
  HybridPrompt prompt = generic_prompt();
  const Image image = defective();
  const References references = scored({0.01, 0.02, 0.03, 0.04});
  prompt.limit = references.limit_for(0.2);
  const Detection found = nano64().detect(image.view(), prompt, references);
  EXPECT_EQ(found.verdict == Verdict::kNotOk, found.image_score > 0.04);
  EXPECT_EQ(found.verdict == Verdict::kNotOk, found.p_value <= 0.2);
}

}  // namespace
}  // namespace anomalyvlm
