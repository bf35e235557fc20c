#include "anomalyvlm/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomalyvlm/codec.h"
#include "core/files.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InputsTest : public ::testing::Test {
 protected:
  void put(const std::string& name) const {
    fs::create_directories((root_ / name).parent_path());
    write_file_atomically(root_ / name, std::string("x"));
  }
  // By their names below the folder.
  std::vector<std::string> found(const Inputs& inputs) const {
    std::vector<std::string> names;
    for (const fs::path& image : inputs.images) names.push_back(image.lexically_relative(root_).string());
    return names;
  }

  const test::TemporaryFolder folder_;
  const fs::path root_ = folder_.path();
};

TEST_F(InputsTest, FilesAreTakenAsTheyAre) {
  const Inputs inputs = find_images({"none.txt", "-"}, true);
  EXPECT_THAT(inputs.images, ElementsAre(fs::path("none.txt"), fs::path("-")));
  EXPECT_THAT(inputs.folders, ElementsAre(fs::path(), fs::path()));
}

TEST_F(InputsTest, ImagesOfAFolderInOrder) {
  for (const char* name : {"b.png", "A.JPG", "notes.txt", "inner/c.tif", "inner/deep/d.bmp"}) put(name);
  Inputs inputs = find_images({root_}, false);
  EXPECT_THAT(found(inputs), ElementsAre("A.JPG", "b.png"));
  EXPECT_THAT(inputs.skipped, ElementsAre(AllOf(HasSubstr("notes.txt"), HasSubstr("--recursive"))));
  inputs = find_images({root_}, true);
  EXPECT_THAT(found(inputs), ElementsAre("A.JPG", "b.png", "inner/c.tif", "inner/deep/d.bmp"));
  EXPECT_THAT(inputs.folders, ElementsAre("", "", "inner", "inner/deep"));
}

TEST_F(InputsTest, NeitherResultsNorMasks) {
  for (const char* name : {"a.png", "a_mask.png", "ground_truth/a.png", "out/b.png"}) put(name);
  const Inputs inputs = find_images({root_}, true, root_ / "out");
  EXPECT_THAT(found(inputs), ElementsAre("a.png"));
  EXPECT_THAT(inputs.skipped, ElementsAre(HasSubstr("as masks: 'a_mask.png', 'ground_truth/'")));
}

TEST_F(InputsTest, FoldersWithoutImagesAreRefused) {
  fs::create_directories(root_ / "empty");
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { find_images({root_ / "empty"}, false); }),
              HasSubstr("holds no images"));
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { find_images({(root_ / "none").string() + "/"}, false); }),
              HasSubstr("no folder"));
  EXPECT_THAT(find_images({}, false).images, IsEmpty());
}

}  // namespace
}  // namespace anomalyvlm
