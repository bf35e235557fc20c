// Methods chosen by name.
#include "detector/methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomalyvlm/session.h"
#include "detector/loaded.h"
#include "errors.h"
#include "source_dir.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::Contains;
using ::testing::HasSubstr;

DetectorOptions utad() { return {.method = "utad", .disk_cache = false, .data_folder = test::source_dir()}; }

// A grey texture with a dark dot, at the given place.
Image dotted(int width, int height, int dot_x, int dot_y) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int dx = x - dot_x, dy = y - dot_y, grain = (x * 7919 + y * 104729) % 23;
      image.rgb.insert(image.rgb.end(), 3,
                       static_cast<std::uint8_t>(dx * dx + dy * dy < 144 ? 30 + grain : 140 + grain));
    }
  return image;
}

// Where the map is highest.
std::pair<int, int> highest(const FloatMap& map) {
  const auto at = std::max_element(map.values.begin(), map.values.end()) - map.values.begin();
  return {static_cast<int>(at) % map.width, static_cast<int>(at) / map.width};
}

TEST(Methods, AreOneTable) {
  EXPECT_EQ(method_names().front(), DetectorOptions{}.method);
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { method_entry("utat"); }), HasSubstr("did you mean utad?"));
}

bool is_loadable(const std::string& method) {
  try {
    require_weights_of({.method = method});
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(Methods, SayWhetherTheyCompareWithReferences) {
  for (const MethodEntry& entry : method_entries()) {
    if (!is_loadable(entry.name)) continue;
    const Detector detector({.method = entry.name, .disk_cache = false, .data_folder = test::source_dir()});
    const Method& method = *detector.loaded().method;
    EXPECT_EQ(entry.references != ReferenceUse::kNone, method.describer() != nullptr) << entry.name;
    ASSERT_FALSE(method.models().empty()) << entry.name;
    for (const LoadedModel& model : method.models()) EXPECT_GT(model.parameters, 1'000'000U) << entry.name;
  }
}

TEST(Methods, AreLoadableWhereNoWeightsAreMissing) {
  require_weights_of({});
  require_weights_of({.method = "patchcore"});
  EXPECT_THAT(
      error_of(ErrorKind::kBadInput, [] { require_weights_of({.method = "utad", .model = "paper"}); }),
      HasSubstr("runs on the models"));
}

TEST(Utad, FindsTheDotOnTheEmbeddedBackbone) {
  const Image image = dotted(400, 360, 230, 150);
  const Detector detector(utad());
  const Detection found = detector.detect(image.view());
  const auto [x, y] = highest(found.anomaly);
  EXPECT_NEAR(x, 230, 16);
  EXPECT_NEAR(y, 150, 16);
  ASSERT_GT(found.kept, 0U);
  EXPECT_TRUE(found.candidates[0].mask.is_inside(230, 150));
  EXPECT_EQ(found.profile, "utad");
  EXPECT_THAT(detector.models(), Contains(HasSubstr("its encoder")));
  EXPECT_TRUE(found.saliency.values.empty());
  const Detection worded = detector.detect(image.view(), parse_prompt_text("Scratch."));
  EXPECT_EQ(worded.anomaly.values, found.anomaly.values);
  EXPECT_THAT(worded.notes, Contains(HasSubstr("takes no words")));
}

TEST(Utad, TilesReachWhatTheSquareInTheMiddleDoesNot) {
  const Image image = dotted(1000, 400, 860, 200);
  const auto [x, y] = highest(Detector(utad()).detect(image.view()).anomaly);
  EXPECT_LT(x, 700) << "beyond the centred square nothing is known";
  DetectorOptions options = utad();
  options.tile = 400;
  const Detection found = Detector(options).detect(image.view());
  EXPECT_NEAR(highest(found.anomaly).first, 860, 20);
  EXPECT_EQ(found.tile, 400);
  EXPECT_GE(found.tile_overlap, 80);
}

TEST(Utad, HasSessionsToo) {
  const Image image = dotted(340, 330, 150, 160);
  const Detector detector(utad());
  Session session = detector.open(image.view());
  for (const char* sentences : {"Defect.", "Defect. Anomalies are larger than 100000 px.", "Defect."}) {
    const HybridPrompt prompt = parse_prompt_text(sentences);
    EXPECT_EQ(session.detect(prompt).anomaly.values, detector.detect(image.view(), prompt).anomaly.values);
  }
}

TEST(Utad, OfASquashedImageHasTheMapOfTheImage) {
  const Image image = dotted(400, 360, 230, 150);
  DetectorOptions options = utad();
  options.resize = 64;
  const Detection found = Detector(options).detect(image.view());
  EXPECT_EQ(found.resize, 64);
  EXPECT_EQ(found.method, "utad");
  EXPECT_EQ(found.anomaly.width, image.width);
  EXPECT_EQ(found.anomaly.height, image.height);
  EXPECT_EQ(found.anomaly.values.size(), image.rgb.size() / 3);
}

TEST(Utad, RefusesOptionsThatItDoesNotHave) {
  const auto error = [](DetectorOptions options) {
    options.method = "utad";
    return error_of(ErrorKind::kBadInput, [&] { Detector{options}; });
  };
  EXPECT_THAT(error({.model = "paper"}), HasSubstr("runs on the models nano and wide-resnet50-2"));
  EXPECT_THAT(error({.profile = "nano"}), HasSubstr("has no profiles"));
  EXPECT_THAT(error({.proposal_side = 400}), HasSubstr("proposal side"));
}

}  // namespace
}  // namespace anomalyvlm
