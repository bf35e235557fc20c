// What references change in nano's results: with made-up comparisons, and on synthetic products.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "anomalyvlm/detector.h"
#include "detector/products.h"
#include "detector/registry.h"
#include "methods/anomalyvlm/pipeline.h"
#include "nn/engine.h"
#include "roles/model_set.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

using ::testing::MatchesRegex;

constexpr int kSide = 256;

// ---- made-up comparisons

// References that are usually 0.1 from each other, at most 0.2.
class MadeUpPool : public ReferencePool {
 public:
  // Of a place, as shares of the image: its distance to the nearest, and what the model sees there in them.
  std::function<float(float x, float y)> distance = [](float, float) { return 0.1F; };
  float alarm = 0;

  std::vector<GridComparison> compare(std::span<const DescriptorGrid> grids) const override {
    std::vector<GridComparison> all;
    for (const DescriptorGrid& grid : grids) {
      GridComparison& made = all.emplace_back();
      made.width = grid.width;
      made.height = grid.height;
      made.covered = grid.covered;
      made.usual = 0.1;
      made.high = 0.2;
      for (std::size_t i = 0; i < grid.cells(); ++i) {
        made.nearest.push_back(distance(grid.places[2 * i], grid.places[2 * i + 1]));
        made.alarms.push_back(alarm);
        made.rows.push_back(static_cast<std::int64_t>(i));
      }
    }
    return all;
  }
  ReferencePlace place(std::size_t, std::int64_t row) const override {
    return {"made up", static_cast<double>(row), 0};
  }
};

const ModelSet& nano_models() {
  static const std::unique_ptr<ModelSet> models = model_entry("nano").load(
      {"nano", test::source_dir(), nn::make_engine("openvino", {.disk_cache = false}), nn::Precision::kF32});
  return *models;
}

struct Looked {
  std::vector<Proposal> proposals;
  std::vector<std::optional<ReferencePlace>> explained;
  FloatMap saliency, unlikeness;
};

Looked look(const Image& image, const ReferencePool* references) {
  StageOptions options = profile_named("nano").stages;
  options.references = references;
  const ImageRoles roles = nano_models().open(image, options);
  EXPECT_EQ(roles.references != nullptr, references != nullptr);
  Looked looked;
  looked.proposals = roles.proposer->propose_one({"defect"});
  const std::vector<Region> regions = roles.refiner->refine(looked.proposals);
  looked.saliency =
      roles.saliency->saliency(std::vector{InspectedObject::whole_image(image.width, image.height)});
  if (roles.references) {
    looked.explained = roles.references->explain(looked.proposals, regions);
    looked.unlikeness = roles.references->unlikeness();
  }
  return looked;
}

Image flawed() { return test::product_sample(3, 60, false, kSide, kSide).image; }

TEST(NanoReferencesTest, WhatTheySeeAsADefectTooIsExplained) {
  MadeUpPool pool;
  pool.distance = [](float, float) { return 0.0F; };
  pool.alarm = 1;
  const Image image = flawed();
  const Looked alone = look(image, nullptr), found = look(image, &pool);
  ASSERT_FALSE(alone.proposals.empty());
  ASSERT_EQ(found.proposals.size(), alone.proposals.size());
  for (std::size_t i = 0; i < found.proposals.size(); ++i) {
    ASSERT_TRUE(found.explained[i]);
    EXPECT_EQ(found.explained[i]->image, "made up");
    EXPECT_EQ(found.proposals[i].score, alone.proposals[i].score);
    EXPECT_EQ(found.proposals[i].phrase, alone.proposals[i].phrase);
  }
  for (const float value : found.saliency.values) EXPECT_EQ(value, 0) << "everything is among the neighbours";
}

