#include "models/grounding_dino/ms_deform_attn.h"

#include "nn/layers.h"

namespace anomalyvlm::grounding_dino {

using nn::Value;

Value ms_deform_attn(const nn::Scope& at, const MsDeformAttnConfig& config, const Value& query,
                     const Value& reference, const Value& memory, const std::vector<Extent>& maps,
                     const Value& padding) {
  const std::int64_t batch = query.dim(0), queries = query.dim(1), places = memory.dim(1),
                     channels = memory.dim(2), heads = config.heads,
                     levels = static_cast<std::int64_t>(maps.size());
  Value values = nn::linear(at / "value_proj", memory, channels);
  if (padding.defined()) values = values * (1.0F - reshape(padding, {padding.dim(0), places, 1}));
  const std::int64_t looks = levels * config.points;
  const Value offsets = nn::linear(at / "sampling_offsets", query, heads * looks * 2);
  const Value scores = nn::linear(at / "attention_weights", query, heads * looks);
  const Value weights = softmax(reshape(scores, {batch, queries, heads, looks}), -1);
  const Value seen =
      nn::deformable_attention(reshape(values, {batch, places, heads, channels / heads}), maps, reference,
                               reshape(offsets, {batch, queries, heads, levels, config.points, 2}),
                               reshape(weights, {batch, queries, heads, levels, config.points}));
  return nn::linear(at / "output_proj", seen, channels);
}

Value padding_of(const Levels& levels, const Value& like) {
  return levels.padded() ? constant(like, padding(levels)) : Value{};
}

}  // namespace anomalyvlm::grounding_dino
