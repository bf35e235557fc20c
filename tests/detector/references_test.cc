// References: how they are built, and which detector they fit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "anomalyvlm/references.h"
#include "anomalyvlm/session.h"
#include "detector/loaded.h"
#include "detector/references_fixture.h"
#include "errors.h"
#include "image/views.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using test::defective;
using test::error_of;
using test::expect_same_findings;
using test::good_image;
using test::good_inputs;
using test::input_of;
using test::kProduct;
using test::nano64;
using test::options_with;
using test::same_rows;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ReferencesTest, AreBuiltSavedAndOpened) {
  const test::TemporaryFolder folder;
  std::vector<std::size_t> told;
  const References built =
      References::build(nano64(), good_inputs(kProduct, 3), {}, [&](std::size_t done, std::size_t all) {
        EXPECT_EQ(all, 3U);
        told.push_back(done);
        return true;
      });
  EXPECT_THAT(told, ElementsAre(1, 2, 3));
  const ReferencesInfo info = built.info();
  ASSERT_THAT(info.images, SizeIs(3));
  EXPECT_EQ(info.images[2].name, "good_02.png");
  EXPECT_THAT(info.images[2].sha256, SizeIs(64));
  EXPECT_EQ(info.images[2].width, 96);
  EXPECT_EQ(info.images[2].height, 80);
  EXPECT_FALSE(info.images[2].part);
  EXPECT_EQ(info.images[2].thumbnail.width, 96);
  EXPECT_EQ(info.resize, 64);
  EXPECT_EQ(info.tile, 0);
  EXPECT_EQ(info.method, "anomalyvlm");
  EXPECT_EQ(info.model, "nano");
  EXPECT_THAT(info.describer, HasSubstr("sha256"));
  EXPECT_THAT(info.good_scores, IsEmpty());
  EXPECT_GT(info.vectors, 0U);
  EXPECT_GT(info.bytes, info.vectors);
  EXPECT_EQ(info.options.rotations, 1);

  built.save(folder / "part.avref");
  const References opened = References::open(folder / "part.avref");
  EXPECT_EQ(opened.info().images[1].sha256, info.images[1].sha256);
  EXPECT_EQ(opened.info().date, info.date);
  const Image image = defective();
  expect_same_findings(nano64().detect(image.view(), generic_prompt(), built),
                       nano64().detect(image.view(), generic_prompt(), opened));
}

TEST(ReferencesTest, NoneChangeNothing) {
  const Image image = defective();
  EXPECT_TRUE(References().empty());
  EXPECT_THAT(References().info().images, IsEmpty());
  EXPECT_EQ(References().p_value(1), std::nullopt);
  EXPECT_FALSE(References().is_calibrated_for(nano64(), generic_prompt()));
  expect_same_findings(nano64().detect(image.view(), generic_prompt(), References()),
                       nano64().detect(image.view()));
}

TEST(ReferencesTest, AnImageIsAdded) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 3);
  const References two = References::build(nano64(), std::span(inputs).first(2));
  References three = two;
  three.add(nano64(), inputs[2]);
  EXPECT_THAT(two.info().images, SizeIs(2)) << "copies do not change";
  EXPECT_TRUE(same_rows(*three.bank(), *References::build(nano64(), inputs).bank()));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { three.add(nano64(), inputs[0]); }),
              HasSubstr("'good_00.png' shows the same pixels"));
  EXPECT_THAT(three.info().images, SizeIs(3));
  References first;
  first.add(nano64(), inputs[0]);
  EXPECT_THAT(first.info().images, SizeIs(1));
}

TEST(ReferencesTest, APartOfAnImageIsAdded) {
  References references = References::build(nano64(), good_inputs(kProduct, 2));
  const std::size_t before = references.info().vectors;
  ReferenceInput input = input_of("shot.png", defective());
  input.part = Box{10, 10, 30, 30};
  references.add(nano64(), input);
  const ReferencesInfo info = references.info();
  ASSERT_THAT(info.images, SizeIs(3));
  ASSERT_TRUE(info.images[2].part);
  EXPECT_EQ(info.images[2].part->x1, 30);
  EXPECT_GT(info.vectors, before);
  EXPECT_LT(info.vectors - before, before / 4);
  input.part = Box{200, 10, 230, 30};
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { references.add(nano64(), input); }),
              HasSubstr("'shot.png'"));
}

