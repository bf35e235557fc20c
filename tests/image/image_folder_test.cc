#include "image/image_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/platform.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ImageFolder, TellsImagesFromWhatIsPassedOver) {
  const test::TemporaryFolder folder;
  for (const char* name : {"b.PNG", "a.jpg", "c.gif", "notes.txt", ".hidden.png"})
    write_file_atomically(folder / name, std::string("x"));
  fs::create_directories(folder / "inner");
  fs::create_directories(folder / "called.png");
  fs::create_symlink("nowhere", folder / "link.txt");
  const ImageFolder found = list_images(folder.path());
  EXPECT_THAT(found.images, ElementsAre("a.jpg", "b.PNG"));
  EXPECT_THAT(found.others, ElementsAre("c.gif", "notes.txt"));
  EXPECT_THAT(found.folders, ElementsAre("called.png", "inner"));
  EXPECT_EQ(passed_over(found.others, found.folders),
            "2 files that are not read as images ('c.gif', 'notes.txt') and 2 subfolders ('called.png', "
            "'inner')");
  fs::create_symlink("nowhere", folder / "link.png");
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { list_images(folder.path()); }),
              HasSubstr("link.png' is called an image, but no file is there"));
}

TEST(ImageFolder, SentencesOfWhatIsPassedOver) {
  EXPECT_THAT(passed_over({}, {}), IsEmpty());
  EXPECT_EQ(passed_over({"a.txt"}, {}), "1 file that is not read as an image ('a.txt')");
  EXPECT_EQ(passed_over({}, {"in"}), "1 subfolder ('in')");
  EXPECT_THAT(passed_over(std::vector<std::string>(11, "x\n"), {}), HasSubstr("11 files"));
  EXPECT_THAT(passed_over(std::vector<std::string>(11, "x\n"), {}), HasSubstr("'x?' and 3 more"));
}

TEST(ImageFolder, SayWhatToDoWithImagesOfOtherFormats) {
  EXPECT_EQ(conversion_advice({"a.txt", "b"}), "");
  EXPECT_EQ(conversion_advice({"a.txt", "b.gif", "c.GIF"}), " GIF is not read; convert it to PNG.");
  EXPECT_EQ(conversion_advice({"b.gif", "c.heic", "d.jp2", "e.gif"}),
            " GIF, HEIF and JPEG 2000 are not read; convert them to PNG.");
}

TEST(ImageFolder, MissingFolders) {
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [] { list_images("/nowhere/at/all"); }),
              HasSubstr("The folder '/nowhere/at/all' cannot be read"));
}

}  // namespace
}  // namespace anomalyvlm
