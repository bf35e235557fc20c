// The Detector as a program with a camera uses it.
#include "anomalyvlm/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <thread>

#include "detector/loaded.h"
#include "errors.h"
#include "source_dir.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const Detector& detector() {
  static const Detector instance(
      DetectorOptions{.resize = 96, .disk_cache = false, .data_folder = test::source_dir()});
  return instance;
}

Image test_image(std::uint64_t seed = 11) {
  synthetic::Options options;
  options.width = 150;
  options.height = 101;
  options.normal_share = 0;
  return synthetic::draw(seed, options).image;
}

Image grey(Image image) {
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) image.rgb[i + 1] = image.rgb[i + 2] = image.rgb[i];
  return image;
}

void expect_same(const Detection& a, const Detection& b) {
  EXPECT_EQ(a.anomaly.values, b.anomaly.values);
  EXPECT_EQ(a.saliency.values, b.saliency.values);
  EXPECT_EQ(a.image_score, b.image_score);
  ASSERT_EQ(a.candidates.size(), b.candidates.size());
  for (std::size_t i = 0; i < a.candidates.size(); ++i) {
    EXPECT_EQ(a.candidates[i].confidence, b.candidates[i].confidence);
    EXPECT_EQ(a.candidates[i].mask, b.candidates[i].mask);
  }
}

// A camera's buffer: rows with `padding` bytes of rubbish behind them, beginning `shift` bytes after an
// aligned address.
struct Buffer {
  std::vector<std::uint8_t> bytes;
  ImageView view;
};

Buffer buffer_of(const Image& image, PixelFormat format, std::size_t padding, std::size_t shift) {
  const bool wide = bytes_per_channel(format) == 2;
  using enum PixelFormat;
  const bool blue_first = format == kBgr8 || format == kBgr16 || format == kBgra8 || format == kBgrx8;
  Buffer buffer;
  buffer.bytes.assign(shift, 0xaa);
  const auto put = [&](std::uint8_t value) {  // 16 bits: v * 257 has the byte v twice
    buffer.bytes.insert(buffer.bytes.end(), wide ? 2U : 1U, value);
  };
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::uint8_t* pixel = image.row(y) + static_cast<std::size_t>(x) * 3;
      if (channels_of(format) == 1) {
        put(pixel[0]);
        continue;
      }
      for (int c = 0; c < 3; ++c) put(pixel[blue_first ? 2 - c : c]);
      if (channels_of(format) == 4) put(format == kRgba8 || format == kBgra8 ? 255 : 0x3c);
    }
    buffer.bytes.insert(buffer.bytes.end(), padding, 0x55);
  }
  const std::size_t row =
      static_cast<std::size_t>(image.width) * channels_of(format) * bytes_per_channel(format);
  buffer.view = {buffer.bytes.data() + shift, image.width, image.height, format,
                 padding > 0 ? row + padding : 0};
  return buffer;
}

TEST(DetectorTest, EveryKindOfMemoryGivesTheSame) {
  const Image color = test_image(), plain = grey(color);
  const Detection of_color = detector().detect(color.view()), of_grey = detector().detect(plain.view());
  EXPECT_FALSE(of_color.candidates.empty());
  using enum PixelFormat;
  for (const std::size_t padding : {0U, 13U}) {
    for (const PixelFormat format : {kRgb8, kBgr8, kRgba8, kBgra8, kRgbx8, kBgrx8, kRgb16, kBgr16}) {
      SCOPED_TRACE(static_cast<int>(format));
      expect_same(of_color, detector().detect(buffer_of(color, format, padding, padding % 2).view));
    }
    for (const PixelFormat format : {kGray8, kGray16, kBgr8}) {
      SCOPED_TRACE(static_cast<int>(format));
      expect_same(of_grey, detector().detect(buffer_of(plain, format, padding, padding % 2).view));
    }
  }
}

TEST(DetectorTest, FromSeveralThreadsAtOnce) {
  const Image images[] = {test_image(11), test_image(12)};
  Detection alone[2], together[2];
  for (int i = 0; i < 2; ++i) alone[i] = detector().detect(images[i].view());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i)
      threads.emplace_back([&, i] { together[i] = detector().detect(images[i].view()); });
  }
  for (int i = 0; i < 2; ++i) expect_same(alone[i], together[i]);
}

TEST(DetectorTest, SaysWhatItIs) {
  EXPECT_THAT(detector().models(), SizeIs(1));
  EXPECT_THAT(detector().models()[0], HasSubstr("nano " + version() + " (sha256 "));
  EXPECT_THAT(detector().engine(), HasSubstr("OpenVINO"));
  EXPECT_EQ(detector().options().profile, "nano");
  EXPECT_EQ(detector().options().resize, 96);
}

TEST(DetectorTest, ResultsHaveTheImagesSize) {
  const Image image = test_image();
  const Detection found = detector().detect(image.view());
  EXPECT_EQ(found.width, image.width);
  EXPECT_EQ(found.anomaly.width, image.width);
  EXPECT_EQ(found.anomaly.height, image.height);
  EXPECT_THAT(found.anomaly.values, SizeIs(static_cast<std::size_t>(image.width) * image.height));
  EXPECT_EQ(found.saliency.width, image.width);
}

