#include "models/resnet/dense_features.h"

#include "image/resize.h"
#include "nn/ops.h"

namespace anomalyvlm {

nn::Value joined_features(const std::vector<nn::Value>& features) {
  const nn::Value& finest = features.front();
  std::vector<nn::Value> all;
  for (const nn::Value& f : features)
    all.push_back(nn::resize(f, finest.dim(2), finest.dim(3), nn::Resample::kNearest));
  return nn::l2_normalize(nn::concat(all, 1), 1);
}

Tensor imagenet_input(const Image& image) {
  return to_nchw(image, {123.675F, 116.28F, 103.53F}, {58.395F, 57.12F, 57.375F});
}

DenseFeatures::DenseFeatures(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                             nn::Precision precision, ResNetConfig config)
    : weights_(std::move(weights)),
      engine_(std::move(engine)),
      precision_(precision),
      config_(std::move(config)) {}

Tensor DenseFeatures::of(const Tensor& input) const { return program(input.shape()).run({input}).front(); }

const nn::Program& DenseFeatures::program(const Shape& input) const {
  const std::lock_guard lock(mutex_);
  auto& program = programs_[input];
  if (!program) {
    const ResNetConfig config = config_;
    const auto function = [config](const nn::Scope& root, const std::vector<nn::Value>& inputs) {
      return nn::NamedValues{{"features", joined_features(resnet_features(root, config, inputs[0]))}};
    };
    program = engine_->compile(
        {"joined " + config.description(), weights_, function, {{"image", input}}, precision_, {}});
  }
  return *program;
}

}  // namespace anomalyvlm
