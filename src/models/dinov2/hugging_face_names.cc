#include "models/dinov2/hugging_face_names.h"

#include <array>

#include "weights/renamed_tensors.h"

namespace anomalyvlm::dinov2 {
namespace {

constexpr std::array kRules = {
    NameRule{"embeddings.cls_token", "cls_token"},
    NameRule{"embeddings.mask_token", "mask_token"},
    NameRule{"embeddings.register_tokens", "register_tokens"},
    NameRule{"embeddings.position_embeddings", "pos_embed"},
    NameRule{"embeddings.patch_embeddings.projection.*", "patch_embed.proj.*"},
    NameRule{"encoder.layer.#.norm#.*", "blocks.#.norm#.*"},
    NameRule{"encoder.layer.#.attention.output.dense.*", "blocks.#.attn.proj.*"},
    NameRule{"encoder.layer.#.layer_scale#.lambda1", "blocks.#.ls#.gamma"},
    NameRule{"encoder.layer.#.mlp.weights_in.*", "blocks.#.mlp.w12.*"},
    NameRule{"encoder.layer.#.mlp.weights_out.*", "blocks.#.mlp.w3.*"},
    NameRule{"encoder.layer.#.mlp.fc#.*", "blocks.#.mlp.fc#.*"},
    NameRule{"layernorm.*", "norm.*"},
};

constexpr std::array kJoined = {
    NameRule{"encoder.layer.#.attention.attention.query.*", "blocks.#.attn.qkv.*"},
};

}  // namespace

// Other vision transformers of Hugging Face's have the first name too, but no scales of layers.
bool has_hugging_face_names(const WeightFile& file) {
  return file.find("embeddings.position_embeddings") != nullptr &&
         file.find("encoder.layer.0.layer_scale1.lambda1") != nullptr;
}

std::shared_ptr<const WeightFile> with_authors_names(std::shared_ptr<const WeightFile> file) {
  if (!has_hugging_face_names(*file)) return file;
  return with_tensors(*file, renamed_tensors(*file, kRules, kJoined));
}

}  // namespace anomalyvlm::dinov2
