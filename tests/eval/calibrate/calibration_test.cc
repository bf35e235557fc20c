// A limit from scores: by hand, against simulated images, and as documents.
#include "eval/calibrate/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "comma_locale.h"
#include "core/platform.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::vector<ScoredImage> images(const std::vector<double>& scores, const std::string& name = "good") {
  std::vector<ScoredImage> all;
  for (std::size_t i = 0; i < scores.size(); ++i)
    all.push_back({name + std::to_string(i) + ".png", scores[i], scores[i] > 0});
  return all;
}

// 0.01, 0.02, ...
std::vector<double> rising(int count) {
  std::vector<double> scores;
  for (int i = 1; i <= count; ++i) scores.push_back(0.01 * i);
  return scores;
}

TEST(Rates, AreThoseOfTables) {
  EXPECT_DOUBLE_EQ(rate_of(0, 99).expected, 0.01);
  EXPECT_EQ(rate_of(0, 10).low, 0);
  EXPECT_NEAR(rate_of(0, 10).high, 1 - std::pow(0.025, 1.0 / 10), 1e-9);
  EXPECT_NEAR(rate_of(10, 10).low, std::pow(0.025, 1.0 / 10), 1e-9);
  EXPECT_EQ(rate_of(10, 10).high, 1);
  EXPECT_NEAR(rate_of(5, 50).low, 0.0333, 5e-5) << "Clopper and Pearson";
  EXPECT_NEAR(rate_of(5, 50).high, 0.2181, 5e-5);
  EXPECT_EQ(rate_of(0, 0).high, 1);
}

TEST(Calibrations, TheLowestLimitThatPromisesTheTarget) {
  const Calibration c = calibrate(images(rising(99)), {}, 0.05, false);
  // 4 of 99 at or above: (4 + 1) / 100.
  EXPECT_EQ(c.proposed().false_alarms.count, 4u);
  EXPECT_DOUBLE_EQ(c.proposed().false_alarms.expected, 0.05);
  EXPECT_GT(c.proposed().limit, 0.95);
  EXPECT_LE(c.proposed().limit, 0.9502);
  EXPECT_TRUE(c.target_is_met);
  EXPECT_TRUE(c.notes.empty());
  EXPECT_FALSE(c.fewest_errors);
}

TEST(Calibrations, TooFewImagesPromiseLess) {
  const Calibration c = calibrate(images(rising(19)), {}, 0.01, false);
  EXPECT_FALSE(c.target_is_met);
  EXPECT_EQ(c.proposed().false_alarms.count, 0u);
  EXPECT_THAT(c.notes, Contains(AllOf(HasSubstr("takes at least 99"), HasSubstr("no better than 5.0 %"))));
  EXPECT_THAT(calibrate(images(rising(9)), {}, 0.2, false).notes, Contains(HasSubstr("only 9 good images")));
  EXPECT_TRUE(calibrate(images(rising(99)), {}, 0.01, false).target_is_met);
}

// The promise: over many draws of n good images and one more, that one is not OK at most so often.
TEST(Calibrations, KeepTheirPromise) {
  std::mt19937 random(11);
  std::exponential_distribution<double> score(2);
  const auto draw = [&] { return random() % 5 == 0 ? 0.0 : score(random); };  // some show nothing
  for (const double target : {0.05, 0.1, 0.25}) {
    int alarms = 0;
    constexpr int kDraws = 2000;
    for (int i = 0; i < kDraws; ++i) {
      std::vector<double> scores;
      for (int k = 0; k < 40; ++k) scores.push_back(draw());
      alarms += draw() >= calibrate(images(scores), {}, target, false).proposed().limit;
    }
    EXPECT_LE(alarms, kDraws * target + 4 * std::sqrt(kDraws * target)) << target;
    EXPECT_GE(alarms, kDraws * target * 0.7) << target << ": not without need";
  }
}

TEST(Calibrations, DefectiveImagesShowTheTradeOff) {
  const Calibration c = calibrate(images(rising(50)), images({0.3, 0.9, 1.0, 1.4}, "bad"), 0.1, false);
  ASSERT_TRUE(c.fewest_errors);
  EXPECT_EQ(&c.proposed(), &*c.fewest_errors);
  EXPECT_EQ(c.proposed().false_alarms.count, 0u);
  EXPECT_EQ(c.proposed().missed.count, 1u);
  EXPECT_NEAR(c.proposed().limit, 0.7, 1e-9) << "in the middle of the gap";
  EXPECT_EQ(c.by_target.false_alarms.count, 4u);
  EXPECT_THAT(c.notes, Contains(HasSubstr("only 4 defective images")));
  EXPECT_THAT(c.notes, Contains(HasSubstr("No limit tells all")));
  for (std::size_t i = 1; i < c.trade_off.size(); ++i) {
    EXPECT_LT(c.trade_off[i - 1].limit, c.trade_off[i].limit);
    EXPECT_GE(c.trade_off[i - 1].false_alarms, c.trade_off[i].false_alarms);
    EXPECT_LE(c.trade_off[i - 1].missed, c.trade_off[i].missed);
  }
  const Calibration kept = calibrate(images(rising(50)), images({0.3, 0.9}, "bad"), 0.1, true);
  EXPECT_EQ(&kept.proposed(), &kept.by_target);
}

