#pragma once
// libtiff over memory, with its messages kept per file and its allocations bounded. Private to src/image.
#include <tiffio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace anomalyvlm::codec {

// No strip, tile or table of a real file needs more; libtiff refuses those that do.
constexpr tmsize_t kMaxTiffAllocation = tmsize_t{256} << 20;

// What libtiff reads from or writes to, and what it said meanwhile.
struct TiffMemory {
  std::span<const std::uint8_t> in;  // when reading
  std::vector<std::uint8_t> out;     // when writing
  std::uint64_t position = 0;
  bool writing = false;
  std::string error;                  // the first one
  std::vector<std::string> warnings;  // a few
};

struct TiffCloser {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, TiffCloser>;

// Null, with memory.error set, if the file is not readable. `memory` must outlive the handle.
TiffHandle open_tiff_for_reading(TiffMemory& memory, std::span<const std::uint8_t> bytes);
TiffHandle open_tiff_for_writing(TiffMemory& memory);

// A tag's value, with the standard's default; `otherwise` when there is neither.
template <typename T>
T tiff_tag(TIFF* tiff, std::uint32_t tag, T otherwise) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : otherwise;
}

}  // namespace anomalyvlm::codec
