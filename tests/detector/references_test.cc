// References as a program uses them.
#include "anomalyvlm/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

#include "anomalyvlm/batch.h"
#include "anomalyvlm/detector.h"
#include "anomalyvlm/session.h"
#include "detector/loaded.h"
#include "detector/products.h"
#include "errors.h"
#include "image/rotate.h"
#include "references/bank.h"
#include "source_dir.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using test::good_image;
using test::good_inputs;
using test::input_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kProduct = 7;

DetectorOptions options_with(std::optional<int> resize, std::optional<int> tile = {},
                             const std::string& method = "anomalyvlm") {
  DetectorOptions options{
      .resize = resize, .tile = tile, .disk_cache = false, .data_folder = test::source_dir()};
  options.method = method;
  return options;
}

const Detector& nano64() {
  static const Detector detector(options_with(64));
  return detector;
}

Image defective() { return test::product_sample(kProduct, 50, false).image; }

void expect_same_findings(const Detection& a, const Detection& b) {
  EXPECT_EQ(a.anomaly.values, b.anomaly.values);
  EXPECT_EQ(a.saliency.values, b.saliency.values);
  EXPECT_EQ(a.image_score, b.image_score);
  EXPECT_EQ(a.p_value, b.p_value);
  EXPECT_EQ(a.kept, b.kept);
  EXPECT_EQ(a.notes, b.notes);
  ASSERT_EQ(a.candidates.size(), b.candidates.size());
  for (std::size_t i = 0; i < a.candidates.size(); ++i) {
    EXPECT_EQ(a.candidates[i].phrase, b.candidates[i].phrase);
    EXPECT_EQ(a.candidates[i].mask, b.candidates[i].mask);
    ASSERT_EQ(a.candidates[i].rejected_by.has_value(), b.candidates[i].rejected_by.has_value());
    if (a.candidates[i].rejected_by) {
      EXPECT_EQ(a.candidates[i].rejected_by->text, b.candidates[i].rejected_by->text);
    }
  }
}

bool same_rows(const Bank& a, const Bank& b) {
  if (a.rows().size() != b.rows().size()) return false;
  for (std::size_t s = 0; s < a.rows().size(); ++s) {
    const Tensor &x = a.rows()[s].vectors, &y = b.rows()[s].vectors;
    if (x.shape() != y.shape() || std::memcmp(x.raw(), y.raw(), x.bytes()) != 0) return false;
  }
  return true;
}

// ---- building

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
  EXPECT_FALSE(References().is_calibrated_for(generic_prompt()));
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
              HasSubstr("The method utad compares images with no references."));
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

// ---- rotations

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

// ---- scores of good images

TEST(ReferencesTest, ScoresAreThoseBesideTheOthers) {
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
  EXPECT_TRUE(references.is_calibrated_for(generic_prompt()));
  EXPECT_TRUE(references.is_calibrated_for(prompt));
  EXPECT_FALSE(references.is_calibrated_for(parse_prompt_text("Scratch.")));

  const Image image = defective();
  const Detection found = nano64().detect(image.view(), generic_prompt(), references);
  const auto as_high = std::count_if(expected.begin(), expected.end(),
                                     [&](double score) { return score >= found.image_score; });
  EXPECT_EQ(found.p_value, static_cast<double>(1 + as_high) / 5);
  EXPECT_EQ(nano64().detect(image.view(), parse_prompt_text("Scratch."), references).p_value, std::nullopt);

  const test::TemporaryFolder folder;
  references.save(folder / "part.avref");
  EXPECT_EQ(References::open(folder / "part.avref").info().good_scores, expected);
  EXPECT_TRUE(References::open(folder / "part.avref").is_calibrated_for(prompt));
}

TEST(ReferencesTest, AFalseAlarmOfAGoodImageIsLeftOutWithIt) {
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

TEST(ReferencesTest, OneImageCannotBeScored) {
  const std::vector<ReferenceInput> inputs = good_inputs(kProduct, 1);
  References one = References::build(nano64(), inputs);
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { one.calibrate(nano64(), generic_prompt(), inputs); }),
              HasSubstr("good_00.png"));
  const std::vector<ReferenceInput> other = {input_of("x", good_image(kProduct, 5))};
  one.calibrate(nano64(), generic_prompt(), other);
  EXPECT_THAT(one.info().good_scores, SizeIs(1)) << "other images can";
}

TEST(ReferencesTest, ScoringMayBeCancelled) {
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
  return References(std::make_shared<const Bank>(built.bank()->with({to_toml(prompt), scores})));
}

// Conformal: of n good scores and a new one, each is as likely the highest.
TEST(ReferencesTest, LimitsAreTheConformalOnes) {
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

TEST(ReferencesTest, EqualScoresNeverReachTheLimit) {
  const References references = scored({0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5});
  for (const double share : {0.1, 0.2, 0.5}) {
    const double limit = references.limit_for(share);
    EXPECT_GT(limit, 0.5);
    EXPECT_LE(*references.p_value(limit), share);
  }
}

TEST(ReferencesTest, TooFewImagesForAShare) {
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
              HasSubstr("have no scores of good images"));
  EXPECT_EQ(scored({}).p_value(1), std::nullopt);
}

TEST(ReferencesTest, ALimitGivesAVerdict) {
  HybridPrompt prompt = generic_prompt();
  const Image image = defective();
  const References references = scored({0.01, 0.02, 0.03, 0.04});
  prompt.limit = references.limit_for(0.2);
  const Detection found = nano64().detect(image.view(), prompt, references);
  EXPECT_EQ(found.verdict == Verdict::kNotOk, found.image_score > 0.04);
  EXPECT_EQ(found.verdict == Verdict::kNotOk, found.p_value <= 0.2);
}

// ---- sessions, batches, threads, tiles

TEST(ReferencesTest, ASessionFollowsThem) {
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

TEST(ReferencesTest, EachImageOfABatchHasItsOwn) {
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

TEST(ReferencesTest, ArePickedUpFromSettings) {
  const References references = References::build(nano64(), good_inputs(kProduct, 2));
  const Image image = defective();
  expect_same_findings(nano64().detect(image.view(), generic_prompt(), {.references = references}),
                       nano64().detect(image.view(), generic_prompt(), references));
}

// Tiles are described as tiles: the same image is as good as its reference everywhere.
TEST(ReferencesTest, OfTiles) {
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
TEST(ReferencesTest, OfSquashedImages) {
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

TEST(ReferencesTest, CheckNamesAnotherProduct) {
  std::vector<ReferenceInput> inputs = good_inputs(kProduct, 6);
  inputs.push_back(input_of("other.png", good_image(kProduct + 12, 1)));
  const References references = References::build(nano64(), inputs);
  EXPECT_THAT(references.check().outliers, ::testing::Contains(6));
  EXPECT_THAT(references.check().unlike, SizeIs(7));
}

}  // namespace
}  // namespace anomalyvlm