TEST(Calibrations, NothingFoundAtAllIsALimitAboveNothing) {
  const Calibration c = calibrate(images(std::vector<double>(30, 0.0)), images({0, 0.5}, "bad"), 0.01, false);
  EXPECT_GT(c.by_target.limit, 0);
  EXPECT_LE(c.by_target.limit, 0.0002);
  EXPECT_NEAR(c.proposed().limit, 0.25, 1e-9);
  EXPECT_THAT(c.notes, Contains(HasSubstr("No good image has any region")));
}

TEST(Calibrations, RefuseWhatIsNoScoreOrShare) {
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [] { calibrate({}, {}, 0.1, false); }),
              HasSubstr("needs good images"));
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [] { calibrate(images({std::nan("")}), {}, 0.1, false); }),
              HasSubstr("good0.png"));
  EXPECT_DOUBLE_EQ(parse_share("1%"), 0.01);
  EXPECT_DOUBLE_EQ(parse_share("0.5 %"), 0.005);
  EXPECT_DOUBLE_EQ(parse_share("0.05"), 0.05);
  for (const char* wrong : {"", "%", "0", "100%", "1", "-1%", "1 percent", "nan", "0,5%"})
    EXPECT_NE(test::error_of(ErrorKind::kBadInput, [&] { parse_share(wrong); }), "nothing was thrown")
        << wrong;
}

TEST(Calibrations, SayWhatIsToBeExpected) {
  const std::string text = describe(calibrate(images(rising(99)), images({0.5, 1.5, 2}, "bad"), 0.05, false));
  EXPECT_THAT(text, AllOf(HasSubstr("good          99 images"), HasSubstr("defective      3 images"),
                          HasSubstr("promises at most 5 % false alarms"), HasSubstr("4 of 99 here"),
                          HasSubstr("of 1000 to come at most 50"), HasSubstr("95 % confidence"),
                          HasSubstr("fewest errors"), HasSubstr("proposed: --limit 1.245")));
  EXPECT_THAT(describe(calibrate(images(rising(99)), {}, 0.05, false)), Not(HasSubstr("missed")));
}

TEST(Calibrations, AreWrittenAsDocuments) {
  const test::TemporaryFolder folder;
  std::vector<ScoredImage> good = images(rising(30));
  good[0].file = "=<b>.png";
  const Calibration c = calibrate(good, images({0.1, 0.9}, "bad"), 0.05, false);
  const auto texts = [&] {
    write_calibration(c, {{"prompt", "<i>x</i>"}}, folder.path());
    std::string all;
    for (const char* name : {"calibration.json", "calibration.csv", "calibration.html"})
      all += read_file(folder / name);
    return all + describe(c);
  };
  const std::string usual = texts();
  const json numbers = json::parse(read_file(folder / "calibration.json"));
  EXPECT_EQ(numbers["format"], "anomalyvlm.calibration");
  EXPECT_EQ(numbers["limit"], c.proposed().limit);
  EXPECT_EQ(numbers["fewest_errors"]["missed"]["count"], 1);
  EXPECT_EQ(numbers["trade_off"].size(), c.trade_off.size());
  const std::string csv = read_file(folder / "calibration.csv");
  EXPECT_THAT(csv, HasSubstr("file,class,image_score,limit,verdict,regions\r\n'=<b>.png,good,0.01,"));
  EXPECT_THAT(csv, HasSubstr("bad1.png,defective,0.9,0.6,not OK,1\r\n"));
  const std::string page = read_file(folder / "calibration.html");
  EXPECT_THAT(page, AllOf(HasSubstr("Limit of the image score: 0.6"), HasSubstr("bad0.png"),
                          HasSubstr("default-src 'none'"), HasSubstr("</html>"), Not(HasSubstr("<i>x"))));
  const test::CommaLocale commas;
  EXPECT_EQ(texts(), usual);
}

}  // namespace
}  // namespace anomalyvlm::eval
