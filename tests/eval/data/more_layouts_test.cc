// Relatives of MVTec AD, and KolektorSDD, in miniature.
#include "eval/data/small_sets.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MoreLayouts : public DataFolder {};

TEST_F(MoreLayouts, MvtecWithMasksOfOtherNames) {
  write_image("bottle/test/good/000.png");
  write_image("bottle/test/hole/000.jpg");
  write_image("bottle/test/hole/001.PNG");
  write_image("bottle/test/hole/002.png");
  mask("bottle/ground_truth/hole/000.png");
  mask("bottle/ground_truth/hole/001_mask.bmp");
  mask("bottle/ground_truth/hole/002_GT.png");
  const Dataset dataset = open("mvtec");
  EXPECT_EQ(ids_of(dataset).size(), 4u);
  for (const Sample& sample : dataset.categories[0].samples)
    EXPECT_EQ(ground_truth_of(dataset, sample).anomalous, sample.kind == "hole");
  mask("bottle/ground_truth/hole/000_mask.png");
  EXPECT_THAT(error("mvtec"), HasSubstr("Two masks are for the same image"));
}

TEST_F(MoreLayouts, MvtecTellsWhatItPassesOver) {
  write_image("bottle/test/good/000.png");
  write_image("bottle/test/stray.png");
  write("bottle/test/good/001.gif");
  fs::create_directories(root_ / "bottle/test/good/more");
  EXPECT_THAT(
      open("mvtec").notes,
      ElementsAre(AllOf(HasSubstr("1 image of another place"), HasSubstr("bottle/test/stray.png"),
                        HasSubstr("1 file that is not read as an image ('bottle/test/good/001.gif')"),
                        HasSubstr("1 subfolder ('bottle/test/good/more')"), HasSubstr("GIF is not read"))));
}

TEST_F(MoreLayouts, Btad) {
  write_image("01/train/ok/0000.bmp");
  write_image("01/test/ok/0010.bmp");
  write_image("01/test/ko/0000.bmp");
  mask("01/ground_truth/ko/0000.png");
  write_image("03/test/ko/0001.bmp");
  mask("03/ground_truth/ko/0001.bmp");
  const Dataset dataset = open("btad");
  EXPECT_EQ(dataset.title, "BTAD (beanTech)");
  EXPECT_THAT(names_of(dataset), ElementsAre("01", "03"));
  EXPECT_THAT(ids_of(dataset),
              ElementsAre("01/test/ko/0000.bmp", "01/test/ok/0010.bmp", "03/test/ko/0001.bmp"));
  EXPECT_EQ(dataset.categories[0].samples[1].kind, "good");
  EXPECT_TRUE(ground_truth_of(dataset, dataset.categories[0].samples[0]).located);
  EXPECT_FALSE(ground_truth_of(dataset, dataset.categories[0].samples[1]).anomalous);
  EXPECT_THAT(ids_of(open("btad", {.split = "train", .categories = {"01"}})),
              ElementsAre("01/train/ok/0000.bmp"));
  EXPECT_THAT(error("mvtec"), HasSubstr("It looks like the layout 'btad'"));
  fs::remove(root_ / "03/ground_truth/ko/0001.bmp");
  EXPECT_THAT(error("btad"), HasSubstr("03/test/ko/0001.bmp' has no mask"));
}

TEST_F(MoreLayouts, Loco) {
  write_image("pushpins/train/good/000.png");
  write_image("pushpins/validation/good/000.png");
  write_image("pushpins/test/good/000.png");
  write_image("pushpins/test/logical_anomalies/000.png");
  write_image("pushpins/test/structural_anomalies/000.png");
  mask("pushpins/ground_truth/logical_anomalies/000/000.png", 1, 3);
  mask("pushpins/ground_truth/logical_anomalies/000/001.png", 3, 254);
  mask("pushpins/ground_truth/structural_anomalies/000/000.png", 2, 240);
  write("pushpins/defects_config.json", "[]");
  const Dataset dataset = open("loco");
  EXPECT_THAT(ids_of(dataset),
              ElementsAre("pushpins/test/good/000.png", "pushpins/test/logical_anomalies/000.png",
                          "pushpins/test/structural_anomalies/000.png"));
  EXPECT_EQ(dataset.mask_rule, MaskRule{.above = 0});
  const Sample& logical = dataset.categories[0].samples[1];
  EXPECT_EQ(logical.kind, "logical_anomalies");
  EXPECT_EQ(logical.masks.size(), 2u);
  const GroundTruth truth = ground_truth_of(dataset, logical);
  EXPECT_EQ(std::count(truth.mask.values.begin(), truth.mask.values.end(), 1), 9) << "of both masks";
  EXPECT_THAT(dataset.notes, ElementsAre(HasSubstr("Saturation thresholds")));
  EXPECT_THAT(error("mvtec"), HasSubstr("It looks like the layout 'loco'"));
  fs::remove_all(root_ / "pushpins/ground_truth/structural_anomalies");
  EXPECT_THAT(error("loco"), HasSubstr("structural_anomalies/000.png' has no mask"));
}

TEST_F(MoreLayouts, Mvtec2) {
  write_image("vial/train/good/000_regular.png");
  write_image("vial/validation/good/000_regular.png");
  write_image("vial/test_public/good/000_regular.png");
  write_image("vial/test_public/bad/000_overexposed.png");
  mask("vial/test_public/ground_truth/bad/000_overexposed_mask.png");
  write_image("vial/test_private/000_mixed.png");
  const Dataset dataset = open("mvtec2");
  EXPECT_THAT(ids_of(dataset), ElementsAre("vial/test_public/bad/000_overexposed.png",
                                           "vial/test_public/good/000_regular.png"));
  EXPECT_TRUE(ground_truth_of(dataset, dataset.categories[0].samples[0]).located);
  EXPECT_THAT(dataset.notes, ElementsAre(HasSubstr("ground truth is not public: 'vial/test_private'")));
  EXPECT_EQ(ids_of(open("mvtec2", {.split = "all"})).size(), 3u);
}

TEST_F(MoreLayouts, Ksdd) {
  for (const char* folder : {"kos01", "kos02"})
    for (const char* part : {"Part0", "Part1"}) {
      const std::string stem = std::string(folder) + "/" + part;
      write_image(stem + ".jpg");
      mask(stem + "_label.bmp", stem == "kos02/Part1" ? 2 : 0);
    }
  write_image("kos02/Part1 (copy).jpg");
  const Dataset dataset = open("ksdd");
  EXPECT_THAT(ids_of(dataset),
              ElementsAre("kos01/Part0.jpg", "kos01/Part1.jpg", "kos02/Part0.jpg", "kos02/Part1.jpg"));
  EXPECT_TRUE(ground_truth_of(dataset, dataset.categories[0].samples[3]).anomalous);
  EXPECT_FALSE(ground_truth_of(dataset, dataset.categories[0].samples[2]).anomalous);
  EXPECT_THAT(dataset.notes, ElementsAre(HasSubstr("kos02/Part1 (copy).jpg")));
  fs::remove(root_ / "kos01/Part1_label.bmp");
  EXPECT_THAT(error("ksdd"), HasSubstr("kos01/Part1.jpg' has no mask"));
}

}  // namespace
}  // namespace anomalyvlm::eval
