#include "image/formats.h"

#include <gtest/gtest.h>

namespace anomalyvlm {
namespace {

TEST(Formats, KnowImagesByTheirEndingsInAnyCase) {
  for (const char* name : {"a.jpg", "a.JPEG", "a.jfif", "a.Jpe", "a.jif", "a.tif", "a.dib", "a.b.webp"})
    EXPECT_TRUE(is_image_name(name)) << name;
  for (const char* name : {".jpg", "jpg", "a.gif", "a.txt", "a.jpg.part", ""})
    EXPECT_FALSE(is_image_name(name)) << name;
}

TEST(Formats, ThatAreNotReadAreKnownByTheirEndings) {
  EXPECT_EQ(unread_format_of_name("scan.GIF"), "GIF");
  EXPECT_EQ(unread_format_of_name("a.jp2"), "JPEG 2000");
  for (const char* name : {"a.png", "a.txt", "notes", ".gif"})
    EXPECT_EQ(unread_format_of_name(name), "") << name;
}

TEST(Formats, NoEndingIsBothReadAndNotRead) {
  for (const std::string_view extension : image_extensions())
    EXPECT_EQ(unread_format_of_name("a" + std::string(extension)), "");
}

}  // namespace
}  // namespace anomalyvlm
