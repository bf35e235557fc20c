// Files cut short, damaged, or made to exhaust memory or time end quickly, in one clear sentence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/platform.h"
#include "source_dir.h"
#include "subprocess.h"
#include "weights/exercise.h"
#include "weights/fixtures.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using namespace test;
using ::testing::HasSubstr;

// One small file of each kind, by name.
std::map<std::string, Bytes> small_files() {
  std::map<std::string, Bytes> files;
  for (const auto& entry : fs::directory_iterator(test::source_dir() / "tests/weights/files"))
    files[entry.path().filename().string()] = to_bytes(read_file(entry.path()));
  files.erase("module.pt");
  files["safetensors"] = make_safetensors(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[2,10]},)"
      R"("b":{"dtype":"F16","shape":[],"data_offsets":[0,2]}})",
      Bytes(10));
  return files;
}

TEST(Hostile, CutShortAnywhere) {
  for (const auto& [name, whole] : small_files()) {
    EXPECT_EQ(error_of(whole), "nothing was thrown") << name;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::string text =
          error_of(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
      ASSERT_EQ(text.substr(0, 6), "test: ") << name << " of " << size << " bytes: " << text;
      ASSERT_LT(text.size(), 300U);
    }
  }
}

TEST(Hostile, DamagedAnywhere) {
  for (const auto& [name, whole] : small_files()) {
    SCOPED_TRACE(name);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const std::uint8_t flip : {0x01, 0x80, 0xff}) {
        Bytes damaged = whole;
        damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flip);
        exercise_weights(damaged);  // aborts where it should not be
      }
    }
  }
}

