// The four published layouts in miniature, and what is said where they are not found.
#include "eval/data/layouts.h"

#include <set>

#include "eval/data/categories.h"
#include "eval/data/small_sets.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Categories, AreThePapers) {
  std::set<std::string> object, texture;
  for (const KnownCategory& known : known_categories())
    if (*known.group) (std::string(known.group) == "object" ? object : texture).insert(known.name);
  EXPECT_EQ(object.size(), 10u + 12u);
  EXPECT_THAT(texture, ElementsAre("carpet", "grid", "ksdd2", "leather", "mtd", "tile", "wood"));
}

class Mvtec : public DataFolder {
 protected:
  Mvtec() {
    write_image("bottle/train/good/000.png");
    write_image("bottle/test/good/000.png");
    write_image("bottle/test/broken_large/001.png");
    write_image("bottle/test/broken_large/000.png");
    mask("bottle/ground_truth/broken_large/000_mask.png");
    mask("bottle/ground_truth/broken_large/001_mask.png");
    write_image("carpet/test/hole/000.png");
    mask("carpet/ground_truth/hole/000_mask.png");
    write("readme.txt");
    write("bottle/.DS_Store");
    write("bottle/test/good/._000.png");
    fs::create_directories(root_ / "notes");
  }
};

TEST_F(Mvtec, TestSplit) {
  const Dataset dataset = open("mvtec");
  EXPECT_EQ(dataset.title, "MVTec AD");
  EXPECT_THAT(names_of(dataset), ElementsAre("bottle", "carpet"));
  EXPECT_EQ(dataset.categories[0].group, "object");
  EXPECT_EQ(dataset.categories[1].group, "texture");
  EXPECT_THAT(ids_of(dataset),
              ElementsAre("bottle/test/broken_large/000.png", "bottle/test/broken_large/001.png",
                          "bottle/test/good/000.png", "carpet/test/hole/000.png"));
  const Sample &broken = dataset.categories[0].samples[0], &good = dataset.categories[0].samples[2];
  EXPECT_EQ(broken.kind, "broken_large");
  EXPECT_EQ(good.kind, "good");
  EXPECT_TRUE(ground_truth_of(dataset, broken).anomalous);
  EXPECT_FALSE(ground_truth_of(dataset, good).anomalous);
  EXPECT_TRUE(good.masks.empty());
}

TEST_F(Mvtec, SplitsAndCategories) {
  EXPECT_THAT(ids_of(open("mvtec", {.split = "train", .categories = {"bottle"}})),
              ElementsAre("bottle/train/good/000.png"));
  EXPECT_EQ(ids_of(open("mvtec", {.split = "all", .categories = {"bottle"}})).size(), 4u);
  EXPECT_THAT(error("mvtec", {.split = "all"}), HasSubstr("'carpet' has no folder 'train'"));
  EXPECT_THAT(error("mvtec", {.split = "val"}), HasSubstr("no split 'val': it is 'train', 'test' or 'all'"));
  EXPECT_EQ(error("mvtec", {.categories = {"bottle", "wood"}}),
            "There is no category 'wood' in '" + root_.string() + "'; there are: 'bottle', 'carpet'.");
  EXPECT_EQ(open("mvtec", {.mask_above = 0}).mask_rule, MaskRule{.above = 0});
  EXPECT_THAT(error("mvtec", {.mask_above = 255}), HasSubstr("not above 255"));
}

TEST_F(Mvtec, StrangersAreNamed) {
  write_image("bottle_copy/test/good/000.png");
  EXPECT_THAT(error("mvtec"),
              HasSubstr("holds 'bottle_copy', which is not a category of the data set 'mvtec'"));
  const Dataset chosen = open("mvtec", {.categories = {"bottle_copy"}});
  EXPECT_EQ(chosen.categories[0].group, "") << "an own product in the same layout";
}

