// One image, many prompts.
#include "anomalyvlm/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detector/same_findings.h"
#include "errors.h"
#include "source_dir.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

Detector small_detector(std::optional<int> tile) {
  return Detector(
      DetectorOptions{.resize = 96, .tile = tile, .disk_cache = false, .data_folder = test::source_dir()});
}

Image synthetic_image() {
  synthetic::Options options;
  options.width = 150;
  options.height = 101;
  options.normal_share = 0;
  return synthetic::draw(11, options).image;
}

const char* const kSentences[] = {"Defect.",
                                  "Defect. At most one abnormal region.",
                                  "Scratch. Dent.",
                                  "Scratch. Dent. Anomalies are smaller than 1%.",
                                  "Blorb.",  // a note says that it is unknown
                                  "Scratch. The image shows one plate.",
                                  "Defect."};

TEST(SessionTest, GivesWhatTheDetectorGives) {
  const Image image = synthetic_image();
  for (const std::optional<int> tile : {std::optional<int>{}, std::optional{64}}) {
    const Detector detector = small_detector(tile);
    Session session = detector.open(image.view());
    EXPECT_EQ(session.image().rgb, image.rgb);
    for (const char* sentences : kSentences) {
      SCOPED_TRACE(sentences);
      HybridPrompt prompt = parse_prompt_text(sentences);
      prompt.limit = 0.5;
      test::expect_same_findings(session.detect(prompt), detector.detect(image.view(), prompt));
    }
  }
}

TEST(SessionTest, JudgesAnewWithoutAskingTheModels) {
  const Image image = synthetic_image();
  const Detector detector = small_detector({});
  Session session = detector.open(image.view());
  const HybridPrompt one = parse_prompt_text("Scratch."),
                     two = parse_prompt_text("Scratch. At most one region.");
  EXPECT_THAT(session.detect(one).timings, Contains(Pair("propose", testing::_)));
  const Detection again = session.detect(two);
  EXPECT_THAT(again.timings, Not(Contains(Pair("propose", testing::_))));
  EXPECT_THAT(again.timings, Contains(Pair("fuse", testing::_)));
  EXPECT_LE(again.kept, 1U);

  Mask everything{image.width, image.height, std::vector<std::uint8_t>(image.rgb.size() / 3, 1)};
  EXPECT_EQ(session.detect(one, {.ignored = everything}).image_score, 0);
  test::expect_same_findings(session.detect(one), detector.detect(image.view(), one));
}

TEST(SessionTest, OutlivesItsDetectorAndMoves) {
  const Image image = synthetic_image();
  std::optional<Detector> detector = small_detector({});
  Session first = detector->open(image.view());
  detector.reset();
  Session session = std::move(first);
  EXPECT_FALSE(session.detect(generic_prompt()).candidates.empty());
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { first.detect(generic_prompt()); }),
              HasSubstr("moved from"));
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { first.image(); }), HasSubstr("moved from"));
}

TEST(SessionTest, ErrorsLeaveItUsable) {
  const Image image = synthetic_image();
  Session session = small_detector({}).open(image.view());
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput,
                             [&] {
                               session.detect(generic_prompt(), {.ignored = {1, 1, {1}}});
                             }),
              HasSubstr("must be of one size"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(session.detect(generic_prompt(), {.stop = stop.get_token()}), Cancelled);
  EXPECT_FALSE(session.detect(generic_prompt()).candidates.empty());
}

}  // namespace
}  // namespace anomalyvlm
