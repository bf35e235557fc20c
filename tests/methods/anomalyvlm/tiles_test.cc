// Images in tiles: the cut, what joins across borders, and detect() over tiles beside detect() as a whole.
#include "methods/anomalyvlm/tile_regions.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "roles/fake_models.h"
#include "roles/proposed_objects.h"

namespace anomalyvlm {
namespace {

using test::box_mask;
using testing::HasSubstr;

HybridPrompt dots() {
  HybridPrompt prompt;
  prompt.phrases = {"dot"};
  return prompt;
}

TEST(Tiles, CoverEveryPixelOnceByTheirCores) {
  for (const auto& [width, height, size, overlap] : std::vector<std::array<int, 4>>{{1000, 700, 256, 32},
                                                                                    {257, 256, 256, 0},
                                                                                    {256, 300, 256, 100},
                                                                                    {100, 999, 256, 32},
                                                                                    {511, 513, 256, 1},
                                                                                    {64, 64, 32, 15}}) {
    std::vector<int> covered(static_cast<std::size_t>(width) * height, 0);
    for (const Tile& tile : cut(width, height, {size, overlap})) {
      EXPECT_EQ(tile.seen.width(), std::min(size, width));
      EXPECT_EQ(tile.seen.height(), std::min(size, height));
      EXPECT_GE(tile.seen.x0, 0);
      EXPECT_LE(tile.seen.x1, width);
      EXPECT_GE(tile.core.x0, tile.seen.x0);
      EXPECT_LE(tile.core.x1, tile.seen.x1);
      EXPECT_GE(tile.core.y0, tile.seen.y0);
      EXPECT_LE(tile.core.y1, tile.seen.y1);
      for (int y = tile.core.y0; y < tile.core.y1; ++y)
        for (int x = tile.core.x0; x < tile.core.x1; ++x) ++covered[static_cast<std::size_t>(y) * width + x];
    }
    EXPECT_THAT(covered, testing::Each(1)) << width << " x " << height;
  }
}

TEST(Tiles, AreOnlyForLargerImages) {
  EXPECT_FALSE(needs_tiles(1000, 1000, {}));
  EXPECT_FALSE(needs_tiles(256, 256, {256, 32}));
  EXPECT_TRUE(needs_tiles(257, 20, {256, 32}));
}

TileCandidate region(std::size_t tile, int x0, int y0, int x1, int y1, double confidence, int id = 0) {
  TileCandidate part;
  part.candidate.id = id;
  part.candidate.box = {static_cast<float>(x0), static_cast<float>(y0), static_cast<float>(x1),
                        static_cast<float>(y1)};
  part.candidate.proposal_box = part.candidate.box;
  part.candidate.mask = box_mask(x0, y0, x1, y1);
  part.candidate.confidence = confidence;
  part.candidate.phrase = confidence > 0.5 ? "sure" : "unsure";
  part.tile = tile;
  return part;
}

TEST(Tiles, ARegionOverABorderBecomesOne) {
  const std::vector<Tile> tiles = cut(20, 10, {10, 0});
  ASSERT_EQ(tiles.size(), 2u);
  const auto joined = join({region(0, 6, 2, 10, 5, 0.4), region(1, 10, 3, 14, 5, 0.7)}, tiles);
  ASSERT_EQ(joined.size(), 1u);
  const Candidate& one = joined[0].candidate;
  EXPECT_EQ(one.box.x0, 6);
  EXPECT_EQ(one.box.x1, 14);
  EXPECT_EQ(one.proposal_box.x1, 14);
  EXPECT_EQ(one.confidence, 0.7);
  EXPECT_EQ(one.phrase, "sure");
  EXPECT_EQ(one.mask.rect().width(), 8);
  EXPECT_EQ(one.mask.value(6, 2), 1) << "6, 2: of the left part";
  EXPECT_EQ(one.mask.value(13, 2), 0) << "13, 2: of neither";
  EXPECT_EQ(one.mask.value(13, 3), 1);
}

TEST(Tiles, WhatOnlyTouchesTheBorderStaysApart) {
  const std::vector<Tile> tiles = cut(20, 10, {10, 0});
  EXPECT_EQ(join({region(0, 6, 1, 10, 3, 0.4), region(1, 10, 6, 14, 8, 0.7)}, tiles).size(), 2u)
      << "other rows";
  EXPECT_EQ(join({region(0, 6, 1, 9, 3, 0.4), region(1, 10, 1, 14, 3, 0.7)}, tiles).size(), 2u) << "a gap";
  EXPECT_EQ(join({region(0, 0, 0, 10, 10, 0.4), region(1, 10, 4, 12, 6, 0.7)}, tiles).size(), 2u)
      << "a small one beside one that fills its tile";
  EXPECT_EQ(join({region(0, 6, 1, 10, 3, 0.4), region(1, 10, 3, 14, 5, 0.7)}, tiles).size(), 1u)
      << "a slanted line meets at a corner";
}

TEST(Tiles, TheSameThingSeenTwiceIsOne) {
  const std::vector<Tile> tiles = cut(16, 10, {10, 4});
  ASSERT_EQ(tiles.size(), 2u);
  EXPECT_EQ(tiles[1].seen.x0, 6);
  EXPECT_EQ(join({region(0, 7, 2, 9, 5, 0.4), region(1, 7, 2, 9, 4, 0.7)}, tiles).size(), 1u);
  EXPECT_EQ(join({region(0, 3, 2, 10, 5, 0.4), region(1, 6, 2, 15, 5, 0.7)}, tiles).size(), 1u);
  EXPECT_EQ(join({region(0, 6, 2, 8, 4, 0.4), region(1, 8, 2, 10, 4, 0.7)}, tiles).size(), 2u);
}

TEST(Tiles, OneOfATileJoinsOneOfItsNeighbour) {
  const std::vector<Tile> tiles = cut(16, 10, {10, 4});
  const auto joined =
      join({region(0, 4, 2, 10, 6, 0.4, 1), region(0, 4, 2, 10, 5, 0.3, 2), region(1, 6, 2, 12, 5, 0.7, 3)},
           tiles);
  ASSERT_EQ(joined.size(), 2u);
  EXPECT_EQ(joined[0].candidate.id, 1) << "the worse fit stays as it is";
  EXPECT_EQ(joined[1].candidate.id, 3);
}

TEST(Tiles, ALongLineThroughManyTilesIsOne) {
  for (const int overlap : {0, 2}) {
    const std::vector<Tile> tiles = cut(50, 30, {10, overlap});
    std::vector<TileCandidate> parts;
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      const PixelRect& seen = tiles[t].seen;
      if (seen.y0 <= 14 && seen.y1 > 16) parts.push_back(region(t, seen.x0, 14, seen.x1, 16, 0.5));
    }
    const auto joined = join(std::move(parts), tiles);
    ASSERT_EQ(joined.size(), 1u) << overlap;
    EXPECT_EQ(joined[0].candidate.mask.rect(), (PixelRect{0, 14, 50, 16}));
  }
}

TEST(Tiles, OfALastRowThatMovedInwardsARegionJoinsToTheLeft) {
  const std::vector<Tile> tiles = cut(20, 16, {10, 0});  // rows at 0 and 6
  ASSERT_EQ(tiles.size(), 4u);
  EXPECT_EQ(join({region(1, 10, 7, 14, 9, 0.4), region(2, 6, 7, 10, 9, 0.7)}, tiles).size(), 1u);
}

TEST(Tiles, JoinedMasksStayWithinTheMemory) {
  const std::vector<Tile> tiles = cut(20, 20, {10, 0});
  const std::vector<TileCandidate> parts{region(0, 0, 8, 10, 10, 0.9), region(1, 10, 8, 20, 10, 0.9),
                                         region(3, 14, 10, 20, 20, 0.9), region(2, 2, 14, 4, 16, 0.1)};
  std::size_t left_out = 7;
  EXPECT_EQ(join(parts, tiles, SIZE_MAX, &left_out).size(), 2u);
  EXPECT_EQ(left_out, 0u);
  const auto fit = join(parts, tiles, 150 * sizeof(float), &left_out);  // less than the 20 x 12 of the whole
  ASSERT_EQ(fit.size(), 1u);
  EXPECT_EQ(left_out, 1u);
  EXPECT_EQ(fit[0].candidate.confidence, 0.1) << "what is small stays beside what is too large";
}

TEST(Tiles, AnEmptyMaskJoinsNothing) {
  const std::vector<Tile> tiles = cut(20, 10, {10, 0});
  TileCandidate empty = region(0, 6, 2, 10, 5, 0.4);
  empty.candidate.mask = {};
  EXPECT_EQ(join({empty, region(1, 10, 2, 14, 5, 0.7)}, tiles).size(), 2u);
}

// ---- detect() over tiles

// Answers from the pixels themselves, whatever part of the image it is given: runs of dark pixels in a row's
// direction, as one box each; saliency is darkness.
class DarkImage : public RegionProposer, public MaskRefiner, public SaliencyEstimator {
 public:
  explicit DarkImage(const Image& image) : image_(image) {}

  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    Box box{1e9F, 1e9F, 0, 0};
    for (int y = 0; y < image_.height; ++y)
      for (int x = 0; x < image_.width; ++x)
        if (dark(x, y))
          box = {std::min(box.x0, static_cast<float>(x)), std::min(box.y0, static_cast<float>(y)),
                 std::max(box.x1, static_cast<float>(x + 1)), std::max(box.y1, static_cast<float>(y + 1))};
    std::vector<std::vector<Proposal>> all(captions.size());
    if (box.area() > 0)
      for (std::vector<Proposal>& found : all) found = {{box, 0.5, "dot", 1, next_id_++}};
    return all;
  }

