// Building banks, and comparing with them.
#include "references/bank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "errors.h"
#include "references/small_banks.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using test::image_named;
using test::kAllRows;
using test::random_parts;
using test::small_bank;
using test::some_origin;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pointwise;
using ::testing::SizeIs;

std::vector<std::int32_t> images_of(const BankRows& rows) {
  const auto numbers = rows.images.values<std::int32_t>();
  return {numbers.begin(), numbers.end()};
}

std::vector<std::uint16_t> bits_of(const BankRows& rows) {
  const auto* bits = static_cast<const std::uint16_t*>(rows.vectors.raw());
  return {bits, bits + rows.vectors.size()};
}

std::vector<float> floats_of(const Tensor& tensor) {
  return {tensor.floats().begin(), tensor.floats().end()};
}

void expect_same_rows(const BankRows& a, const BankRows& b) {
  EXPECT_EQ(images_of(a), images_of(b));
  EXPECT_EQ(bits_of(a), bits_of(b));
  EXPECT_EQ(floats_of(a.places), floats_of(b.places));
  EXPECT_EQ(floats_of(a.alarms), floats_of(b.alarms));
}

TEST(BankTest, HoldsWhatWasAdded) {
  const auto bank = small_bank(3);
  ASSERT_THAT(bank->images(), SizeIs(3));
  EXPECT_EQ(bank->images()[1].name, "b");
  EXPECT_EQ(bank->images()[1].thumbnail.width, 4);
  EXPECT_EQ(bank->origin().describer, "a describer");
  EXPECT_THAT(bank->date(), ::testing::MatchesRegex("20..-..-..T..:..:..Z"));
  ASSERT_THAT(bank->rows(), SizeIs(2));
  for (std::size_t s = 0; s < 2; ++s) {
    const BankRows& rows = bank->rows()[s];
    const std::int64_t cells = s == 0 ? 6 : 24;
    ASSERT_EQ(rows.count(), 3 * cells);
    EXPECT_EQ(rows.size(), s == 0 ? 5 : 8);
    for (unsigned i = 0; i < 3; ++i) {
      const std::vector<DescribedPart> parts = random_parts(i + 1);  // it stays while its grid is read
      const DescriptorGrid& grid = parts[0].grids[s];
      const BankRows own = rows_of_image(rows, i);
      ASSERT_EQ(own.count(), cells);
      EXPECT_EQ(images_of(own), std::vector<std::int32_t>(static_cast<std::size_t>(cells), int(i)));
      std::vector<std::uint16_t> expected;
      for (const float value : grid.vectors) expected.push_back(f32_to_bf16(value));
      EXPECT_EQ(bits_of(own), expected);
      EXPECT_EQ(floats_of(own.places), grid.places);
      EXPECT_EQ(floats_of(own.alarms), grid.alarms);
    }
  }
  EXPECT_EQ(bank->bytes(), 3U * (6 * (5 * 2 + 4 + 8 + 4) + 24 * (8 * 2 + 4 + 8 + 4)));
}

TEST(BankTest, WithoutAnImageIsAsIfItHadNotBeenThere) {
  const auto bank = small_bank(4);
  for (std::size_t left_out = 0; left_out < 4; ++left_out) {
    BankBuilder builder(some_origin(), kAllRows);
    for (unsigned i = 0; i < 4; ++i)
      if (i != left_out) builder.add(image_named(std::string(1, char('a' + i))), random_parts(i + 1));
    const auto expected = builder.finish();
    const Bank rest = bank->without(left_out);
    ASSERT_THAT(rest.images(), SizeIs(3));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(rest.images()[i].name, expected->images()[i].name);
    for (std::size_t s = 0; s < 2; ++s) expect_same_rows(rest.rows()[s], expected->rows()[s]);
  }
  EXPECT_THAT(bank->images(), SizeIs(4)) << "it does not change";
}

TEST(BankTest, MoreImagesComeOnTop) {
  const auto base = std::make_shared<const Bank>(small_bank(2)->with(
      BankCalibration{.detector = "a detector", .prompt = "a prompt", .scores = {0.5, 0.25}}));
  BankBuilder builder(*base, kAllRows);
  EXPECT_TRUE(builder.holds("sum of b"));
  EXPECT_FALSE(builder.holds("sum of c"));
  builder.add(image_named("c"), random_parts(3));
  const auto bank = builder.finish(), expected = small_bank(3);
  EXPECT_THAT(bank->images(), SizeIs(3));
  for (std::size_t s = 0; s < 2; ++s) {
    expect_same_rows(bank->rows()[s], expected->rows()[s]);
    EXPECT_EQ(bank->rows()[s].distances.usual, expected->rows()[s].distances.usual);
  }
  EXPECT_THAT(bank->calibration().scores, ElementsAre(0.5, 0.25)) << "good scores only fall";
  EXPECT_THAT(base->images(), SizeIs(2));
}

