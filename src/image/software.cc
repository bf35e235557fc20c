// Who wrote a file, as PNG's text "Software" and TIFF's tag of that name say.
#include <algorithm>

#include "anomalyvlm/codec.h"
#include "image/tiff_memory.h"

namespace anomalyvlm {
namespace {

using namespace std::string_view_literals;

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

// Looks through the chunks in front of the pixels.
std::string software_of_png(std::string_view file) {
  constexpr std::size_t kFrame = 12;  // length, type and checksum
  file.remove_prefix(kPngSignature.size());
  while (file.size() >= kFrame) {
    std::size_t length = 0;
    for (int i = 0; i < 4; ++i)
      length = length << 8 | static_cast<std::uint8_t>(file[static_cast<std::size_t>(i)]);
    const std::string_view type = file.substr(4, 4);
    if (type == "IDAT" || length > file.size() - kFrame) break;
    const std::string_view content = file.substr(8, length);
    constexpr std::string_view kKey = "Software\0"sv;
    if (type == "tEXt" && content.starts_with(kKey)) return std::string(content.substr(kKey.size()));
    file.remove_prefix(kFrame + length);
  }
  return {};
}

std::string software_of_tiff(std::span<const std::uint8_t> bytes) {
  codec::TiffMemory memory;
  const codec::TiffHandle tiff = codec::open_tiff_for_reading(memory, bytes);
  const char* text = nullptr;
  if (!tiff || TIFFGetField(tiff.get(), TIFFTAG_SOFTWARE, &text) != 1 || !text) return {};
  return text;
}

}  // namespace

std::string software_of(std::span<const std::uint8_t> bytes) {
  const std::string_view file = text_of(bytes);
  if (file.starts_with(kPngSignature)) return software_of_png(file);
  if (file.starts_with("II*\0"sv) || file.starts_with("MM\0*"sv)) return software_of_tiff(bytes);
  return {};
}

}  // namespace anomalyvlm
