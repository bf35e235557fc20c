// torch files put together by hand, right and wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "weights/fixtures.h"
#include "weights/torch_pickle.h"

namespace anomalyvlm {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Bytes counting(std::size_t count) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i));
  return bytes_of(values);
}

// A record of a tensor of the one storage 0, 1, 2, 3 ...
Pickle::Record record(std::vector<std::int64_t> sizes, std::vector<std::int64_t> strides,
                      std::int64_t offset = 0) {
  return {.sizes = std::move(sizes), .strides = std::move(strides), .offset = offset, .count = 12};
}

Bytes in_zip(const Bytes& pickle) { return make_torch_zip(pickle, {{"0", counting(12)}}); }
Bytes in_legacy(const Bytes& pickle) { return make_torch_legacy(pickle, {{"0", counting(12)}}, {{"0", 12}}); }

std::vector<float> values_of(const WeightFile& file, std::string_view name) {
  const Tensor floats = file.at(name).to_f32();
  return {floats.floats().begin(), floats.floats().end()};
}

TEST(Torch, Strides) {
  struct Case {
    Pickle::Record tensor;
    std::vector<float> values;
  };
  const std::vector<Case> cases = {
      {record({2, 3}, {3, 1}), {0, 1, 2, 3, 4, 5}},
      {record({2, 3}, {3, 1}, 4), {4, 5, 6, 7, 8, 9}},
      {record({3, 2}, {1, 3}), {0, 3, 1, 4, 2, 5}},
      {record({2, 2}, {6, 2}, 1), {1, 3, 7, 9}},
      {record({2, 3}, {0, 1}, 9), {9, 10, 11, 9, 10, 11}},  // expanded
      {record({1, 2, 1}, {999, 1, kMost}, 3), {3, 4}},      // strides of single elements mean nothing
      {record({2, 1, 2}, {2, 7, 1}), {0, 1, 2, 3}},
      {record({}, {}, 11), {11}},
      {record({2, 0}, {1, 1}, 500), {}},  // of nothing, wherever
  };
  for (const Case& one : cases) {
    for (const Bytes& file : {in_zip(pickle_of(one.tensor)), in_legacy(pickle_of(one.tensor))}) {
      const auto weights = load(file);
      EXPECT_EQ(values_of(*weights, "w"), one.values);
      EXPECT_EQ(weights->at("w").shape(), Shape(one.tensor.sizes));
    }
  }
}

TEST(Torch, ContiguousTensorsAreNotCopied) {
  const auto owner = std::make_shared<Bytes>(in_zip(pickle_of(record({3, 2}, {2, 1}, 2))));
  const auto file = parse_torch(*owner, owner, "test");
  const auto* data = static_cast<const std::uint8_t*>(file->at("w").raw());
  EXPECT_GE(data, owner->data());
  EXPECT_LT(data, owner->data() + owner->size());
}

// In the older form a storage may be a part of another one: key, offset, count.
TEST(Torch, StoragesThatArePartsOfOthers) {
  const auto file_of = [](std::int64_t offset, std::int64_t count, std::int64_t elements) {
    Pickle pickle;
    pickle.op("}").text("w").global("torch._utils", "_rebuild_tensor").op("((").text("storage");
    pickle.global("torch", "FloatStorage").text("0").text("cpu").number(12);
    pickle.op("(").text("part").number(offset).number(count).op("ttQ").number(1);
    return in_legacy(pickle.numbers({elements}).numbers({1}).op("tRs").end());
  };
  EXPECT_EQ(values_of(*load(file_of(4, 5, 4)), "w"), (std::vector<float>{5, 6, 7, 8}));
  EXPECT_THAT(error_of(file_of(4, 5, 5)), HasSubstr("reaches beyond its storage of 5 elements"));
  EXPECT_THAT(error_of(file_of(4, 9, 5)), HasSubstr("a part of storage '0' does not lie inside it"));
  EXPECT_THAT(error_of(file_of(13, 0, 5)), HasSubstr("does not lie inside it"));
  EXPECT_THAT(error_of(file_of(-1, 3, 1)), HasSubstr("does not lie inside it"));
  EXPECT_THAT(error_of(file_of(4, kMost, 1)), HasSubstr("does not lie inside it"));
}

const Pickle::Record kPair = record({2}, {1});

