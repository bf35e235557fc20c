#include <cmath>

#include "eval/data/small_sets.h"
#include "image/resize.h"

namespace anomalyvlm::eval {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const MaskRule kUsual, kAny{.above = 0};

class GroundTruthOf : public DataFolder {
 protected:
  Sample marked(const std::string& name, Label label = Label::kAnomalous) const {
    Sample sample;
    sample.id = "x.png", sample.image = root_ / "x.png", sample.masks = {root_ / name}, sample.label = label;
    return sample;
  }
  static int count(const Mask& mask) {
    return static_cast<int>(std::count(mask.values.begin(), mask.values.end(), 1));
  }
};

TEST_F(GroundTruthOf, MasksAreSquashedByNearestNeighbour) {
  mask("m.png", 5, 255, 33, 17);
  const Sample sample = marked("m.png");
  const GroundTruth own = load_ground_truth(sample, kUsual, 33, 17, 0);
  EXPECT_EQ(own.mask.width, 33);
  EXPECT_EQ(own.mask.height, 17);
  EXPECT_EQ(count(own.mask), 25);
  const GroundTruth squashed = load_ground_truth(sample, kUsual, 33, 17, 8);
  EXPECT_EQ(squashed.mask.values, resize_nearest(own.mask, 8, 8).values);
  EXPECT_EQ(squashed.mask.width, 8);
}

TEST_F(GroundTruthOf, WhatTheSquashLosesStaysAnomalous) {
  FloatMap map{64, 64, std::vector<float>(64 * 64)};
  map.at(63, 63) = 1;
  write_png_gray8(root_ / "m.png", map, 0, 1);
  for (const Label label : {Label::kAnomalous, Label::kByMask}) {
    const GroundTruth truth = load_ground_truth(marked("m.png", label), kUsual, 64, 64, 8);
    EXPECT_TRUE(truth.anomalous && truth.located);
    EXPECT_EQ(count(truth.mask), 0);
  }
}

TEST_F(GroundTruthOf, SizesMustAgree) {
  mask("m.png", 1, 255, 6, 4);
  EXPECT_THAT(
      test::error_of(ErrorKind::kBadInput, [&] { load_ground_truth(marked("m.png"), kUsual, 6, 5, 8); }),
      AllOf(HasSubstr("m.png' has 6 x 4 pixels, but its image"), HasSubstr("x.png' 6 x 5.")));
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { load_ground_truth(marked("none.png"), kUsual, 6, 4, 8); }),
              HasSubstr("none.png"));
  write("text.png", "no image");
  EXPECT_THAT(
      test::error_of(ErrorKind::kBadInput, [&] { load_ground_truth(marked("text.png"), kUsual, 6, 4, 8); }),
      HasSubstr("text.png"));
}

TEST_F(GroundTruthOf, ColouredMasksCountByTheirBrightestChannel) {
  Image red{2, 1, {200, 0, 0, 0, 0, 90}};
  write_png(root_ / "m.png", red);
  EXPECT_EQ(count(load_ground_truth(marked("m.png"), kUsual, 2, 1, 0).mask), 1);
  EXPECT_EQ(count(load_ground_truth(marked("m.png"), kAny, 2, 1, 0).mask), 2);
}

TEST_F(GroundTruthOf, WithoutMask) {
  Sample sample;
  const GroundTruth normal = load_ground_truth(sample, kUsual, 9, 7, 4);
  EXPECT_TRUE(!normal.anomalous && normal.located);
  EXPECT_EQ(normal.mask.values, std::vector<std::uint8_t>(16, 0));
  sample.label = Label::kAnomalous;
  const GroundTruth anomalous = load_ground_truth(sample, kUsual, 9, 7, 4);
  EXPECT_TRUE(anomalous.anomalous && !anomalous.located);
  EXPECT_TRUE(anomalous.mask.values.empty());
}

TEST_F(GroundTruthOf, BoxesAreClippedFilledAndScaled) {
  Sample sample;
  sample.label = Label::kAnomalous;
  sample.image = "x.png";
  sample.marks = {Mark{.box = {-5, 1, 2, 3}}, Mark{.box = {3.9f, 3.2f, 4.1f, 3.3f}}};
  const GroundTruth own = load_ground_truth(sample, kUsual, 8, 4, 0);
  EXPECT_EQ(own.boxes[0].x0, 0);
  EXPECT_EQ(count(own.mask), 2 * 2 + 1) << "thin boxes keep a pixel";
  EXPECT_EQ(own.mask.at(4, 3), 1);
  const GroundTruth scaled = load_ground_truth(sample, kUsual, 8, 4, 16);
  EXPECT_TRUE(scaled.from_boxes);
  EXPECT_EQ(scaled.boxes[0].x1, 4);
  EXPECT_EQ(scaled.boxes[0].y1, 12);
  EXPECT_EQ(scaled.mask.values, resize_nearest(own.mask, 16, 16).values);

  sample.marks_width = 8, sample.marks_height = 8;
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { load_ground_truth(sample, kUsual, 8, 4, 0); }),
              HasSubstr("drawn on 8 x 8 pixels, but it has 8 x 4"));
  sample.marks_width = sample.marks_height = 0;
  for (const Box& outside : {Box{8, 0, 9, 1}, Box{NAN, 0, 1, 1}}) {
    sample.marks = {Mark{.box = outside}};
    EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { load_ground_truth(sample, kUsual, 8, 4, 0); }),
                HasSubstr("lies outside of"));
  }
}

}  // namespace
}  // namespace anomalyvlm::eval
