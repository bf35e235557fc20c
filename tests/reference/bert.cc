// The kind "bert_tiny": BERT under Grounding DINO's masks, from the tokens or from the captions themselves.
#include "models/grounding_dino/captions.h"
#include "reference/bert_config.h"
#include "reference/run_graph.h"
#include "reference/vocabulary.h"

namespace anomalyvlm::golden {

namespace {

namespace gdino = grounding_dino;
using Json = nlohmann::json;

// "bert.embeddings…" or "embeddings…".
std::string prefix_of(const WeightFile& weights) {
  return weights.find("bert.embeddings.word_embeddings.weight") != nullptr ? "bert" : "";
}

void check_table(Outputs& out, const std::string& name, const Tensor& got, const Tensor& expected) {
  const Tensor a = got.to_f32(), b = expected.to_f32();
  const bool ok =
      a.shape() == b.shape() && std::equal(a.floats().begin(), a.floats().end(), b.floats().begin());
  out.check("captions." + name, ok, ok ? "" : "is not what the captions give");
}

// The inputs are what the captions give, where the case states them.
void check_captions(const GoldenCase& golden, Outputs& out) {
  if (!golden.info.contains("captions")) return;
  const auto tokenizer = WordPieceTokenizer::load(find_vocabulary(golden));
  const gdino::TokenizedCaptions captions =
      gdino::tokenize_captions(tokenizer, golden.info["captions"].get<std::vector<std::string>>(),
                               golden.info.at("config").value("max_text_len", std::int64_t{256}));
  check_table(out, "input_ids", captions.ids, golden.input("input_ids"));
  check_table(out, "position_ids", captions.positions, golden.input("position_ids"));
  check_table(out, "text_self_attention_masks", captions.masks, golden.input("text_self_attention_masks"));
}

}  // namespace

BertConfig read_bert_config(const Json& config) {
  BertConfig c;
  c.vocabulary = config.value("vocab_size", c.vocabulary);
  c.channels = config.value("hidden_size", c.channels);
  c.layers = config.value("num_hidden_layers", c.layers);
  c.heads = config.value("num_attention_heads", c.heads);
  c.feed_forward = config.value("intermediate_size", c.feed_forward);
  c.positions = config.value("max_position_embeddings", c.positions);
  c.types = config.value("type_vocab_size", c.types);
  c.norm_eps = config.value("layer_norm_eps", c.norm_eps);
  const std::string activation = config.value("hidden_act", "gelu");
  if (activation != "gelu" && activation != "relu")
    throw NotSupported("hidden_act is " + activation + "; gelu and relu are supported");
  c.activation = activation == "relu" ? nn::Unary::kRelu : nn::Unary::kGelu;
  if (const std::string kind = config.value("position_embedding_type", "absolute"); kind != "absolute")
    throw NotSupported("position_embedding_type is " + kind + "; only absolute is supported");
  return c;
}

void run_bert(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  const BertConfig config = read_bert_config(golden.info.at("config"));
  const std::string prefix = prefix_of(*golden.weights);
  const Tensor& ids = golden.input("input_ids");
  const Tensor embeddings = bert_embeddings(*golden.weights, prefix, ids, golden.input("position_ids"),
                                            golden.input("token_type_ids"));
  const bool phrases = golden.has_input("text_self_attention_masks");
  const Tensor bias = attention_bias(golden.input(phrases ? "text_self_attention_masks" : "attention_mask"));
  nn::CompileRequest graph;
  graph.model = "BERT";
  graph.inputs = {{"embeddings", embeddings.shape()}, {"bias", bias.shape()}};
  graph.function = [config, prefix](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    const nn::Scope at = prefix.empty() ? root : root / prefix;
    return nn::NamedValues{{"last_hidden_state", bert(at, config, inputs[0], inputs[1])}};
  };
  for (auto& [name, value] : run_graph(golden, *context.engine(), graph, {embeddings, bias}))
    if (golden.wants(name)) outputs.give(name, value);
  check_captions(golden, outputs);
}

}  // namespace anomalyvlm::golden
