#pragma once
// Samples as a file holds them, and how they become 8-bit RGB: the one place that knows of bits, white and
// alpha. Private to src/image.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "image/decoders.h"

namespace anomalyvlm::codec {

struct Samples {
  enum class Alpha { kNone, kStraight, kPremultiplied };

  int width = 0, height = 0;
  unsigned colors = 3;               // 1 or 3 channels
  Alpha alpha = Alpha::kNone;        // if any, one channel more
  unsigned bytes = 1;                // of a sample: 1, or 2 in the machine's byte order
  bool inverted = false;             // 0 is white
  unsigned white = 0;                // the value of white as the file tells it; 0: it does not
  bool white_is_fixed = false;       // samples have no more bits than that, so nothing else can be meant
  unsigned significant_bits = 0;     // PNG's sBIT, 0 for none
  std::vector<std::uint8_t> values;  // height * width * channels(), row by row

  unsigned channels() const { return colors + (alpha == Alpha::kNone ? 0 : 1); }
  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * channels() * bytes; }
};

Image image_of(const Source& source, Samples samples);

// Values 0..white as the nearest of 0..255, or of 1..255 but for 0; what lies above is white.
class Narrower {
 public:
  explicit Narrower(unsigned white, bool keep_small = false) : white_(white), table_(white + 1) {
    for (unsigned v = 0; v <= white; ++v) {
      table_[v] = static_cast<std::uint8_t>((510 * v + white) / (2 * white));
      if (keep_small && v > 0 && table_[v] == 0) table_[v] = 1;
    }
  }
  std::uint8_t operator()(unsigned value) const { return table_[std::min(value, white_)]; }

 private:
  unsigned white_;
  std::vector<std::uint8_t> table_;
};

// What 16-bit values tell of the bits that were meant.
struct ValueRange {
  unsigned most = 0;
  unsigned bits_used = 0;  // all values or-ed
  bool are_bytes = true;   // all are 8-bit values times 257

  void add(unsigned value) {
    most = std::max(most, value);
    bits_used |= value;
    are_bytes &= value % 257 == 0;
  }
};

// 8, 10, 12 or 14 where values use only so many of the lowest bits, else 16. Values whose lowest bits are
// always 0, and 8-bit ones times 257, were spread over 16 bits by their writer, so 16; so is black. What
// stays below 256 counts as 8 bits: as 16 it would be black.
int guess_bits(const ValueRange& range);

// Whether an image is as good as invisible, given its most opaque pixel: then its alpha means something else.
inline bool is_invisible(unsigned most_alpha, unsigned opaque) { return most_alpha * 32 < opaque; }

}  // namespace anomalyvlm::codec
