#pragma once
// Whether an image shows anything that could be inspected: a covered lens, a burnt-out frame or a blurred one
// has no defects either, and must not pass for a good product.
#include <optional>
#include <string>
#include <vector>

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

// A note for Evidence::notes and Detection::notes; none for a usual image.
std::optional<std::string> content_note(const Image& image);

// Detection::no_content, from the notes with which evidence is kept; empty: none of them is a content_note(),
// or only one on little contrast or blur, which smooth products have, too.
std::string missing_content(const std::vector<std::string>& notes);

}  // namespace anomalyvlm
