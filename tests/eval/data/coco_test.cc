#include "eval/data/coco.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/platform.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using testing::HasSubstr;

// A list of one image of 100 x 50 pixels and these annotations.
std::string list_of(const std::string& annotations, const std::string& image = "") {
  const std::string one = R"({"id": 7, "file_name": "images/a.png", "width": 100, "height": 50})";
  return R"({"images": [)" + (image.empty() ? one : image) + R"(], "annotations": [)" + annotations +
         R"(], "categories": [{"id": 1, "name": "short"}, {"id": 2, "name": "open"}]})";
}

std::string box(const std::string& numbers, int category = 1) {
  return R"({"image_id": 7, "category_id": )" + std::to_string(category) + R"(, "bbox": )" + numbers + "}";
}

std::string refused_coco(const std::string& text) {
  const std::string said = test::error_of(ErrorKind::kBadInput, [&] { parse_coco(text, "b.json"); });
  EXPECT_THAT(said, HasSubstr("'b.json'"));
  return said;
}

TEST(Coco, BoxesOfImages) {
  const auto images =
      parse_coco(list_of(box("[1, 2.5, 10, 20]") + "," + box("[90, -5, 30, 10]")), "b.json").images;
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].file, "images/a.png");
  EXPECT_EQ(images[0].width, 100);
  EXPECT_EQ(images[0].kind, "short");
  ASSERT_EQ(images[0].marks.size(), 2u);
  EXPECT_EQ(images[0].marks[0].box.x1, 11);
  EXPECT_EQ(images[0].marks[0].box.y1, 22.5f);
  EXPECT_EQ(images[0].marks[1].box.x1, 100) << "clipped";
  EXPECT_EQ(images[0].marks[1].box.y0, 0) << "clipped";
}

TEST(Coco, Kinds) {
  const auto kind = [](const std::string& annotations) {
    return parse_coco(list_of(annotations), "b.json").images[0].kind;
  };
  EXPECT_EQ(kind(""), "defect");
  EXPECT_EQ(kind(box("[1, 1, 2, 2]", 2) + "," + box("[3, 1, 2, 2]", 2)), "open");
  EXPECT_EQ(kind(box("[1, 1, 2, 2]", 1) + "," + box("[3, 1, 2, 2]", 2)), "mixed");
  EXPECT_EQ(kind(box("[1, 1, 2, 2]", 99)), "defect");
}

TEST(Coco, BoxesThatAreNone) {
  for (const char* numbers : {"[1, 2, 3]", "[1, 2, 3, 4, 5]", "[1, 2, \"3\", 4]", "[1, 2, null, 4]", "7",
                              "[1, 2, 3, 1e300]", "[[1], 2, 3, 4]"})
    EXPECT_THAT(refused_coco(list_of(box(numbers))), HasSubstr("is not [x, y, width, height]")) << numbers;
  // JSON has no such numbers, but some programs write them.
  for (const char* numbers : {"[NaN, 2, 3, 4]", "[1, 2, Infinity, 4]", "[1, 2, 3, 1e999]"})
    EXPECT_THAT(refused_coco(list_of(box(numbers))), HasSubstr("is not JSON")) << numbers;
  for (const char* numbers : {"[1, 2, 0, 4]", "[1, 2, 3, -4]", "[9e8, 2, 0.001, 4]"})
    EXPECT_THAT(refused_coco(list_of(box(numbers))), HasSubstr("has no area")) << numbers;
  for (const char* numbers : {"[100, 2, 3, 4]", "[1, -9, 3, 4]"})
    EXPECT_THAT(refused_coco(list_of(box(numbers))), HasSubstr("lies outside")) << numbers;
  EXPECT_THAT(refused_coco(list_of(R"({"image_id": 8, "bbox": [1, 2, 3, 4]})")),
              HasSubstr("an annotation for an image of id 8, which it does not list"));
}

