// libFuzzer target: any bytes as an EXIF block give an orientation of 1 to 8.
#include <cstdlib>
#include <vector>

#include "image/decoders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> block(data, data + size);  // so that a step beyond its end is noticed
  const int orientation = anomalyvlm::codec::exif_orientation(block);
  if (orientation < 1 || orientation > 8) std::abort();
  return 0;
}
