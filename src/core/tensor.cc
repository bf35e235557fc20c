#include "core/tensor.h"

#include <algorithm>
#include <bit>

namespace anomalyvlm {

std::size_t size_of(DType type) {
  switch (type) {
    case DType::kF64:
    case DType::kI64:
      return 8;
    case DType::kF32:
    case DType::kI32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
    case DType::kI16:
      return 2;
    case DType::kI8:
    case DType::kU8:
    case DType::kBool:
      return 1;
  }
  return 0;
}

const char* name_of(DType type) {
  switch (type) {
    case DType::kF32:
      return "float32";
    case DType::kF64:
      return "float64";
    case DType::kF16:
      return "float16";
    case DType::kBF16:
      return "bfloat16";
    case DType::kI64:
      return "int64";
    case DType::kI32:
      return "int32";
    case DType::kI16:
      return "int16";
    case DType::kI8:
      return "int8";
    case DType::kU8:
      return "uint8";
    case DType::kBool:
      return "bool";
  }
  return "?";
}

namespace {

// In the formats of IEEE 754 what is infinite or no number has all bits of the exponent set.
template <typename Bits>
bool none_has(Bits exponent, const void* data, std::int64_t count) {
  constexpr std::int64_t kPiece = 4096;
  const auto* bytes = static_cast<const char*>(data);
  for (std::int64_t at = 0; at < count; at += kPiece) {
    bool found = false;  // looked at once a piece, so that the loop inside can be vectorised
    for (std::int64_t i = at; i < std::min(count, at + kPiece); ++i) {
      Bits bits;
      std::memcpy(&bits, bytes + i * static_cast<std::int64_t>(sizeof(Bits)), sizeof(Bits));
      found |= (bits & exponent) == exponent;
    }
    if (found) return false;
  }
  return true;
}

}  // namespace

bool Tensor::is_finite() const {
  switch (type_) {
    case DType::kF32:
      return none_has<std::uint32_t>(0x7f800000, data_, size());
    case DType::kF64:
      return none_has<std::uint64_t>(0x7ff0000000000000, data_, size());
    case DType::kF16:
      return none_has<std::uint16_t>(0x7c00, data_, size());
    case DType::kBF16:
      return none_has<std::uint16_t>(0x7f80, data_, size());
    default:
      return true;
  }
}

std::uint16_t f32_to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint16_t sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;   // NaN
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;  // rounds to infinity
  if (magnitude < 0x38800000u) {                        // subnormal half or zero
    // Adding 0.5 moves the rounding position to where the half's last bit lies.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return sign | static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u);
  }
  const std::uint32_t odd = (magnitude >> 13) & 1u;
  return sign | static_cast<std::uint16_t>((magnitude - 0x38000000u + 0xfffu + odd) >> 13);
}

float f16_to_f32(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu, mantissa = half & 0x3ffu;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
}

std::uint16_t f32_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float bf16_to_f32(std::uint16_t half) { return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16); }

namespace {

template <typename T, typename Convert>
std::vector<float> convert(const void* data, std::size_t n, Convert to_float) {
  std::vector<float> out(n);
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  for (std::size_t i = 0; i < n; ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));  // a mapped file gives no alignment
    out[i] = to_float(value);
  }
  return out;
}

}  // namespace

Tensor Tensor::to_f32() const {
  if (type_ == DType::kF32 && reinterpret_cast<std::uintptr_t>(data_) % alignof(float) == 0) return *this;
  const auto n = static_cast<std::size_t>(size());
  const auto plain = [](auto v) { return static_cast<float>(v); };
  switch (type_) {
    case DType::kF32:
      return from<float>(shape_, convert<float>(data_, n, plain));
    case DType::kF64:
      return from<float>(shape_, convert<double>(data_, n, plain));
    case DType::kF16:
      return from<float>(shape_, convert<std::uint16_t>(data_, n, f16_to_f32));
    case DType::kBF16:
      return from<float>(shape_, convert<std::uint16_t>(data_, n, bf16_to_f32));
    case DType::kI64:
      return from<float>(shape_, convert<std::int64_t>(data_, n, plain));
    case DType::kI32:
      return from<float>(shape_, convert<std::int32_t>(data_, n, plain));
    case DType::kI16:
      return from<float>(shape_, convert<std::int16_t>(data_, n, plain));
    case DType::kI8:
      return from<float>(shape_, convert<std::int8_t>(data_, n, plain));
    case DType::kU8:
    case DType::kBool:
      return from<float>(shape_, convert<std::uint8_t>(data_, n, plain));
  }
  internal_error("known dtype", __FILE__, __LINE__);
}

}  // namespace anomalyvlm
