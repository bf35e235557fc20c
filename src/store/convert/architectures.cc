#include "store/convert/architectures.h"

#include <array>
#include <nlohmann/json.hpp>

#include "models/efficientnet_lite/efficientnet_lite.h"
#include "models/grounding_dino/graphs.h"
#include "models/resnet/resnet.h"
#include "models/sam/graphs.h"

namespace anomalyvlm::store {

namespace {

using nlohmann::json;

// ---- Grounding DINO

json config_of(const SwinConfig& c) {
  return {{"patch", c.patch},         {"channels", c.channels}, {"depths", c.depths},
          {"heads", c.heads},         {"window", c.window},     {"first_stage", c.first_stage},
          {"mlp_ratio", c.mlp_ratio}, {"qkv_bias", c.qkv_bias}, {"patch_norm", c.patch_norm}};
}

json config_of(const BertConfig& c) {
  return {{"vocabulary", c.vocabulary}, {"channels", c.channels},         {"layers", c.layers},
          {"heads", c.heads},           {"feed_forward", c.feed_forward}, {"positions", c.positions},
          {"types", c.types},           {"norm_eps", c.norm_eps}};
}

std::string grounding_dino_config(const GroundingDinoConfig& c) {
  const json all = {{"model", "grounding_dino"},
                    {"backbone", config_of(c.backbone)},
                    {"text", config_of(c.text)},
                    {"channels", c.channels},
                    {"heads", c.heads},
                    {"feed_forward", c.feed_forward},
                    {"encoder_layers", c.encoder_layers},
                    {"decoder_layers", c.decoder_layers},
                    {"levels", c.levels},
                    {"encoder_points", c.encoder_points},
                    {"decoder_points", c.decoder_points},
                    {"queries", c.queries},
                    {"max_text", c.max_text},
                    {"norm_eps", c.norm_eps}};
  return all.dump();
}

// Where to look and where boxes are; and small tables.
constexpr std::string_view kGroundingDinoExact[] = {
    "*.sampling_offsets.weight",      "*bbox_embed.*",           "*.ref_point_head.*",
    "*.relative_position_bias_table", "transformer.level_embed", "transformer.tgt_embed.weight"};

// All layers of the decoder have one box head, under many names.
constexpr NameRule kGroundingDinoRepeated[] = {{"transformer.decoder.bbox_embed.#.*", "bbox_embed.0.*"},
                                               {"bbox_embed.#.*", "bbox_embed.0.*"}};

template <GroundingDinoConfig (*kConfig)()>
constexpr Architecture grounding_dino(std::string_view name) {
  return {name,
          [] { return grounding_dino::expected_tensors(kConfig()); },
          [] { return grounding_dino::ignorable_tensors(kConfig()); },
          [] { return grounding_dino_config(kConfig()); },
          kGroundingDinoExact,
          kGroundingDinoRepeated,
          true};
}

// ---- SAM and MobileSAM

json config_of(const SamVitConfig& c) {
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

json config_of(const TinyVitConfig& c) {
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

std::string sam_config(const SamConfig& c) {
  const json all = {
      {"model", "sam"},
      {"encoder", std::visit([](const auto& encoder) { return config_of(encoder); }, c.encoder)},
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
  return all.dump();
}

// Prompts are always worked out in float32; the rest is small.
constexpr std::string_view kSamExact[] = {"prompt_encoder.*", "*.attention_biases", "*.rel_pos_h",
                                          "*.rel_pos_w"};

template <SamConfig (*kConfig)()>
constexpr Architecture sam(std::string_view name) {
  return {name,
          [] { return sam::expected_tensors(kConfig()); },
          [] { return sam::ignorable_tensors(); },
          [] { return sam_config(kConfig()); },
          kSamExact,
          {},
          false};
}

// ---- networks that end in a classifier, which nothing here reads

std::vector<ExpectedTensor> traced(const nn::ModelFunction& function) {
  return nn::trace_signature(function, {{"image", {1, 3, 64, 64}}}).weights;
}

ResNetConfig wide_resnet() {
  ResNetConfig config = ResNetConfig::wide_resnet50_2();
  config.out_indices = {1, 2, 3, 4};  // so that all layers are there
  return config;
}

std::vector<ExpectedTensor> resnet_tensors() {
  return traced([](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    return nn::NamedValues{{"features", resnet_features(root, wide_resnet(), inputs[0]).back()}};
  });
}

std::string resnet_config() {
  const ResNetConfig c = wide_resnet();
  const json all = {{"model", "resnet"},
                    {"layers", c.layers},
                    {"width_per_group", c.width_per_group},
                    {"groups", c.groups},
                    {"bn_eps", c.bn_eps}};
  return all.dump();
}

std::vector<ExpectedTensor> lite0_tensors() {
  return traced([](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    const auto features = efficientnet_lite_features(root, EfficientNetLiteConfig::lite0(), inputs[0]);
    return nn::NamedValues{{"features", features.back()}};
  });
}

std::string lite0_config() {
  const EfficientNetLiteConfig c = EfficientNetLiteConfig::lite0();
  const json all = {
      {"model", "efficientnet_lite"}, {"width", c.width}, {"depth", c.depth}, {"folded_norm", c.folded_norm}};
  return all.dump();
}

constexpr std::array kArchitectures = {
    grounding_dino<GroundingDinoConfig::swin_t>("grounding-dino-swin-t"),
    grounding_dino<GroundingDinoConfig::swin_b>("grounding-dino-swin-b"),
    sam<SamConfig::vit_t>("sam-vit-t"),
    sam<SamConfig::vit_b>("sam-vit-b"),
    sam<SamConfig::vit_l>("sam-vit-l"),
    sam<SamConfig::vit_h>("sam-vit-h"),
    Architecture{"wide-resnet50-2",
                 resnet_tensors,
                 [] {
                   return std::vector<std::string>{"fc.*", "*.num_batches_tracked"};
                 },
                 resnet_config,
                 {},
                 {},
                 false},
    Architecture{
        "efficientnet-lite0",
        lite0_tensors,
        [] {
          return std::vector<std::string>{"_fc.*", "_conv_head.*", "_bn1.*", "*.num_batches_tracked"};
        },
        lite0_config,
        {},
        {},
        false},
};

bool fits(const WeightFile& file, const Architecture& architecture) {
  try {
    check_names(file, architecture.name, architecture.tensors(), architecture.ignorable());
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::span<const Architecture> architectures() { return kArchitectures; }

const Architecture& architecture_named(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Architecture& architecture : kArchitectures) {
    if (architecture.name == name) return architecture;
    known.push_back(architecture.name);
  }
  fail(ErrorKind::kBadInput, "There is no architecture \"{}\"; there are {}.", name, fmt::join(known, ", "));
}

const Architecture* architecture_of(const WeightFile& file) {
  for (const Architecture& architecture : kArchitectures)
    if (fits(file, architecture)) return &architecture;
  return nullptr;
}

void require_architecture(const WeightFile& file, const Architecture& architecture) {
  try {
    check_names(file, architecture.name, architecture.tensors(), architecture.ignorable());
  } catch (const Error& error) {
    const Architecture* other = architecture_of(file);
    if (other == nullptr) throw;
    fail(error.kind(), "{}: these are weights of {}, not of {}", file.source(), other->name,
         architecture.name);
  }
}

}  // namespace anomalyvlm::store