TEST(Torch, WhichTensorsAreTaken) {
  const auto names = [](const Pickle& pickle) { return load(in_zip(pickle.end()))->names(); };
  Pickle state_dict;  // the first that holds tensors itself, in the order of the header
  state_dict.op("}(").text("ema").op("}").text("a").tensor(kPair).op("s");
  state_dict.text("model").op("}").text("state_dict").op("}").text("module.b").tensor(kPair).op("su");
  EXPECT_THAT(names(state_dict), ElementsAre("b"));

  Pickle itself;  // the dictionary holds tensors itself
  itself.op("}(").text("model").op("}").text("a").tensor(kPair).op("s").text("b").tensor(kPair).op("u");
  EXPECT_THAT(names(itself), ElementsAre("b", "model.a"));

  Pickle none;  // no name that is known
  none.op("}(").text("x").op("}").text("a").tensor(kPair).op("s").text("y").op("N").op("u");
  EXPECT_THAT(names(none), ElementsAre("x.a"));

  EXPECT_THAT(names(Pickle().op("](").tensor(kPair).tensor(kPair).op("e")), ElementsAre("0", "1"));
  EXPECT_THAT(names(Pickle().tensor(kPair)), ElementsAre("tensor"));
}

TEST(Torch, TwoTensorsOfOneNameAreAnError) {
  Pickle twice;
  twice.op("}(").text("module.a").tensor(kPair).text("a").tensor(record({2}, {1}, 2)).op("u");
  EXPECT_THAT(error_of(in_zip(twice.end())), HasSubstr("two of its tensors are called 'a'"));
}

// Python 2 gives the entries of a dictionary as a list of pairs; attributes such as _metadata are passed
// over.
TEST(Torch, OrderedDictionaries) {
  Pickle pickle;
  pickle.global("collections", "OrderedDict")
      .op("(](](")
      .text("a")
      .tensor(kPair)
      .op("e(")
      .text("b")
      .tensor(kPair);
  pickle.op("tetR").op("}").text("_metadata").op("Nsb");
  EXPECT_THAT(load(in_zip(pickle.end()))->names(), ElementsAre("a", "b"));
}

TEST(Torch, ZipArchivesOfOtherShapes) {
  const Bytes pickle = pickle_of(kPair);
  const ZipEntry object{"x/data.pkl", pickle}, data{"x/data/0", counting(12)};
  EXPECT_EQ(load(make_zip({object, data}))->size(), 1U);
  EXPECT_EQ(load(make_zip({{"data.pkl", pickle}, {"data/0", counting(12)}}))->size(), 1U);
  EXPECT_EQ(load(make_zip({object, data}, true))->size(), 1U);
  ZipEntry large = data;
  large.zip64 = true;
  EXPECT_EQ(values_of(*load(make_zip({object, large}, true)), "w"), (std::vector<float>{0, 1}));
  Bytes with_comment = make_zip({object, data});
  with_comment[with_comment.size() - 2] = 3;
  append(with_comment, to_bytes("PK."));
  EXPECT_EQ(load(with_comment)->size(), 1U);
}

TEST(Torch, BadZipArchives) {
  const Bytes pickle = pickle_of(kPair);
  const ZipEntry object{"x/data.pkl", pickle}, data{"x/data/0", counting(12)};
  ZipEntry packed = data;
  packed.method = 8;
  EXPECT_THAT(error_of(make_zip({object, packed})), HasSubstr("'x/data/0' in the zip archive is compressed"));
  EXPECT_THAT(error_of(make_zip({object, data, data})), HasSubstr("'x/data/0' is in the zip archive twice"));
  EXPECT_THAT(error_of(make_zip({object})), HasSubstr("the data of 'w' (storage '0') are not in the file"));
  EXPECT_THAT(error_of(make_zip({{"x/notes.txt", {}}})), HasSubstr("a zip archive without data.pkl"));
  EXPECT_THAT(error_of(make_zip({object, data, {"x/byteorder", to_bytes("big")}})),
              HasSubstr("not little-endian"));
  EXPECT_THAT(error_of(make_zip({object, {"x/data/0", counting(11)}})),
              HasSubstr("storage '0' should have 12 elements, but the file holds 44 bytes of it"));
  EXPECT_THAT(error_of(to_bytes("PK\x03\x04 and nothing else")),
              HasSubstr("has no end; was the download cut"));
  Bytes cut = make_zip({object, data});
  cut.erase(cut.begin() + 40, cut.begin() + 60);
  EXPECT_THAT(error_of(cut), HasSubstr("zip archive"));
}