TEST(ReferencesTest, ImagesMayBeOfDifferentSizes) {
  const std::vector<ReferenceInput> inputs = {input_of("a", good_image(kProduct, 1)),
                                              input_of("b", good_image(kProduct, 2, 140, 64)),
                                              input_of("c", good_image(kProduct, 3, 33, 50))};
  const Detector detector(options_with({}));  // as they are
  const References references = References::build(detector, inputs);
  EXPECT_THAT(references.info().images, SizeIs(3));
  detector.detect(defective().view(), generic_prompt(), references);
  EXPECT_THAT(References::build(nano64(), inputs).info().images, SizeIs(3));
}

TEST(ReferencesTest, BuildsAlikeEveryTime) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 2);
  EXPECT_TRUE(
      same_rows(*References::build(nano64(), inputs).bank(), *References::build(nano64(), inputs).bank()));
}

TEST(ReferencesTest, WhatCannotBeBuilt) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 1);
  const auto error = [&](const Detector& detector, const ReferenceOptions& options,
                         std::span<const ReferenceInput> images) {
    return error_of(ErrorKind::kBadInput, [&] { References::build(detector, images, options); });
  };
  EXPECT_THAT(error(nano64(), {}, {}), HasSubstr("There are no reference images; give at least one."));
  for (const int rotations : {-1, 0, 37, 1 << 30})
    EXPECT_THAT(error(nano64(), {.rotations = rotations}, inputs),
                HasSubstr("at 1 to 36 angles, not " + std::to_string(rotations)));
  for (const double nearby : {1.0, -0.1, 7.0, HUGE_VAL, std::nan("")})
    EXPECT_THAT(error(nano64(), {.nearby = nearby}, inputs), HasSubstr("above 0 and below 1")) << nearby;
  EXPECT_THAT(error(nano64(), {.rotations = 4, .nearby = 0.1}, inputs), HasSubstr("leave one of them out"));
  EXPECT_THAT(error(Detector(options_with({}, 64)), {.nearby = 0.1}, inputs), HasSubstr("With tiles"));
  EXPECT_THAT(error(Detector(options_with({}, {}, "utad")), {}, inputs),
              HasSubstr("The method utad takes no references"));
  const std::vector<ReferenceInput> empty = {input_of("nothing.png", Image())};
  EXPECT_THAT(error(nano64(), {}, empty), HasSubstr("The reference 'nothing.png' has no pixels."));
  std::vector<ReferenceInput> twice = inputs;
  twice.push_back(input_of("again.png", inputs[0].load()));
  EXPECT_THAT(error(nano64(), {}, twice), HasSubstr("'again.png' shows the same pixels"));
}

TEST(ReferencesTest, TooManyImagesAreRefusedBeforeTheyAreLoaded) {
  bool loaded = false;
  const std::vector<ReferenceInput> many(kMostReferences + 1, {.name = "a", .load = [&] {
                                                                 loaded = true;
                                                                 return Image();
                                                               }});
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { References::build(nano64(), many); }),
              HasSubstr("at most 10000 images"));
  EXPECT_FALSE(loaded);
}

TEST(ReferencesTest, WhatLoadingThrowsEndsTheWork) {
  const std::vector<ReferenceInput> inputs = {
      {.name = "a", .load = []() -> Image { throw Error(ErrorKind::kIo, "no such image"); }}};
  EXPECT_EQ(error_of(ErrorKind::kIo, [&] { References::build(nano64(), inputs); }), "no such image");
}

TEST(ReferencesTest, ProgressMayCancel) {
  std::vector<int> loaded;
  std::vector<ReferenceInput> inputs;
  for (int i = 0; i < 3; ++i)
    inputs.push_back({.name = "a", .load = [&loaded, i] {
                        loaded.push_back(i);
                        return good_image(kProduct, static_cast<std::uint64_t>(i));
                      }});
  EXPECT_THROW(
      References::build(nano64(), inputs, {}, [](std::size_t done, std::size_t) { return done < 2; }),
      Cancelled);
  EXPECT_THAT(loaded, ElementsAre(0, 1));
}

