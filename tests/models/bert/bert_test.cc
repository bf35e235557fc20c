// BERT on every engine against plain double loops; names of published weights.
#include "models/bert/bert.h"

#include <gmock/gmock.h>

#include <set>

#include "anomalyvlm/error.h"
#include "models/plain_tokens.h"
#include "models/random_model.h"
#include "models/shared_layouts.h"

namespace anomalyvlm {
namespace {

using test::PlainTokens;

BertConfig small(nn::Unary activation = nn::Unary::kGelu) {
  BertConfig config;
  config.vocabulary = 11;
  config.channels = 12;
  config.layers = 2;
  config.heads = 3;
  config.feed_forward = 20;
  config.positions = 9;
  config.activation = activation;
  return config;
}

nn::CompileRequest graph_of(const BertConfig& config, const std::string& prefix, const Shape& embeddings,
                            const Shape& bias) {
  nn::CompileRequest graph;
  graph.model = "BERT";
  graph.inputs = {{"embeddings", embeddings}, {"bias", bias}};
  graph.function = [config, prefix](const nn::Scope& root, const std::vector<nn::Value>& in) {
    return nn::NamedValues{{"out", bert(prefix.empty() ? root : root / prefix, config, in[0], in[1])}};
  };
  return graph;
}

std::vector<ExpectedTensor> all_weights(const BertConfig& config, const std::string& prefix) {
  const auto graph = graph_of(config, prefix, {1, 2, config.channels}, {1, 1, 2, 2});
  std::vector<ExpectedTensor> all = nn::trace_signature(graph.function, graph.inputs).weights;
  for (const ExpectedTensor& table : bert_tables(config, prefix)) all.push_back(table);
  return all;
}

PlainTokens side_by_side(const PlainTokens& a, const PlainTokens& b, const PlainTokens& c) {
  PlainTokens out(a.count, a.channels + b.channels + c.channels);
  for (int i = 0; i < a.count; ++i) {
    int column = 0;
    for (const PlainTokens* part : {&a, &b, &c})
      for (int k = 0; k < part->channels; ++k) out.at(i, column++) = part->at(i, k);
  }
  return out;
}

PlainTokens plain_layer(const BertConfig& c, const WeightFile& weights, const std::string& at,
                        const PlainTokens& x, const std::function<bool(int, int)>& sees) {
  const auto linear = [&](const PlainTokens& y, const char* name) {
    return plain_linear(y, weights, at + name);
  };
  const int width = static_cast<int>(c.channels), depth = width / static_cast<int>(c.heads);
  const PlainTokens qkv = side_by_side(linear(x, "attention.self.query"), linear(x, "attention.self.key"),
                                       linear(x, "attention.self.value"));
  const PlainTokens attended = plain_attention(
      qkv, static_cast<int>(c.heads),
      [&](int h) {
        return test::PlainHead{h * depth, width + h * depth, 2 * width + h * depth};
      },
      [&](int, int i, int j) { return sees(i, j) ? 0.0 : -1e30; });
  PlainTokens y = plain_layer_norm(plain_sum(x, linear(attended, "attention.output.dense")), weights,
                                   at + "attention.output.LayerNorm", 1e-12);
  PlainTokens inner = linear(y, "intermediate.dense");
  for (double& value : inner.values)
    value = c.activation == nn::Unary::kGelu ? test::plain_gelu(value) : std::max(value, 0.0);
  return plain_layer_norm(plain_sum(y, linear(inner, "output.dense")), weights, at + "output.LayerNorm",
                          1e-12);
}

// One caption: each token's rows added up, then norm and layers.
PlainTokens plain_bert(const BertConfig& c, const WeightFile& weights, const std::vector<std::int64_t>& ids,
                       const std::vector<std::int64_t>& positions,
                       const std::function<bool(int, int)>& sees) {
  PlainTokens x(static_cast<int>(ids.size()), static_cast<int>(c.channels));
  const auto add = [&](const char* table, int i, std::int64_t row) {
    const auto values = weights.at(std::string("bert.embeddings.") + table + ".weight").floats();
    for (int k = 0; k < x.channels; ++k) x.at(i, k) += values[static_cast<std::size_t>(row * c.channels + k)];
  };
  for (int i = 0; i < x.count; ++i) {
    add("word_embeddings", i, ids[static_cast<std::size_t>(i)]);
    add("position_embeddings", i, positions[static_cast<std::size_t>(i)]);
    add("token_type_embeddings", i, 0);
  }
  x = plain_layer_norm(x, weights, "bert.embeddings.LayerNorm", 1e-12);
  for (int i = 0; i < c.layers; ++i)
    x = plain_layer(c, weights, fmt::format("bert.encoder.layer.{}.", i), x, sees);
  return x;
}

Tensor numbers(const Shape& shape, std::vector<std::int64_t> values) {
  return Tensor::from(shape, std::move(values));
}

class BertOnEngines : public testing::TestWithParam<std::string> {};

TEST_P(BertOnEngines, IsWhatPlainLoopsCompute) {
  const std::vector<std::int64_t> ids = {2, 7, 7, 10, 3, 2, 5, 3, 0, 0},
                                  positions = {0, 0, 1, 2, 0, 0, 8, 3, 0, 0};
  // Captions of 5 and of 3 tokens: the first in phrases of 1, 3 and 1.
  const int phrase[2][5] = {{0, 1, 1, 1, 2}, {0, 0, 0, 1, 2}};
  std::vector<std::uint8_t> mask;
  for (const auto& caption : phrase)
    for (const int row : caption)
      for (const int column : caption) mask.push_back(row == column);
  for (const nn::Unary activation : {nn::Unary::kGelu, nn::Unary::kRelu}) {
    const BertConfig config = small(activation);
    const auto weights = test::random_weights(all_weights(config, "bert"), 17);
    const Tensor embeddings =
        bert_embeddings(*weights, "bert", numbers({2, 5}, ids), numbers({2, 5}, positions),
                        numbers({2, 5}, std::vector<std::int64_t>(10)));
    const Tensor bias = attention_bias(Tensor::from({2, 5, 5}, mask));
    const auto out = test::run_on(GetParam(), graph_of(config, "bert", embeddings.shape(), bias.shape()),
                                  weights, {embeddings, bias});
    for (int caption = 0; caption < 2; ++caption) {
      const auto part = [&](const auto& all) {
        return std::vector<std::int64_t>(all.begin() + 5 * caption, all.begin() + 5 * caption + 5);
      };
      const PlainTokens expected =
          plain_bert(config, *weights, part(ids), part(positions),
                     [&](int i, int j) { return phrase[caption][i] == phrase[caption][j]; });
      for (std::size_t i = 0; i < expected.values.size(); ++i)
        EXPECT_NEAR(out.at("out").floats()[60 * caption + i], expected.values[i], 2e-5)
            << caption << " " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, BertOnEngines, testing::ValuesIn(nn::engine_names()));

TEST(Bert, EmbeddingsFromHalvesInAFile) {
  const std::vector<float> rows = {1, 2, 3, 4, 5, 6};
  std::vector<std::uint8_t> halves;
  for (const float value : rows) {
    const std::uint16_t half = f32_to_bf16(value);
    halves.insert(halves.end(),
                  {static_cast<std::uint8_t>(half & 255), static_cast<std::uint8_t>(half >> 8)});
  }
  const auto memory = std::make_shared<std::vector<std::uint8_t>>(halves);
  const WeightFile file(
      "halves", {{"embeddings.word_embeddings.weight", Tensor(DType::kBF16, {3, 2}, memory, memory->data())},
                 {"embeddings.position_embeddings.weight", Tensor::from<float>({2, 2}, {0, 0, 10, 20})},
                 {"embeddings.token_type_embeddings.weight", Tensor::from<float>({1, 2}, {100, 200})}});
  const Tensor sums =
      bert_embeddings(file, "", numbers({1, 2}, {2, 0}), numbers({1, 2}, {1, 0}), numbers({1, 2}, {0, 0}));
  EXPECT_EQ(sums.shape(), (Shape{1, 2, 2}));
  EXPECT_THAT(sums.floats(), testing::ElementsAre(115, 226, 101, 202));
}

TEST(Bert, EmbeddingsThatCannotBe) {
  const auto weights = test::random_weights(all_weights(small(), ""), 3);
  const auto look_up = [&](std::int64_t id, std::int64_t position, std::int64_t type) {
    return bert_embeddings(*weights, "", numbers({1, 1}, {id}), numbers({1, 1}, {position}),
                           numbers({1, 1}, {type}));
  };
  EXPECT_NO_THROW(look_up(10, 8, 1));
  EXPECT_THROW(look_up(11, 0, 0), Error);
  EXPECT_THROW(look_up(-1, 0, 0), Error);
  EXPECT_THROW(look_up(0, 9, 0), Error);
  EXPECT_THROW(look_up(0, 0, 2), Error);
  EXPECT_THROW(
      bert_embeddings(*weights, "bert", numbers({1, 1}, {0}), numbers({1, 1}, {0}), numbers({1, 1}, {0})),
      Error);
  EXPECT_THROW(
      bert_embeddings(*weights, "", numbers({1, 1}, {0}), numbers({1, 2}, {0, 0}), numbers({1, 1}, {0})),
      Error);
}

TEST(Bert, AttentionBias) {
  const Tensor bias = attention_bias(Tensor::from<std::uint8_t>({1, 2, 2}, {1, 0, 1, 1}));
  EXPECT_EQ(bias.shape(), (Shape{1, 1, 2, 2}));
  EXPECT_THAT(bias.floats(), testing::ElementsAre(0, kNotSeen, 0, 0));
  const Tensor padding = attention_bias(numbers({2, 2}, {1, 0, 1, 1}));
  EXPECT_EQ(padding.shape(), (Shape{2, 1, 1, 2}));
  EXPECT_THROW(attention_bias(numbers({2}, {1, 0})), Error);
}

TEST(Bert, HeadsMustShareTheChannels) {
  BertConfig config = small();
  config.heads = 5;
  EXPECT_THROW(all_weights(config, ""), Error);
}

TEST(Bert, NamesAreThoseOfThePublishedCheckpoints) {
  for (const char* name : {"groundingdino_swint_ogc", "groundingdino_swinb_cogcoor"}) {
    const auto file = test::shared_layout(name);
    if (test::absent(file)) GTEST_SKIP() << "no " << file;
    std::map<std::string, Shape> published = test::read_layout(file);
    std::erase_if(published, [](const auto& entry) {
      const std::vector<std::string> unread = bert_ignorable("bert");
      return !entry.first.starts_with("bert.") ||
             std::any_of(unread.begin(), unread.end(),
                         [&](const auto& p) { return matches(p, entry.first); });
    });
    std::map<std::string, Shape> read;
    for (const ExpectedTensor& weight : all_weights(BertConfig::bert_base(), "bert"))
      read.emplace(weight.name, weight.shape);
    EXPECT_EQ(read, published) << name;
  }
}

}  // namespace
}  // namespace anomalyvlm