// Compressed parts that nobody asks for are no error: TorchScript archives have them.
TEST(Torch, OfScriptsTheAttributes) {
  const ZipEntry code{"x/code/__torch__.py", to_bytes("..."), 8}, data{"x/data/0", counting(12)};
  const auto module = [](const char* name) {
    return Pickle().global("__torch__.torch.nn.Linear", name).op(")\x81}(");
  };
  // A module with an entry "model", which is a module too; as a dictionary that one alone would be taken.
  const Bytes object = module("Outer")
                           .text("own")
                           .tensor(kPair)
                           .text("model")
                           .global("__torch__", "Inner")
                           .op(")\x81}(")
                           .text("w")
                           .tensor(kPair)
                           .op("ubub")
                           .end();
  EXPECT_THAT(load(make_zip({{"x/data.pkl", object}, code, data}))->names(), ElementsAre("model.w", "own"));
  EXPECT_THAT(error_of(make_zip({{"x/data.pkl", module("Empty").op("ub").end()}, code})),
              HasSubstr("it holds no tensors"));
  const Bytes called = Pickle().global("__torch__.torch.nn.Linear", "Linear").op("}R").end();
  EXPECT_THAT(error_of(make_zip({{"x/data.pkl", called}, code})),
              HasSubstr("makes an object of __torch__.torch.nn.Linear.Linear"));
}

TEST(Torch, BadLegacyFiles) {
  const Bytes pickle = pickle_of(kPair);
  EXPECT_THAT(error_of(Pickle().op("}").end()), HasSubstr("it is a pickle, but torch.save did not write it"));
  Bytes file = in_legacy(pickle);
  Bytes version = file;
  version[std::string_view("\x80\2\x8a\n1234567890.\x80\2\x8a\x08").size()] = 7;
  EXPECT_THAT(error_of(version), HasSubstr("its version is not 1001"));
  Bytes big = file;
  *std::find(big.begin(), big.end(), 0x88) = 0x89;
  EXPECT_THAT(error_of(big), HasSubstr("written on a big-endian machine"));
  EXPECT_THAT(error_of(make_torch_legacy(pickle, {{"0", counting(12)}}, {{"0", 11}})),
              HasSubstr("storage '0' has 11 elements where 12 were announced"));
  EXPECT_THAT(error_of(make_torch_legacy(pickle, {{"7", counting(12)}}, {{"7", 12}})),
              HasSubstr("names one that no tensor uses ('7')"));
  EXPECT_THAT(error_of(make_torch_legacy(pickle)), HasSubstr("(storage '0') are not in the file"));
  file.pop_back();
  EXPECT_THAT(error_of(file), HasSubstr("it ends inside storage '0'; was the download cut short?"));
}

struct BadPickle {
  const char* what;
  Pickle pickle;
  const char* says;
};

class BadTorch : public ::testing::TestWithParam<BadPickle> {};

