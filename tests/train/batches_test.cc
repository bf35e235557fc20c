#include "train/nano/batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "train/nano/augment.h"

namespace anomalyvlm::train {
namespace {

synthetic::Options small() {
  synthetic::Options options;
  options.width = 96, options.height = 64, options.normal_share = 0;
  return options;
}

Batch numbered(std::int64_t number) {
  Batch batch;
  batch.image_index = at::full({1}, number, at::kLong);
  return batch;
}

std::int64_t number_of(const Batch& batch) { return batch.image_index.item<std::int64_t>(); }

TEST(Batches, ShapesAndSums) {
  for (const int shrink : {1, 2}) {
    SCOPED_TRACE(shrink);
    const Batch batch = draw_batch(40, 3, small(), shrink).to(at::kCPU);
    const std::int64_t h = 64 / shrink, w = 96 / shrink, instances = batch.image_index.size(0);
    EXPECT_EQ(batch.images.sizes(), at::IntArrayRef({3, 3, h, w}));
    EXPECT_EQ(batch.defects.sizes(), at::IntArrayRef({3, 1, h / 2, w / 2}));
    EXPECT_EQ(batch.objects.sizes(), at::IntArrayRef({3, 1, h / 8, w / 8}));
    EXPECT_EQ(batch.instances.sizes(), at::IntArrayRef({instances, h / 8, w / 8}));
    ASSERT_GT(instances, 0);
    EXPECT_TRUE(at::allclose(batch.instances.sum({1, 2}), at::ones({instances})));
    EXPECT_LE(batch.images.max().item<float>(), 255);
    EXPECT_GT(batch.images.max().item<float>(), 1);
    EXPECT_LE(batch.defects.max().item<float>(), 1);
    EXPECT_GT(batch.defects.max().item<float>(), 0.5F);
  }
}

TEST(Batches, MirroredAlike) {
  const Batch batch = draw_batch(40, 2, small()), flipped = batch.flipped(true, false);
  EXPECT_TRUE(at::equal(flipped.images.select(2, 0), batch.images.select(2, 63)));
  EXPECT_TRUE(at::equal(flipped.defects.select(2, 0), batch.defects.select(2, 31)));
  EXPECT_TRUE(at::equal(flipped.objects.select(2, 0), batch.objects.select(2, 7)));
  EXPECT_TRUE(at::equal(flipped.instances.select(1, 0), batch.instances.select(1, 7)));
  EXPECT_TRUE(at::equal(flipped.flipped(true, false).images, batch.images));
}

TEST(BatchFeed, GivesThemInOrderWhateverTheThreads) {
  for (const int threads : {1, 4}) {
    BatchFeed feed(5, threads, numbered);
    for (std::int64_t number = 5; number < 60; ++number) {
      if (number % 3 != 0) {
        EXPECT_EQ(number_of(feed.next()), number);
        continue;
      }
      std::optional<Batch> batch;
      while (!batch) batch = feed.if_ready();
      EXPECT_EQ(number_of(*batch), number);
    }
  }
}

TEST(BatchFeed, PassesOnWhatWasThrown) {
  BatchFeed feed(0, 2, [](std::int64_t number) {
    if (number == 3) throw std::runtime_error("three");
    return numbered(number);
  });
  const auto all = [&] {
    for (int k = 0; k < 5; ++k) feed.next();
  };
  EXPECT_THROW(all(), std::runtime_error);
}

TEST(Augmented, KeepsWhatAnImageShows) {
  at::manual_seed(3);
  const at::Tensor images = at::rand({6, 3, 32, 48}) * 255;
  EXPECT_TRUE(at::equal(augmented(images, 0), images));
  const at::Tensor changed = augmented(images, 1);
  EXPECT_EQ(changed.sizes(), images.sizes());
  EXPECT_FALSE(at::allclose(changed, images));
  EXPECT_GE(changed.min().item<float>(), 0);
  EXPECT_LE(changed.max().item<float>(), 255);
}

}  // namespace
}  // namespace anomalyvlm::train
