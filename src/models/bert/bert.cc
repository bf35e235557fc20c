#include "models/bert/bert.h"

#include <cmath>

#include "nn/layers.h"
#include "weights/vector_table.h"

namespace anomalyvlm {
namespace {

using nn::Scope;
using nn::Value;

Value attend(const Scope& at, const BertConfig& c, const Value& x, const Value& bias) {
  const auto part = [&](std::string_view name) {
    return nn::split_heads(nn::linear(at / "self" / name, x, c.channels), c.heads);
  };
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(c.channels / c.heads)));
  const Value y = nn::attention(part("query"), part("key"), part("value"), scale, bias);
  return nn::linear(at / "output" / "dense", nn::merge_heads(y), c.channels);
}

// Norms follow the residuals (post-norm).
Value layer(const Scope& at, const BertConfig& c, const Value& x, const Value& bias) {
  const Scope attention = at / "attention";
  const Value y =
      nn::layer_norm(attention / "output" / "LayerNorm", x + attend(attention, c, x, bias), c.norm_eps);
  const Value inner = unary(c.activation, nn::linear(at / "intermediate" / "dense", y, c.feed_forward));
  return nn::layer_norm(at / "output" / "LayerNorm",
                        y + nn::linear(at / "output" / "dense", inner, c.channels), c.norm_eps);
}

std::string below(const std::string& prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
}

}  // namespace

Tensor bert_embeddings(const WeightFile& weights, const std::string& prefix, const Tensor& ids,
                       const Tensor& positions, const Tensor& types) {
  if (ids.rank() != 2 || positions.shape() != ids.shape() || types.shape() != ids.shape())
    fail(ErrorKind::kBadInput, "BERT: tokens, positions and types have the shapes {}, {} and {}.",
         to_string(ids.shape()), to_string(positions.shape()), to_string(types.shape()));
  const auto table = [&](std::string_view part) {
    return VectorTable(weights, below(prefix, fmt::format("embeddings.{}.weight", part)));
  };
  const VectorTable words = table("word_embeddings"), places = table("position_embeddings"),
                    kinds = table("token_type_embeddings");
  const std::int64_t channels = words.channels();
  if (places.channels() != channels || kinds.channels() != channels)
    fail(ErrorKind::kBadModel, "{}: BERT's tables of words, positions and types have {}, {} and {} channels.",
         weights.source(), channels, places.channels(), kinds.channels());
  Tensor out = Tensor::zeros({ids.dim(0), ids.dim(1), channels});
  const auto width = static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < static_cast<std::size_t>(ids.size()); ++i) {
    const std::span<float> sum = out.mutable_floats().subspan(i * width, width);
    words.add_row(ids.values<std::int64_t>()[i], sum);
    kinds.add_row(types.values<std::int64_t>()[i], sum);
    places.add_row(positions.values<std::int64_t>()[i], sum);
  }
  weights.require_unchanged();
  return out;
}

Tensor attention_bias(const Tensor& mask) {
  if (mask.rank() != 2 && mask.rank() != 3)
    fail(ErrorKind::kBadInput, "A mask of attention has two or three axes, not the shape {}.",
         to_string(mask.shape()));
  const Tensor seen = mask.to_f32();
  std::vector<float> values;
  values.reserve(seen.floats().size());
  for (const float value : seen.floats()) values.push_back(value != 0 ? 0 : kNotSeen);
  const Shape shape = {mask.dim(0), 1, mask.rank() == 3 ? mask.dim(1) : 1, mask.dim(-1)};
  return Tensor::from(shape, std::move(values));
}

Value bert(const Scope& at, const BertConfig& config, const Value& embeddings, const Value& bias) {
  if (config.heads < 1 || config.channels % config.heads != 0)
    fail(ErrorKind::kBadModel, "BERT: {} channels cannot be shared among {} heads.", config.channels,
         config.heads);
  Value x = tap("embeddings", nn::layer_norm(at / "embeddings" / "LayerNorm", embeddings, config.norm_eps));
  for (int i = 0; i < config.layers; ++i)
    x = tap(fmt::format("layer{}", i), layer(at / "encoder" / "layer" / i, config, x, bias));
  return x;
}

std::vector<ExpectedTensor> bert_tables(const BertConfig& config, const std::string& prefix) {
  return {{below(prefix, "embeddings.word_embeddings.weight"), {config.vocabulary, config.channels}},
          {below(prefix, "embeddings.position_embeddings.weight"), {config.positions, config.channels}},
          {below(prefix, "embeddings.token_type_embeddings.weight"), {config.types, config.channels}}};
}

std::vector<std::string> bert_ignorable(const std::string& prefix) {
  return {below(prefix, "embeddings.position_ids"),  // 0, 1, 2, ...
          below(prefix, "pooler.dense.*")};          // a summary of the text, for other tasks
}

}  // namespace anomalyvlm
