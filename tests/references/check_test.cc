// What the images of a bank say of each other.
#include "references/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "references/small_banks.h"

namespace anomalyvlm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Images of one product: the same vectors at the same places, with a little noise; `odd` has one cell that
// nothing else looks like. Each image lies `shift` cells from the one before.
std::shared_ptr<const Bank> product(int images, int odd = -1, float noise = 0.02F, int shift = 0) {
  BankBuilder builder(test::some_origin(), test::kAllRows);
  for (int i = 0; i < images; ++i) {
    DescriptorGrid grid = test::random_grid(10, 8, 6, 1);
    std::mt19937 random(static_cast<unsigned>(100 + i));
    for (float& value : grid.vectors) value += noise * static_cast<float>(random() % 1000) / 1000;
    if (i == odd)
      for (std::size_t c = 0; c < 6; ++c) grid.vectors[33 * 6 + c] = c == 2 ? -1 : 0;
    std::rotate(grid.vectors.begin(), grid.vectors.begin() + i * shift % 80 * 6, grid.vectors.end());
    const std::vector<DescribedPart> parts = {{{grid}, {0, 0, 64, 48}}};
    builder.add(test::image_named(std::string(1, static_cast<char>('a' + i))), parts);
  }
  return builder.finish();
}

TEST(CheckBankTest, NamesTheImageThatIsUnlikeTheOthers) {
  const ReferenceCheck check = check_bank(*product(8, 5));
  EXPECT_THAT(check.outliers, ElementsAre(5));
  ASSERT_THAT(check.unlike, SizeIs(8));
  EXPECT_GT(*check.unlike[5], 0.5);
  EXPECT_LT(*check.unlike[4], 0.01);
}

TEST(CheckBankTest, FindsNoneAmongAlikes) {
  for (const int count : {3, 6, 20}) EXPECT_THAT(check_bank(*product(count)).outliers, IsEmpty()) << count;
}

// The mean of the highest hundredth: of 80 cells the highest.
TEST(CheckBankTest, MeasuresEachAgainstTheOthers) {
  const auto bank = product(3, 1);
  const BankRows& rows = bank->rows()[0];
  const ReferenceCheck check = check_bank(*bank);
  for (std::size_t image = 0; image < 3; ++image) {
    double highest = 0;
    for (std::int64_t i = 0; i < 80; ++i) {
      double best = HUGE_VAL;
      for (std::int64_t j = 0; j < rows.count(); ++j)
        if (static_cast<std::size_t>(j / 80) != image)
          best = std::min(best, test::distance(test::row_of(rows, static_cast<std::int64_t>(image) * 80 + i),
                                               test::row_of(rows, j)));
      highest = std::max(highest, best);
    }
    EXPECT_NEAR(*check.unlike[image], highest, 1e-6);
  }
}

TEST(CheckBankTest, TellsWhatMoreImagesWouldDo) {
  const ReferenceCheck check = check_bank(*product(10, -1, 0.3F));
  std::vector<std::size_t> numbers;
  for (const auto& [number, unlike] : check.by_number) numbers.push_back(number);
  EXPECT_THAT(numbers, ElementsAre(1, 2, 4, 8, 9));
  for (std::size_t i = 1; i < check.by_number.size(); ++i)
    EXPECT_LE(check.by_number[i].second, check.by_number[i - 1].second);
}

TEST(CheckBankTest, TellsWhetherPartsLieAlike) {
  EXPECT_NEAR(check_bank(*product(6)).nearby_factor, 1, 0.01);
  EXPECT_GT(check_bank(*product(6, -1, 0.02F, 17)).nearby_factor, 2) << "each is shifted by more";
}

TEST(CheckBankTest, OfTilesPlacesAreNotCompared) {
  BankOrigin origin = test::some_origin();
  origin.tile = 32;
  EXPECT_EQ(check_bank(*test::small_bank(4, origin)).nearby_factor, 0);
}

TEST(CheckBankTest, OneImageSaysNothing) {
  const ReferenceCheck check = check_bank(*test::small_bank(1));
  EXPECT_THAT(check.unlike, ElementsAre(std::nullopt));
  EXPECT_THAT(check.by_number, IsEmpty());
  EXPECT_THAT(check.outliers, IsEmpty());
  EXPECT_EQ(check.nearby_factor, 0);
}

TEST(CheckBankTest, TwoImages) {
  const ReferenceCheck check = check_bank(*test::small_bank(2));
  EXPECT_THAT(check.unlike, SizeIs(2));
  EXPECT_TRUE(check.unlike[0] && check.unlike[1]);
  EXPECT_THAT(check.by_number, SizeIs(1));
  EXPECT_THAT(check.outliers, IsEmpty()) << "nobody knows which";
}

// A coreset may leave nothing of an image.
TEST(CheckBankTest, AnImageOfWhichNothingIsLeft) {
  const auto all = test::small_bank(3);
  std::vector<BankRows> rows = all->rows();
  for (BankRows& scale : rows) {
    const std::int64_t third = scale.count() / 3;
    std::vector<std::int32_t> images(static_cast<std::size_t>(scale.count()));
    for (std::size_t i = 0; i < images.size(); ++i)
      images[i] = static_cast<std::int64_t>(i) < 2 * third ? 0 : 2;
    scale.images = Tensor::from<std::int32_t>({scale.count()}, std::move(images));
  }
  const Bank bank(all->origin(), all->images(), rows, all->date());
  const ReferenceCheck check = check_bank(bank);
  EXPECT_TRUE(check.unlike[0] && check.unlike[2]);
  EXPECT_FALSE(check.unlike[1]);
  EXPECT_EQ(rows_of_image(bank.rows()[0], 1).count(), 0);
}

// They are of an image that is there already, and would be as like it as can be.
TEST(CheckBankTest, PartsOfImagesHaveNoPartInIt) {
  BankBuilder builder(test::some_origin(), test::kAllRows);
  for (unsigned i = 0; i < 4; ++i)
    builder.add(test::image_named(std::string(1, char('a' + i))), test::random_parts(i + 1));
  const ReferenceCheck plain = check_bank(*builder.finish());
  BankImage part = test::image_named("b");
  part.part = Box{0, 0, 30, 48};
  builder.add(part, test::random_parts(2));
  const ReferenceCheck check = check_bank(*builder.finish());
  ASSERT_EQ(check.unlike.size(), 5U);
  EXPECT_EQ(check.unlike[4], std::nullopt);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(check.unlike[i], plain.unlike[i]);
  EXPECT_EQ(check.by_number, plain.by_number);
  EXPECT_EQ(check.nearby_factor, plain.nearby_factor);
}

}  // namespace
}  // namespace anomalyvlm
