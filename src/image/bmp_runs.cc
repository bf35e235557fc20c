#include "image/bmp_runs.h"

#include <algorithm>

namespace anomalyvlm::codec {
namespace {

class Runs {
 public:
  Runs(const Source& source, std::span<const std::uint8_t> codes, unsigned bits, std::size_t width,
       std::size_t height)
      : source_(source),
        codes_(codes),
        bits_(bits),
        width_(width),
        height_(height),
        pixels_(width * height) {}

  std::vector<std::uint8_t> decode() {
    while (y_ < height_ && !(y_ + 1 == height_ && x_ >= width_)) {
      const std::uint8_t count = next(), value = next();
      if (count > 0) {
        run(count, value);
      } else if (value == 0) {
        x_ = 0, ++y_;
      } else if (value == 1) {
        break;  // the end of the image
      } else if (value == 2) {
        x_ += next();
        y_ += next();
      } else {
        as_they_are(value);
      }
    }
    if (written_ < pixels_.size())
      source_.warn(fmt::format("its run-length codes leave out {} of {} pixels, which have its first colour",
                               pixels_.size() - written_, pixels_.size()));
    return std::move(pixels_);
  }

 private:
  std::uint8_t next() {
    if (at_ >= codes_.size()) source_.refuse("the BMP file is cut short: a part of the image is missing");
    return codes_[at_++];
  }

  void put(std::uint8_t index) {
    if (x_ < width_ && y_ < height_) {
      pixels_[y_ * width_ + x_] = index;
      ++written_;
    }
    ++x_;
  }

  // The i-th of the pixels that share bytes: of 4 bits, the high half comes first.
  std::uint8_t part(std::uint8_t byte, unsigned i) const {
    return bits_ == 8 ? byte : i % 2 == 0 ? byte >> 4 : byte & 15;
  }

  void run(unsigned count, std::uint8_t value) {
    for (unsigned i = 0; i < count; ++i) put(part(value, i));
  }

  void as_they_are(unsigned count) {
    const unsigned per_byte = 8 / bits_, bytes = (count + per_byte - 1) / per_byte;
    std::uint8_t byte = 0;
    for (unsigned i = 0; i < count; ++i) {
      if (i % per_byte == 0) byte = next();
      put(part(byte, i));
    }
    if (bytes % 2 == 1 && at_ < codes_.size()) ++at_;  // filled up to an even number
  }

  const Source& source_;
  std::span<const std::uint8_t> codes_;
  const unsigned bits_;
  const std::size_t width_, height_;
  std::vector<std::uint8_t> pixels_;
  std::size_t at_ = 0, x_ = 0, y_ = 0, written_ = 0;
};

}  // namespace

std::vector<std::uint8_t> decode_bmp_runs(const Source& source, std::span<const std::uint8_t> codes,
                                          unsigned bits, std::size_t width, std::size_t height) {
  return Runs(source, codes, bits, width, height).decode();
}

}  // namespace anomalyvlm::codec