  std::vector<Region> refine(std::span<const Proposal> proposals) override {
    std::vector<Region> masks;
    for (const Proposal& p : proposals)
      masks.push_back(box_mask(static_cast<int>(p.box.x0), static_cast<int>(p.box.y0),
                               static_cast<int>(p.box.x1), static_cast<int>(p.box.y1)));
    return masks;
  }

  FloatMap saliency(std::span<const InspectedObject>) override {
    FloatMap map{image_.width, image_.height, {}};
    for (int y = 0; y < image_.height; ++y)
      for (int x = 0; x < image_.width; ++x) map.values.push_back(dark(x, y) ? 1.0F : 0.25F);
    return map;
  }

  std::vector<std::string> notes() const override { return {"a note"}; }

 private:
  bool dark(int x, int y) const { return image_.row(y)[3 * x] < 50; }

  const Image& image_;
  int next_id_ = 0;
};

class DarkBoxes : public ModelSet {
 public:
  ImageRoles open(const Image& image, const StageOptions& options) const override {
    ++opened;
    const auto dark = std::make_shared<DarkImage>(image);
    return {dark, dark, dark,
            std::make_shared<ProposedObjects>(dark, dark, image.width, image.height, options.object_choice)};
  }
  std::vector<LoadedModel> models() const override { return {{"dark"}}; }
  mutable int opened = 0;
};

