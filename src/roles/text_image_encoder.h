#pragma once
// The role of a network that gives vectors of one space to images, windows of them, and texts: the more alike
// two vectors' directions, the better a text describes an image.
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/image.h"
#include "core/extent.h"
#include "core/tensor.h"

namespace anomalyvlm {

// Const and usable from several threads.
class TextImageEncoder {
 public:
  virtual ~TextImageEncoder() = default;

  // -> float32 [texts, E], of any length. Throws Error(kBadInput) for a text that is too long.
  virtual Tensor texts(const std::vector<std::string>& texts) const = 0;

  // Square windows, and how far one is from the next in both directions. Pixels of what the network sees, of
  // which whole cells of its grid count.
  struct PixelWindows {
    int side = 48, stride = 16;
  };
  struct SeenWindows {
    Tensor vectors;                   // [windows, E]
    std::vector<std::int64_t> cells;  // of each window, counted from 0 row by row; the windows row by row too
  };
  struct Seen {
    Extent grid;                       // of the cells
    Tensor whole;                      // [1, E], the image's
    std::vector<SeenWindows> windows;  // of each kind
  };
  // The image, resized as the network needs it. Throws Error(kBadInput) for windows that hold no cell or do
  // not fit into the image, Error(kBadModel) when the weights do not fit.
  virtual Seen see(const Image& image, std::span<const PixelWindows> windows) const = 0;
};

}  // namespace anomalyvlm
