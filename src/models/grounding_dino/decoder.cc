#include "models/grounding_dino/decoder.h"

#include "models/grounding_dino/heads.h"
#include "models/grounding_dino/ms_deform_attn.h"
#include "models/grounding_dino/positions.h"
#include "nn/layers.h"

namespace anomalyvlm::grounding_dino {
namespace {

using nn::Scope;
using nn::Value;

class Decoder {
 public:
  Decoder(const Scope& root, const GroundingDinoConfig& config, const Levels& levels,
          const DecoderInputs& inputs)
      : root_(root),
        at_(root / "transformer"),
        config_(config),
        levels_(levels),
        in_(inputs),
        batch_(inputs.selected.dim(0)),
        count_(inputs.selected.dim(1)) {}

  Decoded operator()() const {
    const Value features = proposal_features(at_, config_, in_.selected);
    const Value first = nn::tap("topk_boxes_unsigmoid",
                                box_change(at_ / "enc_out_bbox_embed", config_, features) + in_.anchors);
    Value boxes = nn::tap("reference_0", sigmoid(first)), before = boxes;
    Value queries = config_.learned_queries ? learned_queries() : features, normed;
    const Scope decoder = at_ / "decoder";
    for (int i = 0; i < config_.decoder_layers; ++i) {
      queries = layer(decoder / "layers" / i, queries, boxes);
      before = boxes;
      boxes = nn::tap(fmt::format("reference_{}", i + 1), moved(decoder / "bbox_embed" / i, before, queries));
      normed = nn::tap(fmt::format("hs_{}", i), nn::layer_norm(decoder / "norm", queries, config_.norm_eps));
    }
    // The outputs are computed from the normalised queries, the next layer's boxes from the unnormalised
    // ones.
    return {match_text(normed, in_.text),
            moved(root_ / "bbox_embed" / (config_.decoder_layers - 1), before, normed)};
  }

 private:
  Value learned_queries() const {
    const Value all = at_.weight("tgt_embed.weight", {config_.queries, config_.channels});
    return broadcast_to(reshape(slice(all, 0, 0, count_), {1, count_, config_.channels}),
                        {batch_, count_, config_.channels});
  }

  Value moved(const Scope& at, const Value& boxes, const Value& queries) const {
    return sigmoid(box_change(at, config_, queries) + inverse_sigmoid(boxes));
  }

  // Boxes as shares of each padded map: [B, Q, maps, 4].
  Value on_maps(const Value& boxes) const {
    const auto maps = static_cast<std::int64_t>(levels_.maps.size());
    const Value one_by_one = reshape(boxes, {batch_, count_, 1, 4});
    if (!levels_.padded()) return broadcast_to(one_by_one, {batch_, count_, maps, 4});
    const Value ratios = reshape(constant(boxes, valid_ratios(levels_)), {levels_.images(), 1, maps, 2});
    return one_by_one * nn::concat({ratios, ratios}, -1);
  }

  Value layer(const Scope& at, Value x, const Value& boxes) const {
    const auto normed = [&](std::string_view name, const Value& y) {
      return nn::layer_norm(at / name, y, config_.norm_eps);
    };
    const Value references = on_maps(boxes);
    const Value on_finest = reshape(slice(references, 2, 0, 1), {batch_, count_, 4});
    const Value position =
        nn::perceptron(at_ / "decoder" / "ref_point_head", box_positions(on_finest, config_.channels / 2),
                       config_.channels, config_.channels, 2);
    Value placed = x + position;
    x = normed("norm2", x + nn::multi_head_attention(at / "self_attn", placed, placed, x, config_.heads));
    if (config_.text_cross_attention) {
      const Value y =
          nn::multi_head_attention(at / "ca_text", x + position, in_.text, in_.text, config_.heads, in_.seen);
      x = normed("catext_norm", x + y);
    }
    const Value y = ms_deform_attn(at / "cross_attn", {config_.heads, config_.decoder_points}, x + position,
                                   references, in_.memory, levels_.maps, padding_of(levels_, x));
    x = normed("norm1", x + y);
    return feed_forward(at, "norm3", config_, x);
  }

  const Scope& root_;
  Scope at_;
  const GroundingDinoConfig& config_;
  const Levels& levels_;
  const DecoderInputs& in_;
  std::int64_t batch_, count_;
};

}  // namespace

Decoded decode(const Scope& root, const GroundingDinoConfig& config, const Levels& levels,
               const DecoderInputs& inputs) {
  return Decoder(root, config, levels, inputs)();
}

}  // namespace anomalyvlm::grounding_dino
