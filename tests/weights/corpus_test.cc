// The corpus that the fuzz targets start from does no harm in any build.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/platform.h"
#include "source_dir.h"
#include "weights/exercise.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

void replay(const char* name, void (*exercise)(std::span<const std::uint8_t>)) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(test::source_dir() / "tests/weights/corpus" / name)) {
    SCOPED_TRACE(entry.path().string());
    exercise(MappedFile::open(entry.path())->bytes());
    ++files;
  }
  EXPECT_GT(files, 5);
}

TEST(Corpus, Safetensors) { replay("safetensors", test::exercise_weights); }
TEST(Corpus, Torch) { replay("torch", test::exercise_torch); }

}  // namespace
}  // namespace anomalyvlm
