#pragma once
// A seal is a SHA-256 that a safetensors file carries of itself, header and data, so that damage can be
// detected.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "weights/weights.h"

namespace anomalyvlm {

// The metadata's key under which a sealed file has it.
constexpr std::string_view kSeal = "file_sha256";

// Of a whole file with zeros in the place of the seal's own digits. Empty if these do not stand in the header
// once.
std::string seal_of(std::span<const std::uint8_t> file, std::string_view digits);

// Throws Error(kBadModel) when a file carries no seal, or is not what was sealed. `weights`: what it holds.
void require_seal(std::span<const std::uint8_t> file, const WeightFile& weights);

}  // namespace anomalyvlm