TEST(DetectorTest, ViewsThatAreNotUsable) {
  const auto error = [](const ImageView& view) {
    return error_of(ErrorKind::kBadInput, [&] { detector().detect(view); });
  };
  const std::vector<std::uint8_t> bytes(300);
  EXPECT_THAT(error({}), HasSubstr("its data pointer is null"));
  EXPECT_THAT(error({bytes.data(), 0, 5, PixelFormat::kRgb8}), HasSubstr("its size is 0 x 5"));
  EXPECT_THAT(error({bytes.data(), 10, -1, PixelFormat::kRgb8}), HasSubstr("its size is 10 x -1"));
  EXPECT_THAT(error({bytes.data(), 10, 10, PixelFormat::kRgb8, 29}), HasSubstr("row stride of 29 bytes"));
  EXPECT_THAT(error({bytes.data(), 10, 10, static_cast<PixelFormat>(99)}),
              HasSubstr("no pixel format number 99"));
}

TEST(DetectorTest, OptionsThatAreNotUsable) {
  const auto error = [](const DetectorOptions& options) {
    return error_of(ErrorKind::kBadInput, [&] { Detector{options}; });
  };
  EXPECT_THAT(error({.model = "huge"}), HasSubstr("There is no model \"huge\""));
  EXPECT_THAT(error({.profile = "fast"}), HasSubstr("\"fast\""));
  EXPECT_THAT(error({.engine = "abacus"}), HasSubstr("There is no engine \"abacus\""));
  EXPECT_THAT(error({.device = "toaster"}), HasSubstr("toaster"));
  for (const DetectorOptions& options :
       {DetectorOptions{.model = "\x1b[31m"}, DetectorOptions{.method = "\x1b[31m"},
        DetectorOptions{.engine = "\x1b[31m"}, DetectorOptions{.device = "\x1b[31m"}})
    EXPECT_THAT(error(options), AllOf(HasSubstr("\"?[31m\""), Not(HasSubstr("\x1b"))));
  for (const int number : {-1, 3, 77})
    EXPECT_THAT(error({.precision = static_cast<PrecisionChoice>(number)}),
                HasSubstr("There is no precision number " + std::to_string(number)));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { parse_precision("f8"); }),
              HasSubstr("There is no precision \"f8\""));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { set_thread_count(-1); }),
              HasSubstr("The number of threads cannot be -1"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { set_thread_count(100'000); }),
              HasSubstr("The number of threads cannot be 100000; use 1 to 1024"));
  EXPECT_THAT(error({.resize = 1}), HasSubstr("a side of 1"));
  EXPECT_THAT(error({.resize = 100'000}), HasSubstr("a side of 100000; use 2 to 8192"));
  EXPECT_THAT(error_of(ErrorKind::kIo, [] { Detector{DetectorOptions{.data_folder = "/nowhere"}}; }),
              HasSubstr("The data folder '/nowhere' has no folder \"models\""));
}

TEST(DetectorTest, TilesThatAreNotUsable) {
  const auto error = [](std::optional<int> tile, std::optional<int> overlap) {
    return error_of(ErrorKind::kBadInput, [&] {
      Detector{DetectorOptions{
          .tile = tile, .tile_overlap = overlap, .disk_cache = false, .data_folder = test::source_dir()}};
    });
  };
  constexpr int kHuge = std::numeric_limits<int>::max();
  for (const int tile : {-1, 0, 1, 31, kLargestTile + 1, kHuge, -kHuge - 1})
    EXPECT_THAT(error(tile, {}), HasSubstr("cut into tiles of a side of " + std::to_string(tile)));
  for (const int overlap : {-2, 1 << 30, (1 << 30) + 5, kHuge, -kHuge - 1})
    EXPECT_THAT(error(256, overlap), HasSubstr("a number of pixels of " + std::to_string(overlap)));
  for (const int overlap : {128, 129})
    EXPECT_THAT(error(256, overlap), HasSubstr("less than half of a tile"));
  for (const int overlap : {-2, 1 << 30, kHuge}) EXPECT_THAT(error({}, overlap), HasSubstr("cannot share"));
  EXPECT_EQ(error(256, 127), "nothing was thrown");
  EXPECT_EQ(error(33, 16), "nothing was thrown") << "less than half of it";
}

TEST(DetectorTest, OtherNumbersThatAreNotUsable) {
  constexpr int kHuge = std::numeric_limits<int>::max();
  for (const int number : {-1, kHuge, -kHuge - 1}) {
    EXPECT_NE(error_of(ErrorKind::kBadInput, [&] { set_thread_count(number); }), "nothing was thrown");
    EXPECT_NE(error_of(ErrorKind::kBadInput, [&] { Detector{DetectorOptions{.resize = number}}; }),
              "nothing was thrown");
    EXPECT_NE(error_of(ErrorKind::kBadInput, [&] { Detector{DetectorOptions{.proposal_side = number}}; }),
              "nothing was thrown");
  }
  EXPECT_THAT(
      error_of(ErrorKind::kBadInput, [] { Detector{DetectorOptions{.model = std::string("na\0no", 5)}}; }),
      HasSubstr("There is no model"));
}

TEST(DetectorTest, ImagesLargerThanTheMemory) {
  const std::uint8_t pixel[3] = {};
  constexpr int kHuge = std::numeric_limits<int>::max();
  EXPECT_NE(error_of(ErrorKind::kBadInput,
                     [&] {
                       detector().detect({pixel, kHuge, kHuge, PixelFormat::kRgb8});
                     }),
            "nothing was thrown");
}

TEST(DetectorTest, PromptsMadeByHand) {
  const Image image = test_image();
  const auto error = [&](const HybridPrompt& prompt) {
    return error_of(ErrorKind::kBadPrompt, [&] { detector().detect(image.view(), prompt); });
  };
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  HybridPrompt prompt;
  prompt.max_regions = -1;
  EXPECT_NE(error(prompt), "nothing was thrown");
  for (const double number : {kNan, HUGE_VAL, -HUGE_VAL, -1.0}) {
    prompt = {};
    prompt.pixel_size_mm = number;
    EXPECT_NE(error(prompt), "nothing was thrown") << number;
    prompt = {};
    prompt.limit = number;
    EXPECT_NE(error(prompt), "nothing was thrown") << number;
    Rule rule;
    rule.unit = Unit::kOfObject;
    rule.value = number;
    prompt = {};
    prompt.rules = {rule};
    EXPECT_NE(error(prompt), "nothing was thrown") << number;
  }
  prompt = {};
  prompt.kind_limits = {{{"crack"}, -3}};
  EXPECT_NE(error(prompt), "nothing was thrown");
  prompt = {};
  Rule wrong;
  wrong.quantity = static_cast<Quantity>(77);
  prompt.rules = {wrong};
  EXPECT_NE(error(prompt), "nothing was thrown");
  for (const int number : {-1, 12, 77, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    prompt.rules[0].quantity = static_cast<Quantity>(number);
    EXPECT_NE(error(prompt), "nothing was thrown") << number;
    EXPECT_NE(error_of(ErrorKind::kBadPrompt, [&] { describe(prompt); }), "nothing was thrown") << number;
    EXPECT_NE(error_of(ErrorKind::kBadPrompt, [&] { to_toml(prompt); }), "nothing was thrown") << number;
  }
}

TEST(DetectorTest, AnIgnoredAreaThatIsNotOfTheImage) {
  const Image image = test_image();
  const auto error = [&](const Mask& ignored) {
    return error_of(ErrorKind::kBadInput,
                    [&] { detector().detect(image.view(), generic_prompt(), {.ignored = ignored}); });
  };
  EXPECT_THAT(error({image.width, image.height, {1, 0}}), HasSubstr("has 2 values for"));
  EXPECT_THAT(error({-image.width, -image.height, std::vector<std::uint8_t>(image.rgb.size() / 3)}),
              HasSubstr("must be of one size"));
  EXPECT_THAT(error({1, 1, {1}}), HasSubstr("must be of one size"));
}

TEST(DetectorTest, ADetectorThatWasMovedFromSaysSo) {
  Detector first(DetectorOptions{.disk_cache = false, .data_folder = test::source_dir()});
  const Detector second = std::move(first);
  const Image image = test_image();
  const std::function<void()> calls[] = {[&] { first.detect(image.view()); }, [&] { first.models(); },
                                         [&] { first.engine(); }, [&] { first.options(); }};
  for (const auto& call : calls) EXPECT_THAT(error_of(ErrorKind::kBadInput, call), HasSubstr("moved from"));
  EXPECT_FALSE(second.models().empty());
}

TEST(DetectorTest, ACallbackEndsTheWork) {
  const Image image = test_image();
  const DetectProgress no = [](int, int) { return false; };
  EXPECT_THROW(detector().detect(image.view(), generic_prompt(), {.progress = no}), Cancelled);
}

TEST(DetectorTest, TheDefaultPrompt) {
  EXPECT_EQ(default_prompt({}), generic_prompt());
  EXPECT_EQ(default_prompt({.tile = 256}).max_regions, std::nullopt);
  EXPECT_EQ(default_prompt({.tile = 256}).rules, generic_prompt().rules);
}

TEST(LoadedDetector, PromptsOfOneSessionDoNotMix) {
  const LoadedDetector loaded =
      load_detector({.resize = 96, .disk_cache = false, .data_folder = test::source_dir()});
  const Image image = test_image();
  std::vector<HybridPrompt> prompts(3);
  prompts[0].phrases = {"scratch"};
  prompts[2].phrases = {"stain"};  // and "defect" between, which fits every place
  std::vector<Evidence> seen = loaded.method->observe(image, prompts);
  ASSERT_THAT(seen, SizeIs(3));
  for (std::size_t i = 0; i < prompts.size(); ++i)
    expect_same(loaded.method->judge()->judge(image, seen[i], prompts[i]),
                loaded.method->detect(image, prompts[i]));
}

}  // namespace
}  // namespace anomalyvlm