TEST_F(Mvtec, WhatIsIncomplete) {
  fs::remove(root_ / "bottle/ground_truth/broken_large/001_mask.png");
  EXPECT_THAT(error("mvtec"), AllOf(HasSubstr("broken_large/001.png' has no mask"),
                                    HasSubstr("broken_large/001_mask.png' is not there")));
  fs::create_directories(root_ / "wood");
  EXPECT_THAT(error("mvtec", {.categories = {"wood"}}), HasSubstr("'wood' has no folder 'test'"));
  fs::create_directories(root_ / "wood/test/good");
  EXPECT_THAT(error("mvtec", {.categories = {"wood"}}), HasSubstr("There are no images of 'wood'"));
}

TEST_F(Mvtec, LinksAreFollowedAndLoopsEnd) {
  fs::create_directory_symlink(root_, root_ / "bottle/test/loop");
  fs::create_directory_symlink("self", root_ / "self");
  fs::create_directory_symlink(root_ / "carpet", root_ / "leather");
  EXPECT_THAT(names_of(open("mvtec")), ElementsAre("bottle", "carpet", "leather"));
  fs::create_symlink("nowhere", root_ / "carpet/test/hole/001.png");
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { open("mvtec"); }),
              HasSubstr("001.png' is called an image, but no file is there"));
}

TEST_F(Mvtec, NamesAreUtf8) {
  write_image("bottle/test/good/\xFF.png");
  EXPECT_THAT(error("mvtec"), HasSubstr("is not text in UTF-8"));
}

class Visa : public DataFolder {
 protected:
  Visa() {
    write_image("candle/Data/Images/Normal/0000.JPG");
    write_image("candle/Data/Images/Normal/0001.JPG");
    write_image("candle/Data/Images/Anomaly/000.JPG");
    mask("candle/Data/Masks/Anomaly/000.png", 2, 3);
    list("");
  }
  void list(const std::string& more) const {
    write("split_csv/1cls.csv",
          "object,split,label,image,mask\n"
          "candle,train,normal,candle/Data/Images/Normal/0000.JPG,\n"
          "candle,test,normal,candle/Data/Images/Normal/0001.JPG,\n"
          "candle,test,anomaly,candle/Data/Images/Anomaly/000.JPG,candle/Data/Masks/Anomaly/000.png\n"
          "pcb1,test,normal,pcb1/Data/Images/Normal/0001.JPG,\n" +
              more);
  }
};

TEST_F(Visa, TestSplit) {
  const Dataset dataset = open("visa");
  EXPECT_THAT(names_of(dataset), ElementsAre("candle")) << "pcb1 was not unpacked";
  EXPECT_EQ(dataset.categories[0].group, "object");
  EXPECT_THAT(ids_of(dataset),
              ElementsAre("candle/Data/Images/Anomaly/000.JPG", "candle/Data/Images/Normal/0001.JPG"));
  const Sample& anomaly = dataset.categories[0].samples[0];
  EXPECT_EQ(anomaly.kind, "anomaly");
  EXPECT_EQ(dataset.categories[0].samples[1].kind, "good");
  const GroundTruth truth = ground_truth_of(dataset, anomaly);
  EXPECT_TRUE(truth.located) << "its masks hold small numbers";
  EXPECT_EQ(truth.mask.at(1, 1), 1);
  EXPECT_EQ(truth.mask.at(2, 2), 0);
  EXPECT_FALSE(ground_truth_of(open("visa", {.mask_above = 127}), anomaly).located);
  EXPECT_THAT(ids_of(open("visa", {.split = "train"})), ElementsAre("candle/Data/Images/Normal/0000.JPG"));
  EXPECT_EQ(ids_of(open("visa", {.split = "all"})).size(), 3u);
}

