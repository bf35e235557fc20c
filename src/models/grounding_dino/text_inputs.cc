#include "models/grounding_dino/text_inputs.h"

#include <algorithm>
#include <bit>

#include "models/grounding_dino/positions.h"

namespace anomalyvlm::grounding_dino {
namespace {

constexpr std::int64_t kShortest = 16;

// int64 [B, T] -> [B, length], with zeros behind.
Tensor padded(const Tensor& x, std::int64_t length) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(x.dim(0) * length), 0);
  const auto from = x.values<std::int64_t>();
  for (std::int64_t b = 0; b < x.dim(0); ++b)
    std::copy_n(from.begin() + b * x.dim(1), x.dim(1), values.begin() + b * length);
  return Tensor::from<std::int64_t>({x.dim(0), length}, std::move(values));
}

// uint8 [B, T, T] -> [B, length, length]; each further token sees itself.
Tensor padded_masks(const Tensor& masks, std::int64_t length) {
  const std::int64_t tokens = masks.dim(1);
  std::vector<std::uint8_t> values;
  const auto from = masks.values<std::uint8_t>();
  for (std::int64_t b = 0; b < masks.dim(0); ++b)
    for (std::int64_t row = 0; row < length; ++row)
      for (std::int64_t column = 0; column < length; ++column)
        values.push_back(row < tokens && column < tokens ? from[(b * tokens + row) * tokens + column]
                                                         : (row == column ? 1 : 0));
  return Tensor::from<std::uint8_t>({masks.dim(0), length, length}, std::move(values));
}

// 0, 1, 2, ... for each caption.
Tensor counted(std::int64_t captions, std::int64_t length) {
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < captions * length; ++i) values.push_back(i % length);
  return Tensor::from<std::int64_t>({captions, length}, std::move(values));
}

}  // namespace

TextInputs make_text_inputs(const GroundingDinoConfig& config, const WeightFile& weights,
                            const TokenizedCaptions& captions, std::int64_t length) {
  AVLM_CHECK(length >= captions.length());
  const Tensor positions = padded(captions.positions, length), real = padded(captions.real, length);
  const Tensor masks = padded_masks(captions.masks, length);
  // Without sub-sentences BERT takes a caption as it takes any text; the encoder knows phrases all the same.
  const Tensor bert_positions = config.sub_sentences ? positions : counted(captions.batch(), length);
  TextInputs inputs;
  inputs.embeddings = bert_embeddings(weights, "bert", padded(captions.ids, length), bert_positions,
                                      padded(captions.types, length));
  inputs.bert_seen = attention_bias(config.sub_sentences ? masks : real);
  inputs.positions =
      text_positions(positions.values<std::int64_t>(), captions.batch(), length, config.channels);
  inputs.phrases = attention_bias(masks);
  inputs.seen = attention_bias(real);
  return inputs;
}

std::int64_t padded_length(const GroundingDinoConfig& config, std::int64_t tokens) {
  const auto power = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(tokens)));
  return std::max(tokens, std::min(std::max(kShortest, power), config.max_text));
}

}  // namespace anomalyvlm::grounding_dino
