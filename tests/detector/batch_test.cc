#include "anomalyvlm/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "errors.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

using ::testing::HasSubstr;

const Detector& tiny_detector() {
  static const Detector instance(
      DetectorOptions{.resize = 64, .disk_cache = false, .data_folder = test::source_dir()});
  return instance;
}

// Grey, with a dot of another size in each.
Image image_of(int number) {
  Image image{64, 48, std::vector<std::uint8_t>(64 * 48 * 3, 150)};
  for (int y = 10; y < 14 + number % 7; ++y)
    for (int x = 20; x < 24 + number % 5; ++x) image.row(y)[3 * x] = 30;
  return image;
}

// Images up to `count`; `load` may be replaced.
class Source {
 public:
  explicit Source(int count) : count_(count) {}
  std::function<Image(int)> load = image_of;

  std::function<std::optional<BatchInput>()> next() {
    return [this]() -> std::optional<BatchInput> {
      if (given == count_) return std::nullopt;
      const int number = given++;
      return BatchInput{.name = std::to_string(number), .load = [this, number] {
                          const int now = ++loaded - delivered;
                          for (int most = most_waiting;
                               now > most && !most_waiting.compare_exchange_weak(most, now);) {
                          }
                          return load(number);
                        }};
    };
  }

  int given = 0;  // next() is called by one thread at a time
  std::atomic<int> loaded = 0, delivered = 0, most_waiting = 0;

 private:
  int count_;
};

TEST(Batch, ResultsComeInOrderAndAreThoseOfEachImage) {
  for (const int in_flight : {1, 2, 5}) {
    Source source(23);
    int expected = 0;
    const std::size_t count =
        detect_batch(tiny_detector(), generic_prompt(), source.next(),
                     [&](const BatchOutput& output) {
                       ++source.delivered;
                       ASSERT_EQ(output.index, static_cast<std::size_t>(expected));
                       EXPECT_EQ(output.name, std::to_string(expected));
                       EXPECT_FALSE(output.error);
                       EXPECT_EQ(output.image.rgb, image_of(expected).rgb);
                       EXPECT_EQ(output.detection.anomaly.values,
                                 tiny_detector().detect(output.image.view()).anomaly.values);
                       ++expected;
                     },
                     {.in_flight = in_flight});
    EXPECT_EQ(count, 23U);
    EXPECT_LE(source.most_waiting, 2 * in_flight + 1) << "images wait in a bounded queue";
  }
}

TEST(Batch, AnImageThatFailsIsReportedInItsPlace) {
  Source source(6);
  source.load = [](int number) {
    if (number == 2) throw Error(ErrorKind::kIo, "there is no such file");
    if (number == 4) throw std::runtime_error("a camera's own error");
    return number == 5 ? Image{} : image_of(number);
  };
  std::vector<std::string> errors;
  detect_batch(tiny_detector(), generic_prompt(), source.next(), [&](const BatchOutput& output) {
    errors.emplace_back(output.error ? std::string(output.error->code()) : "fine");
  });
  EXPECT_THAT(errors, testing::ElementsAre("fine", "fine", "io", "fine", "io", "bad_input"));
}

TEST(Batch, OfNoImagesIsEmpty) {
  EXPECT_EQ(
      detect_batch(tiny_detector(), generic_prompt(), Source(0).next(), [](const BatchOutput&) { FAIL(); }),
      0U);
}

TEST(Batch, OneImageInFlightStartsNoThread) {
  Source source(3);
  const std::thread::id caller = std::this_thread::get_id();
  int waiting = 0;
  source.load = [&](int number) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_EQ(waiting++, 0) << "the image before is done";
    return image_of(number);
  };
  detect_batch(tiny_detector(), generic_prompt(), source.next(), [&](const BatchOutput&) { --waiting; },
               {.in_flight = 1});
}

TEST(Batch, AStopRequestEndsIt) {
  for (const int in_flight : {1, 2}) {
    Source source(1'000'000);
    std::stop_source stop;
    std::size_t seen = 0;
    const std::size_t count = detect_batch(tiny_detector(), generic_prompt(), source.next(),
                                           [&](const BatchOutput& output) {
                                             EXPECT_EQ(output.index, seen);
                                             if (++seen == 5) stop.request_stop();
                                           },
                                           {.in_flight = in_flight, .stop = stop.get_token()});
    EXPECT_EQ(count, seen);
    EXPECT_GE(count, 5U);
    EXPECT_LE(count, 12U);
  }
}

TEST(Batch, WhatCallbacksThrowEndsIt) {
  for (const int in_flight : {1, 2}) {
    Source source(50);
    EXPECT_THROW(detect_batch(tiny_detector(), generic_prompt(), source.next(),
                              [](const BatchOutput&) { throw std::domain_error("the disk is full"); },
                              {.in_flight = in_flight}),
                 std::domain_error);
    EXPECT_LT(source.given, 20);
    int given = 0;
    const auto broken = [&]() -> std::optional<BatchInput> {
      if (given == 3) throw std::domain_error("the camera is gone");
      return BatchInput{.name = "", .load = [number = given++] { return image_of(number); }};
    };
    EXPECT_THROW(detect_batch(tiny_detector(), generic_prompt(), broken, [](const BatchOutput&) {},
                              {.in_flight = in_flight}),
                 std::domain_error);
  }
}

TEST(Batch, SettingsThatAreNotUsable) {
  for (const int in_flight : {-1, 0, kMostInFlight + 1})
    EXPECT_THAT(test::error_of(ErrorKind::kBadInput,
                               [&] {
                                 detect_batch(tiny_detector(), generic_prompt(), Source(1).next(),
                                              [](const BatchOutput&) {}, {.in_flight = in_flight});
                               }),
                HasSubstr("images in flight"));
}

}  // namespace
}  // namespace anomalyvlm
