// Compiled graphs on disk: used again by the next engine, never trusted, never in the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/platform.h"
#include "core/threads.h"
#include "nn/engine.h"
#include "nn/engines/graph_cache.h"
#include "nn/layers.h"
#include "temporary_folder.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using nn::GraphCache;
using nn::GraphKey;
using nn::Scope;
using nn::Value;
using ::testing::ElementsAre;

class GraphCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("ANOMALYVLM_CACHE", folder_.c_str(), 1);
    request_.model = "test";
    request_.weights = weights_of(3);
    request_.function = [this](const Scope& root, const std::vector<Value>& v) -> nn::NamedValues {
      ++calls_;
      return {{"out", nn::linear(root, v[0], 2, false) * factor_}};
    };
    request_.inputs = {{"x", {1, 2}}};
  }
  void TearDown() override { unsetenv("ANOMALYVLM_CACHE"); }

  static std::shared_ptr<const WeightFile> weights_of(float first) {
    return std::make_shared<WeightFile>(
        "test", WeightFile::Tensors{{"weight", Tensor::from<float>({2, 2}, {first, 0, 0, 1})}});
  }

  // What a fresh engine, as of another start of the program, does: whether it compiled or read from disk.
  // The function is called once for its signature, and once more when it is compiled.
  enum How { kRead = 1, kCompiled = 2 };
  How compile() {
    calls_ = 0;
    const auto program = nn::make_engine("openvino")->compile(request_);
    const Tensor out = program->run({Tensor::from<float>({1, 2}, {2, 5})})[0];
    const float weight = request_.weights->at("weight").floats()[0];
    EXPECT_THAT(out.floats(), ElementsAre(2 * weight * factor_, 5 * factor_));
    return calls_ == 1 ? kRead : kCompiled;
  }

  std::vector<fs::path> entries() const {
    std::error_code none;
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(folder_ / "graphs", none)) files.push_back(file.path());
    return files;
  }

  const TemporaryFolder place_;
  const fs::path folder_ = place_.path() / "cache";  // not there at first
  nn::CompileRequest request_;
  float factor_ = 1;
  int calls_ = 0;
};

TEST_F(GraphCacheTest, ASecondStartDoesNotCompileAgain) {
  EXPECT_EQ(compile(), kCompiled);
  EXPECT_EQ(compile(), kRead);
  EXPECT_EQ(entries().size(), 1U);
}

TEST_F(GraphCacheTest, CanBeLeftAlone) {
  for (int i = 0; i < 2; ++i) {
    calls_ = 0;
    nn::make_engine("openvino", {.device = "cpu", .disk_cache = false})->compile(request_);
    EXPECT_EQ(calls_, kCompiled);
  }
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(GraphCacheTest, WhatMakesAnotherGraphMakesAnotherEntry) {
  const std::pair<const char*, std::function<void()>> changes[] = {
      {"model", [&] { request_.model = "other"; }},
      {"weights", [&] { request_.weights = weights_of(4); }},
      {"operations", [&] { factor_ = 2; }},
      {"taps", [&] { request_.taps = {"*"}; }},
      {"threads", [&] { set_thread_count(thread_count() + 1); }},
      {"precision", [&] { request_.precision = nn::Precision::kBF16; }},
  };
  compile();
  std::size_t expected = 1;
  for (const auto& [what, change] : changes) {
    change();
    if (!nn::make_engine("openvino")->supports(request_.precision)) break;
    EXPECT_EQ(compile(), kCompiled) << what;
    EXPECT_EQ(compile(), kRead) << what;
    EXPECT_EQ(entries().size(), ++expected) << what;
  }
  set_thread_count(available_cpus());
}

TEST_F(GraphCacheTest, AnotherShapeMakesAnotherEntry) {
  compile();
  request_.inputs = {{"x", {7, 2}}};
  calls_ = 0;
  nn::make_engine("openvino")->compile(request_);
  EXPECT_EQ(calls_, kCompiled);
  EXPECT_EQ(entries().size(), 2U);
}

std::string flipped(std::string text, std::size_t at) {
  text[at] = static_cast<char>(text[at] ^ 4);
  return text;
}

TEST_F(GraphCacheTest, DamagedEntriesAreIgnoredAndRewritten) {
  ASSERT_EQ(compile(), kCompiled);
  const fs::path path = entries().at(0);
  const std::string whole = read_file(path);
  const std::pair<const char*, std::string> damages[] = {
      {"empty", ""},
      {"something else", "{\"a\": 1}"},
      {"only the beginning of the magic", whole.substr(0, 5)},
      {"cut in the header", whole.substr(0, 40)},
      {"cut in the graph", whole.substr(0, whole.size() / 2)},
      {"the last byte is gone", whole.substr(0, whole.size() - 1)},
      {"a byte more", whole + "x"},
      {"a flipped bit of the magic", flipped(whole, 2)},
      {"a flipped bit of the header's length", flipped(whole, 13)},
      {"a flipped bit of the header", flipped(whole, 30)},
      {"a flipped bit in the middle", flipped(whole, whole.size() / 2)},
      {"a flipped bit at the end", flipped(whole, whole.size() - 1)},
      {"a header without an end", whole.substr(0, 10) + std::string("\xff\xff\xff\xff") + whole.substr(14)},
  };
  for (const auto& [what, content] : damages) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    EXPECT_EQ(compile(), kCompiled) << what;
    EXPECT_NE(read_file(path), content) << what;
    EXPECT_EQ(compile(), kRead) << what;
  }
}

