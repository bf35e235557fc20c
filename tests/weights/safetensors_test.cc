#include "weights/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>

#include "core/platform.h"
#include "temporary_folder.h"
#include "weights/fixtures.h"
#include "weights/safetensors_writer.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Safetensors, HoldEveryElementType) {
  Bytes data;
  for (const Bytes& part :
       {bytes_of<float>({1.5F, -2}), bytes_of<double>({0.25, 1e9}), bytes_of<std::uint16_t>({0x3c00, 0xfbff}),
        bytes_of<std::uint16_t>({0x3f80, 0xc040}), bytes_of<std::int64_t>({-1, 1 << 20}),
        bytes_of<std::int32_t>({-7, 7}), bytes_of<std::int16_t>({-300, 300}),
        bytes_of<std::int8_t>({-128, 127}), bytes_of<std::uint8_t>({0, 255}), bytes_of<std::uint8_t>({0, 1})})
    append(data, part);
  const auto file = load(make_safetensors(R"({"f32":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                          R"("f64":{"dtype":"F64","shape":[2],"data_offsets":[8,24]},)"
                                          R"("f16":{"dtype":"F16","shape":[2],"data_offsets":[24,28]},)"
                                          R"("bf16":{"dtype":"BF16","shape":[2],"data_offsets":[28,32]},)"
                                          R"("i64":{"dtype":"I64","shape":[2],"data_offsets":[32,48]},)"
                                          R"("i32":{"dtype":"I32","shape":[2],"data_offsets":[48,56]},)"
                                          R"("i16":{"dtype":"I16","shape":[2],"data_offsets":[56,60]},)"
                                          R"("i8":{"dtype":"I8","shape":[2],"data_offsets":[60,62]},)"
                                          R"("u8":{"dtype":"U8","shape":[2],"data_offsets":[62,64]},)"
                                          R"("bool":{"dtype":"BOOL","shape":[2],"data_offsets":[64,66]}})",
                                          data));
  const std::map<std::string, std::pair<const char*, std::vector<float>>> expected = {
      {"f32", {"float32", {1.5F, -2}}},  {"f64", {"float64", {0.25F, 1e9F}}},
      {"f16", {"float16", {1, -65504}}}, {"bf16", {"bfloat16", {1, -3}}},
      {"i64", {"int64", {-1, 1 << 20}}}, {"i32", {"int32", {-7, 7}}},
      {"i16", {"int16", {-300, 300}}},   {"i8", {"int8", {-128, 127}}},
      {"u8", {"uint8", {0, 255}}},       {"bool", {"bool", {0, 1}}},
  };
  ASSERT_EQ(file->size(), expected.size());
  for (const auto& [name, want] : expected) {
    const Tensor& tensor = file->at(name);
    EXPECT_STREQ(name_of(tensor.dtype()), want.first);
    EXPECT_EQ(tensor.shape(), Shape{2});
    const auto floats = tensor.to_f32();
    EXPECT_EQ(std::vector<float>(floats.floats().begin(), floats.floats().end()), want.second) << name;
  }
}

TEST(Safetensors, ScalarsEmptyTensorsMetadataAndPadding) {
  const auto file =
      load(make_safetensors(R"({"__metadata__":{"format":"pt","note":"\u00e9"},)"
                            R"("scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                            R"("empty":{"dtype":"F32","shape":[3,0,2],"data_offsets":[4,4]}}    )",
                            bytes_of<float>({5})));
  EXPECT_EQ(file->at("scalar").shape(), Shape{});
  EXPECT_EQ(file->at("scalar").floats()[0], 5);
  EXPECT_EQ(file->at("empty").shape(), (Shape{3, 0, 2}));
  EXPECT_EQ(file->at("empty").size(), 0);
  EXPECT_EQ(file->metadata().at("format"), "pt");
  EXPECT_EQ(file->metadata().at("note"), "\u00e9");
  EXPECT_THAT(file->names(), ElementsAre("empty", "scalar"));
}

TEST(Safetensors, AFileOfNothingIsFine) { EXPECT_EQ(load(make_safetensors("{}"))->size(), 0U); }

