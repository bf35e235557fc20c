// The kind "wide_resnet_cfg": features of a ResNet of bottleneck blocks.
#include <algorithm>
#include <set>

#include "nn/engine.h"
#include "reference/resnet_config.h"
#include "reference/runner.h"

namespace anomalyvlm::golden {

ResNetConfig read_resnet_config(const nlohmann::json& config) {
  static const std::set<std::string> known = {"block",  "layers",      "width_per_group", "groups",
                                              "bn_eps", "out_indices", "num_classes"};
  for (const auto& [name, value] : config.items())
    if (!known.contains(name)) throw NotSupported(fmt::format("a ResNet has no setting '{}' here", name));
  if (const std::string block = config.value("block", "Bottleneck"); block != "Bottleneck")
    throw NotSupported(fmt::format("a ResNet of '{}' blocks: there is only Bottleneck", block));
  ResNetConfig read;
  read.layers = config.value("layers", read.layers);
  read.width_per_group = config.value("width_per_group", read.width_per_group);
  read.groups = config.value("groups", read.groups);
  read.bn_eps = config.value("bn_eps", read.bn_eps);
  read.out_indices = config.value("out_indices", read.out_indices);
  std::sort(read.out_indices.begin(), read.out_indices.end());  // outputs are named, their order is free
  return read;
}

namespace {

// Gives "PREFIXstem" and "PREFIXlayerN".
void run_image(const GoldenCase& golden, nn::Engine& engine, const ResNetConfig& config, const Tensor& image,
               const std::string& prefix, Outputs& out) {
  const auto network = [&](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    const std::vector<nn::Value> features = resnet_features(root, config, inputs[0]);
    nn::NamedValues named;
    for (std::size_t i = 0; i < features.size(); ++i)
      named.emplace_back(fmt::format("layer{}", config.out_indices[i]), features[i]);
    return named;
  };
  const auto program = engine.compile({.model = config.description(),
                                       .weights = golden.weights,
                                       .function = network,
                                       .inputs = {{"image", image.shape()}},
                                       .taps = {"stem"}});
  const std::vector<Tensor> results = program->run({image.to_f32()});
  for (std::size_t i = 0; i < results.size(); ++i) out.give(prefix + program->outputs()[i], results[i]);
}

}  // namespace

void run_wide_resnet(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  const ResNetConfig config = read_resnet_config(golden.info.at("config"));
  for (const auto& [name, tensor] : golden.inputs->tensors()) {
    const std::size_t dot = name.rfind('.');
    if (name.substr(dot + 1) == "image")
      run_image(golden, *context.engine(), config, tensor, name.substr(0, dot + 1), out);
  }
}

}  // namespace anomalyvlm::golden
