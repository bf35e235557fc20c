// The kind "swin_tiny_cfg": Swin's features, beside the shrunk masks and position encodings of their maps.
#include <algorithm>

#include "models/grounding_dino/positions.h"
#include "reference/run_graph.h"
#include "reference/swin_config.h"

namespace anomalyvlm::golden {
namespace {

namespace gdino = grounding_dino;
using Json = nlohmann::json;

SwinConfig named_config(const std::string& name) {
  if (name == "swin_T_224_1k") return SwinConfig::swin_t();
  SwinConfig config = SwinConfig::swin_b();
  config.window = name.ends_with("_384_22k") ? 12 : 7;
  if (name == "swin_B_224_22k" || name == "swin_B_384_22k") return config;
  config.channels = 192;
  config.heads = {6, 12, 24, 48};
  if (name == "swin_L_224_22k" || name == "swin_L_384_22k") return config;
  throw NotSupported("backbone is " + name + "; Swin's T, B and L are supported");
}

// What the authors' class takes besides and what is only needed in training, or for other settings.
constexpr const char* kWithoutEffect[] = {"pretrain_img_size", "in_chans",       "drop_rate",
                                          "attn_drop_rate",    "drop_path_rate", "frozen_stages",
                                          "use_checkpoint"};

void read_field(SwinConfig& c, const std::string& name, const Json& value) {
  if (name == "embed_dim")
    c.channels = value;
  else if (name == "depths")
    c.depths = value.get<std::vector<int>>();
  else if (name == "num_heads")
    c.heads = value.get<std::vector<std::int64_t>>();
  else if (name == "window_size")
    c.window = value;
  else if (name == "patch_size")
    c.patch = value;
  else if (name == "mlp_ratio")
    c.mlp_ratio = value;
  else if (name == "qkv_bias")
    c.qkv_bias = value;
  else if (name == "qk_scale")
    c.qk_scale = value.is_null() ? 0.0F : value.get<float>();
  else if (name == "patch_norm")
    c.patch_norm = value;
  else if ((name == "ape" || name == "dilation") && value == false)
    return;
  else if (std::ranges::count(kWithoutEffect, name) == 0)
    throw NotSupported(fmt::format("swin's {} is {}, which is not supported", name, value.dump()));
}

// The stages whose maps are given: only a run up to the last one is here, as in the authors' code.
int first_stage(const std::vector<int>& given, std::size_t stages) {
  for (std::size_t i = 0; i < given.size(); ++i)
    if (given[i] != static_cast<int>(stages - given.size() + i))
      throw NotSupported("return_interm_indices must be all stages from one on");
  return static_cast<int>(stages - given.size());
}

// The rows and columns of the images in a batch, from its mask of padding [B, H, W].
std::vector<Extent> image_sizes(const Tensor& mask) {
  const auto values = mask.values<std::uint8_t>();
  const std::int64_t height = mask.dim(1), width = mask.dim(2);
  std::vector<Extent> sizes;
  for (std::int64_t image = 0; image < mask.dim(0); ++image) {
    const std::uint8_t* first = values.data() + image * height * width;
    Extent size;
    while (size.height < height && first[size.height * width] == 0) ++size.height;
    while (size.width < width && first[size.width] == 0) ++size.width;
    sizes.push_back(size);
  }
  return sizes;
}

// Columns of tokens [B, places, C] that belong to one map of h x w places from `begin` on: [B, C, h, w].
Tensor as_maps(const Tensor& tokens, std::int64_t begin, Extent map) {
  const std::int64_t places = tokens.dim(1), channels = tokens.dim(2);
  Tensor maps = Tensor::zeros({tokens.dim(0), channels, map.height, map.width});
  float* to = maps.mutable_floats().data();
  for (std::int64_t image = 0; image < tokens.dim(0); ++image)
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t i = 0; i < map.places(); ++i)
        *to++ = tokens.floats()[static_cast<std::size_t>(((image * places) + begin + i) * channels + c)];
  return maps;
}

void give_levels(const Json& json, const gdino::Levels& levels, Outputs& outputs) {
  if (const std::string kind = json.value("position_embedding", "sine"); kind != "sine" && kind != "v2")
    throw NotSupported("position_embedding is " + kind + "; only sine is supported");
  GroundingDinoConfig config;
  config.channels = json.value("hidden_dim", config.channels);
  config.temperature_y = json.value("pe_temperatureH", config.temperature_y);
  config.temperature_x = json.value("pe_temperatureW", config.temperature_x);
  const Tensor positions = gdino::image_positions(config, levels);
  const Tensor masks = gdino::padding(levels).reshaped({levels.images(), levels.places(), 1});
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < levels.maps.size(); begin += levels.maps[i++].places()) {
    const Extent map = levels.maps[i];
    outputs.give(fmt::format("pos{}", i), as_maps(positions, begin, map));
    outputs.give(fmt::format("mask{}", i),
                 as_maps(masks, begin, map).reshaped({levels.images(), map.height, map.width}));
  }
}

}  // namespace

SwinConfig read_swin_config(const Json& config) {
  SwinConfig c = named_config(config.value("backbone", "swin_T_224_1k"));
  if (config.value("dilation", false)) throw NotSupported("dilation is true; only false is supported");
  const Json own = config.value("swin", Json::object());
  for (const auto& [name, value] : own.items()) read_field(c, name, value);
  const std::vector<int> given = config.value("return_interm_indices", std::vector<int>{1, 2, 3});
  c.first_stage = first_stage(given, c.depths.size());
  return c;
}

void run_swin(const GoldenCase& golden, GoldenContext& context, Outputs& outputs) {
  const Json& json = golden.info.at("config");
  const SwinConfig config = read_swin_config(json);
  std::string prefix = golden.info.value("weight_prefix", "");
  if (prefix.ends_with('.')) prefix.pop_back();
  const Tensor image = golden.input("images").to_f32(), mask = golden.input("mask");
  nn::CompileRequest graph;
  graph.model = "Swin";
  graph.inputs = {{"image", image.shape()}};
  graph.function = [config, prefix](const nn::Scope& root, const std::vector<nn::Value>& in) {
    nn::NamedValues outputs;
    for (const nn::Value& map : swin_features(prefix.empty() ? root : root / prefix, config, in[0]))
      outputs.emplace_back(fmt::format("feat{}", outputs.size()), map);
    return outputs;
  };
  std::vector<Extent> maps;
  for (const nn::InputSpec& output : nn::trace_signature(graph.function, graph.inputs).outputs)
    maps.push_back({output.shape[2], output.shape[3]});
  for (auto& [name, value] : run_graph(golden, *context.engine(), graph, {image})) outputs.give(name, value);
  give_levels(json, gdino::make_levels(maps, {image.dim(2), image.dim(3)}, image_sizes(mask)), outputs);
}

}  // namespace anomalyvlm::golden