// With a header of any length, the data are aligned: in the file itself, or as a copy.
TEST(Safetensors, DataAreAlignedWhateverTheHeader) {
  const std::string header = R"({"w":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})";
  for (std::size_t padding = 0; padding < 16; ++padding) {
    const Bytes bytes = make_safetensors(header + std::string(padding, ' '), bytes_of<double>({3, 4}));
    const auto owner = std::make_shared<Bytes>(bytes);
    const auto file = parse_safetensors(*owner, owner, "test");
    const auto* data = static_cast<const std::uint8_t*>(file->at("w").raw());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % 8, 0U);
    EXPECT_THAT(file->at("w").values<double>(), ElementsAre(3, 4));
    const bool inside = data >= owner->data() && data < owner->data() + owner->size();
    EXPECT_EQ(inside, (header.size() + padding) % 8 == 0) << padding;
  }
}

TEST(Safetensors, TensorsKeepTheFileAlive) {
  Tensor tensor;
  {
    const auto file = load(make_safetensors(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  )",
                                            bytes_of<float>({8})));
    tensor = file->at("w");
  }
  EXPECT_EQ(tensor.to_f32().floats()[0], 8);
}

TEST(Safetensors, UnknownElementTypesAreNoErrorUntilAskedFor) {
  const auto file = load(make_safetensors(R"({"f8":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[4,8]},)"
                                          R"("w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                                          Bytes(8)));
  EXPECT_THAT(file->names(), ElementsAre("w"));
  EXPECT_EQ(file->unreadable().at("f8"), "F8_E4M3");
  EXPECT_EQ(error_of([&] { file->at("f8"); }),
            "test: tensor 'f8' has the element type F8_E4M3, which this program does not read");
}

struct BadHeader {
  const char* what;
  std::string header;
  std::size_t data;
  const char* says;
};

class BadSafetensors : public ::testing::TestWithParam<BadHeader> {};

TEST_P(BadSafetensors, IsOneSentence) {
  const std::string text = error_of(make_safetensors(GetParam().header, Bytes(GetParam().data)));
  EXPECT_THAT(text, HasSubstr("test: damaged safetensors file: "));
  EXPECT_THAT(text, HasSubstr(GetParam().says));
}

std::string tensor_entry(const std::string& fields) { return R"({"w":{)" + fields + "}}"; }

INSTANTIATE_TEST_SUITE_P(
    Headers, BadSafetensors,
    ::testing::Values(
        BadHeader{"not JSON", "{nonsense", 0, "not JSON (byte 3 of it)"},
        BadHeader{"two values", "{}{}", 0, "not JSON"}, BadHeader{"not UTF-8", "{\"\xff\":1}", 0, "not JSON"},
        BadHeader{"number beyond double", R"({"w":1e999})", 0, "a number that is too large"},
        BadHeader{"entry of another kind", R"({"w":5})", 0, "the entry 'w' is not a JSON object"},
        BadHeader{"too deep", R"({"w":{"shape":[[[[1]]]]}})", 0, "nested too deeply"},
        BadHeader{"key twice", R"({"w":{},"w":{}})", 0, "'w' appears twice"},
        BadHeader{"key twice inside", tensor_entry(R"("dtype":"F32","dtype":"F32")"), 0,
                  "'dtype' appears twice"},
        BadHeader{"no dtype", tensor_entry(R"("shape":[],"data_offsets":[0,0])"), 0, "'w' has no dtype"},
        BadHeader{"no shape", tensor_entry(R"("dtype":"F32","data_offsets":[0,0])"), 0, "'w' has no shape"},
        BadHeader{"no offsets", tensor_entry(R"("dtype":"F32","shape":[0])"), 0, "'w' has no data_offsets"},
        BadHeader{"dtype of another kind", tensor_entry(R"("dtype":3)"), 0,
                  "the dtype of 'w' is not a string"},
        BadHeader{"shape of another kind", tensor_entry(R"("dtype":"F32","shape":1)"), 0,
                  "the shape of 'w' is not a list"},
        BadHeader{"negative size", tensor_entry(R"("dtype":"F32","shape":[-1])"), 0, "not a whole number"},
        BadHeader{"broken size", tensor_entry(R"("dtype":"F32","shape":[1.5])"), 0, "not a whole number"},
        BadHeader{"size beyond 64 bits", tensor_entry(R"("dtype":"F32","shape":[18446744073709551616])"), 0,
                  "not a whole number"},
        BadHeader{"product overflows",
                  tensor_entry(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])"), 0,
                  "absurdly large"},
        BadHeader{"product overflows beside 0",
                  tensor_entry(R"("dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0])"), 0,
                  "absurdly large"},
        BadHeader{"rank",
                  tensor_entry(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,)"
                               R"(1,1,1,1,1,1,1,1,1])"),
                  4, "'w' has 33 dimensions; 32 is the limit"},
        BadHeader{"one offset", tensor_entry(R"("dtype":"F32","shape":[],"data_offsets":[0])"), 4,
                  "data_offsets of 'w' are not two numbers"},
        BadHeader{"offsets turned round", tensor_entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"),
                  4, "the data of 'w' end before they begin"},
        BadHeader{"beyond the file", tensor_entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), 7,
                  "reach to byte 8, but the file holds only 7"},
        BadHeader{"largest offset",
                  tensor_entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615])"), 4,
                  "reach to byte 18446744073709551615"},
        BadHeader{"too few bytes", tensor_entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), 4,
                  "of shape [2] and type F32 does not have the 4 bytes"},
        BadHeader{"odd bytes", tensor_entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,5])"), 5,
                  "does not have the 5 bytes"},
        BadHeader{"bytes of nothing", tensor_entry(R"("dtype":"F32","shape":[0],"data_offsets":[0,4])"), 4,
                  "does not have the 4 bytes"},
        BadHeader{"gap", tensor_entry(R"("dtype":"U8","shape":[2],"data_offsets":[1,3])"), 3,
                  "1 bytes before the data of 'w' belong to no tensor"},
        BadHeader{"rest", tensor_entry(R"("dtype":"U8","shape":[2],"data_offsets":[0,2])"), 3,
                  "1 bytes at its end belong to no tensor"},
        BadHeader{"overlap",
                  R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                  R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                  3, "the data of 'b' overlap"},
        BadHeader{"overlap of unknown types",
                  R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,2]},)"
                  R"("b":{"dtype":"F4","shape":[2],"data_offsets":[0,2]}})",
                  2, "overlap"},
        BadHeader{"metadata of another kind", R"({"__metadata__":[]})", 0,
                  "__metadata__ is not a JSON object"},
        BadHeader{"metadata not text", R"({"__metadata__":{"a":1}})", 0, "__metadata__ 'a' is not a string"},
        BadHeader{"long name with control characters", "{\"\\u0007" + std::string(500, 'x') + "\":1}", 0,
                  "the entry '?xxxxxxxx"}),
    [](const auto& info) {
      std::string name = info.param.what;
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
      return name;
    });

