#include "detector/registry.h"

#include "anomalyvlm/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "anomalyvlm/detector.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using ::testing::HasSubstr;

TEST(Registry, NanoIsTheDefault) {
  EXPECT_STREQ(model_entries().front().name, "nano");
  EXPECT_EQ(&model_entry("nano"), &model_entries().front());
  EXPECT_EQ(model_names().front(), DetectorOptions{}.model);
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { model_entry("huge"); }),
              HasSubstr("There is no model \"huge\"; there is nano"));
  for (const ModelEntry& entry : model_entries())
    EXPECT_THAT(profile_names(), ::testing::Contains(entry.profile)) << entry.name;
}

class DataFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("ANOMALYVLM_DATA");
    fs::create_directories(folder_ / "data/models");
    fs::create_directories(folder_ / "empty");
  }
  void TearDown() override { unsetenv("ANOMALYVLM_DATA"); }
  const test::TemporaryFolder place_;
  const fs::path& folder_ = place_.path();
};

TEST_F(DataFolder, IsTheOneThatIsGiven) {
  EXPECT_EQ(find_data_folder(folder_ / "data"), folder_ / "data");
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { find_data_folder(folder_ / "empty"); }),
              HasSubstr("empty' has no folder \"models\""));
  std::ofstream(folder_ / "empty/models") << "a file";
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { find_data_folder(folder_ / "empty"); }), HasSubstr("no folder"));
  // Even where the environment names a good one.
  setenv("ANOMALYVLM_DATA", (folder_ / "data").c_str(), 1);
  EXPECT_THAT(error_of(ErrorKind::kIo, [&] { find_data_folder(folder_ / "none"); }), HasSubstr("none'"));
}

TEST_F(DataFolder, ElseTheOneOfTheEnvironment) {
  setenv("ANOMALYVLM_DATA", (folder_ / "data").c_str(), 1);
  EXPECT_EQ(find_data_folder({}), folder_ / "data");
  setenv("ANOMALYVLM_DATA", (folder_ / "empty").c_str(), 1);
  EXPECT_THAT(error_of(ErrorKind::kIo, [] { find_data_folder({}); }), HasSubstr("ANOMALYVLM_DATA is '"));
}

// Beside the tests there is none; tests/cli finds the one beside the program.
TEST_F(DataFolder, ElseTheErrorSaysWhereWasLooked) {
  setenv("ANOMALYVLM_DATA", "", 1);  // as if it were not set
  const std::string text = error_of(ErrorKind::kIo, [] { find_data_folder({}); });
  if (text == "nothing was thrown") GTEST_SKIP() << "an installed one was found";
  EXPECT_THAT(text,
              HasSubstr("The models were not found near '" + module_directory().string() + "' nor in '"));
}

}  // namespace
}  // namespace anomalyvlm
