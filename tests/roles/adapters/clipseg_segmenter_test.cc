// CLIPSeg as a PhraseSegmenter, with a small randomly initialised network.
#include "roles/adapters/clipseg_segmenter.h"

#include <gmock/gmock.h>

#include "errors.h"
#include "models/clip/exercise.h"
#include "models/clip/plain_clip.h"
#include "models/random_model.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::HasSubstr;

class ClipSegSegmenterTest : public testing::Test {
 protected:
  static clipseg::ClipSegConfig config() {
    clipseg::ClipSegConfig c;
    c.clip = test::small_clip();
    c.clip.vocabulary = test::clip_tokenizer().size();
    c.clip.vision.layers = 4;
    c.layers = {1, 3};
    c.channels = 6;
    c.heads = 2;
    c.feed_forward = 9;
    c.up = 5;
    c.input_side = 20;
    return c;
  }
  std::shared_ptr<const WeightFile> weights_ =
      clipseg::with_clip(test::random_weights(clipseg::expected_tensors(config()), 5),
                         test::random_weights(clip::expected_tensors(config().clip), 6));
  std::shared_ptr<nn::Engine> engine_ =
      nn::make_engine("openvino", {.device = "cpu", .disk_cache = false, .log = {}});
  std::shared_ptr<const PhraseSegmenter> segmenter_ =
      clipseg_segmenter(weights_, engine_, nn::Precision::kF32, config(), test::clip_tokenizer());
};

TEST_F(ClipSegSegmenterTest, EachPhraseIsSoughtForItself) {
  Image image{40, 21, {}};
  for (int i = 0; i < 40 * 21 * 3; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i * 37 % 251));
  std::vector<std::string> phrases;  // more than one batch
  for (int i = 0; i < 5; ++i) phrases.insert(phrases.end(), {"crack", "hole", "crack hole"});
  const Tensor all = segmenter_->probabilities(image, phrases);
  ASSERT_EQ(all.shape(), (Shape{15, 20, 20}));
  const clipseg::ClipSeg network(weights_, engine_, nn::Precision::kF32, config());
  const Tensor input = clipseg::input_of(image, 20);
  for (std::size_t p = 0; p < phrases.size(); ++p) {
    const Tensor one = network.probabilities(input, network.conditions(test::clip_tokenizer(), {phrases[p]}));
    for (std::size_t i = 0; i < 400; ++i)
      ASSERT_NEAR(all.floats()[p * 400 + i], one.floats()[i], 1e-5) << phrases[p];
  }
}

TEST_F(ClipSegSegmenterTest, WhatCannotBeIsAnError) {
  const Image image{4, 4, std::vector<std::uint8_t>(48)};
  EXPECT_THAT(
      error_of(ErrorKind::kBadInput,
               [&] { segmenter_->probabilities(image, {"! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! !"}); }),
      HasSubstr("23 tokens"));
}

}  // namespace
}  // namespace anomalyvlm
