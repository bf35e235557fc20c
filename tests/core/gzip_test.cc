#include "core/gzip.h"

#include <gmock/gmock.h>

#include "errors.h"

namespace anomalyvlm {
namespace {

using ::testing::HasSubstr;

// "crack crack crack\n" by gzip -n.
const std::string kCompressed(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x2e\x4a\x4c\xce\x56\x48\x46\x90\x5c\x00\xd4\x3a\xff\x2c"
    "\x12\x00\x00\x00",
    29);

TEST(Gzip, GivesWhatWasCompressed) {
  ASSERT_TRUE(is_gzip(kCompressed));
  EXPECT_FALSE(is_gzip("crack"));
  EXPECT_EQ(gunzipped(kCompressed, 100, "file"), "crack crack crack\n");
}

TEST(Gzip, DamageIsAnError) {
  for (std::size_t size = 2; size < kCompressed.size(); ++size)
    EXPECT_THAT(
        test::error_of(ErrorKind::kBadModel, [&] { gunzipped(kCompressed.substr(0, size), 100, "x.gz"); }),
        HasSubstr("x.gz"));
  std::string other_sum = kCompressed;
  other_sum[22] ^= 1;
  EXPECT_THAT(test::error_of(ErrorKind::kBadModel, [&] { gunzipped(other_sum, 100, "x.gz"); }),
              HasSubstr("damaged"));
}

}  // namespace
}  // namespace anomalyvlm
