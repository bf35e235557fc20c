// Recognises a file's format and calls its decoder.
#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

#include "anomalyvlm/codec.h"
#include "core/platform.h"
#include "image/decoders.h"
#include "image/formats.h"

namespace anomalyvlm {
namespace codec {

void Source::warn(const std::string& text) const {
  std::string line = fmt::format("'{}': {}", name, text);
  std::vector<std::string>& all = info.warnings;
  if (std::find(all.begin(), all.end(), line) == all.end()) all.push_back(std::move(line));
}

void Source::check_size(std::uint64_t width, std::uint64_t height) const {
  if (width == 0 || height == 0) refuse("it has no pixels ({} x {})", width, height);
  const DecodeLimits& limits = options.limits;
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

// "P1" to "P6" and then space or a comment.
bool is_pnm(std::span<const std::uint8_t> bytes) {
  return bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
         (bytes[2] == '#' || bytes[2] == ' ' || (bytes[2] >= '\t' && bytes[2] <= '\r'));
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
  if (is_pnm(bytes)) return codec::decode_pnm;
  return nullptr;
}

Decoder decoder_for(const codec::Source& source) {
  if (source.bytes.empty()) source.refuse("it is empty (0 bytes)");
  if (const std::uint64_t most = source.options.limits.max_file_bytes; source.bytes.size() > most)
    source.refuse("its {} bytes are above the limit of {}", source.bytes.size(), most);
  if (const Decoder decoder = decoder_of(source.bytes)) return decoder;
  if (const auto other = unread_format(source.bytes); !other.empty())
    source.refuse("it is of the format {}, which is not read; convert it to PNG", other);
  source.refuse("its content is not a {} image", readable_formats());
}

}  // namespace

Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name, const ReadOptions& options,
                   ReadInfo* info) {
  if (options.bits != 0 && (options.bits < 8 || options.bits > 16))
    fail(ErrorKind::kBadInput, "16-bit files cannot hold {} bits; say 8 to 16, or 0 to find out",
         options.bits);
  ReadInfo own;
  const codec::Source source{bytes, name, options, info ? *info : own};
  try {
    codec::Decoded decoded = decoder_for(source)(source);
    source.info.orientation = decoded.orientation >= 1 && decoded.orientation <= 8 ? decoded.orientation : 1;
    source.info.stored_width = decoded.image.width;
    source.info.stored_height = decoded.image.height;
    return upright(std::move(decoded.image), decoded.orientation);
  } catch (const std::bad_alloc&) {
    source.refuse("there is not enough memory for its pixels");
  }
}

Image read_image(const std::filesystem::path& path, const ReadOptions& options, ReadInfo* info) {
  {
    // Looked at through a mapping first, so that a huge file that is not an image is never read.
    const auto file = MappedFile::open(path);
    ReadInfo unused;
    decoder_for({file->bytes(), path.string(), options, unused});
  }
  // Then read rather than decoded from the mapping: a file that shrinks under a mapping would end the
  // program.
  const std::string content = read_file(path, options.limits.max_file_bytes);
  return decode_image({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()}, path.string(),
                      options, info);
}

}  // namespace anomalyvlm