TEST(BankTest, TheSamePixelsTwiceAreRefused) {
  BankBuilder builder(some_origin(), kAllRows);
  builder.add(image_named("a"), random_parts(1));
  BankImage again = image_named("other");
  again.sha256 = "sum of a";
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { builder.add(again, random_parts(1)); }),
              HasSubstr("'other' shows the same pixels as a reference that is there already"));
  EXPECT_THAT(builder.finish()->images(), SizeIs(1));
}

TEST(BankTest, NoImageIsNoBank) {
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { BankBuilder(some_origin(), kAllRows).finish(); }),
              HasSubstr("There are no reference images"));
}

// Cells of 64 / 6 x 48 / 4 pixels at the finer scale: those that the part touches.
TEST(BankTest, APartOfAnImage) {
  BankBuilder builder(some_origin(), kAllRows);
  builder.add(image_named("a"), random_parts(1));
  BankImage image = image_named("b");
  image.part = Box{12, 13, 30, 24};
  builder.add(image, random_parts(2));
  BankImage same = image;  // another false alarm in it
  same.part = Box{63, 47, 64, 48};
  builder.add(same, random_parts(2));
  EXPECT_FALSE(builder.holds(image.sha256)) << "not all of it is there";
  const auto bank = builder.finish();
  EXPECT_EQ(images_of(rows_of_image(bank->rows()[1], 1)), (std::vector<std::int32_t>{1, 1}));
  const std::vector<float> places = floats_of(rows_of_image(bank->rows()[1], 1).places);
  EXPECT_THAT(places, Pointwise(FloatEq(), std::vector<float>{1.5F / 6, 1.5F / 4, 2.5F / 6, 1.5F / 4}));
  EXPECT_THAT(floats_of(rows_of_image(bank->rows()[0], 1).places), SizeIs(4)) << "two of the coarser scale";
  EXPECT_THAT(floats_of(rows_of_image(bank->rows()[1], 2).places),
              Pointwise(FloatEq(), std::vector<float>{5.5F / 6, 3.5F / 4}));
}

TEST(BankTest, APartBesideTheImageIsRefused) {
  BankBuilder builder(some_origin(), kAllRows);
  BankImage image = image_named("a");
  image.part = Box{100, 10, 120, 20};
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { builder.add(image, random_parts(1)); }),
              HasSubstr("lies outside"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { builder.finish(); }), HasSubstr("no reference images"));
}

// ---- coresets

std::vector<std::uint16_t> chosen_bits(const BankRows& all, std::int64_t first,
                                       const CoresetOptions& options) {
  const std::int64_t count = all.count() - first;
  const auto* from = static_cast<const std::uint16_t*>(all.vectors.raw()) + first * all.size();
  std::vector<std::int64_t> rows =
      greedy_coreset(Tensor(DType::kBF16, {count, all.size()}, nullptr, from), options);
  std::sort(rows.begin(), rows.end());
  std::vector<std::uint16_t> bits;
  for (const std::int64_t row : rows)
    bits.insert(bits.end(), from + row * all.size(), from + (row + 1) * all.size());
  return bits;
}

TEST(BankTest, AShareOfTheRowsStandsForAll) {
  const CoresetOptions quarter{.share = 0.25};
  const auto all = small_bank(3), bank = small_bank(3, some_origin(), quarter);
  const BankRows &rows = bank->rows()[1], &whole = all->rows()[1];
  EXPECT_EQ(rows.count(), 18);
  EXPECT_EQ(bits_of(rows), chosen_bits(whole, 0, quarter));
  const std::vector<std::int32_t> images = images_of(rows);
  EXPECT_TRUE(std::is_sorted(images.begin(), images.end()));
  EXPECT_EQ(rows.places.shape(), (Shape{18, 2}));
  EXPECT_EQ(rows.alarms.shape(), (Shape{18}));
  // Each row still has the place and the image that it had.
  for (std::int64_t r = 0; r < rows.count(); ++r) {
    const auto at = static_cast<std::size_t>(r);
    std::int64_t from = 0;
    while (test::row_of(whole, from) != test::row_of(rows, r)) ASSERT_LT(++from, whole.count());
    EXPECT_EQ(images_of(rows)[at], images_of(whole)[static_cast<std::size_t>(from)]);
    EXPECT_EQ(rows.places.floats()[2 * at], whole.places.floats()[static_cast<std::size_t>(2 * from)]);
    EXPECT_EQ(rows.alarms.floats()[at], whole.alarms.floats()[static_cast<std::size_t>(from)]);
  }
}

