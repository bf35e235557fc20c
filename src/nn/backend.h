#pragma once
// What an engine implements: one function for each operation of ops.h. Arguments have been checked and the
// shape of the result is given; axes are not negative. A function returns the handle of the result.
#include <memory>
#include <string_view>
#include <vector>

#include "nn/ops.h"

namespace anomalyvlm::nn {

class Backend {
 public:
  using Handle = std::shared_ptr<const void>;
  virtual ~Backend() = default;

  virtual Handle constant(const Tensor& float32) = 0;  // the memory stays alive with the tensor
  virtual Handle unary(Unary op, const Value& x) = 0;
  virtual Handle clamp(const Value& x, float low, float high) = 0;
  virtual Handle binary(Binary op, const Value& a, const Value& b) = 0;
  virtual Handle matmul(const Value& a, const Value& b, bool transpose_b) = 0;
  virtual Handle attention(const Value& q, const Value& k, const Value& v, float scale,
                           const Value& bias) = 0;
  virtual Handle conv2d(const Value& x, const Value& weight, const Value& bias, const ConvSpec& spec) = 0;
  virtual Handle conv_transpose2d(const Value& x, const Value& weight, const Value& bias,
                                  std::int64_t stride) = 0;
  virtual Handle max_pool2d(const Value& x, const PoolSpec& spec) = 0;
  virtual Handle avg_pool2d(const Value& x, const PoolSpec& spec) = 0;
  virtual Handle layer_norm(const Value& x, const Value& weight, const Value& bias, float eps) = 0;
  virtual Handle batch_norm(const Value& x, const BatchNorm& norm, float eps) = 0;
  virtual Handle group_norm(const Value& x, std::int64_t groups, const Value& weight, const Value& bias,
                            float eps) = 0;
  virtual Handle softmax(const Value& x, int axis) = 0;
  virtual Handle reshape(const Value& x, const Shape& shape) = 0;
  virtual Handle permute(const Value& x, const std::vector<int>& order) = 0;
  virtual Handle slice(const Value& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) = 0;
  virtual Handle concat(const std::vector<Value>& values, int axis) = 0;
  virtual Handle pad(const Value& x, int axis, std::int64_t before, std::int64_t after, float value) = 0;
  virtual Handle roll(const Value& x, int axis, std::int64_t shift) = 0;
  virtual Handle gather(const Value& x, int axis, const std::vector<std::int64_t>& indices) = 0;
  virtual Handle broadcast_to(const Value& x, const Shape& shape) = 0;
  virtual Handle resize_bilinear(const Value& x, std::int64_t height, std::int64_t width) = 0;
  virtual Handle reduce(Reduce op, const Value& x, const std::vector<int>& axes, bool keep) = 0;
  virtual Handle neighbour_distance(const Value& x, const std::vector<Neighbourhood>& neighbourhoods) = 0;
  virtual Handle deformable_attention(const Value& value, const std::vector<Extent>& maps,
                                      const Value& reference, const Value& offsets, const Value& weights) = 0;
  virtual void tap(std::string_view /*name*/, const Value& /*x*/) {}
};

}  // namespace anomalyvlm::nn