TEST_F(Visa, HostileLists) {
  const std::string image = "candle/Data/Images/Normal/0000.JPG";
  list("candle,test,normal,../../etc/passwd,\n");
  EXPECT_THAT(error("visa"), AllOf(HasSubstr("1cls.csv', line 6,"), HasSubstr("leads out")));
  list("candle,test,anomaly," + image + ",/etc/passwd\n");
  EXPECT_THAT(error("visa"), HasSubstr("not a name below"));
  list("../x,test,normal," + image + ",\n");
  EXPECT_THAT(error("visa"), HasSubstr("leads out"));
  list("candle,test,normal,candle/gone.JPG,\n");
  EXPECT_THAT(error("visa"), HasSubstr("candle/gone.JPG', which is not there"));
  list("candle,test,odd," + image + ",\n");
  EXPECT_THAT(error("visa"), HasSubstr("line 6, has the label 'odd'"));
  list("candle,val,normal," + image + ",\n");
  EXPECT_THAT(error("visa"), HasSubstr("has the split 'val'"));
  list("candle,test,anomaly," + image + ",\n");
  EXPECT_THAT(error("visa"), HasSubstr("line 6, is an anomaly without a mask"));
  list("candle,test,normal,candle/Data/Images/Normal/0001.JPG,\n");
  EXPECT_THAT(error("visa"), HasSubstr("'candle/Data/Images/Normal/0001.JPG' is listed twice"));
  write("split_csv/1cls.csv", "object,split,label,image\n");
  EXPECT_THAT(error("visa"), HasSubstr("has no column 'mask'"));
  write("split_csv/1cls.csv", "object,split,label,image,mask\n");
  EXPECT_THAT(error("visa"), HasSubstr("holds none of the categories"));
}

class Ksdd2 : public DataFolder {
 protected:
  Ksdd2() {
    write_image("train/10001.png");
    mask("train/10001_GT.png", 0);
    write_image("train/10000.png");
    mask("train/10000_GT.png", 2);
    mask("train/10000_GT (copy).png", 2);
    write_image("test/20000.png");
    mask("test/20000_GT.png", 0);
  }
};

TEST_F(Ksdd2, LabelsComeFromMasks) {
  const Dataset dataset = open("ksdd2");
  EXPECT_THAT(names_of(dataset), ElementsAre("ksdd2"));
  EXPECT_EQ(dataset.categories[0].group, "texture");
  EXPECT_THAT(ids_of(dataset), ElementsAre("train/10000.png", "train/10001.png"));
  EXPECT_TRUE(ground_truth_of(dataset, dataset.categories[0].samples[0]).anomalous);
  EXPECT_FALSE(ground_truth_of(dataset, dataset.categories[0].samples[1]).anomalous);
  EXPECT_THAT(ids_of(open("ksdd2", {.split = "test"})), ElementsAre("test/20000.png"));
  EXPECT_EQ(ids_of(open("ksdd2", {.split = "all"})).size(), 3u);
  EXPECT_THAT(error("ksdd2", {.categories = {"wood"}}), HasSubstr("no category 'wood'"));
  fs::remove(root_ / "train/10001_GT.png");
  EXPECT_THAT(error("ksdd2"), HasSubstr("10001_GT.png' is not there"));
  fs::remove_all(root_ / "train");
  EXPECT_THAT(error("ksdd2"), HasSubstr("no folder 'train'"));
}

class Mtd : public DataFolder {
 protected:
  Mtd() {
    write_image("MT_Blowhole/Imgs/exp1_num_2.jpg");
    mask("MT_Blowhole/Imgs/exp1_num_2.png", 2);
    write_image("MT_Uneven/Imgs/exp1_num_1.jpg");
    mask("MT_Uneven/Imgs/exp1_num_1.png", 2, 127);  // the soft rim of a drawing: not above 127
    write_image("MT_Free/Imgs/exp1_num_3.jpg");
    write("README.md");
  }
};

