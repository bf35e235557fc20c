// Files of the real torch.save: those of make_files.py, and the authors' weights that may lie beside the
// checkout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "source_dir.h"
#include "weights/fixtures.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using namespace test;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

const fs::path kFiles = test::source_dir() / "tests/weights/files";

struct Expected {
  const char* name;
  DType type;
  Shape shape;
};

void expect_tensors(const std::string& file_name, const std::vector<Expected>& expected) {
  SCOPED_TRACE(file_name);
  const auto file = load_weights(kFiles / file_name);
  EXPECT_EQ(file->size(), expected.size());
  for (const Expected& want : expected) {
    SCOPED_TRACE(want.name);
    const Tensor* tensor = file->find(want.name);
    ASSERT_NE(tensor, nullptr);
    EXPECT_EQ(tensor->dtype(), want.type);
    ASSERT_EQ(tensor->shape(), want.shape);
    const Tensor floats = tensor->to_f32();
    for (std::size_t i = 0; i < floats.floats().size(); ++i) {
      const float value = filled(want.name, i);
      EXPECT_EQ(floats.floats()[i], want.type == DType::kBool ? std::fmod(value, 2.0F) : value) << i;
    }
  }
}

TEST(TorchFiles, EveryElementType) {
  const std::vector<Expected> expected = {{"f16", DType::kF16, {5}}, {"bf16", DType::kBF16, {5}},
                                          {"f32", DType::kF32, {5}}, {"f64", DType::kF64, {5}},
                                          {"i8", DType::kI8, {5}},   {"i16", DType::kI16, {5}},
                                          {"i32", DType::kI32, {5}}, {"i64", DType::kI64, {5}},
                                          {"u8", DType::kU8, {5}},   {"boolean", DType::kBool, {5}}};
  for (const char* name : {"dtypes.pt", "dtypes.legacy.pt"}) {
    expect_tensors(name, expected);
    const auto file = load_weights(kFiles / name);
    EXPECT_EQ(file->unreadable(), (WeightFile::Strings{{"complex", "ComplexFloatStorage"}}));
    EXPECT_THAT(error_of([&] { file->at("complex"); }),
                HasSubstr("has the element type ComplexFloatStorage"));
  }
}

TEST(TorchFiles, ElementTypesOfLaterVersions) {
  expect_tensors("new_dtypes.pt", {{"f32", DType::kF32, {2}}});
  EXPECT_EQ(load_weights(kFiles / "new_dtypes.pt")->unreadable(),
            (WeightFile::Strings{{"f8", "float8_e4m3fn"}, {"u16", "uint16"}}));
}

TEST(TorchFiles, HoweverTheyLieInTheirStorages) {
  for (const char* name : {"laid_out.pt", "laid_out.legacy.pt"}) {
    expect_tensors(name, {{"inner", DType::kF32, {2, 3}},
                          {"every_second", DType::kF32, {3}},
                          {"turned", DType::kF32, {3, 2}},
                          {"channels_last", DType::kF32, {2, 3, 2, 2}},
                          {"scalar", DType::kF32, {}},
                          {"empty", DType::kF32, {0, 3}},
                          {"tied", DType::kF32, {2, 2}},
                          {"diet", DType::kF32, {2, 2}},
                          {"parameter", DType::kF32, {2}}});
    const auto file = load_weights(kFiles / name);
    EXPECT_EQ(file->at("tied").raw(), file->at("diet").raw());
  }
}

TEST(TorchFiles, CheckpointsOfEveryProtocol) {
  for (const char* name : {"checkpoint.pt", "checkpoint.legacy.pt", "protocol3.pt", "protocol3.legacy.pt",
                           "protocol4.pt", "protocol4.legacy.pt", "protocol5.pt", "protocol5.legacy.pt"})
    expect_tensors(name, {{"conv.weight", DType::kF32, {2, 1, 3, 3}}, {"conv.bias", DType::kF32, {2}}});
}

TEST(TorchFiles, NestedObjectsAndLoneTensors) {
  for (const char* name : {"nested.pt", "nested.legacy.pt"})
    expect_tensors(name, {{"a.b", DType::kF32, {2}},
                          {"a.c.0", DType::kF32, {1}},
                          {"a.c.1.0", DType::kF32, {3}},
                          {"d.7", DType::kF32, {2}}});
  expect_tensors("single.pt", {{"tensor", DType::kF32, {2, 2}}});
}

TEST(TorchFiles, AWholeModelIsRefusedByTheNameOfItsClass) {
  EXPECT_THAT(
      error_of([] { load_weights(kFiles / "module.pt"); }),
      HasSubstr("it holds an object of the class 'torch.nn.modules.linear.Linear'; save only the model's"));
}

TEST(TorchFiles, TheTensorsOfAScript) {
  expect_tensors("script.pt", {{"input_side", DType::kI64, {}},
                               {"layers.0.bias", DType::kF16, {1}},
                               {"layers.0.weight", DType::kF16, {1, 3}},
                               {"layers.1.bias", DType::kF16, {2}},
                               {"layers.1.weight", DType::kF16, {2, 1}},
                               {"positions", DType::kF32, {2, 3}}});
}

TEST(TorchFiles, TheAuthorsWeightsAreTheSameInBothFormats) {
  const fs::path shared = test::source_dir() / ".." / "shared";
  const fs::path folder = shared / "golden/grounding_dino_tiny/a";
  const char* ci = std::getenv("CI");
  if (!fs::exists(folder)) {
    EXPECT_FALSE(ci && std::string(ci) == "true" && fs::exists(shared)) << "no " << folder;
    GTEST_SKIP() << "there is no ../shared/golden";
  }
  const auto torch = load_weights(folder / "weights.pth");
  const auto plain = load_weights(folder / "weights.safetensors");
  EXPECT_GT(torch->size(), 100U);
  std::vector<std::string> names = plain->names();
  names.emplace_back("label_enc.weight");  // as the official files have it; no part of the model
  EXPECT_THAT(torch->names(), UnorderedElementsAreArray(names));
  for (const auto& [name, tensor] : plain->tensors()) {
    const Tensor* other = torch->find(name);
    if (other == nullptr) continue;
    ASSERT_EQ(other->dtype(), tensor.dtype()) << name;
    ASSERT_EQ(other->shape(), tensor.shape()) << name;
    EXPECT_EQ(std::memcmp(other->raw(), tensor.raw(), tensor.bytes()), 0) << name;
  }
}

}  // namespace
}  // namespace anomalyvlm
