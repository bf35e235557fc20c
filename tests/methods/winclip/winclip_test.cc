#include "methods/winclip/winclip.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "errors.h"
#include "methods/winclip/method.h"

namespace anomalyvlm::winclip {
namespace {

using test::error_of;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(WinClip, Sentences) {
  const Sentences sentences = sentences_about("metal {} nut");
  EXPECT_EQ(sentences.normal.size(), 147U);
  EXPECT_EQ(sentences.anomalous.size(), 84U);
  EXPECT_EQ(sentences.normal.front(), "a cropped photo of the metal {} nut.");
  EXPECT_EQ(sentences.anomalous.back(), "a photo of a metal {} nut with damage for anomaly detection.");
  EXPECT_THAT(sentences.normal, Contains("a dark photo of a flawless metal {} nut."));
  EXPECT_EQ(std::set(sentences.normal.begin(), sentences.normal.end()).size(), 140U);  // one template twice
}

TEST(WinClip, ScoresAreASoftmaxOfCosines) {
  const Prototypes p =
      prototypes(Tensor::from<float>({2, 2}, {4, 1, 0, -1}), Tensor::from<float>({1, 2}, {0, 5}));
  EXPECT_THAT(p.normal, ElementsAre(DoubleNear(1, 1e-12), DoubleNear(0, 1e-12)));  // of the mean, not of each
  const std::vector<double> scores = anomaly_scores(Tensor::from<float>({3, 2}, {3, 3, 0, 7, 3, 4}), p, 0.07);
  const auto softmax = [](double normal, double anomalous) {
    return std::exp(anomalous / 0.07) / (std::exp(normal / 0.07) + std::exp(anomalous / 0.07));
  };
  EXPECT_THAT(scores, ElementsAre(DoubleNear(0.5, 1e-9), DoubleNear(softmax(0, 1), 1e-9),
                                  DoubleNear(softmax(0.6, 0.8), 1e-9)));
}

TEST(WinClip, HarmonicMeansOfTheWindowsThatHoldACell) {
  // Two windows of two cells each, on four cells.
  const std::vector<double> map =
      harmonic_map(std::vector{0.5, 0.25}, std::vector<std::int64_t>{0, 1, 1, 2}, 4);
  EXPECT_DOUBLE_EQ(map[0], 0.5);
  EXPECT_DOUBLE_EQ(map[1], 2 / (1 / 0.5 + 1 / 0.25));
  EXPECT_DOUBLE_EQ(map[2], 0.25);
  EXPECT_TRUE(std::isnan(map[3]));
  const std::vector<double> combined = combined_map({map, {0.5, 0.5, 0, 0.5}}, 0.1);
  EXPECT_DOUBLE_EQ(combined[0], 3 / (2 + 2 + 10.0));
  EXPECT_EQ(combined[2], 0);
  EXPECT_EQ(combined[3], 0);
}

TEST(WinClip, VectorsThatCannotBeCompared) {
  const Prototypes p = prototypes(Tensor::from<float>({1, 2}, {1, 0}), Tensor::from<float>({1, 2}, {0, 1}));
  EXPECT_THAT(error_of(ErrorKind::kBadInput,
                       [&] {
                         anomaly_scores(Tensor::zeros({1, 3}), p, 0.07);
                       }),
              AllOf(HasSubstr("of 3"), HasSubstr("of 2")));
  EXPECT_THAT(error_of(ErrorKind::kBadInput,
                       [&] {
                         anomaly_scores(Tensor::zeros({1, 2}), p, 0);
                       }),
              HasSubstr("temperature of 0"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { mean_vector(Tensor::zeros({3})); }), HasSubstr("[3]"));
}

// Words are counted: an anomalous sentence points up, another one to the right; windows whose cell is the
// last one up.
class FakeEncoder : public TextImageEncoder {
 public:
  Tensor texts(const std::vector<std::string>& texts) const override {
    ++ensembles;
    std::vector<float> vectors;
    for (const std::string& text : texts) {
      const bool damaged =
          text.find("damaged") != std::string::npos || text.find(" with ") != std::string::npos;
      vectors.insert(vectors.end(), {damaged ? 0.0F : 1.0F, damaged ? 1.0F : 0.0F});
    }
    return Tensor::from<float>({static_cast<std::int64_t>(texts.size()), 2}, std::move(vectors));
  }
  Seen see(const Image&, std::span<const PixelWindows> windows) const override {
    ++images;
    Seen seen{{1, 3}, Tensor::from<float>({1, 2}, {1, broken ? NAN : 1.0F}), {}};
    for (std::size_t i = 0; i < windows.size(); ++i)
      seen.windows.push_back({Tensor::from<float>({3, 2}, {1, 0, 1, 1, 0, 1}), {0, 1, 2}});
    return seen;
  }
  bool broken = false;
  mutable int ensembles = 0, images = 0;
};

TEST(WinClip, MapsHaveTheImagesSize) {
  const WinClip method(std::make_shared<FakeEncoder>());
  const Image image{9, 4, std::vector<std::uint8_t>(9 * 4 * 3)};
  const DenseObservation seen = method.observe(image, method.about("nut"));
  EXPECT_DOUBLE_EQ(seen.score, 0.5);
  ASSERT_EQ(seen.map.width, 9);
  ASSERT_EQ(seen.map.values.size(), 36U);
  const double right = 1 / (1 + std::exp(-1 / 0.07)), left = 1 / (1 + std::exp(1 / 0.07));
  EXPECT_NEAR(seen.map.at(8, 3), 3 / (2 / right + 2), 1e-6);
  EXPECT_NEAR(seen.map.at(0, 0), 3 / (2 / left + 2), 1e-6);
  EXPECT_NEAR(seen.map.at(4, 2), 0.5, 1e-6);
  EXPECT_EQ(seen.evidence.x1, 9);
}

TEST(WinClip, AsAMethodItReadsTheObjectsName) {
  const auto encoder = std::make_shared<FakeEncoder>();
  const auto winclip = method(WinClip(encoder), {LoadedModel{"fake"}}, {}, 0);
  const Image image{40, 30, std::vector<std::uint8_t>(40 * 30 * 3, 9)};
  HybridPrompt nut, also_nut, bolt;
  nut.object = also_nut.object = "nut";
  also_nut.phrases = {"crack"};
  bolt.object = "bolt";
  EXPECT_EQ(winclip->question_of(nut), winclip->question_of(also_nut));
  EXPECT_NE(winclip->question_of(nut), winclip->question_of(bolt));
  const HybridPrompt all[] = {nut, bolt, also_nut};
  const std::vector<Evidence> seen = winclip->observe(image, all);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(encoder->images, 2);
  EXPECT_EQ(encoder->ensembles, 4);
  winclip->observe(image, {&nut, 1});
  EXPECT_EQ(encoder->ensembles, 4) << "sentences are encoded once for each object";
  EXPECT_THAT(seen[0].notes, Not(Contains(HasSubstr("no object"))));
  EXPECT_EQ(seen[0].profile, "winclip");
  const Detection found = winclip->detect(image, also_nut);
  EXPECT_THAT(found.notes, Contains(HasSubstr("no words but the object's name")));
  EXPECT_THAT(found.notes, Not(Contains(HasSubstr("does not look for objects"))));
  EXPECT_DOUBLE_EQ(found.image_score, 0.5);
  EXPECT_THAT(winclip->detect(image, {}).notes, Contains(HasSubstr("told no object")));
}

TEST(WinClip, DamagedWeightsAreAnError) {
  const auto encoder = std::make_shared<FakeEncoder>();
  encoder->broken = true;
  const WinClip method(encoder);
  EXPECT_THAT(error_of(ErrorKind::kBadModel,
                       [&] {
                         method.observe(Image{1, 1, {1, 2, 3}}, method.about("nut"));
                       }),
              HasSubstr("damaged"));
}

}  // namespace
}  // namespace anomalyvlm::winclip
