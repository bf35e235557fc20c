#pragma once
// Transformers in plain double loops over one list of tokens: what model functions are compared with. Shares
// no code with them or with an engine.
#include <functional>

#include "models/plain_maps.h"

namespace anomalyvlm::test {

struct PlainTokens {
  int count = 0, channels = 0;
  std::vector<double> values;  // [count, channels]

  PlainTokens() = default;
  PlainTokens(int n, int c) : count(n), channels(c), values(static_cast<std::size_t>(n) * c) {}
  double& at(int i, int c) { return values[static_cast<std::size_t>(i) * channels + c]; }
  double at(int i, int c) const { return values[static_cast<std::size_t>(i) * channels + c]; }
};

PlainTokens plain_tokens(const PlainMaps& maps);  // row by row
PlainMaps plain_maps(const PlainTokens& tokens, int height, int width);

// NAME.weight, and NAME.bias if there is one.
PlainTokens plain_linear(const PlainTokens& x, const WeightFile& weights, const std::string& name);
PlainTokens plain_layer_norm(const PlainTokens& x, const WeightFile& weights, const std::string& name,
                             double eps);
PlainTokens plain_sum(PlainTokens a, const PlainTokens& b);
double plain_gelu(double x);
PlainTokens plain_gelu(PlainTokens x);
PlainMaps plain_gelu(PlainMaps x);

// Where the columns of head h's queries, keys and values begin within [count, 3 channels].
struct PlainHead {
  int q, k, v;
};
// softmax(q k / sqrt(depth) + bias(h, i, j)) v of each head, side by side.
PlainTokens plain_attention(const PlainTokens& qkv, int heads, const std::function<PlainHead(int h)>& head,
                            const std::function<double(int h, int i, int j)>& bias);

// Attends within each square of `side` places; what lies beyond the map is `attend`'s to see as zeros.
PlainTokens plain_windows(const PlainTokens& x, int height, int width, int side,
                          const std::function<PlainTokens(const PlainTokens&)>& attend);

}  // namespace anomalyvlm::test