TEST(ReferencesTest, EmptyOnesAndMovedFromDetectors) {
  References none;
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 1);
  const std::function<void()> calls[] = {[&] { none.save("/nowhere/x.avref"); }, [&] { none.check(); },
                                         [&] { none.limit_for(0.5); }, [&] { none.require_fit(nano64()); },
                                         [&] { none.calibrate(nano64(), generic_prompt(), inputs); }};
  for (const auto& call : calls)
    EXPECT_THAT(error_of(ErrorKind::kBadInput, call), HasSubstr("There are no reference images"));
  Detector first(options_with(64));
  const Detector second = std::move(first);
  References some = References::build(second, inputs);
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { References::build(first, inputs); }),
              HasSubstr("moved from"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { some.require_fit(first); }), HasSubstr("moved from"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { some.add(first, inputs[0]); }), HasSubstr("moved from"));
}

// ---- fitting a detector

TEST(ReferencesTest, MustBeSeenAsImagesAre) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 1);
  const Image image = defective();
  const References squashed = References::build(nano64(), inputs);
  squashed.require_fit(nano64());
  const auto error = [&](const References& references, const Detector& detector) {
    const std::string text = error_of(ErrorKind::kBadInput, [&] { references.require_fit(detector); });
    EXPECT_EQ(
        error_of(ErrorKind::kBadInput, [&] { detector.detect(image.view(), generic_prompt(), references); }),
        text);
    EXPECT_EQ(
        error_of(ErrorKind::kBadInput,
                 [&] { detector.open(image.view()).detect(generic_prompt(), {.references = references}); }),
        text);
    References more = references;
    EXPECT_EQ(error_of(ErrorKind::kBadInput, [&] { more.add(detector, input_of("b", good_image(1, 1))); }),
              text);
    return text;
  };
  EXPECT_THAT(error(squashed, Detector(options_with({}))),
              HasSubstr("were seen squashed to 64 x 64, and images are now seen as they are"));
  EXPECT_THAT(error(squashed, Detector(options_with(96))), HasSubstr("now seen squashed to 96 x 96"));
  const Detector tiles(options_with({}, 64));
  EXPECT_THAT(error(squashed, tiles), HasSubstr("now seen in tiles of 64 that share 8"));
  const References in_tiles = References::build(tiles, inputs);
  EXPECT_THAT(error(in_tiles, Detector(options_with({}, 48))), HasSubstr("in tiles of 48 that share 6"));
}

TEST(ReferencesTest, MustBeOfTheSameWeights) {
  const References references = References::build(nano64(), good_inputs(kProduct, 1));
  const Bank& bank = *references.bank();
  BankOrigin origin = bank.origin();
  origin.describer = "nano 0.1 (sha256 0000)";
  const References other(
      std::make_shared<const Bank>(origin, bank.images(), bank.rows(), "2026-11-28T21:15:56Z"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { other.require_fit(nano64()); }),
              AllOf(HasSubstr("described by nano 0.1 (sha256 0000)"), HasSubstr("build them again")));
  const Detector patches(options_with(64, {}, "patchcore"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { references.require_fit(patches); }),
              HasSubstr("PatchCore's vectors"));
}

// ---- rotations and variations

