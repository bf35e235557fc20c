// References in sessions, batches and tiles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomalyvlm/batch.h"
#include "anomalyvlm/session.h"
#include "detector/loaded.h"
#include "detector/references_fixture.h"

namespace anomalyvlm {
namespace {

using test::defective;
using test::expect_same_findings;
using test::good_image;
using test::good_inputs;
using test::input_of;
using test::kProduct;
using test::nano64;
using test::options_with;
using ::testing::SizeIs;

TEST(ReferencesInUse, ASessionFollowsThem) {
  const Image image = defective();
  for (const std::optional<int> tile : {std::optional<int>{}, std::optional(64)}) {
    const Detector detector(options_with(64, tile));
    const auto fitting = [&](std::size_t i) {
      return i == 0 ? References() : References::build(detector, good_inputs(kProduct + i - 1, 2));
    };
    const std::vector<References> all = {fitting(0), fitting(1), fitting(2)};
    Session session = detector.open(image.view());
    Detection alone[3];
    for (std::size_t i = 0; i < 3; ++i) alone[i] = detector.detect(image.view(), generic_prompt(), all[i]);
    for (const std::size_t i : {0, 1, 1, 2, 0}) {
      SCOPED_TRACE(i);
      expect_same_findings(session.detect(generic_prompt(), {.references = all[i]}), alone[i]);
    }
    const HybridPrompt words = parse_prompt_text("Scratch. Stain.");
    expect_same_findings(session.detect(words, {.references = all[1]}),
                         detector.detect(image.view(), words, all[1]));
  }
}

TEST(ReferencesInUse, EachImageOfABatchHasItsOwn) {
  const References references[] = {References(), References::build(nano64(), good_inputs(kProduct, 2))};
  int given = 0;
  std::size_t seen = 0;
  detect_batch(
      nano64(), generic_prompt(),
      [&]() -> std::optional<BatchInput> {
        if (given == 4) return std::nullopt;
        const auto number = static_cast<std::uint64_t>(given++);
        return BatchInput{.name = "x",
                          .load = [number] { return test::product_sample(kProduct, number, false).image; },
                          .settings = {.references = references[number % 2]}};
      },
      [&](const BatchOutput& output) {
        ASSERT_FALSE(output.error);
        expect_same_findings(output.detection, nano64().detect(output.image.view(), generic_prompt(),
                                                               references[output.index % 2]));
        ++seen;
      },
      {.in_flight = 2});
  EXPECT_EQ(seen, 4U);
}

TEST(ReferencesInUse, ArePickedUpFromSettings) {
  const References references = References::build(nano64(), good_inputs(kProduct, 2));
  const Image image = defective();
  expect_same_findings(nano64().detect(image.view(), generic_prompt(), {.references = references}),
                       nano64().detect(image.view(), generic_prompt(), references));
}

// Tiles are described as tiles: the same image is as good as its reference everywhere.
TEST(ReferencesInUse, OfTiles) {
  const Detector detector(options_with({}, 64));
  const Image image = good_image(kProduct, 3, 150, 101);
  const std::vector<ReferenceInput> inputs = {input_of("same.png", image)};
  const References references = References::build(detector, inputs);
  EXPECT_EQ(references.info().tile, 64);
  EXPECT_EQ(references.info().tile_overlap, 8);
  EXPECT_GT(references.info().vectors, 4 * References::build(nano64(), inputs).info().vectors);
  const std::vector<DescribedPart> parts = detector.loaded().method->describe(image);
  EXPECT_GT(parts.size(), 4U);
  for (const DescribedPart& part : parts)
    for (const GridComparison& found : references.bank()->compare(part.grids))
      for (const float distance : found.nearest) EXPECT_LT(distance, 1e-3);
  // Places are those of the whole image.
  const BankRows& rows = references.bank()->rows().back();
  float right = 0, bottom = 0;
  for (std::int64_t r = 0; r < rows.count(); ++r) {
    right = std::max(right, rows.places.floats()[static_cast<std::size_t>(2 * r)]);
    bottom = std::max(bottom, rows.places.floats()[static_cast<std::size_t>(2 * r + 1)]);
  }
  EXPECT_GT(right, 0.9F);
  EXPECT_LT(right, 1);
  EXPECT_GT(bottom, 0.9F);
  EXPECT_LT(bottom, 1);
}

// A squashed image is described as it is squashed; parts of it are in its own pixels.
TEST(ReferencesInUse, OfSquashedImages) {
  const Image image = good_image(kProduct, 3, 150, 101);
  ReferenceInput input = input_of("a.png", image);
  input.part = Box{75, 0, 150, 101};
  References references;
  references.add(nano64(), input);
  const BankRows& rows = references.bank()->rows().back();
  for (std::int64_t r = 0; r < rows.count(); ++r) {
    const ReferencePlace place = references.bank()->place(references.bank()->rows().size() - 1, r);
    EXPECT_GT(place.x, 70);
    EXPECT_LT(place.x, 150);
    EXPECT_LT(place.y, 101);
  }
  const std::size_t all = References::build(nano64(), std::vector{input_of("a.png", image)}).info().vectors;
  EXPECT_NEAR(static_cast<double>(references.info().vectors), static_cast<double>(all) / 2,
              static_cast<double>(all) / 10);
}

TEST(ReferencesInUse, CheckNamesAnotherProduct) {
  std::vector<ReferenceInput> inputs = good_inputs(kProduct, 6);
  inputs.push_back(input_of("other.png", good_image(kProduct + 12, 1)));
  const References references = References::build(nano64(), inputs);
  EXPECT_THAT(references.check().outliers, ::testing::Contains(6));
  EXPECT_THAT(references.check().unlike, SizeIs(7));
}

}  // namespace
}  // namespace anomalyvlm
