// Graphs from disk prove that they are what was asked for; and locales have no part in them.
#include "nn/engines/graph_proof.h"

#include <clocale>
#include <limits>
#include <locale>

#include "nn/graph_cache_fixture.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using nn::Precision;

TEST_F(GraphCacheTest, AnotherGraphInASoundEntryIsCompiledAnew) {
  const std::pair<const char*, std::function<void()>> others[] = {
      {"other weights", [&] { request_.weights = weights_of(4); }},
      {"other numbers", [&] { factor_ = 1.5F; }},
      {"another input",
       [&] {
         request_.inputs = {{"x", {7, 2}}};
       }},
      {"other outputs",
       [&] {
         request_.function = [f = request_.function](const auto& root, const auto& v) {
           auto outputs = f(root, v);
           outputs.emplace_back("again", outputs[0].second);
           return outputs;
         };
       }},
  };
  const nn::CompileRequest wanted = request_;
  const fs::path own = only_entry();
  for (const auto& [what, change] : others) {
    change();
    fs::remove_all(folder_);
    calls_ = 0;
    nn::make_engine("openvino")->compile(request_);
    const nn::GraphEntry other = read(entries().at(0));
    request_ = wanted;
    factor_ = 1;
    const std::string_view blob(reinterpret_cast<const char*>(other.blob.data()), other.blob.size());
    overwrite(own, nn::write_entry(own.filename().string(), other.proof, blob));
    fs::permissions(own, fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(compile(), kCompiled) << what;
    EXPECT_EQ(compile(), kRead) << what;
  }
}

TEST_F(GraphCacheTest, AProofOfOtherNumbersIsNotBelieved) {
  const fs::path own = only_entry();
  const nn::GraphEntry entry = read(own);
  const std::string blob(entry.blob.begin(), entry.blob.end());
  std::vector<float> other = entry.proof, longer = entry.proof;
  other[5] += 1;
  longer.push_back(0);
  for (const std::vector<float>& proof : {std::vector<float>{}, longer, other}) {
    overwrite(own, nn::write_entry(own.filename().string(), proof, blob));
    EXPECT_EQ(compile(), kCompiled) << proof.size();
    EXPECT_EQ(compile(), kRead) << proof.size();
  }
}

TEST(GraphProofs, AgreeUpToRounding) {
  std::vector<float> proof(66, 1);
  proof[3] = 200;
  EXPECT_TRUE(agree(proof, proof, Precision::kF32));
  std::vector<float> near = proof, far = proof, other = proof;
  near[7] += 0.01F;
  far[7] += 0.1F;
  other[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(agree(proof, near, Precision::kF32));
  EXPECT_FALSE(agree(proof, far, Precision::kF32));
  EXPECT_TRUE(agree(proof, far, Precision::kBF16));
  EXPECT_FALSE(agree(proof, other, Precision::kBF16));
  EXPECT_FALSE(agree(other, proof, Precision::kBF16));
  EXPECT_TRUE(agree(other, other, Precision::kF32)) << "a graph may answer so";
  EXPECT_FALSE(agree({}, {}, Precision::kF32));
}

// ---- locales

class CommaForPoint : public std::numpunct<char> {
 protected:
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\1"; }
};

class StreamsWithCommas {
 public:
  StreamsWithCommas() : before_(std::locale::global(std::locale(std::locale(), new CommaForPoint))) {}
  ~StreamsWithCommas() { std::locale::global(before_); }

 private:
  std::locale before_;
};

TEST_F(GraphCacheTest, StreamsWithCommasDoNoHarm) {
  {
    const StreamsWithCommas commas;
    EXPECT_EQ(compile(), kCompiled);
    EXPECT_EQ(compile(), kCompiled) << "neither written nor read";
    EXPECT_TRUE(entries().empty());
  }
  EXPECT_EQ(compile(), kCompiled);
  const std::string entry = read_file(entries().at(0));
  {
    const StreamsWithCommas commas;
    EXPECT_EQ(compile(), kCompiled);
  }
  EXPECT_EQ(read_file(entries().at(0)), entry);
  EXPECT_EQ(compile(), kRead);
}

TEST_F(GraphCacheTest, ALocaleWithCommasDoesNoHarm) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  bool found = false;
  for (const char* name :
       {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "pt_BR.UTF-8", "ru_RU.UTF-8"})
    found = found || std::setlocale(LC_NUMERIC, name) != nullptr;
  if (!found) GTEST_SKIP() << "no locale with a decimal comma is installed";
  const std::string with_commas = std::setlocale(LC_ALL, nullptr);
  EXPECT_EQ(compile(), kCompiled);
  EXPECT_EQ(compile(), kRead);
  EXPECT_EQ(std::setlocale(LC_ALL, nullptr), with_commas) << "the program's locale is its own";
  std::setlocale(LC_ALL, before.c_str());
  EXPECT_EQ(compile(), kRead);
}

}  // namespace
}  // namespace anomalyvlm::test
