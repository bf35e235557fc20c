#pragma once
// Images of one camera are scaled the same way, although a single image may use fewer bits than the camera
// has.
#include <filesystem>
#include <span>

namespace anomalyvlm {

// What to read the files with as ReadOptions::assumed_bits: the highest guess over all 16-bit images that do
// not tell how many bits they use. 0 if no guess would brighten an image. Reads those images; files that
// cannot be read are left to those who read them next.
int common_bits(std::span<const std::filesystem::path> files);

}  // namespace anomalyvlm
