// PatchCore as a method, on features that are simple to follow.
#include "methods/patchcore/method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "errors.h"
#include "references/bank_builder.h"

namespace anomalyvlm::patchcore {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Mean colours of blocks of 4 and of 8 pixels.
class BlockColours : public FeatureLayers {
 public:
  std::vector<Tensor> layers(const Image& image) const override {
    return {of_blocks(image, 4), of_blocks(image, 8)};
  }
  std::string id() const override { return "blocks"; }

 private:
  static Tensor of_blocks(const Image& image, int side) {
    const int h = image.height / side, w = image.width / side;
    std::vector<float> values(static_cast<std::size_t>(3 * h * w));
    for (int y = 0; y < h * side; ++y)
      for (int x = 0; x < w * side; ++x)
        for (int c = 0; c < 3; ++c)
          values[static_cast<std::size_t>((c * h + y / side) * w + x / side)] +=
              static_cast<float>(image.row(y)[3 * x + c]) / static_cast<float>(255 * side * side);
    return Tensor::from<float>({1, 3, h, w}, std::move(values));
  }
};

Config small_config() {
  Config config;
  config.shorter_side = 64;
  config.input_side = 48;
  config.layer_size = 6;
  config.embedding_size = 12;
  config.smoothing_sigma = 1;
  return config;
}

std::unique_ptr<Method> small_method(const TileOptions& tiles = {}, int resize = 0,
                                     ImageScore score = ImageScore::kReleased) {
  return method(std::make_shared<const Describer>(std::make_shared<const BlockColours>(), small_config()),
                {{"blocks of colour"}}, tiles, resize, score);
}

Image noise(unsigned seed, int width = 64, int height = 64) {
  std::mt19937 random(seed);
  Image image{width, height, {}};
  for (int i = 0; i < width * height; ++i)
    image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(100 + random() % 50));
  return image;
}

// With a red square.
Image marked(Image image, int left, int top, int side) {
  for (int y = top; y < top + side; ++y)
    for (int x = left; x < left + side; ++x) {
      image.row(y)[3 * x] = 240;
      image.row(y)[3 * x + 1] = image.row(y)[3 * x + 2] = 20;
    }
  return image;
}

References references_of(const Method& method, int width = 64, int height = 64, int images = 2) {
  BankBuilder builder(
      {.describer = method.describer()->id(), .method = "patchcore", .model = "", .options = {}},
      method.coreset());
  for (int i = 0; i < images; ++i) {
    const Image image = noise(static_cast<unsigned>(i), width, height);
    builder.add(
        {.name = "good", .sha256 = std::to_string(i), .width = width, .height = height, .thumbnail = {}},
        method.describe(image));
  }
  return References(builder.finish());
}

Detection detect(const Method& method, const Image& image, const References& references) {
  HybridPrompt prompt;
  return method.detect(image, prompt, {.references = references});
}

double highest_in(const FloatMap& map, int x0, int y0, int x1, int y1) {
  float highest = 0;
  for (int y = y0; y < y1; ++y)
    for (int x = x0; x < x1; ++x) highest = std::max(highest, map.at(x, y));
  return static_cast<double>(highest);
}

TEST(PatchCoreMethod, ScoresAnImageByItsFarthestPatch) {
  const auto method = small_method();
  const References references = references_of(*method);
  const BankRows& rows = references.bank()->rows()[0];
  EXPECT_EQ(rows.count(), 2 * 12 * 12 / 10) << "a tenth, as published";
  const Image image = marked(noise(9), 28, 24, 12);
  const Detection found = detect(*method, image, references);
  const DescriptorGrid grid = method->describe(image)[0].grids[0];
  const Tensor vectors = rows.vectors.to_f32();
  double highest = 0;
  for (std::size_t p = 0; p < grid.cells(); ++p) {
    double best = HUGE_VAL;
    for (std::int64_t r = 0; r < rows.count(); ++r) {
      double squared = 0;
      for (std::size_t c = 0; c < 12; ++c) {
        const double apart =
            double{grid.vectors[12 * p + c]} - double{vectors.floats()[static_cast<std::size_t>(r) * 12 + c]};
        squared += apart * apart;
      }
      best = std::min(best, squared);
    }
    highest = std::max(highest, best);
  }
  EXPECT_NEAR(found.image_score, highest, 1e-5 * highest);
  EXPECT_LT(detect(*method, noise(8), references).image_score, 0.1 * highest);
  EXPECT_EQ(found.profile, "patchcore");
  EXPECT_THAT(found.models, ElementsAre("blocks of colour"));
}