TEST(BadSafetensors, HeaderLengths) {
  for (const std::uint64_t length : {0ULL, 1ULL, 3ULL, 100'000'000ULL, 100'000'001ULL, 1ULL << 63, ~0ULL}) {
    Bytes file;
    append_number(file, length, 8);
    append(file, to_bytes("{}"));
    EXPECT_THAT(error_of(file), HasSubstr("test: ")) << length;
    EXPECT_THAT(error_of([&] { parse_safetensors(file, nullptr, "test"); }), HasSubstr("damaged")) << length;
  }
  EXPECT_THAT(error_of([&] { parse_safetensors(Bytes(7), nullptr, "test"); }),
              HasSubstr("ends after 7 bytes"));
}

class WrittenSafetensors : public ::testing::Test {
 protected:
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  const TemporaryFolder place_;
  const fs::path& folder_ = place_.path();
};

TEST_F(WrittenSafetensors, ReadBackTheSame) {
  const auto raw = std::make_shared<Bytes>(24, std::uint8_t{1});
  WeightFile::Tensors tensors;
  const DType all[] = {DType::kF32, DType::kF64, DType::kF16, DType::kBF16, DType::kI64,
                       DType::kI32, DType::kI16, DType::kI8,  DType::kU8,   DType::kBool};
  for (const DType type : all) tensors.emplace(name_of(type), Tensor(type, {1, 3}, raw, raw->data()));
  tensors.emplace("scalar", Tensor::from<float>({}, {2.5F}));
  tensors.emplace("empty", Tensor::from<float>({2, 0}, {}));
  tensors.emplace("na\u00efve \"name\"",
                  Tensor::from<std::int64_t>({2}, {std::numeric_limits<std::int64_t>::min(), 9}));
  const WeightFile::Strings metadata = {{"format", "a\n\"b\""}, {"", ""}};
  write_safetensors(folder_ / "w.safetensors", tensors, metadata);
  const auto file = load_weights(folder_ / "w.safetensors");
  EXPECT_EQ(file->metadata(), metadata);
  ASSERT_EQ(file->size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const Tensor& back = file->at(name);
    EXPECT_EQ(back.dtype(), tensor.dtype()) << name;
    EXPECT_EQ(back.shape(), tensor.shape()) << name;
    EXPECT_TRUE(tensor.bytes() == 0 || std::memcmp(back.raw(), tensor.raw(), tensor.bytes()) == 0) << name;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(back.raw()) % size_of(back.dtype()), 0U) << name;
  }
  EXPECT_EQ(files(), 1U);
}

