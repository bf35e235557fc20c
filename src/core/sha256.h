#pragma once
// SHA-256, by which weight files are known.
#include <cstdint>
#include <span>
#include <string>

namespace anomalyvlm {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace anomalyvlm
