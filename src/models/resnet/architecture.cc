#include "models/resnet/architecture.h"

#include <nlohmann/json.hpp>

#include "models/resnet/resnet.h"

namespace anomalyvlm {
namespace {

std::string wide_resnet_json() {
  const ResNetConfig c = ResNetConfig::wide_resnet50_2();
  return nlohmann::json{{"model", "resnet"},
                        {"layers", c.layers},
                        {"width_per_group", c.width_per_group},
                        {"groups", c.groups},
                        {"bn_eps", c.bn_eps}}
      .dump();
}

// All layers, whichever are asked for.
std::vector<ExpectedTensor> wide_resnet_tensors() {
  const auto last = [](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    ResNetConfig config = ResNetConfig::wide_resnet50_2();
    config.out_indices = {static_cast<int>(config.layers.size())};
    return nn::NamedValues{{"features", resnet_features(root, config, inputs[0]).back()}};
  };
  return nn::trace_signature(last, {{"image", {1, 3, 64, 64}}}).weights;
}

// "fc" is the classifier.
std::vector<std::string> wide_resnet_ignorable() { return {"fc.*", "*.num_batches_tracked"}; }

}  // namespace

constinit const Architecture kWideResNet50x2 = {
    .name = "wide-resnet50-2",
    .config = [] { return std::any(ResNetConfig::wide_resnet50_2()); },
    .config_json = wide_resnet_json,
    .tensors = wide_resnet_tensors,
    .ignorable = wide_resnet_ignorable};

}  // namespace anomalyvlm
