#pragma once
// Whether an image shows anything that could be inspected: a covered lens, a burnt-out frame or a blurred one
// has no defects either, and must not pass for a good product.
#include <optional>
#include <string>

#include "anomalyvlm/image.h"

namespace anomalyvlm {

enum class Content {
  kUsual,
  kBlack,
  kWhite,
  kOneShade,
  kLowContrast,  // all shades lie within a few grey levels
  kNoise,        // neighbouring pixels have nothing to do with each other
  kBlurred,      // shades change so slowly that no edge is left
};

Content content_of(const Image& image);

// A sentence for Detection::notes; none for a usual image.
std::optional<std::string> content_note(const Image& image);

}  // namespace anomalyvlm
