#pragma once
// Private to src/image.
#include <cstdint>
#include <span>
#include <vector>

namespace anomalyvlm::codec {

// libtiff refuses files that tell another smallest or largest sample value for each channel (MinSampleValue,
// MaxSampleValue). A copy of such a file in which the largest of them stands for all channels; empty if there
// is nothing to change. BigTIFF is left as it is.
std::vector<std::uint8_t> with_common_sample_limits(std::span<const std::uint8_t> bytes);

}  // namespace anomalyvlm::codec
