#pragma once
// The pixels of the usual kinds of TIFF pages - grey, RGB and palettes of 1 to 16 bits, in strips or tiles,
// their channels together or in planes. (libtiff's own conversion leaves stripes at the right edge of tiled
// grey images, and knows no 10, 12 or 14 bits.) Private to src/image.
#include "image/samples.h"
#include "image/tiff_memory.h"

namespace anomalyvlm::codec {

struct TiffLayout {
  std::uint32_t width = 0, height = 0;
  unsigned bits = 1, samples = 1;
  unsigned photometric = 0, planar = PLANARCONFIG_CONTIG, compression = COMPRESSION_NONE,
           format = SAMPLEFORMAT_UINT;
  std::vector<std::uint16_t> extra;  // what the samples beyond the colours are: EXTRASAMPLE_...

  unsigned colors() const { return photometric == PHOTOMETRIC_RGB ? 3 : 1; }
};

bool can_read_samples(const TiffLayout& layout);

// Of the current page, for which can_read_samples() holds.
Samples read_samples(const Source& source, TIFF* tiff, const TiffLayout& layout, const TiffMemory& memory);

[[noreturn]] void refuse_tiff_data(const Source& source, const TiffMemory& memory);

}  // namespace anomalyvlm::codec
