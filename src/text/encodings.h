#pragma once
// Encodings of a byte a character that text was taken for by mistake. Bytes that an encoding leaves without a
// character stand for the control character of their number. Private to src/text.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace anomalyvlm {

// The byte by which a program replaced one that it could not read.
constexpr char32_t kLostByte = 0x1A;

class SingleByteEncoding {
 public:
  // The characters of the bytes from 0x80 on, U+FFFD for none; empty: those of Latin-1. marks_loss: U+FFFD
  // counts as the character of kLostByte.
  SingleByteEncoding(std::u16string_view upper_half, bool marks_loss);

  // The bytes 0 .. 255 that a text was; nothing where a character is not of this encoding.
  std::optional<std::u32string> encoded(std::u32string_view text) const;
  bool marks_loss() const { return marks_loss_; }

 private:
  std::unordered_map<char32_t, char32_t> bytes_;
  bool marks_loss_;
};

// Those that UTF-8 is most often taken for, the likeliest first.
const std::vector<SingleByteEncoding>& single_byte_encodings();

char32_t windows_1252(std::uint8_t byte);

}  // namespace anomalyvlm
