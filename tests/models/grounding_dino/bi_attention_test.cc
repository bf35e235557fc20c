// Attention between image and text against plain double loops, with padding on both sides.
#include "models/grounding_dino/bi_attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/plain_tokens.h"
#include "models/random_model.h"

namespace anomalyvlm::grounding_dino {
namespace {

using test::PlainTokens;

// Item b of [B, N, C].
PlainTokens item(const Tensor& x, std::int64_t b) {
  PlainTokens tokens(static_cast<int>(x.dim(1)), static_cast<int>(x.dim(2)));
  for (std::size_t i = 0; i < tokens.values.size(); ++i)
    tokens.values[i] = x.floats()[static_cast<std::size_t>(b) * tokens.values.size() + i];
  return tokens;
}

// softmax over `to` of scale * from . to, without what is padding; values of `to` mixed; heads side by side.
PlainTokens mixed(const PlainTokens& from, const PlainTokens& to, const PlainTokens& values, int heads,
                  const std::vector<bool>& padding) {
  const int depth = from.channels / heads;
  PlainTokens out(from.count, from.channels);
  for (int h = 0; h < heads; ++h) {
    for (int i = 0; i < from.count; ++i) {
      double total = 0;
      std::vector<double> shares(static_cast<std::size_t>(to.count));
      for (int j = 0; j < to.count; ++j) {
        double score = 0;
        for (int d = h * depth; d < (h + 1) * depth; ++d) score += from.at(i, d) * to.at(j, d);
        shares[j] = padding[j] ? 0 : std::exp(score / std::sqrt(depth));
        total += shares[j];
      }
      for (int d = h * depth; d < (h + 1) * depth; ++d)
        for (int j = 0; j < to.count; ++j) out.at(i, d) += shares[j] / total * values.at(j, d);
    }
  }
  return out;
}

struct PlainPair {
  PlainTokens image, text;
};

PlainPair plain_attention(const PlainPair& x, const WeightFile& weights, int heads,
                          const std::vector<bool>& image_padding, const std::vector<bool>& text_padding) {
  const auto projected = [&](const char* name, const PlainTokens& of) {
    return plain_linear(of, weights, std::string("attn.") + name);
  };
  const PlainTokens queries = projected("v_proj", x.image), keys = projected("l_proj", x.text);
  return {
      projected("out_v_proj", mixed(queries, keys, projected("values_l_proj", x.text), heads, text_padding)),
      projected("out_l_proj",
                mixed(keys, queries, projected("values_v_proj", x.image), heads, image_padding))};
}

PlainTokens scaled_sum(PlainTokens normed, const PlainTokens& learned, const Tensor& gamma) {
  for (int i = 0; i < normed.count; ++i)
    for (int c = 0; c < normed.channels; ++c) normed.at(i, c) += gamma.floats()[c] * learned.at(i, c);
  return normed;
}

// The last tokens of every item but the first are padding.
Tensor seen(std::int64_t batch, std::int64_t tokens, std::int64_t real,
            std::vector<std::vector<bool>>& padding) {
  Tensor bias = Tensor::zeros({batch, 1, 1, tokens});
  for (std::int64_t b = 0; b < batch; ++b) {
    padding.emplace_back();
    for (std::int64_t i = 0; i < tokens; ++i) {
      padding.back().push_back(b > 0 && i >= real);
      if (padding.back().back()) bias.mutable_floats()[b * tokens + i] = kNotSeen;
    }
  }
  return bias;
}

TEST(GroundingDinoFusion, IsWhatPlainLoopsCompute) {
  const BiAttentionConfig config = {12, 3, 1e-5F};
  const Tensor image = test::random_tensor({2, 11, 7}, 3), text = test::random_tensor({2, 5, 6}, 4);
  std::vector<std::vector<bool>> image_padding, text_padding;
  const Tensor image_seen = seen(2, 11, 8, image_padding), text_seen = seen(2, 5, 3, text_padding);
  nn::CompileRequest graph;
  graph.model = "fusion";
  graph.inputs = {
      {"image", image.shape()}, {"text", text.shape()}, {"a", image_seen.shape()}, {"b", text_seen.shape()}};
  graph.function = [&](const nn::Scope& root, const std::vector<nn::Value>& in) -> nn::NamedValues {
    const ImageAndText y = fuse(root, config, {in[0], in[1]}, {in[2], in[3]});
    return {{"image", y.image}, {"text", y.text}};
  };
  const auto weights = test::random_weights(nn::trace_signature(graph.function, graph.inputs), 5);
  for (const std::string& engine : nn::engine_names()) {
    const auto got = test::run_on(engine, graph, weights, {image, text, image_seen, text_seen});
    for (std::int64_t b = 0; b < 2; ++b) {
      const PlainPair normed = {plain_layer_norm(item(image, b), *weights, "layer_norm_v", 1e-5),
                                plain_layer_norm(item(text, b), *weights, "layer_norm_l", 1e-5)};
      const PlainPair learned = plain_attention(normed, *weights, 3, image_padding[b], text_padding[b]);
      const PlainTokens images = scaled_sum(normed.image, learned.image, weights->at("gamma_v")),
                        texts = scaled_sum(normed.text, learned.text, weights->at("gamma_l"));
      const PlainTokens got_images = item(got.at("image"), b), got_texts = item(got.at("text"), b);
      for (std::size_t i = 0; i < images.values.size(); ++i)
        ASSERT_NEAR(got_images.values[i], images.values[i], 2e-5) << engine;
      for (std::size_t i = 0; i < texts.values.size(); ++i)
        ASSERT_NEAR(got_texts.values[i], texts.values[i], 2e-5) << engine;
    }
  }
}

}  // namespace
}  // namespace anomalyvlm::grounding_dino