// Where a white square comes out when the image is turned, a row of the bank tells where it was.
TEST(ReferencesTest, RotatedPlacesAreThoseOfTheImageAsItIs) {
  Image image{96, 96, std::vector<std::uint8_t>(96 * 96 * 3, 60)};
  for (int y = 8; y < 24; ++y)
    for (int x = 56; x < 72; ++x)
      for (int c = 0; c < 3; ++c) image.row(y)[3 * x + c] = 250;
  const std::vector<ReferenceInput> inputs = {input_of("a", image)};
  constexpr int kAngles = 4;
  const References references = References::build(nano64(), inputs, {.rotations = kAngles});
  EXPECT_EQ(references.info().vectors, kAngles * References::build(nano64(), inputs).info().vectors);
  const BankRows& rows = references.bank()->rows().back();
  const auto side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(rows.count() / kAngles))));
  for (int k = 0; k < kAngles; ++k) {
    const Image turned = rotated(image, 90.0 * k);
    int left = 96, top = 96, right = 0, bottom = 0;
    for (int y = 0; y < 96; ++y)
      for (int x = 0; x < 96; ++x)
        if (turned.row(y)[3 * x] > 200) {
          left = std::min(left, x);
          right = std::max(right, x + 1);
          top = std::min(top, y);
          bottom = std::max(bottom, y + 1);
        }
    const int column = (left + right) * side / (2 * 96), line = (top + bottom) * side / (2 * 96);
    const ReferencePlace place = references.bank()->place(
        references.bank()->rows().size() - 1, std::int64_t{k} * side * side + line * side + column);
    const double cell = 96.0 / side;
    EXPECT_NEAR(place.x, 64, cell) << 90 * k;
    EXPECT_NEAR(place.y, 16, cell) << 90 * k;
  }
}

TEST(ReferencesTest, RotatedImagesAreFoundAtEachAngle) {
  const Image image = good_image(kProduct, 1, 96, 96);
  const std::vector<ReferenceInput> inputs = {input_of("a", image)};
  const References once = References::build(nano64(), inputs),
                   turned = References::build(nano64(), inputs, {.rotations = 4});
  const std::vector<DescribedPart> seen = nano64().loaded().method->describe(rotated(image, 90));
  const auto mean = [&](const References& references) {
    const std::vector<float> distances = references.bank()->compare(seen[0].grids).back().nearest;
    return std::accumulate(distances.begin(), distances.end(), 0.0) / static_cast<double>(distances.size());
  };
  EXPECT_LT(mean(turned), 1e-4);
  EXPECT_GT(mean(once), 10 * mean(turned));
}

// Each view is described as it is seen, with the places of the image as it is.
TEST(ReferencesTest, VariationsAreMovedDarkerAndBrighter) {
  const Image image = good_image(kProduct, 1, 128, 96);
  const std::vector<ReferenceInput> inputs = {input_of("a", image)};
  const References once = References::build(nano64(), inputs),
                   varied = References::build(nano64(), inputs, {.variations = true});
  EXPECT_EQ(varied.info().vectors, 4 * once.info().vectors);
  EXPECT_EQ(References::build(nano64(), inputs, {.rotations = 2, .variations = true}).info().vectors,
            8 * once.info().vectors);
  const DescriptorGrid fine = nano64().loaded().method->describe(image)[0].grids.back();
  const auto right = static_cast<int>(std::lround(64.0 / fine.width)),
             down = static_cast<int>(std::lround(48.0 / fine.height));  // half a cell
  EXPECT_GT(right, 0);
  const Image views[] = {image, moved(image, right, down), lit(image, 0.85), lit(image, 1.15)};
  const BankRows& rows = varied.bank()->rows().back();
  const auto cells = static_cast<std::size_t>(rows.count()) / 4;
  const auto places = rows.places.floats();
  for (std::size_t v = 0; v < 4; ++v) {
    const std::vector<DescribedPart> seen = nano64().loaded().method->describe(views[v]);
    const GridComparison found = varied.bank()->compare(seen[0].grids).back();
    EXPECT_LT(*std::max_element(found.nearest.begin(), found.nearest.end()), 1e-3) << v;
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const std::size_t row = v * cells + cell;
      const float by_x = v == 1 ? static_cast<float>(right) / 128 : 0,
                  by_y = v == 1 ? static_cast<float>(down) / 96 : 0;
      EXPECT_NEAR(places[2 * row], std::max(0.0F, places[2 * cell] - by_x), 1e-5);
      EXPECT_NEAR(places[2 * row + 1], std::max(0.0F, places[2 * cell + 1] - by_y), 1e-5);
    }
  }
}

}  // namespace
}  // namespace anomalyvlm
