// The text's layer on every engine against plain double loops, with the authors' masks and without.
#include "models/grounding_dino/text_enhancer.h"

#include <gtest/gtest.h>

#include "models/bert/bert.h"
#include "models/plain_tokens.h"
#include "models/random_model.h"

namespace anomalyvlm::grounding_dino {
namespace {

using test::PlainTokens;

constexpr int kCaptionCount = 3, kTokens = 5, kChannels = 12, kHeads = 2;
constexpr TextEnhancerConfig kConfig = {kHeads, 18, 1e-5F};

nn::CompileRequest graph(bool mixed_up) {
  nn::CompileRequest request;
  request.model = "text enhancer";
  request.inputs = {{"text", {kCaptionCount, kTokens, kChannels}},
                    {"positions", {kCaptionCount, kTokens, kChannels}},
                    {"bias", {kCaptionCount, 1, kTokens, kTokens}}};
  request.function = [mixed_up](const nn::Scope& root, const std::vector<nn::Value>& in) {
    const nn::Value bias = mixed_up ? mixed_up_masks(in[2], kHeads) : in[2];
    return nn::NamedValues{{"out", enhance_text(root, kConfig, in[0], in[1], bias)}};
  };
  return request;
}

// Different masks for each caption; every token sees itself.
bool sees(int caption, int i, int j) { return i == j || (i / (caption + 2) == j / (caption + 2)); }

PlainTokens caption_of(const Tensor& batch, int caption) {
  PlainTokens tokens(kTokens, kChannels);
  for (std::size_t i = 0; i < tokens.values.size(); ++i)
    tokens.values[i] = batch.floats()[tokens.values.size() * caption + i];
  return tokens;
}

// Rows `part` * C to (part + 1) * C of the projections that lie one below the other.
PlainTokens projected(const WeightFile& weights, const PlainTokens& x, int part) {
  const auto matrix = weights.at("self_attn.in_proj_weight").floats(),
             bias = weights.at("self_attn.in_proj_bias").floats();
  PlainTokens out(x.count, kChannels);
  for (int i = 0; i < x.count; ++i) {
    for (int o = 0; o < kChannels; ++o) {
      const int row = part * kChannels + o;
      out.at(i, o) = bias[row];
      for (int c = 0; c < kChannels; ++c) out.at(i, o) += x.at(i, c) * matrix[row * kChannels + c];
    }
  }
  return out;
}

PlainTokens plain(const WeightFile& weights, const PlainTokens& x, const PlainTokens& positions,
                  const std::function<double(int, int, int)>& bias) {
  const PlainTokens placed = plain_sum(x, positions);
  const PlainTokens parts[] = {projected(weights, placed, 0), projected(weights, placed, 1),
                               projected(weights, x, 2)};
  PlainTokens qkv(kTokens, 3 * kChannels);
  for (int i = 0; i < kTokens; ++i)
    for (int c = 0; c < 3 * kChannels; ++c) qkv.at(i, c) = parts[c / kChannels].at(i, c % kChannels);
  const auto head = [](int h) {
    const int at = h * kChannels / kHeads;
    return test::PlainHead{at, kChannels + at, 2 * kChannels + at};
  };
  const PlainTokens attended =
      plain_linear(plain_attention(qkv, kHeads, head, bias), weights, "self_attn.out_proj");
  const PlainTokens y = plain_layer_norm(plain_sum(x, attended), weights, "norm1", 1e-5);
  PlainTokens inner = plain_linear(y, weights, "linear1");
  for (double& value : inner.values) value = std::max(value, 0.0);
  return plain_layer_norm(plain_sum(y, plain_linear(inner, weights, "linear2")), weights, "norm2", 1e-5);
}

class TextEnhancerOnEngines : public testing::TestWithParam<std::string> {};

TEST_P(TextEnhancerOnEngines, IsWhatPlainLoopsCompute) {
  std::vector<std::uint8_t> mask;
  for (int caption = 0; caption < kCaptionCount; ++caption)
    for (int i = 0; i < kTokens; ++i)
      for (int j = 0; j < kTokens; ++j) mask.push_back(sees(caption, i, j));
  const Tensor bias = attention_bias(Tensor::from({kCaptionCount, kTokens, kTokens}, mask));
  const Tensor text = test::random_tensor({kCaptionCount, kTokens, kChannels}, 1),
               positions = test::random_tensor({kCaptionCount, kTokens, kChannels}, 2);
  for (const bool mixed_up : {false, true}) {
    const nn::CompileRequest request = graph(mixed_up);
    const auto weights = test::random_weights(nn::trace_signature(request.function, request.inputs), 5);
    const auto out = test::run_on(GetParam(), request, weights, {text, positions, bias});
    for (int caption = 0; caption < kCaptionCount; ++caption) {
      const PlainTokens expected = plain(
          *weights, caption_of(text, caption), caption_of(positions, caption), [&](int h, int i, int j) {
            const int whose = mixed_up ? (caption * kHeads + h) % kCaptionCount : caption;
            return sees(whose, i, j) ? 0.0 : -1e30;
          });
      const PlainTokens got = caption_of(out.at("out"), caption);
      for (std::size_t i = 0; i < got.values.size(); ++i)
        EXPECT_NEAR(got.values[i], expected.values[i], 2e-5) << mixed_up << " " << caption << " " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, TextEnhancerOnEngines, testing::ValuesIn(nn::engine_names()));

}  // namespace
}  // namespace anomalyvlm::grounding_dino
