#include "models/grounding_dino/hugging_face_names.h"

#include <array>

#include "weights/excerpt.h"
#include "weights/name_rules.h"

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

// "a.query.b" -> "a.key.b"; empty for a name without.
std::string with_part(std::string_view name, std::string_view part, std::string_view other) {
  const std::size_t at = name.rfind(part);
  if (at == std::string_view::npos) return {};
  return fmt::format("{}{}{}", name.substr(0, at), other, name.substr(at + part.size()));
}

Tensor joined(const WeightFile& file, const std::string& query) {
  const Tensor parts[] = {file.at(query), file.at(with_part(query, ".query.", ".key.")),
                          file.at(with_part(query, ".query.", ".value."))};
  Shape shape = parts[0].shape();
  for (const Tensor& part : parts) {
    if (part.shape() != shape || part.dtype() != parts[0].dtype() || shape.empty())
      fail(ErrorKind::kBadModel, "{}: queries, keys and values of '{}' do not fit each other", file.source(),
           excerpt(query));
  }
  shape[0] *= 3;
  auto data = std::make_shared<std::vector<std::uint64_t>>(3 * parts[0].bytes() / 8 + 1);
  auto* to = reinterpret_cast<std::uint8_t*>(data->data());
  for (const Tensor& part : parts) {
    if (part.bytes() > 0) std::memcpy(to, part.raw(), part.bytes());
    to += part.bytes();
  }
  const void* start = data->data();
  return Tensor(parts[0].dtype(), std::move(shape), std::move(data), start);
}

// Keys and values that went into a joined matrix by way of their queries.
bool is_joined_with_another(const WeightFile& file, const std::string& name) {
  for (const char* part : {".key.", ".value."}) {
    const std::string query = with_part(name, part, ".query.");
    if (!query.empty() && file.find(query) && renamed(kJoined, query)) return true;
  }
  return false;
}

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
  WeightFile::Tensors tensors;
  for (const auto& [name, tensor] : file->tensors()) {
    if (is_joined_with_another(*file, name)) continue;
    const std::optional<std::string> join = renamed(kJoined, name);
    const std::string authors = join ? *join : renamed(kRules, name).value_or(name);
    if (!tensors.emplace(authors, join ? joined(*file, name) : tensor).second)
      fail(ErrorKind::kBadModel, "{}: two of its tensors are the authors' '{}'", file->source(),
           excerpt(authors));
  }
  share_box_heads(tensors);
  auto renamed_file =
      std::make_shared<WeightFile>(file->source(), std::move(tensors), file->metadata(), file->unreadable());
  for (const auto& mapped : file->mapped()) renamed_file->keep(mapped);
  return renamed_file;
}

}  // namespace anomalyvlm::grounding_dino
