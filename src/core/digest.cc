#include "core/digest.h"

#include <cstring>

namespace anomalyvlm {
namespace {

constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;

std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace

// Four independent lanes of 8 bytes.
std::uint64_t digest_of(const void* data, std::size_t size) {
  std::uint64_t lanes[4] = {1, 2, 3, 4};
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  std::size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    for (int lane = 0; lane < 4; ++lane) {
      std::uint64_t word;
      std::memcpy(&word, bytes + at + 8 * lane, 8);
      lanes[lane] = rotl((lanes[lane] ^ word) * kPrime, 29);
    }
  }
  std::uint64_t digest = mix(size);
  for (; at < size; ++at) digest = (digest ^ bytes[at]) * kPrime;
  for (const std::uint64_t lane : lanes) digest = mix(digest ^ lane) * kPrime;
  return mix(digest);
}

std::uint64_t mix_digests(std::uint64_t digest, std::uint64_t next) {
  return mix(rotl(digest, 17) + next * kPrime + 1);
}

}  // namespace anomalyvlm