TEST_F(GraphCacheTest, AnotherGraphUnderThisNameIsIgnored) {
  compile();
  const fs::path own = entries().at(0);
  request_.model = "other";
  compile();
  const std::vector<fs::path> both = entries();
  const fs::path other = both[0] == own ? both[1] : both[0];
  fs::copy_file(own, other, fs::copy_options::overwrite_existing);
  EXPECT_EQ(compile(), kCompiled);
  EXPECT_EQ(compile(), kRead);
}

// A sound entry around what OpenVINO never wrote.
TEST_F(GraphCacheTest, AGraphThatOpenVinoDoesNotReadIsCompiledAnew) {
  compile();
  const fs::path path = entries().at(0);
  GraphKey key;
  key.add("some other");
  for (const std::string& blob : {std::string(), std::string("rubbish"), std::string(5000, '\0'),
                                  std::string(100000, '<'), read_file(path).substr(200)}) {
    const GraphCache cache(folder_ / "graphs");
    cache.store(key, blob);
    std::string entry = read_file(folder_ / "graphs" / key.file_name());
    entry.replace(entry.find(key.file_name()), key.file_name().size(), path.filename().string());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << entry;
    EXPECT_EQ(compile(), kCompiled) << blob.size();
    EXPECT_EQ(compile(), kRead);
  }
}

TEST_F(GraphCacheTest, AFolderThatCannotBeWrittenIsHarmless) {
  std::ofstream(folder_.string()) << "a file where the folder should be";
  EXPECT_EQ(compile(), kCompiled);
  fs::remove(folder_);
  setenv("ANOMALYVLM_CACHE", "/proc/nothing", 1);
  EXPECT_EQ(compile(), kCompiled);
}

TEST_F(GraphCacheTest, AFolderInPlaceOfAnEntryIsHarmless) {
  compile();
  const fs::path path = entries().at(0);
  fs::remove(path);
  fs::create_directories(path / "inside");
  EXPECT_EQ(compile(), kCompiled);
}

TEST_F(GraphCacheTest, AnEntryComesBackAsItWasStored) {
  const GraphCache cache(folder_ / "graphs");
  GraphKey key, other;
  key.add("one");
  other.add("two");
  EXPECT_NE(key.file_name(), other.file_name());
  EXPECT_FALSE(cache.load(key));
  const std::string blob("graph\0\n\xff", 8);
  cache.store(key, blob);
  const auto entry = cache.load(key);
  ASSERT_TRUE(entry);
  EXPECT_EQ(std::string(entry->blob.begin(), entry->blob.end()), blob);
  EXPECT_FALSE(cache.load(other));
  EXPECT_EQ(cache.usage().entries, 1);
  EXPECT_EQ(cache.usage().bytes, fs::file_size(folder_ / "graphs" / key.file_name()));
}

TEST(GraphKeys, DifferInEveryFieldAndItsPlace) {
  const auto name = [](const std::vector<std::string>& fields) {
    GraphKey key;
    for (const std::string& field : fields) key.add(field);
    return key.file_name();
  };
  EXPECT_EQ(name({"a", "b"}), name({"a", "b"}));
  const std::vector<std::vector<std::string>> others = {{},
                                                        {"a"},
                                                        {"a", ""},
                                                        {"", "a"},
                                                        {"a", "b"},
                                                        {"b", "a"},
                                                        {"ab"},
                                                        {"a", "b", ""},
                                                        {std::string(64, 'x')},
                                                        {std::string(65, 'x')}};
  std::set<std::string> names;
  for (const auto& fields : others) EXPECT_TRUE(names.insert(name(fields)).second) << fields.size();
}

}  // namespace
}  // namespace anomalyvlm::test
