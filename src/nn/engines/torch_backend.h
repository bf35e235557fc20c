#pragma once
// The torch engine's backend, open to the trainer: values are torch tensors, operations are carried out at
// once and gradients flow through all of them, but not through our kernels.
#include <ATen/ATen.h>

#include "nn/backend.h"
#include "nn/engine.h"

namespace anomalyvlm::nn {

const at::Tensor& torch_tensor(const Value& value);
at::Tensor to_torch(const Tensor& float32, const at::Device& device);  // a copy
Tensor from_torch(const at::Tensor& tensor);                           // a float32 copy in host memory

class TorchBackend : public Backend {
 public:
  // bf16: products (matmul, attention, convolutions) take and give bfloat16; norms and our kernels compute in
  // float32, the rest in the more exact of its operands' types.
  explicit TorchBackend(at::Device device = at::kCPU, Precision precision = Precision::kF32)
      : device_(device), factors_(precision == Precision::kBF16 ? at::kBFloat16 : at::kFloat) {}
  Value value(at::Tensor tensor);
  const at::Device& device() const { return device_; }

  Handle constant(const Tensor& float32) override;
  Handle unary(Unary op, const Value& x) override;
  Handle clamp(const Value& x, float low, float high) override;
  Handle binary(Binary op, const Value& a, const Value& b) override;
  Handle matmul(const Value& a, const Value& b, bool transpose_b) override;
  Handle attention(const Value& q, const Value& k, const Value& v, float scale, const Value& bias) override;
  Handle conv2d(const Value& x, const Value& weight, const Value& bias, const ConvSpec& spec) override;
  Handle conv_transpose2d(const Value& x, const Value& weight, const Value& bias,
                          std::int64_t stride) override;
  Handle max_pool2d(const Value& x, const PoolSpec& spec) override;
  Handle avg_pool2d(const Value& x, const PoolSpec& spec) override;
  Handle layer_norm(const Value& x, const Value& weight, const Value& bias, float eps) override;
  Handle batch_norm(const Value& x, const BatchNorm& norm, float eps) override;
  Handle group_norm(const Value& x, std::int64_t groups, const Value& weight, const Value& bias,
                    float eps) override;
  Handle softmax(const Value& x, int axis) override;
  Handle reshape(const Value& x, const Shape& shape) override;
  Handle permute(const Value& x, const std::vector<int>& order) override;
  Handle slice(const Value& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) override;
  Handle concat(const std::vector<Value>& values, int axis) override;
  Handle pad(const Value& x, int axis, std::int64_t before, std::int64_t after, float value) override;
  Handle roll(const Value& x, int axis, std::int64_t shift) override;
  Handle gather(const Value& x, int axis, const std::vector<std::int64_t>& indices) override;
  Handle broadcast_to(const Value& x, const Shape& shape) override;
  Handle resize_bilinear(const Value& x, std::int64_t height, std::int64_t width) override;
  Handle reduce(Reduce op, const Value& x, const std::vector<int>& axes, bool keep) override;
  Handle deformable_attention(const Value& value, const std::vector<Extent>& maps, const Value& reference,
                              const Value& offsets, const Value& weights) override;
  Handle neighbour_distance(const Value& x, const std::vector<Neighbourhood>& neighbourhoods) override;

 protected:
  // A tensor that a model function made on the host, for the backend's device.
  virtual at::Tensor on_device(const at::Tensor& made);

 private:
  at::Tensor factor(const Value& x) const;  // of a product

  at::Device device_;
  at::ScalarType factors_;
};

}  // namespace anomalyvlm::nn
