// The portable formats PBM, PGM and PPM (P1 to P6): a header in plain text, then numbers as text or as bytes.
#include <algorithm>

#include "image/samples.h"

namespace anomalyvlm::codec {
namespace {

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }

class PnmReader {
 public:
  explicit PnmReader(const Source& source) : source_(source) {}

  Samples read() {
    read_header();
    if (is_text_) {
      read_text();
    } else if (is_bitmap_) {
      read_packed_bits();
    } else {
      read_numbers();
    }
    check_values();
    tell_of_more_images();
    return std::move(samples_);
  }

 private:
  void read_header() {
    const int kind = source_.bytes[1] - '0';
    at_ = 2;
    is_text_ = kind <= 3;
    is_bitmap_ = kind % 3 == 1;
    samples_.colors = kind % 3 == 0 ? 3 : 1;
    const std::uint32_t width = number("width"), height = number("height");
    source_.check_size(width, height);
    samples_.width = static_cast<int>(width);
    samples_.height = static_cast<int>(height);
    const std::uint32_t most = is_bitmap_ ? 1 : number("largest value");
    if (most < 1 || most > 65535)
      source_.refuse("it gives {} as its largest value; it must be 1 to 65535", most);
    largest_ = most;
    samples_.inverted = is_bitmap_;
    samples_.bytes = most > 255 ? 2 : 1;
    samples_.white = most == 65535 ? 0 : most;  // what writers of 16 bits put there without having a reason
    if (!is_text_) {
      if (at_ >= source_.bytes.size() || !is_space(source_.bytes[at_]))
        source_.refuse("its header is cut short");
      ++at_;  // exactly one, before the bytes
    }
  }

  void skip_space_and_comments() {
    const auto bytes = source_.bytes;
    while (at_ < bytes.size() && (is_space(bytes[at_]) || bytes[at_] == '#')) {
      if (bytes[at_] == '#') {
        while (at_ < bytes.size() && bytes[at_] != '\n' && bytes[at_] != '\r') ++at_;
      } else {
        ++at_;
      }
    }
  }

  std::uint32_t number(const char* what) {
    skip_space_and_comments();
    const auto bytes = source_.bytes;
    if (at_ >= bytes.size()) source_.refuse("it is cut short: a part of the image is missing");
    if (!is_digit(bytes[at_])) source_.refuse("its {} is not a number", what);
    std::uint64_t value = 0;
    for (; at_ < bytes.size() && is_digit(bytes[at_]); ++at_) {
      value = value * 10 + (bytes[at_] - '0');
      if (value > 0xffffffff) source_.refuse("its {} is too large a number", what);
    }
    return static_cast<std::uint32_t>(value);
  }

  // Bits need no space between them.
  std::uint32_t bit() {
    skip_space_and_comments();
    if (at_ >= source_.bytes.size()) source_.refuse("it is cut short: a part of the image is missing");
    const std::uint8_t c = source_.bytes[at_++];
    if (c != '0' && c != '1') source_.refuse("one of its bits is neither 0 nor 1");
    return c - '0';
  }

  void put(std::uint8_t* to, std::uint32_t value) const {
    if (samples_.bytes == 2) {
      const auto wide = static_cast<std::uint16_t>(value);
      std::copy_n(reinterpret_cast<const std::uint8_t*>(&wide), 2, to);
    } else {
      *to = static_cast<std::uint8_t>(value);
    }
  }

  std::size_t row_values() const { return static_cast<std::size_t>(samples_.width) * samples_.colors; }

  void read_text() {
    for (int y = 0; y < samples_.height; ++y) {
      std::uint8_t* to = append_rows(samples_.values, samples_.row_bytes(), 1);
      for (std::size_t i = 0; i < row_values(); ++i, to += samples_.bytes) {
        const std::uint32_t value = is_bitmap_ ? bit() : number("value");
        if (value > largest_) refuse_value(value);
        put(to, value);
      }
    }
  }

  // The bytes of all rows, which must be there.
  const std::uint8_t* raster(std::size_t row_bytes) {
    const std::size_t size = row_bytes * static_cast<std::size_t>(samples_.height);
    if (source_.bytes.size() - at_ < size)
      source_.refuse("it is cut short: its {} x {} pixels take {} bytes, of which {} are there",
                     samples_.width, samples_.height, size, source_.bytes.size() - at_);
    const std::uint8_t* from = source_.bytes.data() + at_;
    at_ += size;
    return from;
  }

  void read_packed_bits() {
    const auto width = static_cast<std::size_t>(samples_.width), packed = (width + 7) / 8;
    const std::uint8_t* from = raster(packed);
    for (int y = 0; y < samples_.height; ++y, from += packed) {
      std::uint8_t* to = append_rows(samples_.values, width, 1);
      for (std::size_t x = 0; x < width; ++x) to[x] = from[x / 8] >> (7 - x % 8) & 1;
    }
  }

  void read_numbers() {
    const std::uint8_t* from = raster(samples_.row_bytes());
    const std::size_t count = row_values() * static_cast<std::size_t>(samples_.height);
    if (samples_.bytes == 1) {
      samples_.values.assign(from, from + count);
      return;
    }
    samples_.values.resize(count * 2);  // stored with the high byte first
    for (std::size_t i = 0; i < count; ++i)
      put(&samples_.values[2 * i], static_cast<std::uint32_t>(from[2 * i] << 8 | from[2 * i + 1]));
  }

  [[noreturn]] void refuse_value(std::uint32_t value) const {
    source_.refuse("it has a value of {}, but gives {} as its largest", value, largest_);
  }

  void check_values() const {
    if (largest_ == 255 || largest_ == 65535 || is_bitmap_) return;
    for (std::size_t i = 0; i < samples_.values.size(); i += samples_.bytes) {
      std::uint16_t value = samples_.values[i];
      if (samples_.bytes == 2) std::copy_n(&samples_.values[i], 2, reinterpret_cast<std::uint8_t*>(&value));
      if (value > largest_) refuse_value(value);
    }
  }

  void tell_of_more_images() {
    if (is_text_) skip_space_and_comments();
    const auto bytes = source_.bytes;
    if (bytes.size() - at_ >= 2 && bytes[at_] == 'P' && is_digit(bytes[at_ + 1]))
      source_.warn("it holds several images, of which only the first is used");
  }

  const Source& source_;
  Samples samples_;
  std::size_t at_ = 0;
  std::uint32_t largest_ = 1;
  bool is_text_ = false, is_bitmap_ = false;
};

}  // namespace

Decoded decode_pnm(const Source& source) { return {image_of(source, PnmReader(source).read()), 1}; }

}  // namespace anomalyvlm::codec
