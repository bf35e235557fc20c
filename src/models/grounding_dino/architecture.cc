#include "models/grounding_dino/architecture.h"

#include <nlohmann/json.hpp>

#include "models/grounding_dino/graphs.h"
#include "models/grounding_dino/hugging_face_names.h"

namespace anomalyvlm::grounding_dino {
namespace {

using nlohmann::json;

json as_json(const SwinConfig& c) {
  return {{"patch", c.patch},         {"channels", c.channels}, {"depths", c.depths},
          {"heads", c.heads},         {"window", c.window},     {"first_stage", c.first_stage},
          {"mlp_ratio", c.mlp_ratio}, {"qkv_bias", c.qkv_bias}, {"patch_norm", c.patch_norm}};
}

json as_json(const BertConfig& c) {
  return {{"vocabulary", c.vocabulary}, {"channels", c.channels},         {"layers", c.layers},
          {"heads", c.heads},           {"feed_forward", c.feed_forward}, {"positions", c.positions},
          {"types", c.types},           {"norm_eps", c.norm_eps}};
}

json as_json(const GroundingDinoConfig& c) {
  return {{"model", "grounding_dino"},
          {"backbone", as_json(c.backbone)},
          {"text", as_json(c.text)},
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
}

// Where to look and where boxes are; and small tables.
constexpr std::string_view kExact[] = {"*.sampling_offsets.weight", "*bbox_embed.*",
                                       "*.ref_point_head.*",        "*.relative_position_bias_table",
                                       "transformer.level_embed",   "transformer.tgt_embed.weight"};

// All layers of the decoder have one box head, under many names.
constexpr NameRule kRepeated[] = {{"transformer.decoder.bbox_embed.#.*", "bbox_embed.0.*"},
                                  {"bbox_embed.#.*", "bbox_embed.0.*"}};

constexpr OtherNames kHuggingFace = {"Hugging Face", has_hugging_face_names, with_authors_names};

template <GroundingDinoConfig (*kConfig)()>
constexpr Architecture architecture(std::string_view name) {
  return {.name = name,
          .config = [] { return std::any(kConfig()); },
          .config_json = [] { return as_json(kConfig()).dump(); },
          .tensors = [] { return expected_tensors(kConfig()); },
          .ignorable = [] { return ignorable_tensors(kConfig()); },
          .exact = kExact,
          .repeated = kRepeated,
          .vocabulary = "bert-vocabulary",
          .other_names = &kHuggingFace};
}

}  // namespace

constinit const Architecture kSwinT = architecture<GroundingDinoConfig::swin_t>("grounding-dino-swin-t");
constinit const Architecture kSwinB = architecture<GroundingDinoConfig::swin_b>("grounding-dino-swin-b");

}  // namespace anomalyvlm::grounding_dino