TEST(Coco, OutlinesWinOverBoxes) {
  const auto marks_of = [](const std::string& more) {
    return parse_coco(list_of(R"({"image_id": 7, )" + more + "}"), "b.json").images.at(0).marks;
  };
  const auto both =
      marks_of(R"("bbox": [0, 0, 90, 40], "segmentation": [[1, 2, 11, 2, 11, 8], [20, 20, 30, 20, 25, 30]])");
  ASSERT_EQ(both.size(), 1u);
  EXPECT_EQ(both[0].outlines.size(), 2u);
  EXPECT_EQ(both[0].box.x1, 30);
  EXPECT_EQ(both[0].box.y0, 2);
  EXPECT_FALSE(both[0].only_box());
  EXPECT_EQ(marks_of(R"("segmentation": [1, 2, 11, 2, 11, 8])")[0].outlines.size(), 1u) << "without its list";
  for (const char* none : {"[]", "null", "[[]]", "{}"})
    EXPECT_TRUE(marks_of(R"("bbox": [1, 1, 5, 5], "segmentation": )" + std::string(none))[0].only_box())
        << none;
  for (const char* bad : {"[[1, 2, 3, 4]]", "[[1, 2, 3, 4, 5, 6, 7]]", "[[1, 2, 3, \"4\", 5, 6]]", "7",
                          "[[1, 2, 3, 4, 5, 1e300]]", "\"x\"", "[{\"x\": 1}]"})
    EXPECT_THAT(refused_coco(list_of(R"({"image_id": 7, "segmentation": )" + std::string(bad) + "}")),
                HasSubstr("has an outline of 'images/a.png' that is not [x, y, x, y, ...]"))
        << bad;
  EXPECT_THAT(refused_coco(list_of(R"({"image_id": 7, "segmentation": [[200, 1, 210, 1, 205, 9]]})")),
              HasSubstr("an outline of 'images/a.png' that lies outside of it"));
}

TEST(Coco, RunLengths) {
  const std::string image = R"({"id": 7, "file_name": "a.png", "width": 4, "height": 3})";
  const auto read = [&](const std::string& runs) {
    return list_of(R"({"image_id": 7, "iscrowd": 1, "segmentation": )" + runs + "}", image);
  };
  // Down the columns: two pixels of the second column and one of the third.
  for (const char* runs :
       {R"({"size": [3, 4], "counts": [4, 3, 5]})", R"({"size": [3, 4], "counts": "435"})"}) {
    const auto marks = parse_coco(read(runs), "b.json").images.at(0).marks;
    ASSERT_EQ(marks.size(), 1u);
    const Mask mask = covered_by(marks, 4, 3, "X");
    EXPECT_EQ(mask.values, (std::vector<std::uint8_t>{0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0})) << runs;
    EXPECT_EQ(marks[0].box.x0, 1);
    EXPECT_EQ(marks[0].box.x1, 3);
    EXPECT_EQ(marks[0].box.y0, 0);
    EXPECT_EQ(marks[0].box.y1, 3);
  }
  EXPECT_THAT(refused_coco(read(R"({"size": [4, 3], "counts": [4, 3, 5]})")),
              HasSubstr("for 3 x 4 pixels, but says that it has 4 x 3"));
  EXPECT_THAT(refused_coco(read(R"({"size": [3, 4], "counts": [4, 3]})")), HasSubstr("add up to 7 pixels"));
  EXPECT_THAT(refused_coco(read(R"({"size": [3, 4], "counts": [12]})")), HasSubstr("mark no pixel"));
  EXPECT_THAT(refused_coco(read(R"({"size": [3, 4], "counts": [4, -3, 11]})")), HasSubstr("are not counts"));
  EXPECT_THAT(refused_coco(read(R"({"size": [3, 4], "counts": "~~"})")), HasSubstr("cannot be read"));
  for (const char* size : {"[3]", "[0, 4]", "[3.5, 4]", "7"})
    EXPECT_THAT(refused_coco(read(R"({"counts": [12], "size": )" + std::string(size) + "}")),
                HasSubstr("without a \"size\""))
        << size;
}

TEST(Coco, WhatIsMarkedTwiceCountsOnce) {
  const CocoList list = parse_coco(list_of(box("[1, 2, 10, 20]") + "," + box("[1, 2, 10, 20]", 2) + "," +
                                           box("[1.2, 2, 10, 20]") + "," + box("[40, 2, 10, 20]")),
                                   "b.json");
  EXPECT_EQ(list.images[0].marks.size(), 2u);
  ASSERT_EQ(list.notes.size(), 1u);
  EXPECT_EQ(list.notes[0],
            "2 annotations of 'b.json' mark what another one marks already, and are not counted again.");
}