Image white_with(int width, int height, std::span<const PixelRect> marks) {
  Image image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 200)};
  for (const PixelRect& mark : marks)
    for (int y = mark.y0; y < mark.y1; ++y)
      std::fill_n(image.row(y) + 3 * mark.x0, 3 * mark.width(), static_cast<std::uint8_t>(0));
  return image;
}

PipelineConfig in_tiles(int size, int overlap) {
  PipelineConfig config = profile_named("paper");
  config.tiles = {size, overlap};
  return config;
}

TEST(DetectInTiles, GivesWhatTheWholeGives) {
  const PixelRect mark{25, 30, 75, 37};  // over three tiles
  const Image image = white_with(100, 70, {&mark, 1});
  const Detection whole = detect(DarkBoxes(), image, dots(), profile_named("paper"));
  for (const int overlap : {0, 4, 9}) {
    const DarkBoxes models;
    const Detection tiled = detect(models, image, dots(), in_tiles(32, overlap));
    EXPECT_GT(models.opened, 6);
    ASSERT_EQ(tiled.kept, 1u) << overlap;
    EXPECT_EQ(tiled.candidates[0].id, 0);
    EXPECT_EQ(tiled.candidates[0].box.x0, mark.x0);
    EXPECT_EQ(tiled.candidates[0].box.y1, mark.y1);
    EXPECT_EQ(tiled.anomaly.values, whole.anomaly.values);
    EXPECT_EQ(tiled.saliency.values, whole.saliency.values);
    EXPECT_EQ(tiled.image_score, whole.image_score);
    EXPECT_EQ(std::count(tiled.notes.begin(), tiled.notes.end(), "a note"), 1)
        << "told once, not for each tile";
    EXPECT_EQ(tiled.tile, 32);
    EXPECT_EQ(tiled.tile_overlap, overlap);
  }
  EXPECT_EQ(whole.tile, 0);
}

TEST(DetectInTiles, TellItsProgressAndCanBeEnded) {
  const PixelRect mark{25, 30, 75, 37};
  const Image image = white_with(100, 70, {&mark, 1});
  std::vector<std::pair<int, int>> reported;
  const DetectProgress note = [&](int done, int all) {
    reported.emplace_back(done, all);
    return true;
  };
  detect(DarkBoxes(), image, dots(), in_tiles(50, 0), {.progress = note});
  EXPECT_THAT(reported, testing::ElementsAre(std::pair{0, 4}, std::pair{1, 4}, std::pair{2, 4},
                                             std::pair{3, 4}, std::pair{4, 4}));
  reported.clear();
  detect(DarkBoxes(), image, dots(), profile_named("paper"), {.progress = note});
  EXPECT_THAT(reported, testing::ElementsAre(std::pair{0, 1}, std::pair{1, 1}));
  const DarkBoxes models;
  const DetectProgress two = [](int done, int) { return done < 2; };
  EXPECT_THROW(detect(models, image, dots(), in_tiles(50, 0), {.progress = two}), Cancelled);
  EXPECT_EQ(models.opened, 2);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(detect(models, image, dots(), in_tiles(50, 0), {.stop = stop.get_token()}), Cancelled);
  EXPECT_EQ(models.opened, 2);
}

