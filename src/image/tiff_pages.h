#pragma once
// Which of a TIFF's pages is the image. Private to src/image.
#include <cstdint>

#include "image/tiff_memory.h"

namespace anomalyvlm::codec {

struct TiffPages {
  std::uint64_t offset = 0;      // of the page to read
  int orientation = 1;           // that of the page, or of the page that it belongs to
  bool is_first = true;          // of those that are images in full
  bool has_more = false;         // other pages that are images in full
  bool only_thumbnails = false;  // a page behind them could not be read
};

// The largest page that is neither a thumbnail nor a mask; of equal ones the first. Cameras and slide
// scanners put thumbnails first, and the image behind them or into a page's subdirectories. Only if there
// are nothing but thumbnails, the largest of these. Goes through the file's directories and leaves `tiff` at
// one of them.
TiffPages find_image(TIFF* tiff, TiffMemory& memory);

}  // namespace anomalyvlm::codec
