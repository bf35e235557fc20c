#include "train/nano/parameters.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

namespace anomalyvlm::train {

Group::Group(const std::vector<std::pair<std::string, Tensor>>& initial, const at::Device& device,
             double weight_decay) {
  std::vector<at::Tensor> flat, decay;
  for (const auto& [name, tensor] : initial) {
    flat.push_back(nn::to_torch(tensor, device).flatten());
    decay.push_back(at::full({tensor.size()}, tensor.rank() > 1 ? weight_decay : 0.0, flat.back().options()));
  }
  weights_ = at::cat(flat);
  decay_ = at::cat(decay);
  gradient_ = at::zeros_like(weights_);
  first_ = at::zeros_like(weights_);
  second_ = at::zeros_like(weights_);
  average_ = weights_.clone();
  std::int64_t at = 0;
  for (const auto& [name, tensor] : initial) {
    at::Tensor view = weights_.narrow(0, at, tensor.size()).view(tensor.shape()).detach();
    view.set_requires_grad(true);
    view.mutable_grad() = gradient_.narrow(0, at, tensor.size()).view(tensor.shape());
    tensors_.emplace(name, view);
    at += tensor.size();
  }
}

void Group::set_trainable(bool trainable) {
  trainable_ = trainable;
  for (auto& [name, tensor] : tensors_) tensor.set_requires_grad(trainable);
}

at::Tensor Group::gradient_norm2() const { return gradient_.dot(gradient_); }

void Group::scale_gradient(const at::Tensor& factor) { gradient_.mul_(factor); }

void Group::step(double learning_rate, double decay) {
  const at::NoGradGuard no_gradients;
  constexpr double kBeta1 = 0.9, kBeta2 = 0.99;
  ++steps_;
  const auto t = static_cast<double>(steps_);
  first_.lerp_(gradient_, 1 - kBeta1);
  second_.mul_(kBeta2).addcmul_(gradient_, gradient_, 1 - kBeta2);
  const at::Tensor scale = (second_ / (1 - std::pow(kBeta2, t))).sqrt_().add_(1e-8);
  weights_.addcmul_(weights_, decay_, -learning_rate);
  weights_.addcdiv_(first_, scale, -learning_rate / (1 - std::pow(kBeta1, t)));
  average_.lerp_(weights_, 1 - std::min(decay, (1 + t) / (10 + t)));
  gradient_.zero_();
}

void Group::swap_average() {
  const at::NoGradGuard no_gradients;
  const at::Tensor kept = weights_.clone();
  weights_.copy_(average_);
  average_.copy_(kept);
}

void Group::save(const std::string& name, WeightFile::Tensors& into) const {
  into[name + "/weights"] = nn::from_torch(weights_);
  into[name + "/first"] = nn::from_torch(first_);
  into[name + "/second"] = nn::from_torch(second_);
  into[name + "/average"] = nn::from_torch(average_);
  into[name + "/steps"] = Tensor::from<std::int64_t>({1}, {steps_});
}

void Group::load(const std::string& name, const WeightFile& from) {
  const at::NoGradGuard no_gradients;
  const auto read = [&](at::Tensor& into, const char* which) {
    const Tensor& stored = from.at(name + which);
    if (stored.size() != into.numel())
      fail(ErrorKind::kBadModel, "{}: {} has another size; the checkpoint is of another network.",
           from.source(), name);
    into.copy_(nn::to_torch(stored, into.device()));
  };
  read(weights_, "/weights");
  read(first_, "/first");
  read(second_, "/second");
  read(average_, "/average");
  steps_ = from.at(name + "/steps").values<std::int64_t>()[0];
}

const at::Tensor* TrainedParameters::find(const std::string& name) const {
  for (const Group& group : groups) {
    const auto found = group.tensors().find(name);
    if (found != group.tensors().end()) return &found->second;
  }
  const auto found = statistics.find(name);
  return found == statistics.end() ? nullptr : &found->second;
}

nn::Value TrainedParameters::get(nn::Backend& backend, const std::string& name, const Shape& shape) {
  const at::Tensor* tensor = find(name);
  AVLM_CHECK(tensor != nullptr && tensor->sizes().vec() == shape);
  return nn::Value{&backend, shape, std::make_shared<const at::Tensor>(*tensor)};
}

bool TrainedParameters::has(const std::string& name) const { return find(name) != nullptr; }

WeightFile::Tensors TrainedParameters::export_tensors() const {
  WeightFile::Tensors tensors;
  for (const Group& group : groups) {
    for (const auto& [name, tensor] : group.tensors()) tensors[name] = nn::from_torch(tensor);
  }
  for (const auto& [name, tensor] : statistics) tensors[name] = nn::from_torch(tensor);
  return tensors;
}

nn::Backend::Handle TrainingBackend::batch_norm(const nn::Value& x, const nn::BatchNorm& norm, float eps) {
  const auto tensor = [](const nn::Value& v) { return nn::torch_tensor(v); };
  return value(at::batch_norm(tensor(x), tensor(norm.weight), tensor(norm.bias), tensor(norm.mean),
                              tensor(norm.variance), /*training=*/true, momentum_, eps, false))
      .handle;
}

nn::Backend::Handle CalibratingBackend::batch_norm(const nn::Value& x, const nn::BatchNorm& norm, float eps) {
  const at::Tensor weight = nn::torch_tensor(norm.weight);
  if (weight.count_nonzero().item<std::int64_t>() == 0) {
    const at::Tensor in = nn::torch_tensor(x), mean = in.mean({0, 2, 3}), variance = in.var({0, 2, 3}, false);
    weight.copy_((variance + eps).sqrt());
    nn::torch_tensor(norm.bias).add_(mean);
    nn::torch_tensor(norm.mean).copy_(mean);
    nn::torch_tensor(norm.variance).copy_(variance);
  }
  return TrainingBackend::batch_norm(x, norm, eps);
}

}  // namespace anomalyvlm::train
