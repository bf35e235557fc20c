#pragma once
// A tensor in host memory: what goes into and comes out of models and weight files. Row-major, no strides.
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/check.h"

namespace anomalyvlm {

using Shape = std::vector<std::int64_t>;

inline std::int64_t element_count(const Shape& shape) {
  std::int64_t n = 1;
  for (const std::int64_t d : shape) n *= d;
  return n;
}

inline std::string to_string(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

enum class DType { kF32, kF64, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };
std::size_t size_of(DType type);
const char* name_of(DType type);  // "float32", "int64", ...

template <typename T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::kF32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::kF64;
}
template <>
constexpr DType dtype_of<std::int64_t>() {
  return DType::kI64;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::kI32;
}
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::kU8;
}

// Cheap to copy: copies share the memory. The memory may belong to a mapped file (then it must not be
// written).
class Tensor {
 public:
  Tensor() = default;
  // Shares ownership of `owner`, which keeps `data` alive.
  Tensor(DType type, Shape shape, std::shared_ptr<const void> owner, const void* data)
      : type_(type), shape_(std::move(shape)), owner_(std::move(owner)), data_(data) {}

  template <typename T>
  static Tensor from(Shape shape, std::vector<T> values) {
    AVLM_CHECK(element_count(shape) == static_cast<std::int64_t>(values.size()));
    auto owner = std::make_shared<std::vector<T>>(std::move(values));
    const void* data = owner->data();
    return Tensor(dtype_of<T>(), std::move(shape), std::move(owner), data);
  }
  static Tensor zeros(Shape shape) {
    const auto n = static_cast<std::size_t>(element_count(shape));
    return from<float>(std::move(shape), std::vector<float>(n));
  }

  bool defined() const { return owner_ != nullptr || data_ != nullptr; }
  DType dtype() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::int64_t dim(int i) const { return shape_[i < 0 ? shape_.size() + i : i]; }
  int rank() const { return static_cast<int>(shape_.size()); }
  std::int64_t size() const { return element_count(shape_); }
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * size_of(type_); }
  const void* raw() const { return data_; }

  template <typename T>
  std::span<const T> values() const {
    AVLM_CHECK(type_ == dtype_of<T>());
    return {static_cast<const T*>(data_), static_cast<std::size_t>(size())};
  }
  std::span<const float> floats() const { return values<float>(); }
  // For writing: only tensors made by from() or zeros(), and only by the code that made them.
  std::span<float> mutable_floats() {
    AVLM_CHECK(type_ == DType::kF32);
    return {static_cast<float*>(const_cast<void*>(data_)), static_cast<std::size_t>(size())};
  }

  Tensor reshaped(Shape shape) const {
    AVLM_CHECK(element_count(shape) == size());
    return Tensor(type_, std::move(shape), owner_, data_);
  }
  // The same values as float32 (shares memory when it is float32 already and aligned).
  Tensor to_f32() const;
  // Whether no value is infinite or NaN. Several GB/s.
  bool is_finite() const;

 private:
  DType type_ = DType::kF32;
  Shape shape_;
  std::shared_ptr<const void> owner_;
  const void* data_ = nullptr;
};

// float <-> half formats, round to nearest even.
std::uint16_t f32_to_f16(float value);
float f16_to_f32(std::uint16_t half);
std::uint16_t f32_to_bf16(float value);
float bf16_to_f32(std::uint16_t half);

}  // namespace anomalyvlm
