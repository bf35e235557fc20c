// Programs whose process is prepared.
#include "process/process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/platform.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

TEST(MappedFiles, ThatAreCutShortEndTheProgramWithASentence) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  std::ofstream(path) << std::string(100'000, 'x');
  const auto work = [&] {
    prepare_process();
    const auto mapped = MappedFile::open(path);
    fs::resize_file(path, 1);
    std::exit(mapped->bytes()[90'000] == 'x' ? 2 : 3);
  };
  EXPECT_EXIT(work(), ::testing::ExitedWithCode(1), "anomalyvlm: A file was cut short");
}

}  // namespace
}  // namespace anomalyvlm