TEST(NanoReferencesTest, WhatTheyOnlyLookLikeStays) {
  MadeUpPool pool;  // as far as usual, without alarms
  const Image image = flawed();
  const Looked alone = look(image, nullptr), found = look(image, &pool);
  ASSERT_FALSE(found.proposals.empty());
  for (const auto& place : found.explained) EXPECT_FALSE(place);
  EXPECT_NEAR(found.proposals[0].score, alone.proposals[0].score, 0.05) << "its peak may move a little";
  for (const float value : found.unlikeness.values) EXPECT_NEAR(value, 1, 1e-4);
}

TEST(NanoReferencesTest, ThoseOfAnotherProductChangeNothing) {
  MadeUpPool pool;
  pool.distance = [](float, float) { return 0.9F; };
  pool.alarm = 1;
  const Image image = flawed();
  const Looked alone = look(image, nullptr), found = look(image, &pool);
  ASSERT_EQ(found.proposals.size(), alone.proposals.size());
  for (std::size_t i = 0; i < found.proposals.size(); ++i) {
    EXPECT_FALSE(found.explained[i]);
    EXPECT_EQ(found.proposals[i].score, alone.proposals[i].score);
    EXPECT_EQ(found.proposals[i].phrase, alone.proposals[i].phrase);
  }
  for (std::size_t i = 0; i < alone.saliency.values.size(); ++i)
    EXPECT_LE(found.saliency.values[i], alone.saliency.values[i]);
}

// Nothing in them is like a square in the middle, of which no model would say that it is a defect.
TEST(NanoReferencesTest, WhatTheyDoNotExplainIsProposed) {
  MadeUpPool pool;
  pool.distance = [](float x, float y) {
    return std::abs(x - 0.5F) < 0.1F && std::abs(y - 0.5F) < 0.1F ? 0.6F : 0.1F;
  };
  Image image{kSide, kSide, {}};
  for (int i = 0; i < kSide * kSide; ++i)
    image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(120 + (i * 7919 % 13)));
  const Looked alone = look(image, nullptr), found = look(image, &pool);
  const auto unlike = std::find_if(found.proposals.begin(), found.proposals.end(),
                                   [](const Proposal& p) { return p.phrase == kUnlikeReferencesPhrase; });
  ASSERT_NE(unlike, found.proposals.end());
  EXPECT_NEAR((unlike->box.x0 + unlike->box.x1) / 2, kSide / 2.0, 20);
  EXPECT_NEAR((unlike->box.y0 + unlike->box.y1) / 2, kSide / 2.0, 20);
  EXPECT_GT(unlike->score, 0.4);
  for (const Proposal& proposal : alone.proposals) EXPECT_NE(proposal.phrase, kUnlikeReferencesPhrase);
  EXPECT_NEAR(found.unlikeness.at(kSide / 2, kSide / 2), 6, 0.5);
  EXPECT_NEAR(found.unlikeness.at(20, 20), 1, 0.1);
}

// ---- synthetic products

const Detector& nano256() {
  static const Detector detector(DetectorOptions{.disk_cache = false, .data_folder = test::source_dir()});
  return detector;
}

double highest_in_defects(const FloatMap& map, const FloatMap& defects) {
  float highest = 0;
  for (std::size_t i = 0; i < map.values.size(); ++i)
    if (defects.values[i] > 0.5F) highest = std::max(highest, map.values[i]);
  return static_cast<double>(highest);
}

