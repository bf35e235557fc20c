// JPEG files without their end marker: those that have all pixels are read, those that lack some are not.
#include <gmock/gmock.h>

#include "image/decoding.h"

namespace anomalyvlm {
namespace {

using namespace test;
using ::testing::HasSubstr;

Bytes first(const Bytes& file, std::size_t count) {
  return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(count)};
}

Bytes followed_by(Bytes file, const Bytes& more) {
  append(file, more);
  return file;
}

struct Kind {
  const char* name;
  JpegOptions options;
};
const Kind kKinds[] = {{"baseline", {}},
                       {"progressive", {.progressive = true}},
                       {"grey", {.space = JpegOptions::Space::kGray}},
                       {"inks", {.space = JpegOptions::Space::kYcck}}};

TEST(JpegEnd, MayBeMissing) {
  for (const Kind& kind : kKinds) {
    for (const int side : {8, 33, 64}) {
      SCOPED_TRACE(std::string(kind.name) + " " + std::to_string(side));
      const Image image = noisy_image(side, side);
      const Bytes whole = make_jpeg(image, kind.options), no_end = first(whole, whole.size() - 2);
      const Image expected = decode(whole);
      for (const Bytes& file : {no_end, first(whole, whole.size() - 1), followed_by(no_end, Bytes(1)),
                                followed_by(no_end, Bytes(5000)), followed_by(no_end, Bytes(7, 0xff))}) {
        std::vector<std::string> warnings;
        EXPECT_EQ(decode(file, &warnings).rgb, expected.rgb);
        ASSERT_EQ(warnings.size(), 1u);
        EXPECT_THAT(warnings[0], HasSubstr("end marker"));
      }
      std::vector<std::string> warnings;
      EXPECT_EQ(decode(followed_by(whole, Bytes(5000)), &warnings).rgb, expected.rgb);
      EXPECT_TRUE(warnings.empty());
    }
  }
}

TEST(JpegEnd, IsNoExcuseForMissingPixels) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const Bytes whole = make_jpeg(noisy_image(40, 40), kind.options);
    for (std::size_t missing = 4; missing + 100 < whole.size(); missing += missing < 40 ? 1 : 53) {
      const Bytes cut = first(whole, whole.size() - missing);
      EXPECT_THAT(refusal(cut), HasSubstr("cannot be used")) << missing;
      if (missing < 100) continue;  // followed by zeros, the end of the last block's codes is unknown
      EXPECT_THAT(refusal(followed_by(cut, Bytes(3000))), HasSubstr("cannot be used")) << missing;
    }
  }
}

TEST(JpegEnd, BetweenTwoScansIsNotTheEnd) {
  const Bytes whole = make_jpeg(noisy_image(40, 40), {.progressive = true});
  int scans = 0;
  for (std::size_t i = 2; i + 1 < whole.size(); ++i) {
    if (whole[i] != 0xff || whole[i + 1] != 0xda || ++scans == 1) continue;
    EXPECT_THAT(refusal(first(whole, i)), HasSubstr("cut short")) << scans;
  }
  EXPECT_GT(scans, 3);
}

TEST(JpegEnd, OfArithmeticCodesMustBeThere) {
  const Bytes whole = make_jpeg(noisy_image(40, 40), {.arithmetic = true});
  EXPECT_EQ(refusal(whole), "(loaded)");
  EXPECT_THAT(refusal(first(whole, whole.size() / 2)), HasSubstr("cut short"));
}

}  // namespace
}  // namespace anomalyvlm
