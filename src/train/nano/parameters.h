#pragma once
// The trained tensors: named views into one flat vector per group, so that an optimiser's step is a few long
// loops (hundreds of small tensors cost a tenth of a step on a CPU).
#include <map>
#include <string>
#include <vector>

#include "nn/engines/torch_backend.h"
#include "nn/scope.h"

namespace anomalyvlm::train {

// AdamW over one group, with a running average of the weights.
class Group {
 public:
  // Copies the initial values to `device`; vectors (biases, norms) get no weight decay.
  Group(const std::vector<std::pair<std::string, Tensor>>& initial, const at::Device& device,
        double weight_decay);

  const std::map<std::string, at::Tensor>& tensors() const { return tensors_; }
  void set_trainable(bool trainable);
  bool trainable() const { return trainable_; }
  at::Tensor gradient_norm2() const;  // a scalar on the device
  void scale_gradient(const at::Tensor& factor);
  // One step with this learning rate; the average follows with `decay`. Gradients are zeroed.
  void step(double learning_rate, double decay);
  void swap_average();  // exchanges the weights with their average (and back)

  void save(const std::string& name, WeightFile::Tensors& into) const;
  void load(const std::string& name, const WeightFile& from);

 private:
  std::map<std::string, at::Tensor> tensors_;  // views of weights_
  at::Tensor weights_, gradient_, first_, second_, average_, decay_;
  std::int64_t steps_ = 0;
  bool trainable_ = true;
};

// Groups and the decoder's running statistics as a model function's source of weights.
class TrainedParameters : public nn::Parameters {
 public:
  nn::Value get(nn::Backend& backend, const std::string& name, const Shape& shape) override;
  bool has(const std::string& name) const override;

  std::vector<Group> groups;
  std::map<std::string, at::Tensor> statistics;  // "X.norm.running_mean", "X.norm.running_var"

  WeightFile::Tensors export_tensors() const;  // of groups and statistics, in host memory

 private:
  const at::Tensor* find(const std::string& name) const;
};

// Norms with the batch's own statistics, which the running ones follow by the share `momentum`.
class TrainingBackend : public nn::TorchBackend {
 public:
  explicit TrainingBackend(at::Device device, nn::Precision precision = nn::Precision::kF32,
                           double momentum = 0.02)
      : nn::TorchBackend(device, precision), momentum_(momentum) {}
  Handle batch_norm(const nn::Value& x, const nn::BatchNorm& norm, float eps) override;

 private:
  double momentum_;
};

// Takes folded norms apart again: one of weight zero gets this batch's statistics, and the weight and bias
// that make it add what its bias was.
class CalibratingBackend final : public TrainingBackend {
 public:
  using TrainingBackend::TrainingBackend;
  Handle batch_norm(const nn::Value& x, const nn::BatchNorm& norm, float eps) override;
};

}  // namespace anomalyvlm::train
