// SAM as refiner, and detect() over it and a ResNet, with small models randomly initialised.
#include "roles/adapters/sam_refiner.h"

#include <gmock/gmock.h>

#include "image/resize.h"
#include "methods/anomalyvlm/pipeline.h"
#include "models/random_model.h"
#include "models/small_sam.h"
#include "regions/combine.h"
#include "roles/adapters/resnet_saliency.h"

namespace anomalyvlm {
namespace {

constexpr int kWidth = 40, kHeight = 30;

const ResNetConfig kNetwork{{1, 1}, 4, 1, 1e-5F, {1, 2}};

std::shared_ptr<const WeightFile> small_sam_weights() {
  nn::ModelSignature signature;
  signature.weights = sam::expected_tensors(test::small_sam(64));
  return test::random_weights(signature, 31);
}

std::shared_ptr<const WeightFile> resnet_weights() {
  const auto network = [](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    return nn::NamedValues{{"features", resnet_features(root, kNetwork, inputs[0]).back()}};
  };
  return test::random_weights(nn::trace_signature(network, {{"image", {1, 3, 32, 32}}}), 12);
}

Image coloured_image() {
  Image image{kWidth, kHeight, {}};
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const bool spot = x > 10 && x < 20 && y > 8 && y < 22;
      const auto level = [&](int v) { return static_cast<std::uint8_t>(v); };
      image.rgb.insert(image.rgb.end(),
                       {level(spot ? 240 : 5 * x), level(spot ? 10 : 3 * y), level(spot ? 0 : 90)});
    }
  }
  return image;
}

std::vector<Proposal> three_boxes() {
  return {{{8, 6, 22, 24}, 0.6, "spot", 1, 0},
          {{0, 0, 39, 29}, 0.5, "spot", 1, 1},
          {{25.5F, 2.25F, 36, 17}, 0.4, "spot", 1, 2}};
}

class FoundBoxes : public RegionProposer {
 public:
  std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) override {
    return std::vector<std::vector<Proposal>>(captions.size(), three_boxes());
  }
};

class SamStages : public testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<nn::Engine> engine_ = nn::make_engine(GetParam(), {.device = "cpu", .disk_cache = false});
  std::shared_ptr<const sam::Predictor> predictor_ = std::make_shared<const sam::Predictor>(
      small_sam_weights(), engine_, nn::Precision::kF32, test::small_sam(64));
  ResNetSaliency saliency_{
      std::make_shared<const DenseFeatures>(resnet_weights(), engine_, nn::Precision::kF32, kNetwork),
      {.side = 32, .among_objects = 32, .of_network = 32}};
  Image image_ = coloured_image();
  JoinedModels models_{[](const Image&, const StageOptions&) { return std::make_shared<FoundBoxes>(); },
                       sam_refiner(predictor_), resnet_saliency(saliency_),
                       std::vector<LoadedModel>{{"boxes"}}};

  std::shared_ptr<MaskRefiner> refiner(ColorOrder colors = ColorOrder::kRgb) const {
    StageOptions options;
    options.colors = colors;
    return sam_refiner(predictor_)(image_, options);
  }

  Region mask_by_hand(Image image, const Box& box) const {
    const sam::Embedding embedding = predictor_->embed(image);
    const sam::Prompt prompt{box, {}, {}};
    return predictor_->regions(embedding, predictor_->predict(embedding, {&prompt, 1})[0]).front();
  }
};

TEST_P(SamStages, RefineGivesSamsMaskOfEachBox) {
  const std::shared_ptr<MaskRefiner> sam = refiner();
  const std::vector<Proposal> boxes = three_boxes();
  const std::vector<Region> masks = sam->refine(boxes);
  ASSERT_EQ(masks.size(), boxes.size());
  bool any = false;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    EXPECT_EQ(masks[i], mask_by_hand(image_, boxes[i].box)) << i;
    any |= !masks[i].empty();
  }
  EXPECT_TRUE(any) << "the random weights see nothing at all: the test is blind";
  EXPECT_TRUE(sam->refine({}).empty());
  const std::vector<Region> again = sam->refine(std::span(boxes).subspan(2));
  EXPECT_EQ(again[0], masks[2]);
}

TEST_P(SamStages, ColoursComeInTheOrderAskedFor) {
  Image swapped = image_;
  for (std::size_t i = 0; i < swapped.rgb.size(); i += 3) std::swap(swapped.rgb[i], swapped.rgb[i + 2]);
  const std::vector<Proposal> boxes = three_boxes();
  const auto masks = refiner(ColorOrder::kBgr)->refine(boxes);
  for (std::size_t i = 0; i < masks.size(); ++i)
    EXPECT_EQ(masks[i], mask_by_hand(swapped, boxes[i].box)) << i;
}

TEST_P(SamStages, DetectJoinsTheStages) {
  HybridPrompt prompt;
  prompt.phrases = {"spot"};
  for (const char* profile : {"paper", "saa-plus"}) {
    const PipelineConfig config = profile_named(profile);
    const Detection found = detect(models_, image_, prompt, config);
    ASSERT_EQ(found.candidates.size(), 3u) << profile;
    const FloatMap saliency = saliency_.map(image_, found.objects, config.stages);
    EXPECT_EQ(found.saliency.values, saliency.values) << profile;
    const auto masks = refiner(config.stages.colors)->refine(three_boxes());
    for (const Candidate& candidate : found.candidates) {
      const Region& own = masks[static_cast<std::size_t>(candidate.id)];
      EXPECT_EQ(candidate.mask, own) << profile;
      EXPECT_DOUBLE_EQ(candidate.saliency, mean_inside(saliency, own)) << profile;
    }
  }
}

TEST_P(SamStages, ASquashedImageIsSeenSquashed) {
  PipelineConfig config = profile_named("paper");
  config.resize = 20;
  const Detection found = detect(models_, image_,
                                 {.phrases = {"spot"},
                                  .rules = {},
                                  .max_regions = {},
                                  .kind_limits = {},
                                  .limit = {},
                                  .object = {},
                                  .object_count = {},
                                  .pixel_size_mm = {}},
                                 config);
  const Image small = resize_pil_bilinear(image_, 20, 20);
  const std::vector<InspectedObject> whole = {InspectedObject::whole_image(20, 20)};
  EXPECT_EQ(found.saliency.values, resize_linear(saliency_.map(small, whole, {}), kWidth, kHeight).values);
  EXPECT_EQ(found.anomaly.width, kWidth);
  for (const Candidate& candidate : found.candidates)
    EXPECT_FLOAT_EQ(candidate.proposal_box.x0,
                    three_boxes()[static_cast<std::size_t>(candidate.id)].box.x0 * 2);
}

INSTANTIATE_TEST_SUITE_P(OnEachEngine, SamStages, testing::ValuesIn(nn::engine_names()),
                         [](const auto& engine) { return engine.param; });

}  // namespace
}  // namespace anomalyvlm
