// CLIP as a TextImageEncoder, with a small randomly initialised network.
#include "roles/adapters/clip_encoder.h"

#include <gmock/gmock.h>

#include "errors.h"
#include "models/clip/exercise.h"
#include "models/clip/image_input.h"
#include "models/clip/plain_clip.h"
#include "models/random_model.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::HasSubstr;
using Windows = TextImageEncoder::PixelWindows;

class ClipEncoderTest : public testing::Test {
 protected:
  static clip::ClipConfig config() {
    clip::ClipConfig c = test::small_clip();
    c.vocabulary = test::clip_tokenizer().size();
    return c;
  }
  std::shared_ptr<const WeightFile> weights_ = test::random_weights(clip::expected_tensors(config()), 3);
  std::shared_ptr<nn::Engine> engine_ =
      nn::make_engine("openvino", {.device = "cpu", .disk_cache = false, .log = {}});
  std::shared_ptr<const TextImageEncoder> encoder_ =
      clip_encoder(weights_, engine_, nn::Precision::kF32, config(), test::clip_tokenizer());
};

TEST_F(ClipEncoderTest, SeesTheSquashedImageAndItsWindows) {
  Image image{40, 20, {}};
  for (int i = 0; i < 40 * 20 * 3; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i * 37 % 251));
  const Windows kinds[] = {{10, 5}, {7, 9}};  // 2 patches, and 1
  const TextImageEncoder::Seen seen = encoder_->see(image, kinds);
  EXPECT_EQ(seen.grid, (Extent{3, 3}));
  EXPECT_EQ(seen.windows.at(0).vectors.shape(), (Shape{4, 7}));
  EXPECT_EQ(seen.windows.at(0).cells.size(), 16U);
  EXPECT_EQ(seen.windows.at(1).vectors.shape(), (Shape{9, 7}));
  const Tensor input = clip::normalised(clip::squashed_input(image, 15));
  const test::PlainTokens last = test::plain_image_layers(
      config(), *weights_, "visual.", test::plain_image_tokens(config(), *weights_, "visual.", input));
  const std::vector<double> expected = test::plain_image_vector(config(), *weights_, "visual.", last, 0);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(seen.whole.floats()[i], expected[i], 1e-4);
}

TEST_F(ClipEncoderTest, Texts) {
  const Tensor vectors = encoder_->texts({"crack hole", "hole"});
  std::vector<std::int64_t> ids = test::clip_tokenizer().context("hole", 23, clip::TooLong::kRefuse);
  const std::vector<double> expected = test::plain_text_vector(config(), *weights_, "", ids);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(vectors.floats()[7 + i], expected[i], 1e-4);
}

TEST_F(ClipEncoderTest, WhatCannotBeIsAnError) {
  const Image image{4, 4, std::vector<std::uint8_t>(48)};
  const Windows narrow[] = {{4, 5}}, wide[] = {{20, 5}}, dense[] = {{5, 4}};
  for (const auto kinds : {narrow, wide, dense})
    EXPECT_THAT(error_of(ErrorKind::kBadInput,
                         [&] {
                           encoder_->see(image, {kinds, 1});
                         }),
                HasSubstr("there are no windows"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput,
                       [&] { encoder_->texts({"! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! !"}); }),
              HasSubstr("23 tokens"));
  const auto other = clip_encoder(std::make_shared<const WeightFile>("empty", WeightFile::Tensors{}), engine_,
                                  nn::Precision::kF32, config(), test::clip_tokenizer());
  EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { other->see(image, {}); }),
              HasSubstr("visual.conv1.weight"));
}

}  // namespace
}  // namespace anomalyvlm
