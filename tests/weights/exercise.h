#pragma once
// What the fuzz targets do with any bytes, and the replay of their corpus too.
#include <cstdint>
#include <span>

namespace anomalyvlm::test {

// Parses the bytes and reads all data of what comes out. They give tensors that keep what they promise or
// Error(kBadModel) in one short line; anything else aborts.
void exercise_weights(std::span<const std::uint8_t> bytes);

// The same. Bytes that begin as a pickle are also put into an archive with two storages, "0" of 64 bytes and
// "1" of 7: hardly a mutation would get past the offsets of a zip archive.
void exercise_torch(std::span<const std::uint8_t> bytes);

}  // namespace anomalyvlm::test
