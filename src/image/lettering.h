#pragma once
// Text on images, with fonts of the machine. What no font can show is spelled in ASCII, and without any font
// the whole text is: strokes of OpenCV's own draw that. Private to src/image.
#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm {

// Files of fonts that are usual and there, in a fixed order: for most scripts first, then for Chinese,
// Japanese and Korean.
std::vector<std::filesystem::path> usual_fonts();

// A character in ASCII: "oe" for an o with two dots, "e" for an e with any accent, "" for an accent by
// itself, else its number as in "U+7A7A".
std::string spelled(char32_t character);

class Lettering {
 public:
  // Each character is taken from the first of these files that has it. Files that are no fonts are left out.
  explicit Lettering(std::span<const std::filesystem::path> fonts);
  ~Lettering();
  Lettering(const Lettering&) = delete;
  Lettering& operator=(const Lettering&) = delete;

  // A text as it can be shown in one line: without control characters, and what no font has spelled.
  std::u32string showable(std::string_view text) const;

  // Pixels. `height` is that of letters, from the line that they stand on; `depth` is what hangs below it.
  struct Extent {
    int width = 0, height = 0, depth = 0;
  };
  // `size`: of a capital letter, in pixels.
  Extent measure(std::u32string_view text, double size) const;
  // From x to the right, standing on the line y. What lies outside of the image is cut off.
  void draw(Image& image, std::u32string_view text, double size, int x, int y,
            const std::array<std::uint8_t, 3>& color) const;

 private:
  struct Fonts;
  std::unique_ptr<Fonts> fonts_;
};

}  // namespace anomalyvlm
