// The kind "bi_attention": attention in both directions between image and text, alone and between its norms.
#include "models/grounding_dino/bi_attention.h"
#include "reference/run_graph.h"

namespace anomalyvlm::golden {

namespace {

namespace gdino = grounding_dino;

// [B, N] with 1 where a token is padding, as what is added to scores; of no padding where there is no mask.
Tensor unseen(const GoldenCase& golden, const std::string& mask, const Tensor& tokens) {
  Tensor added = Tensor::zeros({tokens.dim(0), 1, 1, tokens.dim(1)});
  if (!golden.has_input(mask)) return added;
  const Tensor masked = golden.input(mask).to_f32();
  for (std::int64_t i = 0; i < added.size(); ++i)
    added.mutable_floats()[i] = masked.floats()[i] != 0 ? kNotSeen : 0;
  return added;
}

void run(const GoldenCase& golden, GoldenContext& context, Outputs& outputs, decltype(gdino::fuse)& attend) {
  const nlohmann::json& config = golden.info.at("config");
  const gdino::BiAttentionConfig read = {config.at("embed_dim").get<std::int64_t>(),
                                         config.at("num_heads").get<std::int64_t>()};
  const Tensor image = golden.input("v").to_f32(), text = golden.input("l").to_f32();
  const std::vector<Tensor> inputs = {image, text, unseen(golden, "attention_mask_v", image),
                                      unseen(golden, "attention_mask_l", text)};
  nn::CompileRequest graph;
  graph.model = "attention in both directions";
  graph.function = [&](const nn::Scope& root, const std::vector<nn::Value>& in) -> nn::NamedValues {
    const gdino::ImageAndText y = attend(root, read, {in[0], in[1]}, {in[2], in[3]});
    return {{"v_out", y.image}, {"l_out", y.text}};
  };
  for (std::size_t i = 0; i < inputs.size(); ++i)
    graph.inputs.push_back({std::to_string(i), inputs[i].shape()});
  for (auto& [name, value] : run_graph(golden, *context.engine(), graph, inputs)) outputs.give(name, value);
}

}  // namespace

void run_bi_attention(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  run(golden, context, outputs, gdino::bi_attention);
}

void run_bi_attention_block(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  run(golden, context, outputs, gdino::fuse);
}

}  // namespace anomalyvlm::golden
