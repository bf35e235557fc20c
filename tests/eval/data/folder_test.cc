// The user's own images.
#include "eval/data/small_sets.h"

namespace anomalyvlm::eval {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Folder : public DataFolder {
 protected:
  const Sample& sample(const Dataset& dataset, const std::string& id) const {
    for (const Sample& one : dataset.categories.at(0).samples)
      if (one.id == id) return one;
    ADD_FAILURE() << "no sample " << id;
    return dataset.categories.at(0).samples.at(0);
  }
  // boxes.json of these images, of 6 x 4 pixels, with one box each where the name has a '+' in front.
  void boxes(const std::vector<std::string>& names) const {
    std::string images, annotations;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool marked = names[i].starts_with('+');
      const std::string id = std::to_string(i);
      images += (i ? "," : "") + std::string(R"({"id": )") + id + R"(, "file_name": ")" +
                names[i].substr(marked) + R"(", "width": 6, "height": 4})";
      if (marked)
        annotations += (annotations.empty() ? "" : ",") + std::string(R"({"image_id": )") + id +
                       R"(, "category_id": 5, "bbox": [1, 1, 3, 2]})";
    }
    write("boxes.json", R"({"images": [)" + images + R"(], "annotations": [)" + annotations +
                            R"(], "categories": [{"id": 5, "name": "dent"}]})");
  }
};

TEST_F(Folder, ImagesAndMasks) {
  write_image("images/a.JPG");
  write_image("images/b.png");
  write_image("images/c.v2.png");
  mask("masks/a.png");
  mask("masks/c.v2.bmp", 0);
  write("images/Thumbs.db");
  const Dataset dataset = open("folder");
  EXPECT_THAT(names_of(dataset), ElementsAre(root_.filename().string()));
  EXPECT_EQ(dataset.categories[0].group, "");
  EXPECT_THAT(ids_of(dataset), ElementsAre("images/a.JPG", "images/b.png", "images/c.v2.png"));
  EXPECT_EQ(sample(dataset, "images/a.JPG").kind, "defect");
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "images/a.JPG")).anomalous);
  EXPECT_EQ(sample(dataset, "images/b.png").kind, "good");
  EXPECT_FALSE(ground_truth_of(dataset, sample(dataset, "images/b.png")).anomalous);
  EXPECT_FALSE(ground_truth_of(dataset, sample(dataset, "images/c.v2.png")).anomalous) << "its mask is empty";
  EXPECT_EQ(ids_of(open("folder", {.categories = {root_.filename().string()}})).size(), 3u);
  EXPECT_THAT(error("folder", {.categories = {"x"}}), HasSubstr("no category 'x'"));
  EXPECT_THAT(error("folder", {.split = "train"}), HasSubstr("has no split 'train'"));
}

TEST_F(Folder, MasksThatDoNotFit) {
  write_image("images/a.png");
  mask("masks/b.png");
  EXPECT_THAT(error("folder"),
              AllOf(HasSubstr("masks/b.png' has no image"), HasSubstr("images/b' with any")));
  fs::rename(root_ / "masks/b.png", root_ / "masks/a.png");
  mask("masks/a.bmp");
  EXPECT_THAT(error("folder"), AllOf(HasSubstr("Two masks"), HasSubstr("masks/a.bmp' and")));
  fs::remove(root_ / "masks/a.bmp");
  write_image("images/a.jpg");
  EXPECT_THAT(error("folder"), HasSubstr("masks/a.png' fits two images: 'images/a.jpg' and 'images/a.png'"));
  fs::remove_all(root_ / "masks");
  EXPECT_THAT(error("folder"), AllOf(HasSubstr("Nothing in"), HasSubstr("found 'images/'")));
}

