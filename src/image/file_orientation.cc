#include "image/file_orientation.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "anomalyvlm/error.h"
#include "core/platform.h"
#include "image/decoders.h"

namespace anomalyvlm {
namespace {

using std::string_view_literals::operator""sv;

class Walker {
 public:
  explicit Walker(const std::filesystem::path& path) : path_(path), file_(path, std::ios::binary) {}

  int orientation() {
    const std::string head = bytes(0, 12);
    if (head.starts_with("\xFF\xD8"sv)) return of_jpeg();
    if (head.starts_with("\x89PNG"sv)) return of_chunks(8, "eXIf", true);
    if (head.starts_with("RIFF"sv) && head.ends_with("WEBP"sv)) return of_chunks(12, "EXIF", false);
    if (head.starts_with("II"sv) || head.starts_with("MM"sv)) return of_exif(read_file(path_));
    return 1;
  }

 private:
  static constexpr std::uint64_t kLongestExif = 1 << 20;

  // As many as there are.
  std::string bytes(std::uint64_t at, std::uint64_t count) {
    std::string text(std::min(count, kLongestExif), '\0');
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(at));
    file_.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file_.gcount(), 0)));
    return text;
  }

  static int of_exif(const std::string& exif) {
    return codec::exif_orientation({reinterpret_cast<const std::uint8_t*>(exif.data()), exif.size()});
  }

  static std::uint64_t number(std::string_view text, bool big_endian) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
      value = value << 8 | static_cast<unsigned char>(text[big_endian ? i : text.size() - 1 - i]);
    return value;
  }

  int of_jpeg() {
    for (std::uint64_t at = 2;;) {
      const std::string head = bytes(at, 10);
      if (head.size() < 4 || head[0] != '\xFF' || head[1] == '\xDA') return 1;
      if (head[1] == '\xFF') {  // padding
        ++at;
        continue;
      }
      const std::uint64_t length = number(std::string_view(head).substr(2, 2), true);
      if (head[1] == '\xE1' && std::string_view(head).substr(4) == "Exif\0\0"sv)
        return of_exif(bytes(at + 4, length < 2 ? 0 : length - 2));
      at += 2 + std::max<std::uint64_t>(length, 2);
    }
  }

  // PNG's are length, name, content, checksum; RIFF's name, length, content of an even length.
  int of_chunks(std::uint64_t at, std::string_view wanted, bool is_png) {
    for (;;) {
      const std::string head = bytes(at, 8);
      if (head.size() < 8) return 1;
      const std::uint64_t length = number(std::string_view(head).substr(is_png ? 0 : 4, 4), is_png);
      if (std::string_view(head).substr(is_png ? 4 : 0, 4) == wanted) return of_exif(bytes(at + 8, length));
      at += 8 + length + (is_png ? 4 : length % 2);
    }
  }

  const std::filesystem::path path_;
  std::ifstream file_;
};

}  // namespace

int file_orientation(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return 1;  // a pipe would be waited for
  try {
    return Walker(path).orientation();
  } catch (const Error&) {
    return 1;
  }
}

}  // namespace anomalyvlm
