#include "image/common_bits.h"

#include <algorithm>

#include "anomalyvlm/codec.h"
#include "core/check.h"
#include "core/platform.h"
#include "image/formats.h"

namespace anomalyvlm {

int common_bits(std::span<const std::filesystem::path> files) {
  int bits = 0;
  bool any_low = false;
  for (const std::filesystem::path& file : files) {
    try {
      if (!may_hold_wide_samples(MappedFile::open(file)->bytes())) continue;
      ReadInfo info;
      read_image(file, {}, &info);
      if (!info.bits_guessed) continue;
      bits = std::max(bits, info.bits);
      any_low |= info.bits < 16;
    } catch (const Error&) {
      // Reported when the image is actually read.
    }
  }
  return any_low ? bits : 0;
}

}  // namespace anomalyvlm