TEST_F(WrittenSafetensors, TheSameTensorsGiveTheSameBytes) {
  const WeightFile::Tensors tensors = {{"b", Tensor::from<float>({1}, {1})}, {"a", Tensor::zeros({3})}};
  write_safetensors(folder_ / "one", tensors, {{"k", "v"}});
  write_safetensors(folder_ / "two", tensors, {{"k", "v"}});
  EXPECT_EQ(read_file(folder_ / "one"), read_file(folder_ / "two"));
}

TEST_F(WrittenSafetensors, ReplaceAFileThatIsStillRead) {
  write_safetensors(folder_ / "w", {{"w", Tensor::from<float>({2}, {1, 2})}});
  const auto before = load_weights(folder_ / "w");
  write_safetensors(folder_ / "w", {{"w", Tensor::from<float>({1}, {3})}});
  EXPECT_THAT(before->at("w").floats(), ElementsAre(1, 2));
  EXPECT_THAT(load_weights(folder_ / "w")->at("w").floats(), ElementsAre(3));
  EXPECT_EQ(files(), 1U);
}

TEST_F(WrittenSafetensors, ThatCannotBeWrittenLeaveNothing) {
  const WeightFile::Tensors tensors = {{"w", Tensor::zeros({2})}};
  try {
    write_safetensors(folder_ / "no/such/w", tensors);
    ADD_FAILURE() << "written";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
    EXPECT_THAT(error.what(), HasSubstr("no/such/w"));
  }
  fs::create_directories(folder_ / "taken/inside");
  EXPECT_THROW(write_safetensors(folder_ / "taken", tensors), Error);
  EXPECT_EQ(files(), 1U);
}

TEST_F(WrittenSafetensors, ATensorAtATimeAreTheSame) {
  const WeightFile::Tensors tensors = {{"a", Tensor::from<std::uint8_t>({3}, {1, 2, 3})},
                                       {"b", Tensor::from<float>({2}, {1, 2})},
                                       {"c", to_bf16(Tensor::from<float>({1}, {3}))},
                                       {"empty", Tensor::zeros({0, 4})}};
  write_safetensors(folder_ / "whole", tensors, {{"k", "v"}});
  std::vector<SafetensorsWriter::Entry> entries;
  for (const auto& [name, tensor] : tensors) entries.push_back({name, tensor.dtype(), tensor.shape()});
  SafetensorsWriter writer(folder_ / "pieces", std::move(entries), {{"k", "v"}});
  for (const auto& entry : writer.entries()) {
    EXPECT_FALSE(fs::exists(folder_ / "pieces"));
    writer.add(tensors.at(entry.name));
  }
  writer.finish();
  EXPECT_EQ(read_file(folder_ / "pieces"), read_file(folder_ / "whole"));
  EXPECT_EQ(files(), 2U);
}

TEST(BFloat16, RoundsToNearestEven) {
  const Tensor halves = to_bf16(Tensor::from<float>({4}, {1, 1 + 0x1p-8F, 1 + 0x3p-8F, -0.0F}));
  EXPECT_EQ(halves.dtype(), DType::kBF16);
  EXPECT_THAT(halves.to_f32().floats(), ElementsAre(1, 1, 1 + 0x1p-6F, 0));
  EXPECT_EQ(to_bf16(halves).raw(), halves.raw()) << "nothing to do";
}

TEST(Float16, RoundsToNearestEvenAndOverflowsToInfinity) {
  const Tensor halves = to_f16(Tensor::from<float>({5}, {1, 1 + 0x1p-11F, 1 + 0x3p-11F, 65520, -0.0F}));
  EXPECT_EQ(halves.dtype(), DType::kF16);
  const Tensor back = halves.to_f32();
  EXPECT_THAT(back.floats(), ElementsAre(1, 1, 1 + 0x1p-9F, INFINITY, 0));
  EXPECT_TRUE(std::signbit(back.floats()[4]));
}

}  // namespace
}  // namespace anomalyvlm
