// load_weights(), merge(), and what people have in the place of a weight file.
#include "weights/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weights/fixtures.h"

namespace anomalyvlm {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(LoadWeights, OtherFilesAreNamedForWhatTheyAre) {
  Bytes tar(600);
  const Bytes mark = to_bytes("ustar");
  std::copy(mark.begin(), mark.end(), tar.begin() + 257);
  EXPECT_EQ(error_of(Bytes{}), "test: not a usable weight file: the file is empty");
  EXPECT_THAT(error_of(to_bytes("version https://git-lfs.github.com/spec/v1\n")), HasSubstr("git lfs pull"));
  EXPECT_THAT(error_of(to_bytes("<!DOCTYPE html>")), HasSubstr("web page"));
  EXPECT_THAT(error_of(tar), HasSubstr("tar archive"));
  EXPECT_THAT(error_of(to_bytes("\x1f\x8b\x08")), HasSubstr("gzip"));
  EXPECT_THAT(error_of(to_bytes("rubbish")),
              HasSubstr("neither a safetensors file nor one written by torch.save"));
}

TEST(LoadWeights, FilesThatAreNotThere) {
  try {
    load_weights("/no/such/file.pth");
    ADD_FAILURE() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_THAT(error.what(), HasSubstr("/no/such/file.pth"));
  }
  EXPECT_THROW(load_weights("/"), Error);
}

TEST(WeightFile, ATensorThatIsNotThereIsNamed) {
  const WeightFile file("w.pth", {{"a", Tensor::zeros({1})}});
  EXPECT_EQ(file.find("b"), nullptr);
  EXPECT_EQ(error_of([&] { file.at("b"); }),
            "w.pth: there is no tensor 'b'; is it the file of another model?");
}

TEST(WeightFile, ParametersAreFloatingPointNumbers) {
  const WeightFile file("w.pth", {{"encoder.a", Tensor::zeros({3, 2})},
                                  {"encoder.steps", Tensor::from<std::int64_t>({1}, {7})},
                                  {"decoder.b", Tensor::zeros({5})},
                                  {"scale", Tensor::from<double>({}, {1.0})}});
  EXPECT_EQ(file.parameters(), 12U);
  const std::string_view encoder[] = {"encoder."}, both[] = {"encoder.", "decoder."};
  EXPECT_EQ(file.parameters(encoder), 6U);
  EXPECT_EQ(file.parameters(both), 11U);
}

TEST(Merge, LaterFilesWin) {
  const auto value = [](float v) { return Tensor::from<float>({1}, {v}); };
  const std::vector<std::shared_ptr<const WeightFile>> files = {
      std::make_shared<WeightFile>(
          "one", WeightFile::Tensors{{"a", value(1)}, {"b", value(1)}, {"c", value(1)}},
          WeightFile::Strings{{"k", "1"}, {"l", "1"}}, WeightFile::Strings{{"d", "F8"}}),
      std::make_shared<WeightFile>("two", WeightFile::Tensors{{"b", value(2)}, {"d", value(2)}},
                                   WeightFile::Strings{{"k", "2"}}, WeightFile::Strings{{"c", "F4"}})};
  const auto merged = merge(files);
  EXPECT_EQ(merged->source(), "one + two");
  EXPECT_THAT(merged->names(), ElementsAre("a", "b", "d"));
  EXPECT_EQ(merged->at("b").floats()[0], 2);
  EXPECT_EQ(merged->at("d").floats()[0], 2);
  EXPECT_EQ(merged->metadata(), (WeightFile::Strings{{"k", "2"}, {"l", "1"}}));
  EXPECT_EQ(merged->unreadable(), (WeightFile::Strings{{"c", "F4"}}));
}

}  // namespace
}  // namespace anomalyvlm
