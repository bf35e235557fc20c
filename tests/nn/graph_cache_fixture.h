#pragma once
// A small graph that is compiled, or read from a cache of the test's own, as often as a test likes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/platform.h"
#include "nn/engine.h"
#include "nn/engines/graph_cache.h"
#include "nn/layers.h"
#include "temporary_folder.h"

namespace anomalyvlm::test {

class GraphCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("ANOMALYVLM_CACHE", folder_.c_str(), 1);
    request_.model = "test";
    request_.weights = weights_of(3);
    request_.function = [this](const nn::Scope& root, const std::vector<nn::Value>& v) -> nn::NamedValues {
      ++calls_;
      // Limits are kept as text in a compiled graph.
      return {{"out", nn::clamp(nn::linear(root, v[0], 2, false) * factor_, -4.5F, kLimit)}};
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
    const Tensor out = program->run({Tensor::from<float>({1, 2}, {2, 500})})[0];
    const float weight = request_.weights->at("weight").floats()[0];
    EXPECT_THAT(out.floats(), ::testing::ElementsAre(2 * weight * factor_, kLimit));
    return calls_ == 1 ? kRead : kCompiled;
  }

  std::vector<std::filesystem::path> entries() const {
    std::error_code none;
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(folder_ / "graphs", none))
      files.push_back(file.path());
    return files;
  }
  // Of the graph that is wanted now: compiled, and the only one in the folder.
  std::filesystem::path only_entry() {
    std::filesystem::remove_all(folder_);
    compile();
    return entries().at(0);
  }

  static nn::GraphEntry read(const std::filesystem::path& path) {
    return nn::read_entry(path.filename().string(), std::make_shared<const std::string>(read_file(path)))
        .value();
  }
  static void overwrite(const std::filesystem::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }

  static constexpr float kLimit = 32.625F;
  const TemporaryFolder place_;
  const std::filesystem::path folder_ = place_.path() / "cache";  // not there at first
  nn::CompileRequest request_;
  float factor_ = 1;
  int calls_ = 0;
};

}  // namespace anomalyvlm::test
