#include "models/sam/architecture.h"

#include <nlohmann/json.hpp>

#include "models/sam/graphs.h"

namespace anomalyvlm::sam {
namespace {

using nlohmann::json;

json as_json(const SamVitConfig& c) {
  return {{"kind", "vit"},
          {"image_size", c.image_size},
          {"patch", c.patch},
          {"channels", c.channels},
          {"depth", c.depth},
          {"heads", c.heads},
          {"mlp_ratio", c.mlp_ratio},
          {"window", c.window},
          {"global_blocks", c.global_blocks},
          {"qkv_bias", c.qkv_bias},
          {"absolute_positions", c.absolute_positions},
          {"relative_positions", c.relative_positions},
          {"norm_eps", c.norm_eps}};
}

json as_json(const TinyVitConfig& c) {
  return {{"kind", "tiny_vit"},
          {"image_size", c.image_size},
          {"dims", c.dims},
          {"depths", c.depths},
          {"heads", c.heads},
          {"windows", c.windows},
          {"merge_strides", c.merge_strides},
          {"mlp_ratio", c.mlp_ratio},
          {"conv_expansion", c.conv_expansion},
          {"local_conv", c.local_conv}};
}

json as_json(const SamConfig& c) {
  return {{"model", "sam"},
          {"encoder", std::visit([](const auto& encoder) { return as_json(encoder); }, c.encoder)},
          {"channels", c.channels},
          {"mask_channels", c.mask_channels},
          {"decoder_depth", c.decoder_depth},
          {"decoder_heads", c.decoder_heads},
          {"decoder_mlp", c.decoder_mlp},
          {"attention_downsample", c.attention_downsample},
          {"multimask_outputs", c.multimask_outputs},
          {"iou_depth", c.iou_depth},
          {"iou_channels", c.iou_channels},
          {"pixel_mean", c.pixel_mean},
          {"pixel_std", c.pixel_std},
          {"mask_threshold", c.mask_threshold}};
}

// Prompts are always computed in float32; the rest is small.
constexpr std::string_view kExact[] = {"prompt_encoder.*", "*.attention_biases", "*.rel_pos_h",
                                       "*.rel_pos_w"};

template <SamConfig (*kConfig)()>
constexpr Architecture architecture(std::string_view name) {
  return {.name = name,
          .config = [] { return std::any(kConfig()); },
          .config_json = [] { return as_json(kConfig()).dump(); },
          .tensors = [] { return expected_tensors(kConfig()); },
          .ignorable = ignorable_tensors,
          .exact = kExact};
}

}  // namespace

constinit const Architecture kVitT = architecture<SamConfig::vit_t>("sam-vit-t");
constinit const Architecture kVitB = architecture<SamConfig::vit_b>("sam-vit-b");
constinit const Architecture kVitL = architecture<SamConfig::vit_l>("sam-vit-l");
constinit const Architecture kVitH = architecture<SamConfig::vit_h>("sam-vit-h");

}  // namespace anomalyvlm::sam
