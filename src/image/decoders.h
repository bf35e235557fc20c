#pragma once
// What the decoders of the single formats share. Private to src/image.
#include <csetjmp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/image.h"
#include "core/check.h"

namespace anomalyvlm::codec {

// A file's bytes, and how to report errors in them.
struct Source {
  std::span<const std::uint8_t> bytes;
  const std::string& name;
  const ReadOptions& options;
  ReadInfo& info;

  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) const {
    fail(ErrorKind::kBadInput, "'{}' cannot be used: {}", name,
         fmt::format(text, std::forward<Args>(args)...));
  }
  void warn(const std::string& text) const;  // each text once

  // Refuses an image of no pixels, of more than the limits allow, or of far more than so few bytes can hold.
  void check_size(std::uint64_t width, std::uint64_t height) const;
};

struct Decoded {
  Image image;
  int orientation = 1;  // EXIF: how to turn it upright, 1..8
};

Decoded decode_jpeg(const Source& source);
Decoded decode_png(const Source& source);
Decoded decode_tiff(const Source& source);
Decoded decode_bmp(const Source& source);
Decoded decode_webp(const Source& source);
Decoded decode_pnm(const Source& source);

// The orientation in an EXIF block (with or without its "Exif\0\0"), 1 if it has none or is damaged.
int exif_orientation(std::span<const std::uint8_t> exif);

// An image's memory grows as its rows arrive, so that a file whose header promises much and whose data are
// missing costs address space only. Returns the first of the new rows.
inline std::uint8_t* append_rows(std::vector<std::uint8_t>& pixels, std::size_t row_bytes, std::size_t rows) {
  const std::size_t before = pixels.size();
  pixels.resize(before + row_bytes * rows);
  return pixels.data() + before;
}

// Calls C functions that report errors by longjmp to `jump`; false if they did. The body must own nothing: a
// jump skips destructors.
template <typename Body>
bool guarded(std::jmp_buf& jump, const Body& body) {
  if (setjmp(jump) != 0) return false;
  body();
  return true;
}

}  // namespace anomalyvlm::codec
