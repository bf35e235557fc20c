#pragma once
// The OpenVINO engine's backend: each operation becomes nodes of a graph.
#include <openvino/core/model.hpp>
#include <string>
#include <vector>

#include "nn/backend.h"
#include "nn/scope.h"

namespace anomalyvlm::nn {

class OpenVinoBackend : public Backend {
 public:
  explicit OpenVinoBackend(std::vector<std::string> taps) : wanted_(std::move(taps)) {}

  Value input(const InputSpec& spec);
  // The graph from the inputs made so far to these outputs and the taps asked for, all named.
  std::shared_ptr<ov::Model> finish(const NamedValues& outputs, const std::string& name);

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
  void tap(std::string_view name, const Value& x) override;

 private:
  std::vector<std::string> wanted_;
  ov::ParameterVector parameters_;
  NamedValues tapped_;
};

}  // namespace anomalyvlm::nn
