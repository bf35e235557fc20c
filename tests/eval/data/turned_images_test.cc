// Images that EXIF turns, with masks of both kinds.
#include "eval/data/turned_images.h"

#include "eval/data/small_sets.h"
#include "image/file_orientation.h"
#include "image/fixtures.h"

namespace anomalyvlm::eval {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TurnedImages : public DataFolder {
 protected:
  static constexpr int kWidth = 32, kHeight = 24;

  // A grey image with a dark defect on the left of its stored pixels.
  void turned(const std::string& name, int orientation, int width = kWidth, int height = kHeight) const {
    Image stored{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 180)};
    for (int y = 4; y < 10; ++y) std::fill_n(stored.row(y) + 3 * 5, 3 * 6, std::uint8_t{20});
    std::filesystem::create_directories(root_ / "images");
    write_file_atomically(root_ / "images" / name, test::make_jpeg(stored, {.orientation = orientation}));
  }
  // Its mask on the stored pixels, or turned as well.
  void mask_of(const std::string& name, int orientation, int width = kWidth, int height = kHeight) const {
    Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
    for (int y = 4; y < 10; ++y)
      for (int x = 5; x < 11; ++x) mask.at(x, y) = 1;
    std::filesystem::create_directories(root_ / "masks");
    write_png(root_ / "masks" / name, upright(mask, orientation));
  }
  // Whether the ground truth of the first sample lies on what is dark.
  static bool fits(const Dataset& dataset) {
    const Sample& sample = dataset.categories[0].samples[0];
    const Image image = read_image(sample.image);
    const GroundTruth truth = ground_truth_of(dataset, sample);
    for (int y = 0; y < image.height; ++y)
      for (int x = 0; x < image.width; ++x)
        if (truth.mask.at(x, y) != 0 && image.row(y)[3 * x] > 90) return false;
    return truth.located;
  }
};

TEST_F(TurnedImages, OrientationsAreReadFromHeaders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    turned("a.jpg", orientation);
    EXPECT_EQ(file_orientation(root_ / "images/a.jpg"), orientation);
    write_file_atomically(root_ / "a.png",
                          test::make_png(2, 1, {1, 2}, {.color_type = 0, .orientation = orientation}));
    EXPECT_EQ(file_orientation(root_ / "a.png"), orientation);
    write_file_atomically(root_ / "a.tif",
                          test::make_tiff(2, 1, {1, 2, 3, 4, 5, 6}, {.orientation = orientation}));
    EXPECT_EQ(file_orientation(root_ / "a.tif"), orientation);
    const Image image = test::smooth_image(5, 4);
    write_file_atomically(root_ / "a.webp",
                          test::webp_with_exif(test::make_webp(image), 5, 4, test::exif_block(orientation)));
    EXPECT_EQ(file_orientation(root_ / "a.webp"), orientation);
  }
  EXPECT_EQ(file_orientation(root_ / "none.jpg"), 1);
  write("cut.jpg", std::string("\xFF\xD8\xFF\xE1\xFF\xFF"
                               "Exif\0\0MM",
                               14));
  EXPECT_EQ(file_orientation(root_ / "cut.jpg"), 1);
}

TEST_F(TurnedImages, MasksOnStoredPixelsAreTurnedToo) {
  for (int orientation = 2; orientation <= 8; ++orientation) {
    turned("a.jpg", orientation);
    mask_of("a.png", 1);
    const Dataset dataset = open("folder");
    EXPECT_TRUE(fits(dataset)) << orientation;
    EXPECT_THAT(dataset.notes, ElementsAre(HasSubstr("1 of these masks"))) << orientation;
  }
}

TEST_F(TurnedImages, MasksOfUprightImagesStay) {
  for (int orientation = 2; orientation <= 8; ++orientation) {
    turned("a.jpg", orientation);
    mask_of("a.png", orientation);
    const Dataset dataset = open("folder");
    EXPECT_TRUE(fits(dataset)) << orientation;
    EXPECT_THAT(dataset.notes, ElementsAre(HasSubstr("0 of these masks"))) << orientation;
  }
}

TEST_F(TurnedImages, QuarterTurnsTellForTheOthers) {
  turned("a.jpg", 3);
  turned("b.jpg", 6);
  mask_of("a.png", 3);  // fits as it is; but the other says that masks are of the stored pixels
  mask_of("b.png", 1);
  EXPECT_FALSE(fits(open("folder")));
  EXPECT_THAT(open("folder").notes, ElementsAre(HasSubstr("2 of these masks")));
}

TEST_F(TurnedImages, WhatIsAskedForCounts) {
  turned("a.jpg", 3);
  mask_of("a.png", 1);
  EXPECT_FALSE(fits(open("folder", {.masks_orientation = MasksOrientation::kUpright})));
  mask_of("a.png", 3);
  EXPECT_FALSE(fits(open("folder", {.masks_orientation = MasksOrientation::kStored})));
}

TEST_F(TurnedImages, WithoutDifferenceTheStoredPixelsCount) {
  turned("a.jpg", 3);
  mask("masks/a.png", 0, 0, kWidth, kHeight);
  const Dataset dataset = open("folder");
  EXPECT_EQ(dataset.categories[0].samples[0].turn, 3);
  EXPECT_THAT(dataset.notes, Contains(HasSubstr("though nothing confirms it")));
}

TEST_F(TurnedImages, AnnotationsAreTurnedToo) {
  turned("a.jpg", 6);
  write("boxes.json",
        R"({"images": [{"id": 1, "file_name": "a.jpg", "width": 32, "height": 24}], "annotations": [)"
        R"({"image_id": 1, "bbox": [5, 4, 6, 6]}, {"image_id": 1, "segmentation": [[6, 5, 9, 5, 9, 9]]}]})");
  const Dataset dataset = open("folder");
  EXPECT_TRUE(fits(dataset));
  const GroundTruth truth = ground_truth_of(dataset, dataset.categories[0].samples[0]);
  ASSERT_EQ(truth.boxes.size(), 2u);
  EXPECT_EQ(truth.boxes[0].x0, 14);
  EXPECT_EQ(truth.boxes[0].y0, 5);
}

TEST_F(TurnedImages, AreLookedAtWithTheBitsThatAreSaid) {
  test::Bytes rows;  // claims 16 bits and uses 8, so that it seems to be black
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      rows.insert(rows.end(), {0, static_cast<std::uint8_t>(y >= 4 && y < 10 && x >= 5 && x < 11 ? 20 : 90)});
  write_image("images/a.png");
  write_file_atomically(
      root_ / "images/a.png",
      test::make_png(kWidth, kHeight, rows,
                     {.color_type = 0, .bits = 16, .orientation = 3, .significant_bits = 16}));
  mask_of("a.png", 3);
  EXPECT_THAT(open("folder").notes, ElementsAre(HasSubstr("though nothing confirms it")));
  const Dataset dataset = open("folder", {.bits = 8});
  EXPECT_THAT(dataset.notes, ElementsAre(HasSubstr("since it fit the images better that way")));
  EXPECT_EQ(dataset.categories[0].samples[0].turn, 1);
}

TEST_F(TurnedImages, ImagesThatStandUprightNeedNoWord) {
  turned("a.jpg", 1);
  mask_of("a.png", 1);
  EXPECT_THAT(open("folder").notes, IsEmpty());
}

}  // namespace
}  // namespace anomalyvlm::eval