TEST_F(Folder, LabelsGiveKindAndLabel) {
  for (const char* name : {"a", "b", "c", "d"}) write_image("images/" + std::string(name) + ".png");
  mask("masks/a.png");
  mask("masks/d.png", 0);
  write("labels.csv",
        "file,label,class\na.png,1,scratch\nb.png,bad,\nimages/c.png,0,template\nd.png,1,faint\n");
  const Dataset dataset = open("folder");
  EXPECT_EQ(sample(dataset, "images/a.png").kind, "scratch");
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "images/a.png")).located);
  EXPECT_EQ(sample(dataset, "images/b.png").kind, "defect");
  const GroundTruth nowhere = ground_truth_of(dataset, sample(dataset, "images/b.png"));
  EXPECT_TRUE(nowhere.anomalous && !nowhere.located && nowhere.mask.values.empty());
  EXPECT_EQ(sample(dataset, "images/c.png").kind, "good");
  const GroundTruth faint = ground_truth_of(dataset, sample(dataset, "images/d.png"));
  EXPECT_TRUE(faint.anomalous && !faint.located) << "its label knows more than its empty mask";
}

TEST_F(Folder, LabelsThatDoNotFit) {
  write_image("images/a.png");
  write_image("images/b.png");
  const auto labels = [&](const std::string& rows) {
    write("labels.csv", "file,label\n" + rows);
    return error("folder");
  };
  EXPECT_THAT(labels("a.png,1\n"), HasSubstr("labels.csv' does not name the image 'images/b.png'"));
  EXPECT_THAT(labels("a.png,1\nb.png,0\nc.png,0\n"),
              HasSubstr("line 4, names the file 'c.png', which is not in"));
  EXPECT_THAT(labels("a.png,1\nb.png,maybe\n"), HasSubstr("line 3, has the label 'maybe'"));
  EXPECT_THAT(labels("a.png,1\n./a.png,0\nb.png,0\n"),
              HasSubstr("line 3, names 'images/a.png' for the second"));
  EXPECT_THAT(labels("a.png,1\n../b.png,0\n"), HasSubstr("leads out"));
  write_image("c.png");
  EXPECT_THAT(labels("a.png,1\nb.png,0\nc.png,0\n"), HasSubstr("line 4, names 'c.png', which is not among"));
  write("labels.csv", "photo;label\na.png;1\n");
  EXPECT_THAT(
      error("folder"),
      HasSubstr("has no column 'file'; its first line names, separated by semicolons: 'photo', 'label'"));
  write("labels.csv", "file,label\na.png,0\nb.png,0\n");
  mask("masks/a.png");
  const Dataset dataset = open("folder");
  EXPECT_THAT(
      test::error_of(ErrorKind::kBadInput,
                     [&] { ground_truth_of(dataset, sample(dataset, "images/a.png")); }),
      AllOf(HasSubstr("images/a.png' is said to be normal"), HasSubstr("masks/a.png' shows a defect")));
}

TEST_F(Folder, LabelsAlone) {
  write_image("day1/a.png");
  write_image("day2/a.png");
  write_image("day2/not_listed.png");
  mask("masks/day2/a.png");
  write("labels.csv", "file,label\nday1/a.png,0\nday2/a.png,1\n");
  const Dataset dataset = open("folder");
  EXPECT_THAT(ids_of(dataset), ElementsAre("day1/a.png", "day2/a.png"));
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "day2/a.png")).located);
  EXPECT_FALSE(ground_truth_of(dataset, sample(dataset, "day1/a.png")).anomalous);
}

TEST_F(Folder, Boxes) {
  write_image("images/a.png");
  write_image("images/b.png");
  boxes({"+images/a.png", "b.png"});
  const Dataset dataset = open("folder");
  const Sample& marked = sample(dataset, "images/a.png");
  EXPECT_EQ(marked.kind, "dent");
  EXPECT_EQ(marked.marks_width, 6);
  const GroundTruth truth = ground_truth_of(dataset, marked);
  EXPECT_TRUE(truth.anomalous && truth.located && truth.from_boxes);
  EXPECT_EQ(truth.mask.at(1, 1) + truth.mask.at(3, 2), 2);
  EXPECT_EQ(truth.mask.at(0, 1) + truth.mask.at(4, 2), 0);
  EXPECT_FALSE(ground_truth_of(dataset, sample(dataset, "images/b.png")).anomalous);

  write_image("images/c.png");
  EXPECT_THAT(error("folder"), HasSubstr("does not list the image 'images/c.png'"));
  boxes({"+a.png", "b.png", "images/a.png", "c.png"});
  EXPECT_THAT(error("folder"), HasSubstr("boxes.json' lists 'images/a.png' twice"));
  boxes({"+a.png", "b.png", "c.png", "d.png"});
  EXPECT_THAT(error("folder"), HasSubstr("names the file 'd.png', which is not in"));
  boxes({"+a.png", "b.png", "c.png"});
  write("labels.csv", "file,label\na.png,0\nb.png,0\nc.png,1\n");
  EXPECT_THAT(error("folder"), AllOf(HasSubstr("has annotations of 'images/a.png'"), HasSubstr("line 2")));
  write("labels.csv", "file,label\na.png,1\nb.png,0\nc.png,1\n");
  EXPECT_FALSE(ground_truth_of(open("folder"), sample(open("folder"), "images/c.png")).located);
}

