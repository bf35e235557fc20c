#include "models/grounding_dino/hugging_face_names.h"

#include <array>

#include "weights/renamed_tensors.h"

namespace anomalyvlm::grounding_dino {

namespace {

constexpr std::array kRules = {
    // Swin. Hugging Face counts stages from 1, the authors from 0.
    NameRule{"model.backbone.conv_encoder.model.embeddings.patch_embeddings.projection.*",
             "backbone.0.patch_embed.proj.*"},
    NameRule{"model.backbone.conv_encoder.model.embeddings.norm.*", "backbone.0.patch_embed.norm.*"},
    NameRule{"model.backbone.conv_encoder.model.encoder.layers.#.blocks.#.layernorm_before.*",
             "backbone.0.layers.#.blocks.#.norm1.*"},
    NameRule{"model.backbone.conv_encoder.model.encoder.layers.#.blocks.#.layernorm_after.*",
             "backbone.0.layers.#.blocks.#.norm2.*"},
    NameRule{"model.backbone.conv_encoder.model.encoder.layers.#.blocks.#.attention.self.relative_position_"
             "bias_table",
             "backbone.0.layers.#.blocks.#.attn.relative_position_bias_table"},
    NameRule{
        "model.backbone.conv_encoder.model.encoder.layers.#.blocks.#.attention.self.relative_position_index",
        "backbone.0.layers.#.blocks.#.attn.relative_position_index"},
    NameRule{"model.backbone.conv_encoder.model.encoder.layers.#.blocks.#.attention.output.dense.*",
             "backbone.0.layers.#.blocks.#.attn.proj.*"},
    NameRule{"model.backbone.conv_encoder.model.encoder.layers.#.blocks.#.intermediate.dense.*",
             "backbone.0.layers.#.blocks.#.mlp.fc1.*"},
    NameRule{"model.backbone.conv_encoder.model.encoder.layers.#.blocks.#.output.dense.*",
             "backbone.0.layers.#.blocks.#.mlp.fc2.*"},
    NameRule{"model.backbone.conv_encoder.model.encoder.layers.#.downsample.*",
             "backbone.0.layers.#.downsample.*"},
    NameRule{"model.backbone.conv_encoder.model.hidden_states_norms.stage1.*", "backbone.0.norm0.*"},
    NameRule{"model.backbone.conv_encoder.model.hidden_states_norms.stage2.*", "backbone.0.norm1.*"},
    NameRule{"model.backbone.conv_encoder.model.hidden_states_norms.stage3.*", "backbone.0.norm2.*"},
    NameRule{"model.backbone.conv_encoder.model.hidden_states_norms.stage4.*", "backbone.0.norm3.*"},
    // BERT and the projections in front of the encoder
    NameRule{"model.text_backbone.*", "bert.*"},
    NameRule{"model.text_projection.*", "feat_map.*"},
    NameRule{"model.input_proj_vision.#.#.*", "input_proj.#.#.*"},
    NameRule{"model.level_embed", "transformer.level_embed"},
    // encoder
    NameRule{"model.encoder.layers.#.deformable_layer.self_attn.*",
             "transformer.encoder.layers.#.self_attn.*"},
    NameRule{"model.encoder.layers.#.deformable_layer.self_attn_layer_norm.*",
             "transformer.encoder.layers.#.norm1.*"},
    NameRule{"model.encoder.layers.#.deformable_layer.fc#.*", "transformer.encoder.layers.#.linear#.*"},
    NameRule{"model.encoder.layers.#.deformable_layer.final_layer_norm.*",
             "transformer.encoder.layers.#.norm2.*"},
    NameRule{"model.encoder.layers.#.text_enhancer_layer.self_attn.out_proj.*",
             "transformer.encoder.text_layers.#.self_attn.out_proj.*"},
    NameRule{"model.encoder.layers.#.text_enhancer_layer.layer_norm_before.*",
             "transformer.encoder.text_layers.#.norm1.*"},
    NameRule{"model.encoder.layers.#.text_enhancer_layer.layer_norm_after.*",
             "transformer.encoder.text_layers.#.norm2.*"},
    NameRule{"model.encoder.layers.#.text_enhancer_layer.fc#.*",
             "transformer.encoder.text_layers.#.linear#.*"},
    NameRule{"model.encoder.layers.#.fusion_layer.vision_param",
             "transformer.encoder.fusion_layers.#.gamma_v"},
    NameRule{"model.encoder.layers.#.fusion_layer.text_param", "transformer.encoder.fusion_layers.#.gamma_l"},
    NameRule{"model.encoder.layers.#.fusion_layer.layer_norm_vision.*",
             "transformer.encoder.fusion_layers.#.layer_norm_v.*"},
    NameRule{"model.encoder.layers.#.fusion_layer.layer_norm_text.*",
             "transformer.encoder.fusion_layers.#.layer_norm_l.*"},
    NameRule{"model.encoder.layers.#.fusion_layer.attn.vision_proj.*",
             "transformer.encoder.fusion_layers.#.attn.v_proj.*"},
    NameRule{"model.encoder.layers.#.fusion_layer.attn.text_proj.*",
             "transformer.encoder.fusion_layers.#.attn.l_proj.*"},
    NameRule{"model.encoder.layers.#.fusion_layer.attn.values_vision_proj.*",
             "transformer.encoder.fusion_layers.#.attn.values_v_proj.*"},
    NameRule{"model.encoder.layers.#.fusion_layer.attn.values_text_proj.*",
             "transformer.encoder.fusion_layers.#.attn.values_l_proj.*"},
    NameRule{"model.encoder.layers.#.fusion_layer.attn.out_vision_proj.*",
             "transformer.encoder.fusion_layers.#.attn.out_v_proj.*"},
    NameRule{"model.encoder.layers.#.fusion_layer.attn.out_text_proj.*",
             "transformer.encoder.fusion_layers.#.attn.out_l_proj.*"},
    // selection of proposals
    NameRule{"model.query_position_embeddings.*", "transformer.tgt_embed.*"},
    NameRule{"model.enc_output.*", "transformer.enc_output.*"},
    NameRule{"model.enc_output_norm.*", "transformer.enc_output_norm.*"},
    NameRule{"model.encoder_output_bbox_embed.*", "transformer.enc_out_bbox_embed.*"},
    // decoder
    NameRule{"model.decoder.layers.#.self_attn.out_proj.*",
             "transformer.decoder.layers.#.self_attn.out_proj.*"},
    NameRule{"model.decoder.layers.#.self_attn_layer_norm.*", "transformer.decoder.layers.#.norm2.*"},
    NameRule{"model.decoder.layers.#.encoder_attn_text.out_proj.*",
             "transformer.decoder.layers.#.ca_text.out_proj.*"},
    NameRule{"model.decoder.layers.#.encoder_attn_text_layer_norm.*",
             "transformer.decoder.layers.#.catext_norm.*"},
    NameRule{"model.decoder.layers.#.encoder_attn.*", "transformer.decoder.layers.#.cross_attn.*"},
    NameRule{"model.decoder.layers.#.encoder_attn_layer_norm.*", "transformer.decoder.layers.#.norm1.*"},
    NameRule{"model.decoder.layers.#.fc#.*", "transformer.decoder.layers.#.linear#.*"},
    NameRule{"model.decoder.layers.#.final_layer_norm.*", "transformer.decoder.layers.#.norm3.*"},
    NameRule{"model.decoder.layer_norm.*", "transformer.decoder.norm.*"},
    NameRule{"model.decoder.reference_points_head.*", "transformer.decoder.ref_point_head.*"},
    NameRule{"model.decoder.bbox_embed.#.*", "transformer.decoder.bbox_embed.#.*"},
};

// Queries over keys over values in one matrix; named here by the queries.
constexpr std::array kJoined = {
    NameRule{"model.backbone.conv_encoder.model.encoder.layers.#.blocks.#.attention.self.query.*",
             "backbone.0.layers.#.blocks.#.attn.qkv.*"},
    NameRule{"model.encoder.layers.#.text_enhancer_layer.self_attn.query.*",
             "transformer.encoder.text_layers.#.self_attn.in_proj_*"},
    NameRule{"model.decoder.layers.#.self_attn.query.*", "transformer.decoder.layers.#.self_attn.in_proj_*"},
    NameRule{"model.decoder.layers.#.encoder_attn_text.query.*",
             "transformer.decoder.layers.#.ca_text.in_proj_*"},
};

// The head that all layers of the decoder share is published once, as "bbox_embed.0".
void share_box_heads(WeightFile::Tensors& tensors) {
  constexpr std::string_view kFirst = "bbox_embed.0.";
  const WeightFile::Tensors found = tensors;
  for (int layer = 0; found.contains(fmt::format("transformer.decoder.layers.{}.norm1.weight", layer));
       ++layer) {
    for (auto entry = found.lower_bound(kFirst); entry != found.end() && entry->first.starts_with(kFirst);
         ++entry) {
      const std::string own = fmt::format("bbox_embed.{}.{}", layer, entry->first.substr(kFirst.size()));
      const Tensor head = tensors.emplace(own, entry->second).first->second;
      tensors.emplace("transformer.decoder." + own, head);
    }
  }
}

}  // namespace

bool has_hugging_face_names(const WeightFile& file) {
  return file.find("model.text_backbone.embeddings.word_embeddings.weight") != nullptr;
}

std::shared_ptr<const WeightFile> with_authors_names(std::shared_ptr<const WeightFile> file) {
  if (!has_hugging_face_names(*file)) return file;
  WeightFile::Tensors tensors = renamed_tensors(*file, kRules, kJoined);
  share_box_heads(tensors);
  return with_tensors(*file, std::move(tensors));
}

}  // namespace anomalyvlm::grounding_dino
