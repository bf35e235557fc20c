#pragma once
// Run-length codes of masks in the form of the COCO data set: runs of 0 and 1 in turn, beginning with 0 (so
// the first count may be 0), down the columns, column after column.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm {

struct Rle {
  int width = 0;
  int height = 0;
  std::vector<std::uint32_t> counts;  // their sum is width * height
};

void check_rle(const Rle& rle);  // throws Error(kBadInput) when the counts do not add up to the size

Rle encode_rle(const Mask& mask);  // any value but 0 counts as 1
// Throws Error(kBadInput) when the counts do not add up to the size.
Mask decode_rle(const Rle& rle);

// The text form ("counts" as a string): each count, from the fourth on as the difference to the one two
// before, in groups of five bits, lowest first, one printable character each.
std::string compress_rle(const Rle& rle);
// Throws Error(kBadInput) for text that no such code gives, or counts that do not add up to the size.
Rle decompress_rle(std::string_view text, int width, int height);

std::uint64_t rle_area(const Rle& rle);  // pixels that are 1

}  // namespace anomalyvlm