TEST(DetectInTiles, RulesAndNumbersAreOfTheImage) {
  const std::array<PixelRect, 3> marks{{{2, 2, 6, 6}, {40, 40, 43, 43}, {70, 2, 80, 12}}};
  HybridPrompt prompt = dots();
  Rule rule;
  rule.quantity = Quantity::kArea;
  rule.comparison = Comparison::kLess;
  rule.unit = Unit::kOfObject;
  rule.value = 50.0 / (96 * 64);
  prompt.rules = {rule};
  const Detection found = detect(DarkBoxes(), white_with(96, 64, marks), prompt, in_tiles(32, 0));
  EXPECT_EQ(found.candidates.size(), 3u);
  EXPECT_EQ(found.kept, 2u) << "100 pixels break the rule, though they are a tenth of their tile only";
  prompt.max_regions = 1;
  EXPECT_EQ(detect(DarkBoxes(), white_with(96, 64, marks), prompt, in_tiles(32, 0)).kept, 1u);
}

TEST(DetectInTiles, MasksStayWithinTheMemoryForThem) {
  std::vector<PixelRect> marks;
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 4; ++x) marks.push_back({32 * x + 4, 32 * y + 4, 32 * x + 14, 32 * y + 14});
  PipelineConfig config = in_tiles(32, 0);
  config.region_memory = std::size_t{6} * 10 * 8;  // of 10 rows each
  const Detection found = detect(DarkBoxes(), white_with(128, 128, marks), dots(), config);
  EXPECT_LE(found.candidates.size(), 6u);
  EXPECT_THAT(found.notes, testing::Contains(HasSubstr("least confident regions")));
}

TEST(DetectInTiles, SmallImagesAreSeenAsAWhole) {
  const DarkBoxes models;
  EXPECT_EQ(detect(models, white_with(30, 32, {}), dots(), in_tiles(32, 0)).tile, 0);
  EXPECT_EQ(models.opened, 1);
}

// ---- judge() again and again

TEST(Judge, TheSameEvidenceByOtherPrompts) {
  const std::array<PixelRect, 2> marks{{{2, 2, 6, 6}, {40, 40, 50, 50}}};
  const Image image = white_with(96, 64, marks);
  const PipelineConfig config = in_tiles(32, 0);
  HybridPrompt strict = dots(), lax = dots();
  strict.max_regions = 1;
  Rule rule;
  rule.quantity = Quantity::kArea;
  rule.comparison = Comparison::kLess;
  rule.unit = Unit::kPixels;
  rule.value = 50;
  strict.rules = {rule};
  const DarkBoxes models;
  const Evidence evidence = observe(models, image, {&lax, 1}, config).front();
  for (const HybridPrompt& prompt : {strict, lax, strict}) {
    const Detection found = judge(image, evidence, prompt, config);
    const Detection anew = detect(models, image, prompt, config);
    EXPECT_EQ(found.anomaly.values, anew.anomaly.values);
    EXPECT_EQ(found.kept, anew.kept);
    ASSERT_EQ(found.candidates.size(), anew.candidates.size());
    for (std::size_t i = 0; i < found.candidates.size(); ++i) {
      EXPECT_EQ(found.candidates[i].id, anew.candidates[i].id);
      EXPECT_EQ(found.candidates[i].rejected_by.has_value(), anew.candidates[i].rejected_by.has_value());
    }
    EXPECT_EQ(found.timings.size(), anew.timings.size());
  }
}

TEST(Observe, SharesWorkBetweenPrompts) {
  test::FakeAnswers answers;
  answers.boxes["crack"] = {{{2, 2, 6, 4}, 0.5, "crack"}};
  answers.boxes["hole"] = {{{4, 2, 8, 4}, 0.4, "hole"}, {{8, 2, 9, 4}, 0.4, "hole"}};
  const test::FakeModels models(answers);
  const Image image = white_with(20, 10, {});
  std::vector<HybridPrompt> prompts(2);
  prompts[0].phrases = {"crack"};
  prompts[1].phrases = {"hole"};
  const std::vector<Evidence> seen = observe(models, image, prompts, profile_named("paper"));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(std::get<RegionEvidence>(seen[0].found).candidates.size(), 1u);
  EXPECT_EQ(std::get<RegionEvidence>(seen[1].found).candidates.size(), 2u);
  EXPECT_EQ(seen[1].saliency.values, seen[0].saliency.values);
  EXPECT_THAT(models.asked().captions, testing::ElementsAre("crack", "hole")) << "in one session";
}

}  // namespace
}  // namespace anomalyvlm