TEST(PatchCoreMethod, ThePapersScoreIsOfTheSamePatch) {
  const auto method = small_method({}, 0, ImageScore::kPaper);
  const References references = references_of(*method);
  const Image image = marked(noise(9), 28, 24, 12);
  DescriptorGrid grid = std::move(method->describe(image)[0].grids[0]);
  const RowPool& pool = references.bank()->pool(0);
  const NearestRows found = nearest(pool, grid.vectors, 1);
  const Embedding embedding{{grid.height, grid.width}, grid.size, std::move(grid.vectors)};
  const Detection detection = detect(*method, image, references);
  const double expected = double{reweighted_score({&pool, 1}, embedding, found, kNeighbourhood)};
  EXPECT_NEAR(detection.image_score, expected, 1e-6);
  const Detection released = detect(*small_method(), image, references);
  EXPECT_LT(detection.image_score, std::sqrt(released.image_score));
  EXPECT_EQ(detection.anomaly.values, released.anomaly.values);
}

TEST(PatchCoreMethod, SaysWhereItIs) {
  const auto method = small_method();
  const Detection found = detect(*method, marked(noise(9), 28, 24, 12), references_of(*method));
  const double inside = highest_in(found.anomaly, 30, 26, 38, 34);
  EXPECT_GT(inside, 5 * highest_in(found.anomaly, 8, 8, 18, 56));
  EXPECT_EQ(highest_in(found.anomaly, 0, 0, 8, 64), 0) << "beyond the square that is seen";
  EXPECT_EQ(highest_in(found.anomaly, 0, 56, 64, 64), 0);
  EXPECT_THAT(found.notes, Contains(HasSubstr("The method patchcore judges the middle of an image, 56 %")));
}

TEST(PatchCoreMethod, NeedsReferences) {
  const auto method = small_method();
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { detect(*method, noise(1), {}); }),
              HasSubstr("The method patchcore compares images with good ones; give some as references"));
}

TEST(PatchCoreMethod, AWideImageInTiles) {
  const auto whole = small_method(), tiles = small_method({64, 8});
  const Image image = marked(noise(5, 200, 64), 176, 24, 12);
  const References of_tiles = references_of(*tiles, 200, 64);
  EXPECT_GT(of_tiles.bank()->rows()[0].count(), references_of(*whole, 200, 64).bank()->rows()[0].count());
  const Detection found = detect(*tiles, image, of_tiles);
  EXPECT_EQ(found.tile, 64);
  EXPECT_GE(found.tile_overlap, 16) << "by as much as the square lacks";
  EXPECT_GT(highest_in(found.anomaly, 178, 26, 186, 34), 5 * highest_in(found.anomaly, 8, 8, 150, 56));
  for (int x = 8; x < 192; ++x) EXPECT_GT(found.anomaly.at(x, 30), 0) << "no gap at " << x;
  EXPECT_THAT(found.notes, Not(Contains(HasSubstr("judges the middle"))));
  const Detection missed = detect(*whole, image, references_of(*whole, 200, 64));
  EXPECT_LT(missed.image_score, 0.5 * found.image_score) << "the square in the middle does not see it";
}

TEST(PatchCoreMethod, ASquashedImage) {
  const auto method = small_method({}, 64);
  const Image image = marked(noise(5, 160, 80), 70, 30, 24);
  const Detection found = detect(*method, image, references_of(*method, 160, 80));
  EXPECT_EQ(found.resize, 64);
  EXPECT_EQ(found.anomaly.width, 160);
  EXPECT_EQ(found.anomaly.height, 80);
  EXPECT_GT(highest_in(found.anomaly, 74, 34, 90, 50), 3 * highest_in(found.anomaly, 20, 10, 50, 70));
  EXPECT_EQ(highest_in(found.anomaly, 0, 0, 18, 80), 0);
}

TEST(PatchCoreMethod, PromptsShareOneMap) {
  const auto method = small_method();
  const References references = references_of(*method);
  const std::vector<HybridPrompt> prompts(2);
  const std::vector<Evidence> seen = method->observe(noise(1), prompts, {.references = references});
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_EQ(std::get<DenseEvidence>(seen[0].found).map.values,
            std::get<DenseEvidence>(seen[1].found).map.values);
  EXPECT_THAT(method->question_of({}), IsEmpty());
}

}  // namespace
}  // namespace anomalyvlm::patchcore
