// Masks as people paint them.
#include "image/mask_levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomalyvlm/codec.h"
#include "core/files.h"
#include "errors.h"
#include "image/fixtures.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReadMask : public ::testing::Test {
 protected:
  std::filesystem::path file(int width, const test::Bytes& row, const test::PngOptions& options) const {
    write_file_atomically(folder_ / "m.png", test::make_png(width, 1, row, options));
    return folder_ / "m.png";
  }
  const test::TemporaryFolder folder_;
};

TEST_F(ReadMask, IsOneWhereItIsLight) {
  const Mask mask = read_mask(file(4, {0, 127, 128, 255}, {.color_type = 0}));
  EXPECT_EQ(mask.width, 4);
  EXPECT_EQ(mask.height, 1);
  EXPECT_THAT(mask.values, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(read_mask(file(2, {0, 0, 200, 0, 0, 0}, {.color_type = 2})).values, ElementsAre(1, 0));
  EXPECT_THAT(read_mask(file(2, {0, 0, 0, 255, 0, 0, 0, 0}, {.color_type = 6})).values, ElementsAre(1, 0))
      << "painted in alpha alone";
  EXPECT_THAT(read_mask(file(2, {0, 0}, {.color_type = 0})).values, ElementsAre(0, 0));
}

TEST_F(ReadMask, WithoutWhiteIsRefused) {
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput,
                             [&] {
                               read_mask(file(2, {0, 1}, {.color_type = 0}));
                             }),
              HasSubstr("no white pixels, its highest value is 1"));
}

}  // namespace
}  // namespace anomalyvlm