TEST_F(Folder, MasksWinOverBoxes) {
  write_image("images/a.png");
  write_image("images/b.png");
  mask("masks/a.png", 1);
  boxes({"+a.png", "+b.png"});
  const Dataset dataset = open("folder");
  EXPECT_TRUE(sample(dataset, "images/a.png").marks.empty());
  EXPECT_EQ(sample(dataset, "images/a.png").kind, "dent");
  EXPECT_FALSE(ground_truth_of(dataset, sample(dataset, "images/a.png")).from_boxes);
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "images/b.png")).from_boxes);
}

TEST_F(Folder, BoxesAlone) {
  write_image("a.png");
  write_image("b.png");
  boxes({"+a.png", "b.png"});
  EXPECT_THAT(ids_of(open("folder")), ElementsAre("a.png", "b.png"));
}

TEST_F(Folder, KindsAreFolders) {
  write_image("Good/a.png");
  write_image("deep scratch/a.png");
  write_image("NG/x.png");
  fs::create_directories(root_ / "notes");
  mask("masks/NG/x.png");
  const Dataset dataset = open("folder");
  EXPECT_THAT(ids_of(dataset), ElementsAre("Good/a.png", "NG/x.png", "deep scratch/a.png"));
  EXPECT_EQ(sample(dataset, "Good/a.png").kind, "good");
  EXPECT_EQ(sample(dataset, "NG/x.png").kind, "NG");
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "NG/x.png")).located);
  EXPECT_FALSE(ground_truth_of(dataset, sample(dataset, "deep scratch/a.png")).located);
  write("labels.csv", "file,label\nGood/a.png,1\nNG/x.png,1\ndeep scratch/a.png,1\n");
  EXPECT_THAT(error("folder"), AllOf(HasSubstr("line 2,"), HasSubstr("the folder 'Good' do not agree")));
  fs::remove(root_ / "labels.csv");
  fs::create_directories(root_ / "ok");
  EXPECT_THAT(error("folder"), HasSubstr("no images in '" + (root_ / "ok").string() + "'; found nothing"));
}

TEST_F(Folder, KindsBelowImages) {
  write_image("images/good/a.png");
  write_image("images/dent/a.png");
  mask("masks/dent/a.png");
  EXPECT_THAT(ids_of(open("folder")), ElementsAre("images/dent/a.png", "images/good/a.png"));
  write_image("images/b.png");
  EXPECT_THAT(error("folder"), HasSubstr("images and folders of images ('dent', 'good')"));
}

TEST_F(Folder, NothingThere) {
  EXPECT_THAT(error("folder"), AllOf(HasSubstr("is not laid out as"), HasSubstr("found nothing.")));
  fs::create_directories(root_ / "images");
  EXPECT_THAT(error("folder"), HasSubstr("There are no images of"));
  write("images/.hidden.png");
  EXPECT_THAT(error("folder"), HasSubstr("There are no images of"));
}

TEST_F(Folder, LoopsEnd) {
  write_image("images/a.png");
  mask("masks/a.png");
  fs::create_directory_symlink(root_, root_ / "masks/loop");
  fs::create_directory_symlink(root_, root_ / "images/loop");
  EXPECT_THAT(ids_of(open("folder")), ElementsAre("images/a.png"));
}

