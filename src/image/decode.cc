// Finds out what a file is and hands it to that format's decoder.
#include <algorithm>
#include <cctype>
#include <cstring>
#include <new>
#include <string_view>

#include "core/platform.h"
#include "image/codec.h"
#include "image/decoders.h"

namespace anomalyvlm {
namespace codec {

void Source::warn(const std::string& text) const {
  if (!warnings) return;
  std::string line = fmt::format("'{}': {}", name, text);
  if (std::find(warnings->begin(), warnings->end(), line) == warnings->end())
    warnings->push_back(std::move(line));
}

void Source::check_size(std::uint64_t width, std::uint64_t height) const {
  if (width == 0 || height == 0) refuse("it has no pixels ({} x {})", width, height);
  const auto side = static_cast<std::uint64_t>(limits.max_side);
  if (width > side || height > side || width * height > limits.max_pixels) {
    refuse("its size of {} x {} pixels is above the limit of {:g} million pixels and {} a side", width,
           height, limits.max_pixels / 1e6, limits.max_side);
  }
  constexpr std::uint64_t kHarmless = 128 << 20;
  const std::uint64_t decoded = width * height * 3;
  if (decoded > kHarmless && decoded / static_cast<std::uint64_t>(limits.max_expansion) > bytes.size()) {
    refuse("it claims {} x {} pixels in a file of {} bytes, so it is cut short or made to exhaust memory",
           width, height, bytes.size());
  }
}

}  // namespace codec

namespace {

using Decoder = codec::Decoded (*)(const codec::Source&);

bool begins_with(std::span<const std::uint8_t> bytes, std::string_view text, std::size_t at = 0) {
  return bytes.size() >= at + text.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

Decoder decoder_of(std::span<const std::uint8_t> bytes) {
  using std::string_view_literals::operator""sv;
  if (begins_with(bytes, "\xff\xd8\xff"sv)) return codec::decode_jpeg;
  if (begins_with(bytes, "\x89PNG\r\n\x1a\n"sv)) return codec::decode_png;
  for (const auto magic : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (begins_with(bytes, magic)) return codec::decode_tiff;
  }
  if (begins_with(bytes, "RIFF"sv) && begins_with(bytes, "WEBP"sv, 8)) return codec::decode_webp;
  if (begins_with(bytes, "BM"sv)) return codec::decode_bmp;
  return nullptr;
}

// Names what people hand in by mistake; everything else is just not a picture.
std::string_view known_other(std::span<const std::uint8_t> bytes) {
  using std::string_view_literals::operator""sv;
  if (begins_with(bytes, "GIF8"sv)) return "a GIF";
  if (begins_with(bytes, "%PDF"sv)) return "a PDF";
  if (begins_with(bytes, "ftyphei"sv, 4) || begins_with(bytes, "ftypmif1"sv, 4)) return "a HEIF picture";
  if (begins_with(bytes, "ftypavif"sv, 4)) return "an AVIF picture";
  if (begins_with(bytes, "jP  "sv, 4)) return "a JPEG 2000 picture";
  return "";
}

Decoder decoder_for(const codec::Source& source) {
  if (source.bytes.empty()) source.refuse("it is empty (0 bytes)");
  if (source.bytes.size() > source.limits.max_file_bytes) {
    source.refuse("its {} bytes are above the limit of {}", source.bytes.size(),
                  source.limits.max_file_bytes);
  }
  if (const Decoder decoder = decoder_of(source.bytes)) return decoder;
  if (const auto other = known_other(source.bytes); !other.empty()) {
    source.refuse("it is {}; convert it to JPEG, PNG, TIFF, BMP or WebP", other);
  }
  source.refuse("its content is not a JPEG, PNG, TIFF, BMP or WebP picture");
}

}  // namespace

std::span<const std::string_view> picture_endings() {
  static constexpr std::string_view kEndings[] = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"};
  return kEndings;
}

bool is_picture_name(std::string_view name) {
  return std::any_of(picture_endings().begin(), picture_endings().end(), [&](std::string_view ending) {
    return name.size() > ending.size() &&
           std::equal(ending.begin(), ending.end(), name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                      [](char a, unsigned char b) { return a == std::tolower(b); });
  });
}

Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name, const DecodeLimits& limits,
                   std::vector<std::string>* warnings) {
  const codec::Source source{bytes, name, limits, warnings};
  try {
    codec::Decoded decoded = decoder_for(source)(source);
    return codec::upright(std::move(decoded.image), decoded.orientation);
  } catch (const std::bad_alloc&) {
    source.refuse("there is not enough memory for its pixels");
  }
}

Image read_image(const std::filesystem::path& path, const DecodeLimits& limits,
                 std::vector<std::string>* warnings) {
  {
    // Looked at through a mapping first, so that a huge file that is no picture is never read.
    const auto file = MappedFile::open(path);
    decoder_for({file->bytes(), path.string(), limits, warnings});
  }
  // Then read rather than decoded from the mapping: a file that shrinks under a mapping would end the
  // program.
  const std::string content = read_file(path, limits.max_file_bytes);
  return decode_image({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()}, path.string(),
                      limits, warnings);
}

}  // namespace anomalyvlm