TEST(BankTest, OfWhatIsAddedTheSameShareIsTaken) {
  const CoresetOptions quarter{.share = 0.25};
  const auto base = small_bank(2, some_origin(), quarter);
  BankBuilder builder(*base, quarter);
  builder.add(image_named("c"), random_parts(3));
  const auto bank = builder.finish();
  std::vector<std::uint16_t> expected = bits_of(base->rows()[1]);
  const auto three = small_bank(3);
  const std::vector<std::uint16_t> more = chosen_bits(three->rows()[1], 48, quarter);
  expected.insert(expected.end(), more.begin(), more.end());
  EXPECT_EQ(bits_of(bank->rows()[1]), expected);
  EXPECT_EQ(bank->rows()[1].count(), 12 + 6);
}

TEST(BankTest, OfAMarkedPartAllRowsStay) {
  const CoresetOptions quarter{.share = 0.25};
  const auto base = small_bank(2, some_origin(), quarter);
  BankImage marked = image_named("c");
  marked.part = Box{0, 0, 32, 48};  // three of its six columns
  BankBuilder builder(*base, quarter);
  builder.add(marked, random_parts(3));
  builder.add(image_named("d"), random_parts(4));
  const auto bank = builder.finish();
  const BankRows& rows = bank->rows()[1];
  EXPECT_EQ(rows_of_image(rows, 2).count(), 12);
  EXPECT_EQ(rows_of_image(rows, 3).count(), 6);
  EXPECT_EQ(rows.count(), base->rows()[1].count() + 18);
  const auto four = small_bank(4);
  const std::vector<std::uint16_t> more = chosen_bits(four->rows()[1], 72, quarter);
  EXPECT_EQ(bits_of(rows_of_image(rows, 3)), more);
}

TEST(BankTest, ATenthOfTooFewRowsIsAtLeastOne) {
  const auto parts = [](unsigned seed) {
    return std::vector<DescribedPart>{{{test::random_grid(2, 2, 4, seed)}, {0, 0, 64, 48}}};
  };
  BankBuilder builder(some_origin(), {});
  builder.add(image_named("a"), parts(1));
  const auto bank = builder.finish();
  EXPECT_EQ(bank->rows()[0].count(), 1) << "there must be something to compare with";
}

TEST(BankTest, ABankIsNeverLargerThanItsLimit) {
  BankBuilder builder(some_origin(), kAllRows);
  for (unsigned i = 0; i < 3; ++i) {
    const std::vector<DescribedPart> parts = {{{test::random_grid(90, 80, 2, i)}, {0, 0, 64, 48}}};
    builder.add(image_named(std::string(1, char('a' + i))), parts);
  }
  const auto bank = builder.finish();
  EXPECT_EQ(bank->rows()[0].count(), kMostRows) << "of 21600";
  EXPECT_GT(bank->rows()[0].distances.high, 0);
}

// ---- distances between the images

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// Of each row of some images: the nearest of the others.
std::vector<double> to_others(const BankRows& rows, const std::vector<std::size_t>& asked, float reach) {
  std::vector<double> distances;
  const auto images = rows.images.values<std::int32_t>();
  const float* places = rows.places.floats().data();
  std::vector<std::vector<double>> vectors;
  for (std::int64_t r = 0; r < rows.count(); ++r) vectors.push_back(test::row_of(rows, r));
  for (const std::size_t image : asked)
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      if (static_cast<std::size_t>(images[i]) != image) continue;
      double best = HUGE_VAL;
      for (std::size_t j = 0; j < vectors.size(); ++j)
        if (images[j] != images[i] && test::lie_nearby(places + 2 * i, places + 2 * j, reach))
          best = std::min(best, test::distance(vectors[i], vectors[j]));
      if (std::isfinite(best)) distances.push_back(best);
    }
  return distances;
}