TEST_P(BadTorch, IsOneSentence) {
  const Bytes pickle = GetParam().pickle.end();
  for (const Bytes& file : {in_zip(pickle), in_legacy(pickle)}) {
    const std::string text = error_of(file);
    EXPECT_THAT(text, HasSubstr("test: unusable torch file: "));
    EXPECT_THAT(text, HasSubstr(GetParam().says));
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
}

std::string name_of_case(const ::testing::TestParamInfo<BadPickle>& info) {
  std::string name = info.param.what;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Machine, BadTorch,
    ::testing::Values(
        BadPickle{"system call", Pickle().global("posix", "system").op("(").text("id").op("tR"),
                  "it holds an object of the class 'posix.system'"},
        BadPickle{"eval", Pickle(4).text("builtins").text("eval").op("\x93"), "the class 'builtins.eval'"},
        BadPickle{"class without a name", Pickle(4).op("NN\x93"), "a class in its pickle has no name"},
        BadPickle{"long class", Pickle().global("torch." + std::string(5000, 'x'), "Storage"),
                  "longer than 256 characters"},
        BadPickle{"instance", Pickle().op("(ios\nsystem\n"), "has the opcode 0x69 at byte 3"},
        BadPickle{"extension", Pickle().op("\x82\x01"), "has the opcode 0x82"},
        BadPickle{"protocol", Pickle(6), "it uses pickle protocol 6"},
        BadPickle{"nothing on the stack", Pickle(), "takes a value that is not there"},
        BadPickle{"tuple of nothing", Pickle().op("\x86"), "takes a value that is not there"},
        BadPickle{"tuple beyond a mark", Pickle().op("NN(\x86"), "takes a value that is not there"},
        BadPickle{"no mark", Pickle().op("Nt"), "ends a list that was not begun"},
        BadPickle{"list without a mark", Pickle().op("]Ne"), "ends a list that was not begun"},
        BadPickle{"append to a tuple", Pickle().op(")Na"), "adds to something that cannot hold it"},
        BadPickle{"odd entries", Pickle().op("}(Nu"), "adds to something that cannot hold it"},
        BadPickle{"memo", Pickle().op("h\x05"), "recalls entry 5, which is not there"},
        BadPickle{"call of a number", Pickle().op("K\x01)R"),
                  "makes an object of something that is not a class"},
        BadPickle{"call of a storage class", Pickle().global("torch", "FloatStorage").op(")R"),
                  "makes an object of torch.FloatStorage"},
        BadPickle{"call of an element type", Pickle().global("torch", "float32").op(")R"),
                  "makes an object of torch.float32"},
        BadPickle{"attributes of a number", Pickle().op("K\x01}b"),
                  "gives attributes to something that has none"},
        BadPickle{"text beyond the end", Pickle().op("X\xff\xff\xff\xff"), "cut short"},
        BadPickle{"line beyond the end", Pickle().op("ctorch"), "cut short"},
        BadPickle{"frame beyond the end", Pickle(4).op("\x95\xff\xff\xff\xff\xff\xff\xff\xff"), "cut short"},
        BadPickle{"nothing of use", Pickle().op("}").text("a").storage(kPair).op("s"),
                  "it holds no tensors"}),
    name_of_case);

Pickle::Record of_storage(const char* storage) {
  Pickle::Record tensor = kPair;
  tensor.storage = storage;
  return tensor;
}

INSTANTIATE_TEST_SUITE_P(
    Tensors, BadTorch,
    ::testing::Values(
        BadPickle{"beyond its storage", Pickle().tensor(record({13}, {1})),
                  "beyond its storage of 12 elements"},
        BadPickle{"offset beyond", Pickle().tensor(record({1}, {1}, 12)), "beyond its storage"},
        BadPickle{"stride beyond", Pickle().tensor(record({2, 2}, {11, 1})), "beyond its storage"},
        BadPickle{"stride overflows", Pickle().tensor(record({3, 3}, {kMost, kMost})), "beyond its storage"},
        BadPickle{"offset overflows", Pickle().tensor(record({2}, {1}, kMost)), "beyond its storage"},
        BadPickle{"negative offset", Pickle().tensor(record({1}, {1}, -1)), "do not fit its shape"},
        BadPickle{"negative size", Pickle().tensor(record({-1}, {1})), "not whole numbers of 0 or more"},
        BadPickle{"negative stride", Pickle().tensor(record({2}, {-1}, 5)), "not whole numbers of 0 or more"},
        BadPickle{"product overflows", Pickle().tensor(record({1LL << 32, 1LL << 32}, {0, 0})),
                  "absurdly large"},
        BadPickle{"product overflows beside 0", Pickle().tensor(record({0, kMost, kMost}, {1, 1, 1})),
                  "absurdly large"},
        BadPickle{"expanded without end", Pickle().tensor(record({1 << 30}, {0})), "far more memory"},
        BadPickle{"strides missing", Pickle().tensor(record({2, 2}, {1})), "do not fit its shape"},
        BadPickle{"rank",
                  Pickle().tensor(record(std::vector<std::int64_t>(33, 1), std::vector<std::int64_t>(33, 1))),
                  "not a list of at most 32 numbers"},
        BadPickle{"quantised storage", Pickle().tensor(of_storage("QInt8Storage")),
                  "a storage of the class 'torch.QInt8Storage', which this program does not read"},
        BadPickle{"record of nothing", Pickle().op(")Q"), "a storage record in its pickle is malformed"},
        BadPickle{"record that is a number", Pickle().op("K\x01Q"),
                  "a storage record in its pickle is malformed"},
        BadPickle{"tensor of nothing", Pickle().global("torch._utils", "_rebuild_tensor_v2").op(")R"),
                  "not those of a tensor"},
        BadPickle{"tensor without a type",
                  Pickle().global("torch._utils", "_rebuild_tensor_v3").op("(").storage(kPair).op("N))NNNtR"),
                  "has no element type"},
        BadPickle{"parameter of nothing", Pickle().global("torch._utils", "_rebuild_parameter").op(")R"),
                  "a parameter in it is not a tensor"},
        BadPickle{"size of nothing", Pickle().global("torch", "Size").op(")R"), "is not a list of numbers"},
        BadPickle{"dictionary of numbers", Pickle().global("collections", "OrderedDict").op("(](NetR"),
                  "not made of pairs"}),
    name_of_case);

TEST(BadTorch, RecordsOfOneStorageThatDisagree) {
  Pickle::Record other = kPair;
  other.count = 11;
  Pickle pickle;
  pickle.op("}(").text("a").tensor(kPair).text("b").tensor(other).op("u");
  EXPECT_THAT(error_of(in_legacy(pickle.end())), HasSubstr("its records of storage '0' disagree"));
  Pickle::Record absurd = kPair;
  absurd.count = kMost;
  EXPECT_THAT(error_of(in_zip(pickle_of(absurd))), HasSubstr("storage '0' has an absurd size"));
  absurd.count = -1;
  EXPECT_THAT(error_of(in_legacy(pickle_of(absurd))), HasSubstr("storage '0' has an absurd size"));
}

}  // namespace
}  // namespace anomalyvlm
