#include "models/efficientnet_lite/architecture.h"

#include <nlohmann/json.hpp>

#include "models/efficientnet_lite/efficientnet_lite.h"

namespace anomalyvlm {
namespace {

std::string lite0_json() {
  const EfficientNetLiteConfig c = EfficientNetLiteConfig::lite0();
  return nlohmann::json{
      {"model", "efficientnet_lite"}, {"width", c.width}, {"depth", c.depth}, {"folded_norm", c.folded_norm}}
      .dump();
}

std::vector<ExpectedTensor> lite0_tensors() {
  const auto last = [](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
    const auto features = efficientnet_lite_features(root, EfficientNetLiteConfig::lite0(), inputs[0]);
    return nn::NamedValues{{"features", features.back()}};
  };
  return nn::trace_signature(last, {{"image", {1, 3, 64, 64}}}).weights;
}

// All but the last belong to the classifier.
std::vector<std::string> lite0_ignorable() {
  return {"_fc.*", "_conv_head.*", "_bn1.*", "*.num_batches_tracked"};
}

}  // namespace

constinit const Architecture kEfficientNetLite0 = {
    .name = "efficientnet-lite0",
    .config = [] { return std::any(EfficientNetLiteConfig::lite0()); },
    .config_json = lite0_json,
    .tensors = lite0_tensors,
    .ignorable = lite0_ignorable};

}  // namespace anomalyvlm
