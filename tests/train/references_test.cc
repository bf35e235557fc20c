// The reference channels as training computes them, and batches of products.
#include "train/nano/references.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/nano/network.h"
#include "train/nano/augment.h"

namespace anomalyvlm::train {
namespace {

at::Tensor random_descriptors(std::int64_t images, std::int64_t height, std::int64_t width) {
  const at::Tensor values = at::randn({images, 12, height, width});
  return values / values.square().sum(1, true).sqrt();
}

double distance(const at::Tensor& a, std::int64_t i, std::int64_t y, std::int64_t x, const at::Tensor& b,
                std::int64_t k, std::int64_t v, std::int64_t u) {
  return 1 - (a[i].select(1, y).select(1, x) * b[k].select(1, v).select(1, u)).sum().item<double>();
}

// All distances of one place, one by one.
std::vector<double> expected_channels(const at::Tensor& a, std::int64_t i, std::int64_t y, std::int64_t x,
                                      const at::Tensor& pool) {
  const std::int64_t h = a.size(2), w = a.size(3);
  std::vector<double> all;
  double near = 9;
  for (std::int64_t k = 0; k < pool.size(0); ++k) {
    for (std::int64_t v = 0; v < h; ++v) {
      for (std::int64_t u = 0; u < w; ++u) {
        all.push_back(distance(a, i, y, x, pool, k, v, u));
        const double dx = std::abs(static_cast<double>(u - x)) / static_cast<double>(w),
                     dy = std::abs(static_cast<double>(v - y)) / static_cast<double>(h);
        if (std::max(dx, dy) <= nano::kReferenceNearby) near = std::min(near, all.back());
      }
    }
  }
  std::sort(all.begin(), all.end());
  const auto mean = [&](std::int64_t most) {
    const std::int64_t count = std::min<std::int64_t>(most, static_cast<std::int64_t>(all.size()));
    double sum = 0;
    for (std::int64_t k = 0; k < count; ++k) sum += all[static_cast<std::size_t>(k)];
    return sum / static_cast<double>(count);
  };
  return {all[0], mean(nano::kReferenceFew), mean(nano::kReferenceMany), near};
}

TEST(ReferenceChannels, AreAsTheHeaderSays) {
  at::manual_seed(5);
  const std::tuple<int, int, int> sizes[] = {{1, 3, 4}, {2, 5, 3}, {3, 7, 9}};
  for (const auto& [references, height, width] : sizes) {
    const at::Tensor images = random_descriptors(2, height, width),
                     pool = random_descriptors(references, height, width);
    const at::Tensor got = reference_channels(images, pool);
    ASSERT_EQ(got.sizes(), at::IntArrayRef({2, nano::kReferenceChannels, height, width}));
    for (std::int64_t i = 0; i < 2; ++i) {
      for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
          const std::vector<double> expected = expected_channels(images, i, y, x, pool);
          for (std::size_t c = 0; c < expected.size(); ++c)
            ASSERT_NEAR(got[i][static_cast<std::int64_t>(c)][y][x].item<double>(), expected[c], 1e-5)
                << references << " references, channel " << c << " at " << x << ", " << y;
        }
      }
    }
  }
}

TEST(ReferenceChannels, AnImageAmongItsReferencesIsNoDistanceAway) {
  const at::Tensor images = random_descriptors(2, 4, 4);
  const at::Tensor got = reference_channels(images, images);
  EXPECT_LT(got.select(1, 0).abs().max().item<double>(), 1e-5);
  EXPECT_LT(got.select(1, 3).abs().max().item<double>(), 1e-5);
}

TEST(ReferenceChannels, EachImageHasItsOwnPool) {
  const at::Tensor images = random_descriptors(4, 4, 5), references = random_descriptors(3, 4, 5);
  Batch batch;
  batch.pool = at::tensor({0, 1, 1, 0}, at::kLong);
  batch.reference_pool = at::tensor({0, 1, 0}, at::kLong);
  const at::Tensor got = reference_channels(images, references, batch);
  const at::Tensor first = at::stack({references[0], references[2]}), second = references.narrow(0, 1, 1);
  const at::Tensor pools[] = {first, second, second, first};
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(at::allclose(got.narrow(0, i, 1), reference_channels(images.narrow(0, i, 1), pools[i])));
}

synthetic::Options small_products() {
  synthetic::Options options;
  options.width = 96, options.height = 64, options.normal_share = 0.35;
  return options;
}

TEST(ProductBatches, HaveAPoolForEachProduct) {
  const Batch drawn = draw_product_batch(40, 6, small_products(), {.images = 3, .references = 2});
  ASSERT_TRUE(drawn.has_references());
  EXPECT_EQ(drawn.references.sizes(), at::IntArrayRef({4, 3, 64, 96}));
  EXPECT_TRUE(at::equal(drawn.pool, at::tensor({0, 0, 0, 1, 1, 1}, at::kLong)));
  EXPECT_TRUE(at::equal(drawn.reference_pool, at::tensor({0, 0, 1, 1}, at::kLong)));
  const Batch batch = drawn.to(at::kCPU);
  EXPECT_EQ(batch.references.scalar_type(), at::kFloat);
  const Batch flipped = batch.flipped(false, true);
  EXPECT_TRUE(at::equal(flipped.references.select(3, 0), batch.references.select(3, 95)));
}

TEST(ProductBatches, ReferencesOfOtherProductsLeaveTheImagesAlone) {
  const auto draw = [](double others) {
    return draw_product_batch(7, 4, small_products(),
                              {.images = 2, .references = 1, .contaminated = 0, .others = others});
  };
  const Batch own = draw(0), other = draw(1);
  EXPECT_TRUE(at::equal(own.images, other.images));
  EXPECT_FALSE(at::equal(own.references, other.references));
}

TEST(ProductBatches, NumbersOfReferencesVary) {
  std::vector<std::int64_t> counts;
  for (std::uint64_t product = 0; product < 12; ++product)
    counts.push_back(draw_product_batch(product, 1, small_products(), {.images = 1}).references.size(0));
  EXPECT_GE(*std::min_element(counts.begin(), counts.end()), 1);
  EXPECT_LE(*std::max_element(counts.begin(), counts.end()), 8);
  EXPECT_NE(*std::min_element(counts.begin(), counts.end()), *std::max_element(counts.begin(), counts.end()));
}

TEST(ProductBatches, EverySecondBatchOfTrainingHasReferences) {
  const Schedule schedule = {.ramp = 0, .compare_every = 2, .small = 1 / 3.0};
  for (const std::int64_t number : {0, 1, 4, 5}) {
    const Batch batch = draw_training_batch(number, 4, 1, schedule);
    EXPECT_EQ(batch.has_references(), number % 2 == 0) << number;
    EXPECT_EQ(batch.images.size(2), number < 4 ? 256 : 128) << number;
    EXPECT_FALSE(draw_training_batch(number, 4, 1, {.ramp = 0}).has_references());
  }
}

TEST(Augmented, AlikeIsTheSameForAllImages) {
  at::manual_seed(4);
  const at::Tensor one = at::rand({1, 3, 32, 48}) * 200 + 20;
  for (int tries = 0; tries < 12; ++tries) {
    const at::Tensor changed = augmented(one.expand({3, 3, 32, 48}), 1, /*alike=*/true);
    EXPECT_LT((changed.mean({1, 2, 3}) - changed.mean()).abs().max().item<double>(), 1);  // but for the noise
  }
}

}  // namespace
}  // namespace anomalyvlm::train