// Folders of masks have many names, and none of them is a kind of defect.
TEST_F(Folder, MaskFoldersOfAllNames) {
  for (const char* name :
       {"mask", "ground_truth", "groundtruth", "GT", "label", "labels", "annotations", "SegmentationClass",
        "Masks", "truth", "Masken", "labelled", "annotated", "m\u00E1scaras"}) {
    write_image("good/g.png");
    write_image("bad/b.png");
    mask(std::string(name) + "/b.png");
    const Dataset dataset = open("folder");
    EXPECT_THAT(ids_of(dataset), ElementsAre("bad/b.png", "good/g.png")) << name;
    EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "bad/b.png")).located) << name;
    EXPECT_THAT(dataset.notes, ElementsAre(HasSubstr("were taken for masks"))) << name;
    fs::rename(root_ / name, root_ / "moved");
    fs::create_directories(root_ / name / "bad");
    fs::rename(root_ / "moved/b.png", root_ / name / "bad/b_mask.png");
    fs::remove_all(root_ / "moved");
    const Dataset by_kind = open("folder");
    EXPECT_TRUE(ground_truth_of(by_kind, sample(by_kind, "bad/b.png")).located) << name;
    fs::remove_all(root_ / name);
  }
}

TEST_F(Folder, MasksBesideImagesAndInKinds) {
  write_image("good/g.png");
  write_image("bad/a.jpg");
  mask("bad/a_mask.png");
  write_image("crack/b.png");
  mask("crack/masks/b.png");
  write_image("dent/c.png");
  mask("dent_mask/c.png");
  const Dataset dataset = open("folder");
  EXPECT_THAT(ids_of(dataset), ElementsAre("bad/a.jpg", "crack/b.png", "dent/c.png", "good/g.png"));
  for (const char* id : {"bad/a.jpg", "crack/b.png", "dent/c.png"})
    EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, id)).located) << id;
}

TEST_F(Folder, MasksBesideImagesWithoutKinds) {
  write_image("images/a.jpg");
  mask("images/a_GT.png");
  write_image("images/b.jpg");
  const Dataset dataset = open("folder");
  EXPECT_THAT(ids_of(dataset), ElementsAre("images/a.jpg", "images/b.jpg"));
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "images/a.jpg")).anomalous);
  EXPECT_FALSE(ground_truth_of(dataset, sample(dataset, "images/b.jpg")).anomalous);
}

TEST_F(Folder, FlatMasksOfSeveralKinds) {
  write_image("good/000.png");
  write_image("crack/000.png");
  mask("mask/000.png");
  const Dataset dataset = open("folder");
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "crack/000.png")).located);
  EXPECT_TRUE(sample(dataset, "good/000.png").masks.empty());
  write_image("dent/000.png");
  EXPECT_THAT(error("folder"), HasSubstr("mask/000.png' fits two images"));
}

TEST_F(Folder, LabelsMayBeWhatIsPhotographed) {
  write_image("good/a.png");
  write_image("cap/b.png");
  FloatMap photo{16, 16, std::vector<float>(256)};
  for (std::size_t i = 0; i < photo.values.size(); ++i) photo.values[i] = static_cast<float>(i);
  fs::create_directories(root_ / "label");
  write_png_gray8(root_ / "label/b.png", photo, 0, 255);
  EXPECT_THAT(ids_of(open("folder")), ElementsAre("cap/b.png", "good/a.png", "label/b.png"));
}

TEST_F(Folder, WhatMayBeMasksUnderAnotherNameIsNoted) {
  write_image("good/a.png");
  write_image("bad/b.png");
  write_image("bad/c.png");
  mask("wahrheit/b.png");
  const Dataset dataset = open("folder");
  EXPECT_THAT(ids_of(dataset), testing::Contains("wahrheit/b.png"));
  EXPECT_THAT(dataset.notes, testing::Contains(AllOf(HasSubstr("All images in 'wahrheit/' bear the names"),
                                                     HasSubstr("call the folder 'masks'"))));
  mask("wahrheit/d.png");
  EXPECT_THAT(open("folder").notes, testing::Not(testing::Contains(HasSubstr("bear the names"))));
}

TEST_F(Folder, ClassesAndObjectsAreTheSameMasks) {
  write_image("JPEGImages/a.jpg");
  mask("SegmentationClass/a.png");
  mask("SegmentationObject/a.png");
  const Dataset dataset = open("folder");
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "JPEGImages/a.jpg")).located);
  EXPECT_THAT(dataset.notes, testing::Contains(HasSubstr("'SegmentationObject'")));
}