TEST(BankTest, UsualDistancesAreThoseToTheOtherImages) {
  for (const float reach : {NearestQuestion::kAnywhere, 0.2F}) {
    for (const int count : {2, 5, 26}) {
      BankOrigin origin = some_origin();
      if (reach < 1) origin.options.nearby = static_cast<double>(reach);
      const auto bank = small_bank(count, origin);
      std::vector<std::size_t> asked;  // evenly, at most 24
      const std::size_t most = std::min<std::size_t>(24, static_cast<std::size_t>(count));
      for (std::size_t k = 0; k < most; ++k) asked.push_back(k * static_cast<std::size_t>(count) / most);
      for (const BankRows& rows : bank->rows()) {
        const std::vector<double> distances = to_others(rows, asked, reach);
        EXPECT_NEAR(rows.distances.usual, quantile(distances, 0.5), 1e-6);
        EXPECT_NEAR(rows.distances.high, quantile(distances, 0.998), 1e-6);
      }
    }
  }
}

// Nearest among those beyond a tenth of the image.
TEST(BankTest, OfOneImageTheyAreThoseWithinIt) {
  const auto bank = small_bank(1);
  const BankRows& rows = bank->rows()[1];
  std::vector<double> distances;
  const float* places = rows.places.floats().data();
  for (std::int64_t i = 0; i < rows.count(); ++i) {
    double best = HUGE_VAL;
    for (std::int64_t j = 0; j < rows.count(); ++j)
      if (std::abs(places[2 * i] - places[2 * j]) >= 0.1F ||
          std::abs(places[2 * i + 1] - places[2 * j + 1]) >= 0.1F)
        best = std::min(best, test::distance(test::row_of(rows, i), test::row_of(rows, j)));
    distances.push_back(best);
  }
  EXPECT_NEAR(rows.distances.usual, quantile(distances, 0.5), 1e-6);
  EXPECT_NEAR(rows.distances.high, quantile(distances, 0.998), 1e-6);
}

// Vectors of other methods are not of unit length: the measure is the same as compare() has.
TEST(BankTest, DistancesWithinAnImageOfLongVectors) {
  std::vector<DescribedPart> parts = random_parts(1);
  for (float& value : parts[0].grids[1].vectors) value *= 10;
  BankBuilder builder(some_origin(), kAllRows);
  builder.add(image_named("a"), parts);
  const auto bank = builder.finish(), unit = small_bank(1);
  EXPECT_NEAR(bank->rows()[1].distances.usual, 100 * unit->rows()[1].distances.usual,
              0.05 * bank->rows()[1].distances.usual);
}

// ---- comparing

struct Expected {
  double nearest = 1, alarm = 0;
  std::int64_t row = 0;
};

Expected expected_of(const BankRows& rows, const DescriptorGrid& grid, std::size_t cell, float reach) {
  const auto size = static_cast<std::size_t>(grid.size);
  const std::vector<double> query(grid.vectors.begin() + static_cast<std::ptrdiff_t>(cell * size),
                                  grid.vectors.begin() + static_cast<std::ptrdiff_t>((cell + 1) * size));
  std::vector<std::pair<double, std::int64_t>> all;
  const float* places = rows.places.floats().data();
  for (std::int64_t r = 0; r < rows.count(); ++r) {
    const std::pair<double, std::int64_t> found{test::distance(query, test::row_of(rows, r)), r};
    if (test::lie_nearby(grid.places.data() + 2 * cell, places + 2 * r, reach)) all.push_back(found);
  }
  std::sort(all.begin(), all.end());
  Expected expected;
  if (!all.empty()) {
    expected.nearest = all.front().first;
    expected.row = all.front().second;
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(4, all.size()); ++i)
    expected.alarm =
        std::max(expected.alarm, double{rows.alarms.floats()[static_cast<std::size_t>(all[i].second)]});
  return expected;
}

