#pragma once
// What the fuzz target does with any bytes in the place of a compiled graph on disk, and a test with some.
#include <cstdint>
#include <span>

namespace anomalyvlm::test {

// The bytes as they are, and as the header of an entry that is right otherwise: hardly a mutation would get
// past the digest. They are an entry, whose parts lie inside the bytes, or none; anything else aborts.
void exercise_entry(std::span<const std::uint8_t> bytes);

}  // namespace anomalyvlm::test
