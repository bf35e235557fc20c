#pragma once
// Run-length codes of masks in the form of the COCO data set: runs of 0 and 1 in turn, beginning with 0 (so
// the first count may be 0), down the columns, column after column.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/region.h"

namespace anomalyvlm {

struct Rle {
  int width = 0;
  int height = 0;
  std::vector<std::uint32_t> counts;  // their sum is width * height
};

void check_rle(const Rle& rle);  // throws Error(kBadInput) when the counts do not add up to the size

// What is inside the region, of the pixels of `frame`, within which it lies: the whole image, or its own
// rectangle.
Rle encode_rle(const Region& region, const PixelRect& frame);
// Both throw Error(kBadInput) when the counts do not add up to the size.
Mask decode_rle(const Rle& rle);
Region decode_region(const Rle& rle, int x0, int y0);  // binary; its frame begins there

// The text form ("counts" as a string): each count, from the fourth on as the difference to the one two
// before, in groups of five bits, lowest first, one printable character each.
std::string compress_rle(const Rle& rle);
// Throws Error(kBadInput) for text that no such code gives, or counts that do not add up to the size.
Rle decompress_rle(std::string_view text, int width, int height);

std::uint64_t rle_area(const Rle& rle);  // pixels that are 1

}  // namespace anomalyvlm
