#include "image/samples.h"

#include <bit>
#include <cstring>

namespace anomalyvlm::codec {
namespace {

unsigned white_of_bits(int bits) { return (1u << bits) - 1; }

template <typename T>
T at(const std::uint8_t* values, std::size_t index) {
  T value;
  std::memcpy(&value, values + index * sizeof(T), sizeof(T));
  return value;
}

struct Extremes {
  ValueRange colors;
  unsigned most_alpha = 0;
};

template <typename T>
Extremes extremes_of(const Samples& s) {
  Extremes found;
  const std::uint8_t* values = s.values.data();
  const std::size_t count = s.values.size() / sizeof(T), channels = s.channels();
  for (std::size_t i = 0; i < count; i += channels) {
    if (sizeof(T) > 1)
      for (unsigned c = 0; c < s.colors; ++c) found.colors.add(at<T>(values, i + c));
    if (s.alpha != Samples::Alpha::kNone)
      found.most_alpha = std::max<unsigned>(found.most_alpha, at<T>(values, i + s.colors));
  }
  return found;
}

// PNG wants values of fewer bits to be spread over all 16; some writers leave them in the lowest bits. Spread
// ones that are this small have nothing in the bits below, or 1 from rounding.
bool is_in_lowest_bits(const ValueRange& range, unsigned bits) {
  const unsigned below = range.bits_used & white_of_bits(16 - static_cast<int>(bits));
  return range.most <= white_of_bits(static_cast<int>(bits)) && below > (bits < 15 ? 1u : 0u);
}

// Whether what sBIT says is wrong: values that are too large for the lowest bits, and not spread over all 16
// either, which repeats a value's highest bits in those below.
bool contradicts(const ValueRange& range, unsigned bits) {
  if (bits >= 16 || range.most <= white_of_bits(static_cast<int>(bits))) return false;
  const unsigned below = range.bits_used & white_of_bits(16 - static_cast<int>(bits));
  const auto width = [](unsigned value) { return static_cast<int>(std::bit_width(value)); };
  return guess_bits(range) < 16 && width(below) > std::max(1, width(range.most >> bits));
}

// The value of white in 16-bit samples; tells source.info how it was found.
unsigned white_of_wide(const Source& source, const Samples& s, const ValueRange& range) {
  const auto settle = [&](unsigned white) {
    source.info.bits = std::bit_width(white);
    return white;
  };
  if (s.white_is_fixed) return settle(s.white);
  if (const int bits = source.options.bits; bits > 0) {
    if (range.most > white_of_bits(bits))
      source.refuse("it has a value of {}, which {} bits do not hold; say {} bits or more", range.most, bits,
                    std::bit_width(range.most));
    return settle(white_of_bits(bits));
  }
  if (s.white > 0 && range.most <= s.white) return settle(s.white);
  if (s.significant_bits >= 8 && !contradicts(range, s.significant_bits)) {
    const bool low = s.significant_bits < 16 && is_in_lowest_bits(range, s.significant_bits);
    return settle(low ? white_of_bits(static_cast<int>(s.significant_bits)) : 65535);
  }
  if (range.most == 0) return settle(65535);  // black tells nothing, and is black either way
  source.info.bits_guessed = true;
  if (const int bits = source.options.assumed_bits; bits > 0 && range.most <= white_of_bits(bits))
    return settle(white_of_bits(bits));
  const int bits = guess_bits(range);
  if (bits < 16)
    source.warn(
        fmt::format("it uses only the lowest {} of its 16 bits, so it was read as {}-bit; if it is meant "
                    "to be so dark, say so (--bits 16)",
                    bits, bits));
  return settle(white_of_bits(bits));
}

template <typename T>
void convert(const Samples& s, bool use_alpha, bool keep_small, unsigned white, unsigned opaque,
             std::uint8_t* to) {
  const Narrower narrow(white, keep_small), narrow_alpha(opaque);
  const unsigned flip = s.inverted ? 255 : 0;
  const std::uint8_t* values = s.values.data();
  const std::size_t count = s.values.size() / sizeof(T), channels = s.channels();
  for (std::size_t i = 0; i < count; i += channels, to += 3) {
    std::uint8_t rgb[3];  // `to` may lie in the values, at or before this pixel's
    for (unsigned c = 0; c < s.colors; ++c)
      rgb[c] = static_cast<std::uint8_t>(narrow(at<T>(values, i + c)) ^ flip);
    if (s.colors == 1) rgb[1] = rgb[2] = rgb[0];
    if (use_alpha) {
      const unsigned alpha = narrow_alpha(at<T>(values, i + s.colors)), clear = 255 - alpha;
      for (std::uint8_t& value : rgb)
        value = static_cast<std::uint8_t>(s.alpha == Samples::Alpha::kPremultiplied
                                              ? std::min(255u, value + clear)
                                              : (value * alpha + 255 * clear + 127) / 255);
    }
    std::copy(rgb, rgb + 3, to);
  }
}

// As a grey image.
Samples alpha_of(const Samples& s) {
  Samples grey{.width = s.width, .height = s.height, .colors = 1, .bytes = s.bytes, .values = {}};
  const std::size_t pixel = std::size_t{s.channels()} * s.bytes;
  grey.values.resize(s.values.size() / s.channels());
  for (std::size_t i = 0; i < grey.values.size() / s.bytes; ++i)
    std::memcpy(&grey.values[i * s.bytes], &s.values[i * pixel + std::size_t{s.colors} * s.bytes], s.bytes);
  return grey;
}

}  // namespace

int guess_bits(const ValueRange& range) {
  if (range.most == 0) return 16;
  if (range.most < 256) return 8;
  if (range.are_bytes || range.bits_used % 4 == 0) return 16;
  for (const int bits : {10, 12, 14})
    if (range.most <= white_of_bits(bits)) return bits;
  return 16;
}

Image image_of(const Source& source, Samples s) {
  if (source.options.alpha == ReadOptions::Alpha::kAlone && s.alpha != Samples::Alpha::kNone) s = alpha_of(s);
  Image image{s.width, s.height, {}};
  const bool has_alpha = s.alpha != Samples::Alpha::kNone, wide = s.bytes == 2;
  const unsigned full = wide ? 65535 : 255;
  if (!has_alpha && !wide && s.colors == 3 && !s.inverted && (s.white == 0 || s.white == full)) {
    image.rgb = std::move(s.values);
    return image;
  }
  Extremes found;
  if (wide || has_alpha) found = wide ? extremes_of<std::uint16_t>(s) : extremes_of<std::uint8_t>(s);
  const unsigned white = wide ? white_of_wide(source, s, found.colors) : s.white > 0 ? s.white : full;
  const unsigned opaque = found.most_alpha <= white ? white : full;
  bool use_alpha = has_alpha && source.options.alpha == ReadOptions::Alpha::kOverWhite;
  if (use_alpha && is_invisible(found.most_alpha, opaque)) {
    source.warn("it is transparent all over; its colours were used as if it were opaque");
    use_alpha = false;
  }
  const std::size_t size = static_cast<std::size_t>(s.width) * static_cast<std::size_t>(s.height) * 3;
  const bool in_place = s.channels() * s.bytes >= 3;
  if (!in_place) image.rgb.resize(size);
  std::uint8_t* to = in_place ? s.values.data() : image.rgb.data();
  const bool keep_small = source.options.keep_small;
  wide ? convert<std::uint16_t>(s, use_alpha, keep_small, white, opaque, to)
       : convert<std::uint8_t>(s, use_alpha, keep_small, white, opaque, to);
  if (in_place) {
    s.values.resize(size);
    s.values.shrink_to_fit();
    image.rgb = std::move(s.values);
  }
  return image;
}

}  // namespace anomalyvlm::codec
