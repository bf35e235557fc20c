#pragma once
// A tensor of doubles with plain indexing, and the operations of nn/ops.h on it as plain loops over their
// definitions: what the engines are compared with. Nothing here is fast or shares code with an engine.
#include <functional>
#include <vector>

#include "nn/ops.h"

namespace anomalyvlm::test {

using Index = std::vector<std::int64_t>;

// Calls visit(index) for every element of a shape, the last axis fastest.
void for_each_index(const Shape& shape, const std::function<void(const Index&)>& visit);

class Array {
 public:
  Array() = default;
  Array(Shape shape, std::vector<double> values);
  // The element at each index is value(index).
  Array(const Shape& shape, const std::function<double(const Index&)>& value);
  explicit Array(const Tensor& tensor);

  double operator()(const Index& index) const { return values[offset(index.data(), index.size())]; }
  double operator()(std::initializer_list<std::int64_t> index) const {
    return values[offset(index.begin(), index.size())];
  }
  // The same, but `outside` where an index of the last two axes lies outside.
  double padded(std::int64_t b, std::int64_t c, std::int64_t y, std::int64_t x, double outside) const;
  std::int64_t dim(int axis) const { return shape[axis < 0 ? shape.size() + axis : axis]; }
  int rank() const { return static_cast<int>(shape.size()); }
  double largest() const;  // of the magnitudes

  Shape shape;
  std::vector<double> values;

 private:
  std::size_t offset(const std::int64_t* index, std::size_t count) const;
};

// ---- element by element
Array map(const Array& x, const std::function<double(double)>& f);
Array zip(const Array& a, const Array& b, const std::function<double(double, double)>& f);  // broadcasts

// ---- matrices and norms
Array matmul(const Array& a, const Array& b, bool transpose_b = false);
Array attention(const Array& q, const Array& k, const Array& v, double scale, const Array* bias = nullptr);
Array softmax(const Array& x, int axis);
Array layer_norm(const Array& x, const Array& weight, const Array& bias, double eps);
Array batch_norm(const Array& x, const Array& weight, const Array& bias, const Array& mean,
                 const Array& variance, double eps);
Array group_norm(const Array& x, std::int64_t groups, const Array& weight, const Array& bias, double eps);
Array l2_normalize(const Array& x, int axis);

// ---- images
Array conv2d(const Array& x, const Array& weight, const Array* bias, const nn::ConvSpec& spec = {});
Array conv_transpose2d(const Array& x, const Array& weight, const Array* bias, std::int64_t stride);
Array max_pool2d(const Array& x, const nn::PoolSpec& spec);
Array avg_pool2d(const Array& x, const nn::PoolSpec& spec);
Array resize(const Array& x, std::int64_t height, std::int64_t width, nn::Resample mode);
Array neighbour_distance(const Array& x, const std::vector<nn::Neighbourhood>& neighbourhoods);
Array deformable_attention(const Array& value, const std::vector<Extent>& maps, const Array& reference,
                           const Array& offsets, const Array& weights);

// ---- shape; axes are not negative
Array reshape(const Array& x, const Shape& shape);
Array permute(const Array& x, const std::vector<int>& order);
Array slice(const Array& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step = 1);
Array concat(const std::vector<Array>& parts, int axis);
Array pad(const Array& x, int axis, std::int64_t before, std::int64_t after, double value = 0);
Array roll(const Array& x, int axis, std::int64_t shift);
Array gather(const Array& x, int axis, const std::vector<std::int64_t>& indices);
Array broadcast_to(const Array& x, const Shape& shape);
Array reduce(nn::Reduce op, const Array& x, const std::vector<int>& axes, bool keep);

}  // namespace anomalyvlm::test