TEST_F(Mtd, EmptyMasksAreNormal) {
  const Dataset dataset = open("mtd");
  EXPECT_THAT(names_of(dataset), ElementsAre("mtd"));
  EXPECT_THAT(ids_of(dataset), ElementsAre("MT_Blowhole/Imgs/exp1_num_2.jpg", "MT_Free/Imgs/exp1_num_3.jpg",
                                           "MT_Uneven/Imgs/exp1_num_1.jpg"));
  const auto& samples = dataset.categories[0].samples;
  EXPECT_EQ(samples[0].kind, "blowhole");
  EXPECT_EQ(samples[1].kind, "good");
  EXPECT_EQ(samples[2].kind, "uneven");
  EXPECT_TRUE(ground_truth_of(dataset, samples[0]).anomalous);
  EXPECT_FALSE(ground_truth_of(dataset, samples[1]).anomalous);
  EXPECT_FALSE(ground_truth_of(dataset, samples[2]).anomalous);
  EXPECT_THAT(dataset.notes, ElementsAre(AllOf(HasSubstr("of which none counts as a defect"),
                                               HasSubstr("MT_Uneven/Imgs/exp1_num_1.png"))));
  EXPECT_TRUE(ground_truth_of(open("mtd", {.mask_above = 0}), samples[2]).anomalous);
  EXPECT_THAT(error("mtd", {.split = "test"}), HasSubstr("'mtd' has no split 'test'"));
  EXPECT_EQ(ids_of(open("mtd", {.split = "all"})).size(), 3u);
  fs::remove(root_ / "MT_Blowhole/Imgs/exp1_num_2.png");
  EXPECT_THAT(error("mtd"), HasSubstr("exp1_num_2.jpg' has no mask"));
}

TEST_F(Mtd, IsFoundNearby) {
  EXPECT_THAT(error("visa"), AllOf(HasSubstr("is not laid out as VisA: looked for split_csv/1cls.csv"),
                                   HasSubstr("found 'MT_Blowhole/', 'MT_Free/', 'MT_Uneven/', 'README.md'"),
                                   HasSubstr("looks like the layout 'mtd'")));
  const auto said = [](const fs::path& root) {
    return test::error_of(ErrorKind::kBadInput, [&] { open_dataset("mtd", root); });
  };
  EXPECT_THAT(said(root_ / "MT_Free"),
              HasSubstr("The folder above it, '" + root_.string() + "', looks like it."));
  EXPECT_THAT(said(root_ / "MT_Free/"), HasSubstr("The folder above it, '" + root_.string() + "'"));
  EXPECT_THAT(said(root_ / "README.md"), HasSubstr("is a file"));
  EXPECT_THAT(said(root_ / "no" / "where"),
              AllOf(HasSubstr("There is no folder"), HasSubstr("MT_KIND/Imgs")));
  EXPECT_THAT(said(""), HasSubstr("There is no folder ''"));
  fs::create_directories(root_ / "up");
  fs::rename(root_ / "MT_Free", root_ / "up/MT_Free");
  fs::rename(root_ / "MT_Blowhole", root_ / "up/MT_Blowhole");
  fs::remove_all(root_ / "MT_Uneven");
  EXPECT_THAT(said(root_), HasSubstr("'" + (root_ / "up").string() + "' looks like it."));
  fs::remove_all(root_ / "up");
  fs::remove(root_ / "README.md");
  EXPECT_THAT(said(root_), HasSubstr("found nothing."));
}

TEST_F(Mtd, FormsOfListsAreNoLayouts) {
  EXPECT_THAT(error("coco"), HasSubstr("The layout 'folder' reads COCO's annotations"));
  EXPECT_THAT(error("COCO"), HasSubstr("The layout 'folder' reads"));
}

TEST_F(Mtd, UnknownLayout) {
  EXPECT_EQ(error("imagenet"),
            "There is no layout 'imagenet' of data sets; there are: mvtec, visa, ksdd2, mtd, btad, loco, "
            "mvtec2, ksdd, "
            "folder.");
}

}  // namespace
}  // namespace anomalyvlm::eval
