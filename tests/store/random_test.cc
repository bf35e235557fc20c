// Randomly initialised weights.
#include "store/convert/random.h"

#include <gmock/gmock.h>

#include <cmath>

#include "models/catalog/architectures.h"
#include "models/sam/architecture.h"
#include "store/folder.h"
#include "store/temporary_folder.h"
#include "weights/fixtures.h"

namespace anomalyvlm::store {
namespace {

using RandomWeights = InFolder;

struct Moments {
  double mean = 0, deviation = 0;
};
Moments moments(const Tensor& tensor) {
  double sum = 0, squares = 0;
  for (const float value : tensor.floats()) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const auto n = static_cast<double>(tensor.size());
  return {sum / n, std::sqrt(squares / n - sum / n * sum / n)};
}

TEST_F(RandomWeights, HaveTheScaleThatKeepsTheSignals) {
  for (const auto& [name, shape, deviation] : std::vector<std::tuple<std::string, Shape, double>>{
           {"a.weight", {300, 400}, 1 / std::sqrt(400.0)},
           {"b.weight", {256, 32, 3, 3}, 1 / std::sqrt(288.0)},
           {"c.positional_encoding_gaussian_matrix", {2, 128}, 1},
           {"image_encoder.pos_embed", {1, 64, 64, 8}, 0.02}}) {
    const Moments m = moments(random_tensor({name, shape}, 3));
    const double error = 5 * deviation / std::sqrt(static_cast<double>(element_count(shape)));
    EXPECT_NEAR(m.mean, 0, error) << name;
    EXPECT_NEAR(m.deviation, deviation, error) << name;
  }
}

// Four even numbers added: the kurtosis is 3 - 6 / 20, and no value is further out than sqrt(12).
TEST_F(RandomWeights, AreNearlyNormal) {
  const Tensor tensor = random_tensor({"a.positional_encoding_gaussian_matrix", {2000, 200}}, 1);
  double fourth = 0, correlation = 0;
  float before = 0, furthest = 0;
  for (const float value : tensor.floats()) {
    fourth += std::pow(static_cast<double>(value), 4);
    correlation += static_cast<double>(value * before);
    furthest = std::max(furthest, std::abs(value));
    before = value;
  }
  EXPECT_NEAR(fourth / static_cast<double>(tensor.size()), 2.7, 0.05);
  EXPECT_NEAR(correlation / static_cast<double>(tensor.size()), 0, 0.01);
  EXPECT_LE(furthest, std::sqrt(12.0));
}

TEST_F(RandomWeights, NormsChangeNothing) {
  const auto all = [](const std::string& name) {
    const Tensor tensor = random_tensor({name, {3}}, 0);
    return std::vector<float>(tensor.floats().begin(), tensor.floats().end());
  };
  const std::vector<float> ones = {1, 1, 1}, zeros = {0, 0, 0};
  for (const char* name : {"norm.weight", "bn.running_var"}) EXPECT_EQ(all(name), ones) << name;
  for (const char* name : {"norm.bias", "attn.in_proj_bias", "bn.running_mean"})
    EXPECT_EQ(all(name), zeros) << name;
}

TEST_F(RandomWeights, DependOnNameAndSeedOnly) {
  const auto first = [](const std::string& name, std::uint64_t seed) {
    return random_tensor({name, {4, 4}}, seed).floats()[0];
  };
  EXPECT_EQ(first("a.weight", 1), first("a.weight", 1));
  EXPECT_NE(first("a.weight", 1), first("b.weight", 1));
  EXPECT_NE(first("a.weight", 1), first("a.weight", 2));
}

TEST_F(RandomWeights, MakeAFileThatFitsItsArchitecture) {
  const Architecture& architecture = sam::kVitT;
  write_random(architecture, folder_ / "a", 5);
  write_random(architecture, folder_ / "b", 5);
  write_random(architecture, folder_ / "half", 5, {.bf16 = true});
  EXPECT_EQ(read_file(folder_ / "a"), read_file(folder_ / "b"));
  for (const char* name : {"a", "half"}) {
    const auto file = load_weights(folder_ / name);
    EXPECT_EQ(catalog::architecture_of(*file), &architecture);
    EXPECT_EQ(file->metadata().at("weights"), "random, seed 5");
    verify_converted(folder_ / name);
  }
}

TEST_F(RandomWeights, RepeatWhatTheArchitectureRepeats) {
  static constexpr NameRule kRepeated[] = {{"copy.#.*", "origin.*"}};
  Architecture architecture = sam::kVitT;
  architecture.tensors = [] {
    return std::vector<ExpectedTensor>{{"origin.weight", {8, 8}}, {"copy.1.weight", {8, 8}}};
  };
  architecture.repeated = kRepeated;
  write_random(architecture, folder_ / "a", 5);
  const auto file = load_weights(folder_ / "a");
  const Tensor &origin = file->at("origin.weight"), &copy = file->at("copy.1.weight");
  EXPECT_EQ(std::memcmp(origin.raw(), copy.raw(), origin.bytes()), 0);
}

}  // namespace
}  // namespace anomalyvlm::store