void expect_compared(const Bank& bank, float reach) {
  const std::vector<DescribedPart> seen = random_parts(99, 10, 6);
  const std::vector<GridComparison> found = bank.compare(seen[0].grids);
  ASSERT_THAT(found, SizeIs(2));
  for (std::size_t s = 0; s < 2; ++s) {
    const DescriptorGrid& grid = seen[0].grids[s];
    EXPECT_EQ(found[s].width, grid.width);
    EXPECT_EQ(found[s].height, grid.height);
    EXPECT_EQ(found[s].covered.x1, 64);
    EXPECT_EQ(found[s].usual, bank.rows()[s].distances.usual);
    EXPECT_EQ(found[s].high, bank.rows()[s].distances.high);
    ASSERT_THAT(found[s].nearest, SizeIs(grid.cells()));
    for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
      const Expected expected = expected_of(bank.rows()[s], grid, cell, reach);
      EXPECT_NEAR(found[s].nearest[cell], expected.nearest, 1e-6);
      EXPECT_EQ(found[s].rows[cell], expected.row);
      EXPECT_FLOAT_EQ(found[s].alarms[cell], static_cast<float>(expected.alarm));
    }
  }
}

TEST(BankTest, ComparesAsTheDefinitionsSay) { expect_compared(*small_bank(3), NearestQuestion::kAnywhere); }

TEST(BankTest, ComparesWithFewerRowsThanItSeeks) {
  expect_compared(*small_bank(1), NearestQuestion::kAnywhere);  // 6 at the coarse scale
}

TEST(BankTest, ComparesWithNearbyPlacesOnly) {
  for (const double nearby : {0.05, 0.15, 0.3}) {  // within 5 % nothing lies near most cells
    BankOrigin origin = some_origin();
    origin.options.nearby = nearby;
    expect_compared(*small_bank(3, origin), static_cast<float>(nearby));
  }
}

TEST(BankTest, PlacesOfTilesAreNotCompared) {
  BankOrigin tiles = some_origin(), whole = some_origin();
  tiles.tile = 32;
  tiles.options.nearby = 0.1;
  const std::vector<DescribedPart> seen = random_parts(99);
  const auto found = small_bank(2, tiles)->compare(seen[0].grids),
             anywhere = small_bank(2, whole)->compare(seen[0].grids);
  for (std::size_t s = 0; s < 2; ++s) EXPECT_EQ(found[s].nearest, anywhere[s].nearest);
}

TEST(BankTest, WithoutAlarmsThereAreNone) {
  std::vector<DescribedPart> parts = random_parts(1);
  for (DescriptorGrid& grid : parts[0].grids) grid.alarms.clear();
  BankBuilder builder(some_origin(), kAllRows);
  builder.add(image_named("a"), parts);
  const auto bank = builder.finish();
  EXPECT_FALSE(bank->rows()[0].alarms.defined());
  for (const GridComparison& found : bank->compare(parts[0].grids)) {
    EXPECT_THAT(found.alarms, IsEmpty());
    for (const float distance : found.nearest) EXPECT_NEAR(distance, 0, 1e-4);
  }
}

TEST(BankTest, TellsWhereARowIs) {
  const auto bank = small_bank(3);
  const ReferencePlace place = bank->place(1, 24 + 6 + 2);  // the second image, second line, third cell
  EXPECT_EQ(place.image, "b");
  EXPECT_NEAR(place.x, 2.5 * 64 / 6, 1e-4);
  EXPECT_NEAR(place.y, 1.5 * 48 / 4, 1e-4);
}

TEST(BankTest, ImagesAreKnownByTheirSizeAndPixels) {
  const Image wide{3, 2, std::vector<std::uint8_t>(18, 7)}, high{2, 3, wide.rgb};
  Image other = wide;
  other.rgb.back() = 8;
  EXPECT_EQ(fingerprint(wide), fingerprint(wide));
  EXPECT_THAT(fingerprint(wide), SizeIs(64));
  EXPECT_NE(fingerprint(wide), fingerprint(high));
  EXPECT_NE(fingerprint(wide), fingerprint(other));
}

TEST(BankTest, Thumbnails) {
  const Image small{96, 10, std::vector<std::uint8_t>(2880, 9)};
  EXPECT_EQ(thumbnail_of(small).width, 96) << "as it is";
  const Image wide{960, 480, std::vector<std::uint8_t>(std::size_t{960} * 480 * 3, 9)};
  EXPECT_EQ(thumbnail_of(wide).width, 96);
  EXPECT_EQ(thumbnail_of(wide).height, 48);
  const Image line{1, 2000, std::vector<std::uint8_t>(6000, 9)};
  EXPECT_EQ(thumbnail_of(line).width, 1);
  EXPECT_EQ(thumbnail_of(line).height, 96);
}

}  // namespace
}  // namespace anomalyvlm
