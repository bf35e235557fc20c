// The network with and without references, and the descriptors by which it compares.
#include "models/nano/network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nn/engine.h"
#include "source_dir.h"
#include "train/synthetic/rng.h"

namespace anomalyvlm::nano {
namespace {

constexpr std::int64_t kHeight = 96, kWidth = 64;

Tensor random_tensor(const Shape& shape, synthetic::Rng& rng, double mean, double deviation) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (float& v : values) v = rng.n(mean, deviation);
  return Tensor::from<float>(shape, std::move(values));
}

nn::NamedValues with_references(const nn::Scope& root, const std::vector<nn::Value>& inputs) {
  return network(root, {}, inputs[0], inputs[1]);
}

nn::NamedValues without_references(const nn::Scope& root, const std::vector<nn::Value>& inputs) {
  return network(root, {}, inputs[0]);
}

const std::vector<nn::InputSpec> kInputs = {{"image", {1, 3, kHeight, kWidth}},
                                            {"references", {1, kReferenceChannels, kHeight / 8, kWidth / 8}}};

// The committed weights, with random ones for references. `correct`: the last ones of each branch are not
// zero.
std::shared_ptr<const WeightFile> weights(bool correct) {
  static const auto committed = load_weights((test::source_dir() / "models/nano/nano.safetensors").string());
  WeightFile::Tensors tensors = committed->tensors();
  synthetic::Rng rng(3);
  for (const ExpectedTensor& tensor : nn::trace_signature(with_references, kInputs).weights) {
    if (tensor.name.find(".references.") == std::string::npos) continue;
    const bool last = tensor.name.find(".out.") != std::string::npos;
    tensors.insert_or_assign(tensor.name, random_tensor(tensor.shape, rng, 0, last && !correct ? 0 : 0.05));
  }
  return std::make_shared<WeightFile>("test.safetensors", tensors, committed->metadata());
}

std::vector<Tensor> run(const nn::ModelFunction& model, const std::string& engine,
                        std::shared_ptr<const WeightFile> file, const std::vector<Tensor>& inputs) {
  nn::CompileRequest request = nn::make_request(
      "test", model, {kInputs.begin(), kInputs.begin() + static_cast<std::ptrdiff_t>(inputs.size())});
  request.weights = std::move(file);
  return nn::make_engine(engine, {.disk_cache = false})->compile(request)->run(inputs);
}

double largest_difference(const Tensor& a, const Tensor& b) {
  double most = a.shape() == b.shape() ? 0 : 999;
  for (std::size_t i = 0; i < a.floats().size() && most < 999; ++i)
    most = std::max(most, std::abs(static_cast<double>(a.floats()[i]) - b.floats()[i]));
  return most;
}

struct Inputs {
  Tensor image, references;
};

Inputs random_inputs() {
  synthetic::Rng rng(9);
  return {random_tensor(kInputs[0].shape, rng, 120, 50), random_tensor(kInputs[1].shape, rng, 0.3, 0.1)};
}

TEST(NanoNetwork, WithoutReferencesTheirBranchesAreLeftOut) {
  const nn::ModelSignature plain = nn::trace_signature(without_references, {kInputs[0]});
  for (const ExpectedTensor& tensor : plain.weights)
    EXPECT_EQ(tensor.name.find("references"), std::string::npos) << tensor.name;
  EXPECT_LT(plain.weights.size(), nn::trace_signature(with_references, kInputs).weights.size());
  EXPECT_TRUE(reads_references(*weights(true)));
}

TEST(NanoNetwork, ReferencesBeginAsNoCorrection) {
  const Inputs in = random_inputs();
  for (const std::string& engine : nn::engine_names()) {
    const auto plain = run(without_references, engine, weights(false), {in.image});
    const auto corrected = run(with_references, engine, weights(false), {in.image, in.references});
    ASSERT_EQ(plain.size(), corrected.size());
    for (std::size_t k = 0; k < plain.size(); ++k)
      EXPECT_LT(largest_difference(plain[k], corrected[k]), 1e-3) << engine << ", output " << k;
  }
}

TEST(NanoNetwork, ReferencesCountOnceTheyAreLearnt) {
  const Inputs in = random_inputs();
  const auto plain = run(without_references, "openvino", weights(true), {in.image});
  const auto compared = run(with_references, "openvino", weights(true), {in.image, in.references});
  EXPECT_GT(largest_difference(plain[0], compared[0]), 1e-2);
  for (const std::string& engine : nn::engine_names()) {
    const auto other = run(with_references, engine, weights(true), {in.image, in.references});
    for (std::size_t k = 0; k < other.size(); ++k)
      EXPECT_LT(largest_difference(other[k], compared[k]), 5e-3) << engine << ", output " << k;
  }
}

// ---- descriptors, cell by cell

nn::NamedValues describe(const nn::Scope& root, const std::vector<nn::Value>& inputs) {
  const std::vector<nn::Value> features = encode(root, inputs[0]);
  return {{"descriptors", descriptors(features)}, {"fine", features[2]}, {"coarse", features[3]}};
}

using Cells = std::vector<std::vector<double>>;  // [cell][channel]

void scale_to_unit_length(Cells& cells) {
  for (auto& cell : cells) {
    double length = 0;
    for (const double v : cell) length += v * v;
    for (double& v : cell) v /= std::sqrt(length);
  }
}

// The mean over the up to nine cells around each, of unit length.
Cells means(const Tensor& features) {
  const std::int64_t c = features.dim(1), h = features.dim(2), w = features.dim(3);
  Cells cells(static_cast<std::size_t>(h * w), std::vector<double>(static_cast<std::size_t>(c), 0.0));
  for (std::int64_t y = 0; y < h; ++y)
    for (std::int64_t x = 0; x < w; ++x)
      for (std::int64_t k = 0; k < c; ++k)
        for (std::int64_t j = std::max<std::int64_t>(y - 1, 0); j <= std::min(y + 1, h - 1); ++j)
          for (std::int64_t i = std::max<std::int64_t>(x - 1, 0); i <= std::min(x + 1, w - 1); ++i)
            cells[y * w + x][k] += features.floats()[(k * h + j) * w + i];  // the length does not count
  scale_to_unit_length(cells);
  return cells;
}

// Twice as large, bilinear with half-pixel centres.
Cells enlarged(const Cells& cells, std::int64_t h, std::int64_t w) {
  Cells out;
  const auto sample = [](std::int64_t to, std::int64_t size) {
    const double at = std::max(0.0, (static_cast<double>(to) + 0.5) / 2 - 0.5);
    const auto low = static_cast<std::int64_t>(at);
    return std::tuple(low, std::min(low + 1, size - 1), at - static_cast<double>(low));
  };
  for (std::int64_t y = 0; y < 2 * h; ++y) {
    for (std::int64_t x = 0; x < 2 * w; ++x) {
      const auto [y0, y1, fy] = sample(y, h);
      const auto [x0, x1, fx] = sample(x, w);
      std::vector<double>& cell = out.emplace_back();
      for (std::size_t k = 0; k < cells[0].size(); ++k) {
        const double top = cells[y0 * w + x0][k] * (1 - fx) + cells[y0 * w + x1][k] * fx;
        const double bottom = cells[y1 * w + x0][k] * (1 - fx) + cells[y1 * w + x1][k] * fx;
        cell.push_back(top * (1 - fy) + bottom * fy);
      }
    }
  }
  scale_to_unit_length(out);
  return out;
}

TEST(NanoDescriptors, AreAsTheHeaderSays) {
  const Tensor image = random_inputs().image;
  for (const std::string& engine : nn::engine_names()) {
    const auto outputs = run(describe, engine, weights(false), {image});
    const Tensor& got = outputs[0];
    ASSERT_EQ(got.shape(), (Shape{1, kDescriptorSize, kHeight / 8, kWidth / 8}));
    const Cells fine = means(outputs[1]);
    const Cells coarse = enlarged(means(outputs[2]), kHeight / 16, kWidth / 16);
    for (std::size_t cell = 0; cell < fine.size(); ++cell) {
      std::vector<double> expected = fine[cell];
      expected.insert(expected.end(), coarse[cell].begin(), coarse[cell].end());
      for (std::size_t k = 0; k < expected.size(); ++k)
        ASSERT_NEAR(got.floats()[k * fine.size() + cell], expected[k] * std::sqrt(0.5), 2e-4)
            << engine << ", cell " << cell << ", channel " << k;
    }
  }
}

}  // namespace
}  // namespace anomalyvlm::nano
