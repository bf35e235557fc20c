// Masks that mark defects in other ways than by 255.
#include "eval/data/mask_survey.h"

#include "eval/data/small_sets.h"
#include "image/fixtures.h"

namespace anomalyvlm::eval {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kWidth = 24, kHeight = 16;

class MaskSurvey : public DataFolder {
 protected:
  MaskSurvey() {
    for (const char* name : {"a", "b", "c", "g"})
      write_image("images/" + std::string(name) + ".png", kWidth, kHeight);
  }

  static FloatMap black() {
    return {kWidth, kHeight, std::vector<float>(static_cast<std::size_t>(kWidth) * kHeight)};
  }
  // A square of a level, with edges of another.
  void square(const std::string& name, float level, float edge, int at = 3, int side = 6) const {
    FloatMap map = black();
    for (int y = at; y < at + side; ++y)
      for (int x = at; x < at + side; ++x)
        map.at(x, y) = x == at || y == at || x == at + side - 1 || y == at + side - 1 ? edge : level;
    write_levels(name, map);
  }
  void write_levels(const std::string& name, const FloatMap& map) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    write_png_gray8(root_ / name, map, 0, 255);
  }
  static std::size_t marked(const Dataset& dataset, std::size_t sample) {
    const GroundTruth truth = ground_truth_of(dataset, dataset.categories[0].samples[sample]);
    return static_cast<std::size_t>(std::count(truth.mask.values.begin(), truth.mask.values.end(), 1));
  }
};

TEST_F(MaskSurvey, TheUsualNeedsNoWord) {
  square("masks/a.png", 255, 90);  // soft edges
  square("masks/b.png", 255, 255);
  const Dataset dataset = open("folder");
  EXPECT_EQ(dataset.mask_rule, MaskRule());
  EXPECT_THAT(dataset.notes, IsEmpty());
  EXPECT_EQ(marked(dataset, 0), 16u);
  EXPECT_EQ(marked(dataset, 1), 36u);
}

TEST_F(MaskSurvey, NumbersOfClassesCount) {
  square("masks/a.png", 1, 1);
  square("masks/b.png", 255, 90);
  square("masks/c.png", 2, 2);
  const Dataset dataset = open("folder");
  EXPECT_THAT(dataset.mask_rule.also, ElementsAre(1, 2));
  EXPECT_EQ(marked(dataset, 0), 36u);
  EXPECT_EQ(marked(dataset, 1), 16u) << "its edge is soft, and stays out";
  EXPECT_EQ(marked(dataset, 2), 36u);
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_THAT(dataset.notes[0], HasSubstr("the levels 1, 2 as well"));
  EXPECT_THAT(dataset.notes[0], HasSubstr("2 masks of 3"));
  EXPECT_THAT(dataset.notes[0], HasSubstr("--mask-above"));
  const Dataset forced = open("folder", {.mask_above = 0});
  EXPECT_EQ(marked(forced, 1), 36u);
  EXPECT_THAT(forced.notes, IsEmpty());
}

TEST_F(MaskSurvey, ClassesBesideOthersInOneMask) {
  square("masks/a.png", 64, 224, 2, 10);  // a class with the border that some programs draw around it
  const Dataset dataset = open("folder");
  EXPECT_THAT(dataset.mask_rule.also, ElementsAre(64));
  EXPECT_EQ(marked(dataset, 0), 100u);
}

TEST_F(MaskSurvey, FaintSoftMasksCountFromHalfOfTheirHighest) {
  FloatMap map = black();
  for (int y = 2; y < 10; ++y)
    for (int x = 2; x < 12; ++x) map.at(x, y) = static_cast<float>(10 * (x - 1));
  write_levels("masks/a.png", map);
  const Dataset dataset = open("folder");
  EXPECT_EQ(dataset.mask_rule.above, 50);
  EXPECT_EQ(marked(dataset, 0), 8u * 5u);
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_THAT(dataset.notes[0], HasSubstr("No mask has a level above 127"));
  square("masks/b.png", 255, 255);
  const Dataset mixed = open("folder");
  EXPECT_EQ(mixed.mask_rule, MaskRule());
  EXPECT_THAT(mixed.notes, ElementsAre(HasSubstr("of which none counts as a defect")));
  EXPECT_THAT(mixed.notes[0], HasSubstr("masks/a.png"));
}

TEST_F(MaskSurvey, EmptyMasksOfDefectiveImages) {
  std::filesystem::remove_all(root_ / "images");
  write_image("good/a.png");
  write_image("bad/b.png");
  write_image("bad/c.png");
  mask("masks/bad/b.png");
  mask("masks/bad/c.png", 0);
  EXPECT_THAT(open("folder").notes, ElementsAre(HasSubstr("black all over")));
}

TEST_F(MaskSurvey, MostlyWhiteMasksAreNoted) {
  square("masks/a.png", 255, 255, 0, 16);
  EXPECT_THAT(open("folder").notes, ElementsAre(HasSubstr("1 of 1 masks mark more than half")));
}

TEST_F(MaskSurvey, MasksOfOnesWhereThereIsNoDefectAreNoted) {
  square("masks/a.png", 1, 1, 0, 16);
  square("masks/b.png", 1, 1, 0, 16);
  EXPECT_THAT(open("folder").notes, testing::Contains(HasSubstr("2 of 2 masks mark more than half")));
}

