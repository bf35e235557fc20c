#include <gmock/gmock.h>

#include "errors.h"
#include "methods/anomalyvlm/pipeline.h"

namespace anomalyvlm {
namespace {

TEST(Profiles, AreFoundByName) {
  std::vector<std::string> names;
  for (const PipelineConfig& profile : profiles()) {
    names.push_back(profile.name);
    EXPECT_EQ(&profile_named(profile.name), &profile);
  }
  EXPECT_THAT(names, testing::ElementsAre("nano", "paper", "saa-plus"));
}

TEST(Profiles, UnknownOnesAreRefused) {
  EXPECT_EQ(test::error_of(ErrorKind::kBadInput, [] { profile_named("huge"); }),
            "There is no profile \"huge\"; there are nano, paper and saa-plus.");
}

}  // namespace
}  // namespace anomalyvlm
