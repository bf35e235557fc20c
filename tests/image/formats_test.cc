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

TEST(Formats, SayWhatToDoWithOneThatIsNotRead) {
  EXPECT_EQ(why_not_read("scan.GIF"), "GIF is not read; convert it to PNG");
  EXPECT_EQ(why_not_read("a.jp2"), "JPEG 2000 is not read; convert it to PNG");
  for (const char* name : {"a.png", "a.txt", "notes", ".gif"}) EXPECT_EQ(why_not_read(name), "") << name;
}

TEST(Formats, NoEndingIsBothReadAndNotRead) {
  for (const std::string_view ending : image_endings())
    EXPECT_EQ(why_not_read("a" + std::string(ending)), "");
}

}  // namespace
}  // namespace anomalyvlm