TEST(Coco, AnnotationsWithoutPlace) {
  const CocoList list = parse_coco(list_of(R"({"image_id": 7, "keypoints": [1, 2, 2]})"), "b.json");
  EXPECT_TRUE(list.images[0].annotated);
  EXPECT_TRUE(list.images[0].marks.empty());
  ASSERT_EQ(list.notes.size(), 1u);
  EXPECT_THAT(list.notes[0], HasSubstr("1 annotation of 'b.json' has neither outline nor box"));
}

TEST(Coco, ListsThatAreNone) {
  for (const char* text : {"", "[", "{\"images\": [}", "\xFF"})
    EXPECT_THAT(refused_coco(text), HasSubstr("is not JSON"));
  EXPECT_THAT(refused_coco(std::string(1'000'000, '[')), HasSubstr("is not JSON"));
  EXPECT_THAT(refused_coco(std::string(100'000, '[') + std::string(100'000, ']')),
              HasSubstr("is not an object"));
  EXPECT_THAT(refused_coco("[]"), HasSubstr("is not an object"));
  EXPECT_THAT(refused_coco("{}"), HasSubstr("has no list \"images\""));
  EXPECT_THAT(refused_coco(R"({"images": {}})"), HasSubstr("has no list \"images\""));
  EXPECT_THAT(refused_coco(R"({"images": []})"), HasSubstr("has no list \"annotations\""));
  EXPECT_THAT(refused_coco(list_of("1")), HasSubstr("whole number \"image_id\""));
  EXPECT_THAT(refused_coco(list_of("", "1")), HasSubstr("whole number \"id\""));
  EXPECT_THAT(refused_coco(list_of("", R"({"id": 1.5, "file_name": "a.png"})")),
              HasSubstr("whole number \"id\""));
  EXPECT_THAT(refused_coco(list_of("", R"({"id": 1, "file_name": 2})")), HasSubstr("text \"file_name\""));
  EXPECT_THAT(refused_coco(list_of("", R"({"id": 1, "file_name": "../a.png"})")), HasSubstr("leads out"));
  EXPECT_THAT(refused_coco(list_of("", R"({"id": 1, "file_name": "a.png", "width": 0})")),
              HasSubstr("width 0"));
  EXPECT_THAT(refused_coco(list_of("", R"({"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"})")),
              HasSubstr("two images of id 1"));
  EXPECT_THAT(refused_coco(list_of("", R"({"id": 1, "file_name": "a"}, {"id": 2, "file_name": "./a"})")),
              HasSubstr("the image 'a' twice"));
}

TEST(Coco, FilesAreLimited) {
  const test::TemporaryFolder folder;
  const std::string file = folder / "large.json";
  write_file_atomically(file, std::string("{}"));
  std::filesystem::resize_file(file, 129u << 20);
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { read_coco(file); }), HasSubstr("more than the 134217728"));
}

TEST(Coco, AProblemOfRunLengthsIsToldOnce) {
  const std::string said = refused_coco(list_of(
      R"({"image_id": 7, "iscrowd": 1, "segmentation": {"size": [50, 100], "counts": [10, -5, 4995]}})"));
  EXPECT_EQ(said.find("'b.json'"), said.rfind("'b.json'")) << said;
  EXPECT_THAT(said, HasSubstr("not counts of pixels"));
}

TEST(Coco, InUtf16) {
  const test::TemporaryFolder folder;
  const std::string text = list_of(box("[1, 2, 10, 20]"));
  for (const bool mark : {true, false}) {
    std::string wide = mark ? "\xFF\xFE" : "";
    for (const char c : text) wide += {c, '\0'};
    write_file_atomically(folder / "b.json", wide);
    EXPECT_EQ(read_coco(folder / "b.json").images.size(), 1u) << mark;
  }
}

}  // namespace
}  // namespace anomalyvlm::eval
