// The kind "text_enhancer_layer": one layer of self-attention over the text, with the authors' mixed-up
// masks.
#include "models/grounding_dino/text_enhancer.h"

#include "models/bert/bert.h"
#include "models/grounding_dino/positions.h"
#include "reference/run_graph.h"

namespace anomalyvlm::golden {

void run_text_enhancer(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  namespace gdino = grounding_dino;
  const nlohmann::json& json = golden.info.at("config");
  gdino::TextEnhancerConfig config;
  config.heads = json.at("nhead");
  config.feed_forward = json.at("dim_feedforward");
  if (const std::string activation = json.value("activation", "relu"); activation != "relu")
    throw NotSupported("activation is " + activation + "; only relu is supported");
  const Tensor text = golden.input("src").to_f32(), ids = golden.input("position_ids");
  const Tensor positions =
      gdino::text_positions(ids.values<std::int64_t>(), ids.dim(0), ids.dim(1), text.dim(2));
  const Tensor bias = attention_bias(golden.input("text_self_attention_masks"));
  nn::CompileRequest graph;
  graph.model = "text enhancer";
  graph.inputs = {{"text", text.shape()}, {"positions", positions.shape()}, {"bias", bias.shape()}};
  graph.function = [config](const nn::Scope& root, const std::vector<nn::Value>& in) {
    const nn::Value mixed_up = gdino::mixed_up_masks(in[2], config.heads);
    return nn::NamedValues{{"output", gdino::enhance_text(root, config, in[0], in[1], mixed_up)}};
  };
  outputs.give("pos_text", positions);
  for (auto& [name, value] : run_graph(golden, *context.engine(), graph, {text, positions, bias}))
    outputs.give(name, value);
}

}  // namespace anomalyvlm::golden
