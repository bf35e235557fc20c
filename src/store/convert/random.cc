#include "store/convert/random.h"

#include <array>
#include <cmath>

#include "core/digest.h"
#include "store/folder.h"
#include "weights/safetensors.h"

namespace anomalyvlm::store {

namespace {

enum class Draw { kZero, kOne, kNormal, kFanIn };

struct Rule {
  std::string_view pattern;
  Draw draw;
  float scale = 1;
};

// The first that matches counts.
constexpr std::array kRules = {
    Rule{"*.running_mean", Draw::kZero},
    Rule{"*.running_var", Draw::kOne},
    Rule{"*bias", Draw::kZero},
    Rule{"*pos_embed", Draw::kNormal, 0.02F},                      // learned positions of SAM and DINOv2
    Rule{"*.positional_encoding_gaussian_matrix", Draw::kNormal},  // SAM's frequencies
    Rule{"*.gamma_v", Draw::kOne, 0.1F},  // how much image and text of Grounding DINO take from each other
    Rule{"*.gamma_l", Draw::kOne, 0.1F},
    Rule{"*", Draw::kFanIn},
};

Rule rule_of(const ExpectedTensor& tensor) {
  for (const Rule& rule : kRules) {
    if (!matches(rule.pattern, tensor.name)) continue;
    if (rule.draw == Draw::kFanIn && tensor.shape.size() < 2) return {rule.pattern, Draw::kOne};  // a norm's
    return rule;
  }
  internal_error("the last rule matches everything", __FILE__, __LINE__);
}

// The i-th of a sequence of evenly distributed 64 bit words.
std::uint64_t word(std::uint64_t seed, std::uint64_t i) {
  std::uint64_t z = seed + (i + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

// Of deviation 1 and nearly normal: the sum of four even 16 bit numbers. A hundred times as fast as a true
// one.
float nearly_normal(std::uint64_t bits) {
  const auto sum = static_cast<std::int32_t>((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) +
                                             (bits >> 48));
  constexpr float kMean = 2 * 65535.0F, kDeviation = 37837.2F;  // 65536 / sqrt(3)
  return (static_cast<float>(sum) - kMean) / kDeviation;
}

Tensor normal(const Shape& shape, std::uint64_t seed, float scale) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = scale * nearly_normal(word(seed, i));
  return Tensor::from(shape, std::move(values));
}

}  // namespace

Tensor random_tensor(const ExpectedTensor& tensor, std::uint64_t seed) {
  const std::uint64_t own = mix_digests(digest_of(tensor.name.data(), tensor.name.size()), seed);
  const auto count = static_cast<std::size_t>(element_count(tensor.shape));
  const Rule rule = rule_of(tensor);
  switch (rule.draw) {
    case Draw::kZero:
      return Tensor::zeros(tensor.shape);
    case Draw::kOne:
      return Tensor::from(tensor.shape, std::vector<float>(count, rule.scale));
    case Draw::kNormal:
      return normal(tensor.shape, own, rule.scale);
    case Draw::kFanIn: {
      const auto inputs = static_cast<float>(count) / static_cast<float>(tensor.shape[0]);
      return normal(tensor.shape, own, rule.scale / std::sqrt(inputs));
    }
  }
  internal_error("a known way to draw", __FILE__, __LINE__);
}

void write_random(const Architecture& architecture, const std::filesystem::path& to, std::uint64_t seed,
                  const SaveOptions& options) {
  require_free(to);
  WeightFile::Strings about = description_of(architecture, options);
  about["weights"] = fmt::format("random, seed {}", seed);
  SafetensorsWriter writer(to, entries_of(architecture, options.bf16), std::move(about), true);
  for (const auto& entry : writer.entries()) {
    const std::string seed_name = renamed(architecture.repeated, entry.name).value_or(entry.name);
    const Tensor tensor = random_tensor({seed_name, entry.shape}, seed);
    writer.add(entry.type == DType::kBF16 ? to_bf16(tensor) : tensor);
  }
  writer.finish();
  forbid_others_to_write(to);
}

}  // namespace anomalyvlm::store
