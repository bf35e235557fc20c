// Weight files that change while they are used, and values that are not numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <thread>

#include "temporary_folder.h"
#include "weights/safetensors.h"

namespace anomalyvlm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What a call says when it fails; nothing when it does not.
template <typename Call>
std::string complaint_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(WeightFiles, KnowWhenTheirFileIsOverwritten) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "w";
  for (const bool cut : {false, true}) {
    std::ofstream(path) << "some content";
    const auto mapped = MappedFile::open(path);
    WeightFile file("w", {});
    file.keep(mapped);
    file.require_unchanged();
    EXPECT_TRUE(mapped->is_unchanged());
    std::this_thread::sleep_for(
        std::chrono::milliseconds(20));  // more than clocks of file systems are coarse
    if (cut)
      std::filesystem::resize_file(path, 4);
    else
      std::fstream(path) << "other";
    EXPECT_FALSE(mapped->is_unchanged());
    EXPECT_THAT(complaint_of([&] { file.require_unchanged(); }), HasSubstr("overwritten while"));
    const auto files = {std::make_shared<const WeightFile>(file)};
    EXPECT_THAT(complaint_of([&] { merge(std::vector(files))->require_unchanged(); }),
                HasSubstr("overwritten while"));
  }
}

TEST(WeightFiles, OfSmallSizeAreReadAsAWhole) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "w";
  write_safetensors(path, {{"a", Tensor::from<float>({2}, {1, 2})}});
  const auto file = load_weights(path);
  std::filesystem::resize_file(path, 0);
  EXPECT_THAT(file->at("a").floats(), ElementsAre(1, 2));
  file->require_unchanged();
}

TEST(WeightFiles, NameATensorThatIsNoNumber) {
  const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  WeightFile("w", {{"a", Tensor::from<float>({2}, {3e38F, -3e38F})}}).require_finite();
  for (const float value : bad) {
    std::vector<float> values(10'000);
    values[9'999] = value;
    const Tensor tensor = Tensor::from<float>({10'000}, values);
    for (const Tensor& of_type : {tensor, to_f16(tensor), to_bf16(tensor)}) {
      const WeightFile file("w", {{"a", Tensor::zeros({3})}, {"b", of_type}});
      EXPECT_THAT(complaint_of([&] { file.require_finite(); }), HasSubstr("w: tensor 'b'"));
    }
  }
}

}  // namespace
}  // namespace anomalyvlm
