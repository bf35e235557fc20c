// Wrong files in the place of the embedded default's weights end in one clear sentence and exit 1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <limits>
#include <thread>

#include "anomalyvlm/codec.h"
#include "cli/program.h"
#include "core/platform.h"
#include "source_dir.h"
#include "weights/safetensors.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const fs::path kCommitted = source_dir() / "models/nano/nano.safetensors";

class DamagedModel : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(file_.parent_path());
    write_png(folder_ / "a.png", Image{64, 64, std::vector<std::uint8_t>(64 * 64 * 3, 128)});
  }

  // Of the program with what now lies in the place of the weights.
  Outcome detect() const {
    return run_program({"detect", folder_ / "a.png", "--out", folder_ / "out", "--resize", "64"},
                       {.environment = environment()});
  }
  Outcome info() const { return run_program({"info"}, {.environment = environment()}); }

  void expect_refusal(const Outcome& run, const std::string& says) const {
    EXPECT_EQ(run.exit, 1);
    EXPECT_THAT(run.err, AllOf(StartsWith("anomalyvlm: "), HasSubstr(file_.string()), HasSubstr(says)));
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_LT(run.err.size(), 600U);
    EXPECT_FALSE(fs::exists(folder_ / "out/a.json"));
  }

  void expect_refusals(const std::string& says) const {
    SCOPED_TRACE(says);
    const Outcome detected = detect();
    expect_refusal(detected, says);
    EXPECT_EQ(detected.out, "");
    const Outcome informed = info();
    expect_refusal(informed, says);
    EXPECT_THAT(informed.out, HasSubstr("engine"));
  }

  void write(const std::string& content) const { std::ofstream(file_, std::ios::binary) << content; }
  // The committed weights, changed and sealed again: what is wrong is more than a flipped bit.
  void write_changed(
      const std::function<void(WeightFile::Tensors& tensors, WeightFile::Strings& metadata)>& change) const {
    const auto file = load_weights(kCommitted);
    WeightFile::Tensors tensors = file->tensors();
    WeightFile::Strings metadata = file->metadata();
    change(tensors, metadata);
    write_safetensors(file_, tensors, metadata, true);
  }

  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "models/nano/nano.safetensors";
  std::string environment() const { return "ANOMALYVLM_DATA=" + folder_.path().string(); }
};

TEST_F(DamagedModel, TheWholeOneIsFine) {
  fs::copy_file(kCommitted, file_);
  EXPECT_EQ(detect().exit, 0);
  const Outcome run = info();
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, HasSubstr("(sha256 "));
}

TEST_F(DamagedModel, OtherFiles) {
  expect_refusals("No such file");
  write("");
  expect_refusals("the file is empty");
  write("version https://git-lfs.github.com/spec/v1");
  expect_refusals("git lfs pull");
  write(read_file(source_dir() / "examples/images/standard.txt"));
  expect_refusals("neither a safetensors file nor one written by torch.save");
  write(read_file(source_dir() / "tests/weights/files/module.pt"));
  expect_refusals("an object of the class 'torch.nn.modules.linear.Linear'");
  write(read_file(source_dir() / "tests/weights/files/single.pt"));
  expect_refusals("carries no SHA-256 by which it could be verified");
  fs::remove(file_);
  fs::create_directories(file_);
  expect_refusals("it is a folder");
}

TEST_F(DamagedModel, CutShortOrHostile) {
  const std::string whole = read_file(kCommitted);
  for (const std::size_t size :
       {std::size_t{7}, std::size_t{9}, std::size_t{5000}, whole.size() / 2, whole.size() - 1}) {
    write(whole.substr(0, size));
    expect_refusals(size < 9 ? "neither" : "was the download cut short?");
  }
  std::string longest = whole;  // header
  longest.replace(0, 8, std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8));
  write(longest);
  expect_refusals("neither");
  write(std::string("\x00\x00\x10\x00\x00\x00\x00\x00", 8) + "{\"a\":" + std::string(1 << 20, '['));
  expect_refusals("nested too deeply");
}

TEST_F(DamagedModel, OfAnotherContent) {
  write_changed([](auto& tensors, auto&) { tensors.erase("words"); });
  expect_refusals("there is no tensor 'words'");
  write_changed([](auto&, auto& metadata) { metadata["lexicon"] = "{"; });
  expect_refusals("the metadata's \"lexicon\" is damaged");
  write_changed([](auto&, auto& metadata) { metadata.erase("lexicon"); });
  expect_refusals("the metadata has no \"lexicon\"");
}

// Then all that do not fit are listed.
TEST_F(DamagedModel, OfAnotherNetwork) {
  write_changed([](auto& tensors, auto&) {
    tensors.erase("decoder.defect.bias");
    tensors.insert_or_assign("decoder.object.bias", Tensor::zeros({7}));
  });
  for (const Outcome& run : {detect(), info()}) {
    EXPECT_EQ(run.exit, 1);
    EXPECT_THAT(run.err, HasSubstr("these weights do not fit the model nano"));
    EXPECT_THAT(run.err, HasSubstr("1 missing: decoder.defect.bias"));
    EXPECT_THAT(run.err, HasSubstr("decoder.object.bias is [7], not [1]"));
  }
}

// Also where an activation would hide it from the network's outputs.
TEST_F(DamagedModel, WeightsThatAreNotNumbers) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const std::string name :
         {"decoder.defect.bias", "words", "decoder.context.blocks.0.narrow.weight"}) {
      write_changed([&](auto& tensors, auto&) {
        const Tensor whole = tensors.at(name).to_f32();
        std::vector<float> values(whole.floats().begin(), whole.floats().end());
        values[values.size() / 2] = value;
        tensors.insert_or_assign(name, Tensor::from<float>(whole.shape(), std::move(values)));
      });
      expect_refusals("tensor '" + name + "' holds values that are not numbers; the file is damaged");
    }
  }
}

TEST_F(DamagedModel, ABitThatFlippedAndNamesThatWereExchanged) {
  const std::string whole = read_file(kCommitted);
  std::string flipped = whole;
  flipped[whole.size() - 1000] = static_cast<char>(flipped[whole.size() - 1000] ^ 64);
  write(flipped);
  expect_refusals("is damaged");
  std::string renamed = whole;  // the two have the same shape
  const std::string a = "decoder.defect.bias", b = "decoder.object.bias";
  const std::size_t at_a = renamed.find(a), at_b = renamed.find(b);
  ASSERT_TRUE(at_a != std::string::npos && at_b != std::string::npos);
  renamed.replace(at_a, a.size(), b).replace(at_b, b.size(), a);
  write(renamed);
  expect_refusals("is damaged");
}

TEST_F(DamagedModel, CutShortWhileItIsUsed) {
  fs::copy_file(kCommitted, file_);
  // The first image is done, and the file is cut, before the second one needs a graph of another shape.
  write_png(folder_ / "b.png", Image{64, 128, std::vector<std::uint8_t>(64 * 128 * 3, 128)});
  const TemporaryFolder streams;
  const pid_t process =
      start_program({"detect", folder_ / "a.png", folder_ / "b.png", "--out", folder_ / "out", "--no-cache"},
                    streams.path(), {.environment = environment()});
  for (int waited = 0; waited < 6000 && !fs::exists(folder_ / "out/a.json"); ++waited)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  fs::resize_file(file_, 1000);
  const Outcome run = finish_program(process, streams.path());
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_TRUE(fs::exists(folder_ / "out/b.json"));
}

}  // namespace
}  // namespace anomalyvlm::test
