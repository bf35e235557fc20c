#pragma once
// A fast digest of bytes: any flipped bit changes it. Not cryptographic (sha256.h is).
#include <cstddef>
#include <cstdint>

namespace anomalyvlm {

std::uint64_t digest_of(const void* data, std::size_t size);  // several GB/s
// Folds another digest or number into a digest; order matters.
std::uint64_t mix_digests(std::uint64_t digest, std::uint64_t next);

}  // namespace anomalyvlm
