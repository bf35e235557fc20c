#include "eval/data/coco.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/platform.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using testing::HasSubstr;

// A list of one picture of 100 x 50 pixels and these annotations.
std::string list_of(const std::string& annotations, const std::string& image = "") {
  const std::string one = R"({"id": 7, "file_name": "images/a.png", "width": 100, "height": 50})";
  return R"({"images": [)" + (image.empty() ? one : image) + R"(], "annotations": [)" + annotations +
         R"(], "categories": [{"id": 1, "name": "short"}, {"id": 2, "name": "open"}]})";
}

std::string box(const std::string& numbers, int category = 1) {
  return R"({"image_id": 7, "category_id": )" + std::to_string(category) + R"(, "bbox": )" + numbers + "}";
}

std::string refused(const std::string& text) {
  const std::string said = test::error_of(ErrorKind::kBadInput, [&] { parse_coco(text, "b.json"); });
  EXPECT_THAT(said, HasSubstr("'b.json'"));
  return said;
}

TEST(Coco, BoxesOfPictures) {
  const auto images = parse_coco(list_of(box("[1, 2.5, 10, 20]") + "," + box("[90, -5, 30, 10]")), "b.json");
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].file, "images/a.png");
  EXPECT_EQ(images[0].width, 100);
  EXPECT_EQ(images[0].kind, "short");
  ASSERT_EQ(images[0].boxes.size(), 2u);
  EXPECT_EQ(images[0].boxes[0].x1, 11);
  EXPECT_EQ(images[0].boxes[0].y1, 22.5f);
  EXPECT_EQ(images[0].boxes[1].x1, 100) << "clipped";
  EXPECT_EQ(images[0].boxes[1].y0, 0) << "clipped";
}

TEST(Coco, Kinds) {
  const auto kind = [](const std::string& annotations) {
    return parse_coco(list_of(annotations), "b.json")[0].kind;
  };
  EXPECT_EQ(kind(""), "defect");
  EXPECT_EQ(kind(box("[1, 1, 2, 2]", 2) + "," + box("[3, 1, 2, 2]", 2)), "open");
  EXPECT_EQ(kind(box("[1, 1, 2, 2]", 1) + "," + box("[3, 1, 2, 2]", 2)), "mixed");
  EXPECT_EQ(kind(box("[1, 1, 2, 2]", 99)), "defect");
}

TEST(Coco, BoxesThatAreNone) {
  for (const char* numbers : {"[1, 2, 3]", "[1, 2, 3, 4, 5]", "[1, 2, \"3\", 4]", "[1, 2, null, 4]", "{}",
                              "7", "[1, 2, 3, 1e300]", "[[1], 2, 3, 4]"})
    EXPECT_THAT(refused(list_of(box(numbers))), HasSubstr("is not [x, y, width, height]")) << numbers;
  EXPECT_THAT(refused(list_of(R"({"image_id": 7})")), HasSubstr("is not [x, y"));
  // JSON has no such numbers, but some programs write them.
  for (const char* numbers : {"[NaN, 2, 3, 4]", "[1, 2, Infinity, 4]", "[1, 2, 3, 1e999]"})
    EXPECT_THAT(refused(list_of(box(numbers))), HasSubstr("is not JSON")) << numbers;
  for (const char* numbers : {"[1, 2, 0, 4]", "[1, 2, 3, -4]", "[9e8, 2, 0.001, 4]"})
    EXPECT_THAT(refused(list_of(box(numbers))), HasSubstr("has no area")) << numbers;
  for (const char* numbers : {"[100, 2, 3, 4]", "[1, -9, 3, 4]"})
    EXPECT_THAT(refused(list_of(box(numbers))), HasSubstr("lies outside")) << numbers;
  EXPECT_THAT(refused(list_of(R"({"image_id": 8, "bbox": [1, 2, 3, 4]})")),
              HasSubstr("a picture of id 8, which it does not list"));
}

TEST(Coco, ListsThatAreNone) {
  for (const char* text : {"", "[", "{\"images\": [}", "\xFF"})
    EXPECT_THAT(refused(text), HasSubstr("is not JSON"));
  EXPECT_THAT(refused(std::string(1'000'000, '[')), HasSubstr("is not JSON"));
  EXPECT_THAT(refused(std::string(100'000, '[') + std::string(100'000, ']')), HasSubstr("is no object"));
  EXPECT_THAT(refused("[]"), HasSubstr("is no object"));
  EXPECT_THAT(refused("{}"), HasSubstr("has no list \"images\""));
  EXPECT_THAT(refused(R"({"images": {}})"), HasSubstr("has no list \"images\""));
  EXPECT_THAT(refused(R"({"images": []})"), HasSubstr("has no list \"annotations\""));
  EXPECT_THAT(refused(list_of("1")), HasSubstr("whole number \"image_id\""));
  EXPECT_THAT(refused(list_of("", "1")), HasSubstr("whole number \"id\""));
  EXPECT_THAT(refused(list_of("", R"({"id": 1.5, "file_name": "a.png"})")), HasSubstr("whole number \"id\""));
  EXPECT_THAT(refused(list_of("", R"({"id": 1, "file_name": 2})")), HasSubstr("text \"file_name\""));
  EXPECT_THAT(refused(list_of("", R"({"id": 1, "file_name": "../a.png"})")), HasSubstr("leads out"));
  EXPECT_THAT(refused(list_of("", R"({"id": 1, "file_name": "a.png", "width": 0})")), HasSubstr("width 0"));
  EXPECT_THAT(refused(list_of("", R"({"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"})")),
              HasSubstr("two pictures of id 1"));
  EXPECT_THAT(refused(list_of("", R"({"id": 1, "file_name": "a"}, {"id": 2, "file_name": "./a"})")),
              HasSubstr("the picture 'a' twice"));
}

TEST(Coco, FilesAreLimited) {
  const test::TemporaryFolder folder;
  const std::string file = folder / "large.json";
  write_file_atomically(file, std::string("{}"));
  std::filesystem::resize_file(file, 33u << 20);
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { read_coco(file); }), HasSubstr("more than the 33554432"));
}

}  // namespace
}  // namespace anomalyvlm::eval
