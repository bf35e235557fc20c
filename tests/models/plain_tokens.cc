#include "models/plain_tokens.h"

#include <algorithm>
#include <cmath>

namespace anomalyvlm::test {

PlainTokens plain_tokens(const PlainMaps& maps) {
  PlainTokens tokens(maps.height * maps.width, maps.channels);
  for (int i = 0; i < tokens.count; ++i)
    for (int c = 0; c < maps.channels; ++c) tokens.at(i, c) = maps.at(c, i / maps.width, i % maps.width);
  return tokens;
}

PlainMaps plain_maps(const PlainTokens& tokens, int height, int width) {
  PlainMaps maps(tokens.channels, height, width);
  for (int i = 0; i < tokens.count; ++i)
    for (int c = 0; c < tokens.channels; ++c) maps.at(c, i / width, i % width) = tokens.at(i, c);
  return maps;
}

PlainTokens plain_linear(const PlainTokens& x, const WeightFile& weights, const std::string& name) {
  const Tensor& weight = weights.at(name + ".weight");
  const Tensor* bias = weights.find(name + ".bias");
  PlainTokens out(x.count, static_cast<int>(weight.dim(0)));
  for (int i = 0; i < x.count; ++i) {
    for (int o = 0; o < out.channels; ++o) {
      double sum = bias == nullptr ? 0 : bias->floats()[o];
      for (int c = 0; c < x.channels; ++c) sum += x.at(i, c) * weight.floats()[o * x.channels + c];
      out.at(i, o) = sum;
    }
  }
  return out;
}

PlainTokens plain_layer_norm(const PlainTokens& x, const WeightFile& weights, const std::string& name,
                             double eps) {
  const auto gamma = weights.at(name + ".weight").floats(), beta = weights.at(name + ".bias").floats();
  PlainTokens out = x;
  for (int i = 0; i < x.count; ++i) {
    double mean = 0, variance = 0;
    for (int c = 0; c < x.channels; ++c) mean += x.at(i, c) / x.channels;
    for (int c = 0; c < x.channels; ++c) variance += (x.at(i, c) - mean) * (x.at(i, c) - mean) / x.channels;
    for (int c = 0; c < x.channels; ++c)
      out.at(i, c) = (x.at(i, c) - mean) / std::sqrt(variance + eps) * gamma[c] + beta[c];
  }
  return out;
}

PlainTokens plain_sum(PlainTokens a, const PlainTokens& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values.at(i);
  return a;
}

double plain_gelu(double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }

PlainTokens plain_gelu(PlainTokens x) {
  for (double& value : x.values) value = plain_gelu(value);
  return x;
}

PlainMaps plain_gelu(PlainMaps x) {
  for (double& value : x.values) value = plain_gelu(value);
  return x;
}

PlainTokens plain_attention(const PlainTokens& qkv, int heads, const std::function<PlainHead(int)>& head,
                            const std::function<double(int, int, int)>& bias) {
  const int n = qkv.count, depth = qkv.channels / 3 / heads;
  PlainTokens out(n, heads * depth);
  std::vector<double> scores(static_cast<std::size_t>(n));
  for (int h = 0; h < heads; ++h) {
    const PlainHead at = head(h);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        scores[j] = 0;
        for (int d = 0; d < depth; ++d)
          scores[j] += qkv.at(i, at.q + d) * qkv.at(j, at.k + d) / std::sqrt(depth);
        scores[j] += bias(h, i, j);
      }
      const double most = *std::max_element(scores.begin(), scores.end());
      double sum = 0;
      for (double& score : scores) sum += score = std::exp(score - most);
      for (int j = 0; j < n; ++j)
        for (int d = 0; d < depth; ++d) out.at(i, h * depth + d) += scores[j] / sum * qkv.at(j, at.v + d);
    }
  }
  return out;
}

PlainTokens plain_windows(const PlainTokens& x, int height, int width, int side,
                          const std::function<PlainTokens(const PlainTokens&)>& attend) {
  PlainTokens out(x.count, x.channels);
  for (int top = 0; top < height; top += side) {
    for (int left = 0; left < width; left += side) {
      const auto place = [&](int i) {  // of the window's token i; -1: beyond the map
        const int y = top + i / side, column = left + i % side;
        return y < height && column < width ? y * width + column : -1;
      };
      PlainTokens window(side * side, x.channels);
      for (int i = 0; i < window.count; ++i)
        for (int c = 0; c < x.channels && place(i) >= 0; ++c) window.at(i, c) = x.at(place(i), c);
      const PlainTokens attended = attend(window);
      for (int i = 0; i < window.count; ++i)
        for (int c = 0; c < x.channels && place(i) >= 0; ++c) out.at(place(i), c) = attended.at(i, c);
    }
  }
  return out;
}

}  // namespace anomalyvlm::test
