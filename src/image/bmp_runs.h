#pragma once
// Run-length codes of Windows bitmaps. Private to src/image.
#include <cstdint>
#include <span>
#include <vector>

#include "image/decoders.h"

namespace anomalyvlm::codec {

// Palette indices of width * height pixels in the file's order of rows, from codes of 8 or 4 bits a pixel
// (RLE8, RLE4). Pixels that the codes leave out have index 0, which is reported as a warning. Refuses codes
// that end before the image does.
std::vector<std::uint8_t> decode_bmp_runs(const Source& source, std::span<const std::uint8_t> codes,
                                          unsigned bits, std::size_t width, std::size_t height);

}  // namespace anomalyvlm::codec