TEST_F(MaskSurvey, ABorderOfPascalVocIsNoted) {
  square("masks/a.png", 1, 255, 2, 10);
  square("masks/b.png", 255, 255);
  const Dataset dataset = open("folder");
  EXPECT_THAT(dataset.mask_rule.also, ElementsAre(1));
  EXPECT_THAT(dataset.notes,
              testing::Contains(testing::AllOf(HasSubstr("1 mask has the level 255 beside numbers"),
                                               HasSubstr("masks/a.png"))));
}

// Layouts that mark by 255 are looked through as well: a copy of one may mark by 1.
TEST_F(MaskSurvey, LayoutsOfKnownMasksAreNeverSilentlyNormal) {
  const auto check = [&](const char* layout, const std::vector<std::string>& images, const auto& mask_of) {
    for (const bool mixed : {false, true}) {
      for (std::size_t i = 0; i < images.size(); ++i) {
        write_image(images[i], kWidth, kHeight);
        square(mask_of(images[i]), mixed && i == 1 ? 255 : 1, mixed && i == 1 ? 255 : 1);
      }
      const Dataset dataset = open(layout);
      EXPECT_EQ(ground_truth_of(dataset, dataset.categories[0].samples[0]).anomalous, !mixed) << layout;
      EXPECT_TRUE(ground_truth_of(dataset, dataset.categories[0].samples[1]).anomalous) << layout;
      EXPECT_EQ(dataset.mask_rule.above, mixed ? kMaskAbove : 0) << layout;
      EXPECT_THAT(dataset.notes, ElementsAre(HasSubstr(mixed ? "of which none counts as a defect"
                                                             : "No mask has a level above 127")))
          << layout;
    }
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  };
  std::filesystem::remove_all(root_ / "images");
  const auto with = [](const char* tail) {
    return [tail](const std::string& image) { return image.substr(0, image.rfind('.')) + tail; };
  };
  check("ksdd2", {"train/10000.png", "train/10001.png"}, with("_GT.png"));
  check("ksdd", {"kos01/Part0.jpg", "kos01/Part1.jpg"}, with("_label.bmp"));
  check("mtd", {"MT_Break/Imgs/a.jpg", "MT_Break/Imgs/b.jpg"}, with(".png"));
}

TEST_F(MaskSurvey, DamagedMasksAreLeftToTheRun) {
  square("masks/a.png", 1, 1);
  write("masks/b.png", "not an image");
  EXPECT_THAT(open("folder").mask_rule.also, ElementsAre(1));
}

// Levels as stored, with and without alpha.
class MaskFiles : public DataFolder {
 protected:
  std::vector<std::uint8_t> levels(int width, const test::Bytes& rows,
                                   const test::PngOptions& options) const {
    write_file_atomically(root_ / "m.png", test::make_png(width, 1, rows, options));
    return read_mask_levels(root_ / "m.png").values;
  }
};

TEST_F(MaskFiles, SixteenBitsKeepSmallNumbers) {
  const test::PngOptions grey{.color_type = 0, .bits = 16};
  EXPECT_THAT(levels(4, {0, 0, 0, 1, 0, 2, 1, 44}, grey),
              ElementsAre(0, testing::Ge(1), testing::Ge(1), testing::Ge(1)));
  EXPECT_THAT(levels(4, {0, 0, 0, 1, 156, 64, 255, 255}, grey), ElementsAre(0, 1, 156, 255));
  EXPECT_THAT(levels(2, {0, 0, 0, 1}, grey), ElementsAre(0, testing::Ge(1)));
}

TEST_F(MaskFiles, PalettesAreColours) {
  EXPECT_THAT(levels(3, {0, 1, 2}, {.color_type = 3, .palette = {{0, 0, 0}, {64, 0, 0}, {48, 112, 32}}}),
              ElementsAre(0, 64, 112));
}

TEST_F(MaskFiles, AlphaIsPaintedOverBlack) {
  const auto two = [&](const test::Bytes& rgba) { return levels(2, rgba, {.color_type = 6}); };
  EXPECT_THAT(two({255, 255, 255, 0, 255, 0, 0, 255}), ElementsAre(0, 255)) << "painted on transparent white";
  EXPECT_THAT(two({0, 0, 0, 0, 255, 0, 0, 255}), ElementsAre(0, 255)) << "painted on transparent black";
  EXPECT_THAT(two({0, 0, 0, 0, 0, 0, 0, 255}), ElementsAre(0, 255)) << "nothing but alpha";
  EXPECT_THAT(two({255, 255, 255, 0, 255, 255, 255, 255}), ElementsAre(0, 255)) << "white and alpha";
  EXPECT_THAT(two({0, 0, 0, 255, 1, 1, 1, 255}), ElementsAre(0, 1)) << "opaque";
  EXPECT_THAT(two({0, 0, 0, 255, 255, 255, 255, 0}), ElementsAre(0, 255)) << "erased";
}

TEST_F(MaskSurvey, BlackMasksAloneAreTold) {
  write_levels("masks/a.png", black());
  write_levels("masks/b.png", black());
  EXPECT_THAT(open("folder").notes, ElementsAre(HasSubstr("All masks are black: none of the 2 shows")));
  square("masks/b.png", 255, 255);
  EXPECT_THAT(open("folder").notes, IsEmpty());
}

}  // namespace
}  // namespace anomalyvlm::eval