void expect_cheap_refusal(const Bytes& file, const char* says) {
  SCOPED_TRACE(says);
  const Outcome outcome = run_in_subprocess([&] { load(file); });
  EXPECT_THAT(outcome.text, HasSubstr("test: "));
  EXPECT_THAT(outcome.text, HasSubstr(says));
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(outcome.seconds, 5);
#endif
  EXPECT_LT(outcome.megabytes, 600 + 2 * static_cast<double>(file.size()) / 1e6);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(Hostile, SafetensorsHeaders) {
  const auto header = [](const std::string& text) { return make_safetensors("{" + text); };
  expect_cheap_refusal(header("\"a\":" + repeated("[", 5'000'000)), "nested too deeply");
  expect_cheap_refusal(header("\"a\":" + repeated("{\"a\":", 1'000'000)), "nested too deeply");
  expect_cheap_refusal(header("\"a\":[" + repeated("1,", 20'000'000)), "more than 2000000 keys and values");
  std::string many = "\"__metadata__\":{";
  for (int i = 0; i < 5'000'000; ++i) many += fmt::format("\"{:x}\":\"\",", i);
  expect_cheap_refusal(header(many), "more than 2000000 keys and values");
  expect_cheap_refusal(header("\"" + repeated("x", 50'000'000) + "\":0}"), "is not a JSON object");
}

// Each of many tensors claims all of the data, which are not aligned and so would be copied.
TEST(Hostile, SafetensorsOverlapWithoutEnd) {
  std::string header = "{";
  for (int i = 0; i < 50'000; ++i)
    header += fmt::format(R"({}"{}":{{"dtype":"F32","shape":[1000000],"data_offsets":[0,4000000]}})",
                          i > 0 ? "," : "", i);
  header += "}";
  header.append((7 - header.size() % 8) % 8, ' ');
  expect_cheap_refusal(make_safetensors(header, Bytes(4'000'000)), "overlap");
}

Bytes in_zip(const Pickle& pickle) { return make_torch_zip(pickle.end(), {{"0", Bytes(64)}}); }

const Pickle::Record kScalar = {.sizes = {}, .strides = {}, .offset = 0, .count = 16, .key = "0"};

TEST(Hostile, PicklesOfTooManyParts) {
  const char* says = "its pickle has more than 4000000 parts";
  for (const char* part : {"(", "]", "N", "N2", ")\x94", "N0", "](e0"})
    expect_cheap_refusal(in_zip(Pickle(4).op("]").op(repeated(part, 8'000'000))), says);
  // A dictionary made again and again from one long list of pairs.
  Pickle copies(4);
  copies.op("](")
      .op(repeated("NN\x86", 100'000))
      .op("e\x85\x94")
      .global("collections", "OrderedDict")
      .op("\x94");
  copies.op(repeated(std::string("h\x01h\0R0", 6), 100'000));
  expect_cheap_refusal(in_zip(copies), says);
}

// Names of classes that are made of recalled text.
TEST(Hostile, LongNamesOfClasses) {
  Pickle pickle(4);
  pickle.text("torch." + repeated("x", 1'000'000)).op("\x94").text("Storage").op("\x94");
  pickle.op(repeated(std::string("h\0h\x01\x93", 5), 100'000));
  expect_cheap_refusal(in_zip(pickle), "longer than 256 characters");
}

// Each level holds the one below ten times: 10^30 tensors.
TEST(Hostile, DictionariesThatShareTheirParts) {
  Pickle pickle(4);
  pickle.op("}").text("w").tensor(kScalar).op("s\x94");
  for (int level = 0; level < 30; ++level) {
    pickle.op("}(");
    for (int i = 0; i < 10; ++i)
      pickle.text(fmt::format("{}", i)).op("h").op(std::string(1, static_cast<char>(level)));
    pickle.op("u\x94");
  }
  expect_cheap_refusal(in_zip(pickle), "it has more than 4000000 parts");
  // The same with names so long that they alone would be gigabytes.
  Pickle names(4);
  for (int level = 0; level < 2; ++level) {
    names.op("}(");
    for (int i = 0; i < 700; ++i) {
      names.text(repeated("x", 1000) + std::to_string(i));
      if (level == 0) names.tensor(kScalar);
      if (level == 1) names.op(std::string("h\0", 2));
    }
    names.op("u\x94");
  }
  expect_cheap_refusal(in_zip(names), "its names have more than 64000000 characters");
}

TEST(Hostile, ObjectsThatHoldThemselves) {
  expect_cheap_refusal(in_zip(Pickle(4).op("]\x94h").op(std::string("\0a", 2))), "nested too deeply");
  expect_cheap_refusal(in_zip(Pickle(4).op("}\x94").text("a").op("h").op(std::string("\0s", 2))),
                       "nested too deeply");
  expect_cheap_refusal(in_zip(Pickle().op(repeated("](", 100'000)).op("N").op(repeated("e", 100'000))),
                       "nested too deeply");
}

// Many entries called "model", each of which would have to be looked through.
TEST(Hostile, RepeatedKeys) {
  Pickle pickle(4);
  pickle.op("}(").op(repeated("NN", 400'000)).op("u\x94}(");
  for (int i = 0; i < 100'000; ++i) pickle.text("model").op(std::string("h\0", 2));
  expect_cheap_refusal(in_zip(pickle.op("u")), "it has more than 4000000 parts");
}

TEST(Hostile, ZipArchives) {
  Bytes file = in_zip(Pickle().tensor(kScalar));
  const auto with = [&](std::size_t from_end, std::uint64_t value, int bytes) {
    Bytes changed = file;
    Bytes number;
    append_number(number, value, bytes);
    std::copy(number.begin(), number.end(), changed.end() - static_cast<std::ptrdiff_t>(from_end));
    return changed;
  };
  expect_cheap_refusal(with(12, 0xffff, 2), "entry 5 of the zip archive's table of contents is damaged");
  expect_cheap_refusal(with(10, 0xffffffff, 4), "the table of contents of the zip archive reaches beyond");
  expect_cheap_refusal(with(6, 0xffffffff, 4), "the table of contents of the zip archive reaches beyond");
  // Nothing but the marks of ends, none of which fits.
  expect_cheap_refusal(to_bytes("PK\x03\x04" + repeated("PK\x05\x06", 1'000'000)), "has no end");
}

}  // namespace
}  // namespace anomalyvlm