// Over some products: figures of single images depend on the weights.
TEST(NanoReferencesTest, FalseAlarmsGoAndPlantedDefectsStay) {
  double alarms = 0, alarms_left = 0, seen = 0, seen_still = 0;
  std::size_t explained = 0;
  for (const std::uint64_t product : {2, 5, 6, 9, 10}) {
    const References references = References::build(nano256(), test::good_inputs(product, 4, kSide, kSide));
    for (const bool good : {true, false}) {
      const synthetic::Sample sample = test::product_sample(product, 60, good, kSide, kSide);
      const Detection alone = nano256().detect(sample.image.view()),
                      found = nano256().detect(sample.image.view(), generic_prompt(), references);
      (good ? alarms : seen) +=
          good ? alone.image_score : highest_in_defects(alone.anomaly, sample.defect_map);
      (good ? alarms_left : seen_still) +=
          good ? found.image_score : highest_in_defects(found.anomaly, sample.defect_map);
      for (const Candidate& candidate : found.candidates) {
        if (!candidate.rejected_by || candidate.rejected_by->by != Rejection::By::kReference) continue;
        ++explained;
        EXPECT_THAT(candidate.rejected_by->text,
                    MatchesRegex("looks like reference good_0[0-3]\\.png at \\([0-9]+, [0-9]+\\)"));
        EXPECT_EQ(candidate.rejected_by->value, candidate.confidence);
      }
      for (std::size_t i = 0; i < found.kept; ++i) EXPECT_FALSE(found.candidates[i].rejected_by);
    }
  }
  EXPECT_LT(alarms_left, 0.8 * alarms);
  EXPECT_GT(seen_still, 0.75 * seen);
  EXPECT_GT(explained, 0U);
}

TEST(NanoReferencesTest, OtherProductsChangeAResultLittle) {
  double most = 0;
  for (const std::uint64_t product : {2, 6, 9}) {
    const References others = References::build(nano256(), test::good_inputs(product + 100, 3, kSide, kSide));
    for (const bool good : {true, false}) {
      const Image image = test::product_sample(product, 60, good, kSide, kSide).image;
      most = std::max(most, std::abs(nano256().detect(image.view()).image_score -
                                     nano256().detect(image.view(), generic_prompt(), others).image_score));
    }
  }
  EXPECT_LT(most, 0.1);
}

// Good images of a set are like each other: each, as its own reference, has nothing to show.
TEST(NanoReferencesTest, AnImageIsLikeItself) {
  for (const std::uint64_t product : {5, 6}) {
    const Image image = test::product_sample(product, 60, false, kSide, kSide).image;
    const std::vector<ReferenceInput> inputs = {test::input_of("itself.png", image)};
    const Detection found =
        nano256().detect(image.view(), generic_prompt(), References::build(nano256(), inputs));
    EXPECT_EQ(found.kept, 0U);
    EXPECT_EQ(found.image_score, 0);
    for (const Candidate& candidate : found.candidates) {
      ASSERT_TRUE(candidate.rejected_by);
      if (candidate.rejected_by->by == Rejection::By::kReference) {
        EXPECT_THAT(candidate.rejected_by->text, ::testing::HasSubstr("itself.png"));
      }
    }
  }
}

// In tiles a false alarm is explained by what is at its place in the whole image.
TEST(NanoReferencesTest, ExplainedInOneTile) {
  const Detector tiles(DetectorOptions{.tile = 160, .disk_cache = false, .data_folder = test::source_dir()});
  const Image image = test::product_sample(6, 60, false, kSide, kSide).image;
  const std::vector<ReferenceInput> inputs = {test::input_of("itself.png", image)};
  const Detection alone = tiles.detect(image.view()),
                  found = tiles.detect(image.view(), generic_prompt(), References::build(tiles, inputs));
  EXPECT_GT(alone.kept, 0U);
  EXPECT_EQ(found.kept, 0U);
  std::size_t explained = 0;
  for (const Candidate& candidate : found.candidates) {
    if (candidate.rejected_by->by != Rejection::By::kReference) continue;
    ++explained;
    int x = 0, y = 0;
    ASSERT_EQ(std::sscanf(candidate.rejected_by->text.c_str(), "looks like reference itself.png at (%d, %d)",
                          &x, &y),
              2)
        << candidate.rejected_by->text;
    EXPECT_GT(x, candidate.box.x0 - 24);
    EXPECT_LT(x, candidate.box.x1 + 24);
    EXPECT_GT(y, candidate.box.y0 - 24);
    EXPECT_LT(y, candidate.box.y1 + 24);
  }
  EXPECT_GT(explained, 0U);
}

}  // namespace
}  // namespace anomalyvlm
