// Masks known by the names of their files and folders.
#include "image/mask_names.h"

#include "eval/data/mask_index.h"
#include "eval/data/small_sets.h"
#include "image/fixtures.h"

namespace anomalyvlm::eval {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class MaskNames : public DataFolder {
 protected:
  // No two neighbouring pixels are equal.
  void photograph(const std::string& name) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    write_png(root_ / name, test::noisy_image(16, 12));
  }
};

TEST(MaskTails, AreTakenAway) {
  for (const char* name : {"a_mask", "a-GT", "a.mask", "a label", "a_mask_2", "a_mask03", "a_mask-1"})
    EXPECT_EQ(without_mask_tail(name), "a") << name;
  for (const char* name : {"a", "mask", "_mask", "unmask", "a_1", "12", "", "a_mask_b"})
    EXPECT_EQ(without_mask_tail(name), "") << name;
}

TEST(MaskFolders, AreKnownByTheirNames) {
  for (const char* name : {"mask", "Masks", "ground_truth", "Ground Truth", "GT", "seg", "labels",
                           "binary_masks", "masks-png", "gt_1", "solder_mask"})
    EXPECT_TRUE(is_mask_folder_name(name)) << name;
  for (const char* name : {"masked", "unmask", "good", "scratch", "images", "gtx", ""})
    EXPECT_FALSE(is_mask_folder_name(name)) << name;
}

TEST_F(MaskNames, OfThingsAreMasksIfTheyLookSo) {
  photograph("label/a.png");
  photograph("solder_mask/a.png");
  photograph("masks/a.png");
  mask("labels/a.png");
  mask("masks_png/a.png");
  std::filesystem::create_directories(root_ / "annotations");
  write("annotation/a.png", "no image");
  for (const char* name : {"label", "solder_mask"}) EXPECT_FALSE(may_hold_masks(root_ / name)) << name;
  for (const char* name : {"masks", "labels", "masks_png", "annotations", "annotation"})
    EXPECT_TRUE(may_hold_masks(root_ / name)) << name;
}

TEST_F(MaskNames, BesideTheirImages) {
  photograph("a_label.png");
  mask("m/a_label.png");
  const std::vector<std::string> names = {"a.jpg", "a_label.png", "a_mask_1.png", "b_mask.png", "c.png"};
  EXPECT_THAT(masks_beside(root_, names), ElementsAre("a_mask_1.png"));
  EXPECT_THAT(masks_beside(root_ / "m", names), ElementsAre("a_label.png", "a_mask_1.png"));
}

TEST_F(MaskNames, SeveralMasksOfAnImageAreNumbered) {
  MaskIndex index;
  index.add("a_mask_1", "a_mask_1.png");
  index.add("a_mask_2", "a_mask_2.png");
  index.add("b", "b.png");
  index.add("b_mask", "b_mask.png");
  EXPECT_THAT(index.take("a", "a.jpg"), ElementsAre("a_mask_1.png", "a_mask_2.png"));
  EXPECT_THAT(index.take("c", "c.jpg"), IsEmpty());
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { index.take("b", "b.jpg"); }),
              AllOf(HasSubstr("Two masks are for the same image"), HasSubstr("b_mask.png")));
}

TEST_F(MaskNames, NoMaskIsJudgedAsAnImage) {
  const std::vector<std::string> images = {"bad/b.png", "good/g.png"};
  for (const char* place : {"seg/b.png", "bad/seg/b.png", "seg/bad/b.png", "bad/b_label.png", "bad/b_seg.png",
                            "bad/b_mask_1.png", "binary_masks/b.png", "masks_png/bad/b_mask.png"}) {
    for (const std::string& image : images) photograph(image);
    mask(place, 2, 255, 16, 12);
    const Dataset dataset = open("folder");
    EXPECT_EQ(ids_of(dataset), images) << place;
    EXPECT_THAT(dataset.categories[0].samples[0].masks, SizeIs(1)) << place;
    for (const auto& entry : std::filesystem::directory_iterator(root_)) remove_all(entry.path());
  }
}

TEST_F(MaskNames, NumberedMasksCountTogether) {
  photograph("images/a.png");
  photograph("images/g.png");
  mask("masks/a_mask_0.png", 2, 255, 16, 12);
  mask("masks/a_mask_1.png", 3, 255, 16, 12);
  const Dataset dataset = open("folder");
  const Sample& sample = dataset.categories[0].samples[0];
  ASSERT_THAT(sample.masks, SizeIs(2));
  const GroundTruth truth = ground_truth_of(dataset, sample);
  EXPECT_EQ(std::count(truth.mask.values.begin(), truth.mask.values.end(), 1), 9);
}

TEST_F(MaskNames, MasksOfAFormatThatIsNotReadAreNamed) {
  photograph("images/a.png");
  write("masks/a.gif", "GIF89a");
  EXPECT_THAT(error("folder"),
              AllOf(HasSubstr("Nothing in"), HasSubstr("'masks/a.gif'"), HasSubstr("GIF is not read")));
}

TEST_F(MaskNames, AFolderOfMasksIsNoDataSet) {
  photograph("part/test/ok/a.png");
  mask("part/ground_truth/ko/a.png");
  const std::string text =
      test::error_of(ErrorKind::kBadInput, [&] { open_dataset("folder", root_ / "part", {}); });
  EXPECT_THAT(text, HasSubstr("part/test' looks like it"));
}

}  // namespace
}  // namespace anomalyvlm::eval
