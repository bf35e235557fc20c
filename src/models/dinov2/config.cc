#include "models/dinov2/config.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "weights/excerpt.h"

namespace anomalyvlm::dinov2 {
namespace {

constexpr std::int64_t kChannelsOfHead = 64;

Dinov2Config published(std::int64_t channels, std::int64_t registers) {
  Dinov2Config config;
  config.channels = channels;
  config.heads = channels / kChannelsOfHead;
  config.hidden = 4 * channels;
  config.registers = registers;
  config.resampling = resampling_with(registers);
  return config;
}

[[noreturn]] void refuse(const WeightFile& file, std::string_view name, std::string_view wanted) {
  fail(ErrorKind::kBadModel, "{}: tensor '{}' is {}, but DINOv2's is {}.", file.source(), name,
       to_string(file.at(name).shape()), wanted);
}

void read_patches(const WeightFile& file, Dinov2Config& config) {
  constexpr std::string_view kName = "patch_embed.proj.weight";
  const Tensor& kernel = file.at(kName);
  if (kernel.rank() != 4 || kernel.dim(0) < 1 || kernel.dim(1) != 3 || kernel.dim(2) < 1 ||
      kernel.dim(2) != kernel.dim(3))
    refuse(file, kName, "[channels, 3, side, side]");
  config.channels = kernel.dim(0);
  config.patch = kernel.dim(2);
}

void read_positions(const WeightFile& file, Dinov2Config& config) {
  constexpr std::string_view kName = "pos_embed";
  const Tensor& table = file.at(kName);
  const std::int64_t places = table.rank() == 3 ? table.dim(1) - 1 : 0;
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(places))));
  if (places < 1 || table.dim(0) != 1 || table.dim(2) != config.channels || side * side != places)
    refuse(file, kName, fmt::format("[1, 1 + side * side, {}]", config.channels));
  config.grid = side;
}

void read_registers(const WeightFile& file, Dinov2Config& config) {
  constexpr std::string_view kName = "register_tokens";
  const Tensor* registers = file.find(kName);
  config.registers = registers == nullptr || registers->rank() != 3 ? 0 : registers->dim(1);
  if (registers != nullptr &&
      (registers->shape() != Shape{1, config.registers, config.channels} || config.registers < 1))
    refuse(file, kName, fmt::format("[1, registers, {}]", config.channels));
  config.resampling = resampling_with(config.registers);
}

// "blocks.12.norm1.weight" -> 12; -1 for another name.
int block_of(std::string_view name) {
  constexpr std::string_view kBlocks = "blocks.";
  if (!name.starts_with(kBlocks)) return -1;
  const char *begin = name.data() + kBlocks.size(), *end = name.data() + name.size();
  int number = -1;
  const auto [rest, error] = std::from_chars(begin, end, number);
  return error == std::errc() && rest != end && *rest == '.' ? number : -1;
}

void read_blocks(const WeightFile& file, Dinov2Config& config) {
  const auto begins = [&](int block) {
    return file.find(fmt::format("blocks.{}.norm1.weight", block)) != nullptr;
  };
  config.blocks = 0;
  while (begins(config.blocks)) ++config.blocks;
  for (const auto& [name, tensor] : file.tensors())
    if (block_of(name) >= config.blocks)
      fail(ErrorKind::kBadModel, "{}: there is a tensor '{}', but none named 'blocks.{}.norm1.weight'.",
           file.source(), excerpt(name), config.blocks);
  if (config.blocks == 0)
    fail(ErrorKind::kBadModel, "{}: there are no blocks of a transformer, so it is no DINOv2.",
         file.source());
}

void read_feed_forward(const WeightFile& file, Dinov2Config& config) {
  const bool gated = file.find("blocks.0.mlp.w12.weight") != nullptr;
  const char* name = gated ? "blocks.0.mlp.w12.weight" : "blocks.0.mlp.fc1.weight";
  const Tensor& first = file.at(name);
  const std::int64_t parts = gated ? 2 : 1;
  if (first.rank() != 2 || first.dim(0) < parts || first.dim(0) % parts != 0 ||
      first.dim(1) != config.channels)
    refuse(file, name, fmt::format("[{}hidden, {}]", gated ? "2 * " : "", config.channels));
  config.feed_forward = gated ? FeedForward::kSwiGlu : FeedForward::kMlp;
  config.hidden = first.dim(0) / parts;
}

}  // namespace

PositionResampling resampling_with(std::int64_t registers) {
  return registers > 0 ? PositionResampling{.antialias = true, .offset = 0} : PositionResampling{};
}

Dinov2Config Dinov2Config::vit_s_reg() { return published(384, 4); }
Dinov2Config Dinov2Config::vit_b() { return published(768, 0); }
Dinov2Config Dinov2Config::vit_b_reg() { return published(768, 4); }

std::string Dinov2Config::description() const {
  return fmt::format(
      "DINOv2, channels {}, blocks {}, heads {}, registers {}, {} {}, patch {}, grid {}, {} resampling + {}, "
      "eps {}",
      channels, blocks, heads, registers, feed_forward == FeedForward::kMlp ? "MLP" : "SwiGLU", hidden, patch,
      grid, resampling.antialias ? "smooth" : "plain", resampling.offset, norm_eps);
}

Dinov2Config read_config(const WeightFile& file) {
  Dinov2Config config;
  read_patches(file, config);
  read_positions(file, config);
  read_registers(file, config);
  read_blocks(file, config);
  read_feed_forward(file, config);
  config.heads = std::max<std::int64_t>(1, config.channels / kChannelsOfHead);
  return config;
}

}  // namespace anomalyvlm::dinov2