TEST_F(Folder, WhatIsPassedOverIsTold) {
  write_image("images/a.png");
  mask("masks/a.png");
  write("images/b.gif");
  write("images/c.json");
  write_image("d.png");
  write_image("more/e.png");
  write("labels/a.txt");
  EXPECT_THAT(
      open("folder").notes,
      ElementsAre(AllOf(HasSubstr("1 image of another place or name than the data set's ('d.png')"),
                        HasSubstr("2 files that are not read as images ('images/b.gif', 'images/c.json')"),
                        HasSubstr("2 subfolders ('labels', 'more')"),
                        HasSubstr("GIF is not read; convert it to PNG."))));
}

TEST_F(Folder, NamesThatAreSpeltOtherwise) {
  const std::string decomposed =
                        "Lo\xCC\x88"
                        "cher_a\xCC\x88",
                    composed =
                        "L\xC3\xB6"
                        "cher_\xC3\xA4";
  write_image("images/" + decomposed + ".png");
  write_image("images/B.PNG");
  mask("masks/" + composed + ".png");
  write("labels.csv", "file,label\n" + composed + ".png,1\nb.png,0\n");
  const Dataset dataset = open("folder");
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "images/" + decomposed + ".png")).located);
  EXPECT_THAT(dataset.notes,
              ElementsAre(HasSubstr("2 names in 'labels.csv' were matched to files whose names differ")));
  write_image("images/b.Png");
  EXPECT_THAT(error("folder"), HasSubstr("which may be any of 'B.PNG', 'b.Png'"));
}

TEST_F(Folder, ListsNameFilesInFoldersOfKinds) {
  write_image("good/g.png");
  write_image("bad/b.png");
  boxes({"+b.png", "g.png"});
  const Dataset dataset = open("folder");
  EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "bad/b.png")).from_boxes);
}

TEST_F(Folder, WordsOfLabels) {
  for (const char* name : {"a", "b"}) write_image("images/" + std::string(name) + ".png");
  for (const auto& [bad, good] : std::vector<std::pair<std::string, std::string>>{{"TRUE", "FALSE"},
                                                                                  {"WAHR", "FALSCH"},
                                                                                  {"Fail", "Pass"},
                                                                                  {"NG", "OK"},
                                                                                  {"bad", "good"},
                                                                                  {"yes", "no"},
                                                                                  {"1.0", "0.0"},
                                                                                  {"ja", "Nein"},
                                                                                  {"not_ok", "ok"},
                                                                                  {"scrap", "accepted"},
                                                                                  {"VRAI", "FAUX"}}) {
    write("labels.csv",
          "\xEF\xBB\xBF"
          "FileName;Defect;Class\r\na.png;" +
              bad + ";dent\r\nb.png;" + good + ";\r\n;;\r\n");
    const Dataset dataset = open("folder");
    EXPECT_EQ(sample(dataset, "images/a.png").kind, "dent") << bad;
    EXPECT_EQ(sample(dataset, "images/b.png").label, Label::kNormal) << good;
  }
  write("labels.csv", "file,label\n\xF6.png,1\n");
  EXPECT_THAT(error("folder"), HasSubstr("was read as Windows-1252"));
}

TEST_F(Folder, AnnotationsUnderOtherNames) {
  write_image("images/a.png");
  write_image("images/b.png");
  boxes({"+a.png", "b.png"});
  for (const char* name : {"annotations.json", "annotations/instances_default.json",
                           "annotations/instances_train2017.json", "_annotations.coco.json"}) {
    fs::create_directories(root_ / "annotations");
    fs::rename(root_ / "boxes.json", root_ / name);
    const Dataset dataset = open("folder");
    EXPECT_TRUE(ground_truth_of(dataset, sample(dataset, "images/a.png")).from_boxes) << name;
    EXPECT_THAT(dataset.notes, testing::IsEmpty()) << name;
    fs::rename(root_ / name, root_ / "boxes.json");
  }
}

}  // namespace
}  // namespace anomalyvlm::eval
