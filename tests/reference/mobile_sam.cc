// The kind "mobile_sam_cfg": MobileSAM's image encoder, in several runs over the same weights.
#include "models/sam/image_encoder.h"
#include "reference/sam_cases.h"

namespace anomalyvlm::golden {

namespace {

using Json = nlohmann::json;

// What the case keeps of a result: all of it, or every so many places of its map.
Tensor kept(const Tensor& full, const Shape& wanted, const Json& run) {
  if (full.shape() == wanted) return full;
  if (wanted.size() == 3 && full.rank() == 3) {  // tokens
    const std::int64_t stride = run.value("token_stride", std::int64_t{0});
    const std::int64_t side = side_of(wanted[1]);
    const Tensor map = kept_places(kept_places(as_map(full), 1, side, stride), 2, side, stride);
    return map.reshaped({map.dim(0), map.dim(1) * map.dim(2), map.dim(3)});
  }
  if (wanted.size() != 4 || full.rank() != 4) return full;
  const std::int64_t stride = run.value("embed_stride", std::int64_t{0});
  return kept_places(kept_places(full, 2, wanted[2], stride), 3, wanted[3], stride);
}

void run_once(const GoldenCase& golden, nn::Engine& engine, const Json& run, Outputs& outputs) {
  Json encoder = golden.info.at("config");
  if (run.contains("override")) encoder.update(run["override"]);
  SamConfig config;
  config.encoder = read_tiny_vit_config(encoder);
  const std::string prefix = run.contains("name") ? run["name"].get<std::string>() + "." : "";
  const Tensor image = golden.input(prefix + "image_input");
  nn::CompileRequest graph;
  graph.model = "MobileSAM, image";
  graph.inputs = {{"image", image.shape()}};
  // A case whose weights were cut to the layers has no neck.
  const bool whole = golden.weights->find("neck.0.weight") != nullptr;
  graph.function = [config, whole](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    if (whole) return nn::NamedValues{{"embedding", sam::encode_image(root, config, inputs[0])}};
    return nn::NamedValues{{"layers", tiny_vit(root, std::get<TinyVitConfig>(config.encoder), inputs[0])}};
  };
  for (const auto& [name, value] : run_graph(golden, engine, graph, {image}))
    if (const Tensor* wanted = golden.expected->find(prefix + name))
      outputs.give(prefix + name, kept(value, wanted->shape(), run));
}

}  // namespace

void run_mobile_sam(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  const Json runs = golden.info.value("runs", Json::array({Json::object()}));
  for (const Json& run : runs) run_once(golden, *context.engine(), run, outputs);
}

}  // namespace anomalyvlm::golden
