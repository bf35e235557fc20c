// The kind "msdeform_attn": multi-scale deformable attention, the weighted sum alone and the whole module.
#include "models/grounding_dino/ms_deform_attn.h"

#include "nn/ops.h"
#include "reference/run_graph.h"

namespace anomalyvlm::golden {
namespace {

namespace gdino = grounding_dino;

std::vector<Extent> read_maps(const GoldenCase& golden) {
  const Tensor sizes = golden.input("spatial_shapes");
  std::vector<Extent> maps;
  for (std::int64_t i = 0; i < sizes.dim(0); ++i)
    maps.push_back({sizes.values<std::int64_t>()[2 * i], sizes.values<std::int64_t>()[2 * i + 1]});
  return maps;
}

void run(const GoldenCase& golden, GoldenContext& context, Outputs& outputs, nn::CompileRequest graph,
         const std::vector<Tensor>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    graph.inputs.push_back({std::to_string(i), inputs[i].shape()});
  for (auto& [name, value] : run_graph(golden, *context.engine(), graph, inputs)) outputs.give(name, value);
}

// Locations as shares of a map -> in cells from its corner.
Tensor in_cells(const Tensor& locations, const std::vector<Extent>& maps) {
  Tensor offsets = Tensor::zeros(locations.shape());
  const std::int64_t points = locations.dim(4);
  for (std::int64_t i = 0; i < locations.size(); ++i) {
    const Extent& map = maps[static_cast<std::size_t>(i / (2 * points)) % maps.size()];
    offsets.mutable_floats()[i] =
        locations.floats()[i] * static_cast<float>(i % 2 == 0 ? map.width : map.height);
  }
  return offsets;
}

}  // namespace

void run_msdeform_core(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  const std::vector<Extent> maps = read_maps(golden);
  const Tensor locations = golden.input("sampling_locations").to_f32();
  const Tensor corner = Tensor::zeros({1, locations.dim(1), locations.dim(3), 2});
  nn::CompileRequest graph;
  graph.model = "deformable attention";
  graph.function = [maps](const nn::Scope&, const std::vector<nn::Value>& in) {
    return nn::NamedValues{{"output", nn::deformable_attention(in[0], maps, in[1], in[2], in[3])}};
  };
  run(golden, context, outputs, graph,
      {golden.input("value").to_f32(), corner, in_cells(locations, maps),
       golden.input("attention_weights").to_f32()});
}

void run_msdeform_module(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  const nlohmann::json& json = golden.info.at("config");
  if (!json.value("batch_first", true)) throw NotSupported("batch_first is false; only true is supported");
  const gdino::MsDeformAttnConfig config = {json.at("num_heads"), json.at("num_points")};
  const std::vector<Extent> maps = read_maps(golden);
  const Tensor query = golden.input("query").to_f32(), value = golden.input("value").to_f32();
  const auto given = [&](const char* name, const Tensor& like) {
    return golden.has_input(name) ? golden.input(name).to_f32() : Tensor::zeros(like.shape());
  };
  const Tensor no_padding = Tensor::zeros({value.dim(0), value.dim(1)});
  nn::CompileRequest graph;
  graph.model = "deformable attention, module";
  graph.function = [config, maps](const nn::Scope& root, const std::vector<nn::Value>& in) {
    return nn::NamedValues{
        {"output", gdino::ms_deform_attn(root, config, in[0] + in[1], in[2], in[3], maps, in[4])}};
  };
  run(golden, context, outputs, graph,
      {query, given("query_pos", query), golden.input("reference_points").to_f32(), value,
       given("key_padding_mask", no_padding)});
}

}  // namespace anomalyvlm::golden
