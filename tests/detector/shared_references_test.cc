// References in several threads at once; without synthetic images, which take long under ThreadSanitizer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "anomalyvlm/detector.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

using ::testing::SizeIs;

// Stripes, with a dot at another place in each.
Image striped(int number) {
  Image image{64, 48, {}};
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 64; ++x) {
      const bool dot = std::abs(x - 10 - 9 * number) < 3 && std::abs(y - 20) < 3;
      image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(dot ? 20 : 120 + 40 * (x / 4 % 2)));
    }
  return image;
}

ReferenceInput striped_input(int number) {
  return {.name = std::to_string(number), .load = [number] { return striped(number); }};
}

TEST(SharedReferences, AreSharedByThreads) {
  const Detector detector(
      DetectorOptions{.resize = 64, .disk_cache = false, .data_folder = test::source_dir()});
  const std::vector<ReferenceInput> inputs = {striped_input(0), striped_input(1)};
  const References references = References::build(detector, inputs);
  const Image image = striped(4);
  const Detection alone = detector.detect(image.view(), generic_prompt(), references);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, own = references] {
      const Detection found = detector.detect(image.view(), generic_prompt(), own);
      EXPECT_EQ(found.anomaly.values, alone.anomaly.values);
      EXPECT_EQ(found.candidates.size(), alone.candidates.size());
      References more = own;
      more.add(detector, striped_input(5));
      EXPECT_THAT(own.info().images, SizeIs(2));
      EXPECT_THAT(more.info().images, SizeIs(3));
      EXPECT_THAT(own.check().unlike, SizeIs(2));
    });
}

}  // namespace
}  // namespace anomalyvlm
