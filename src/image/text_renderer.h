#pragma once
// Renders text on images with the machine's fonts. Characters that no font has are transliterated to ASCII;
// without any font the whole text is, and OpenCV's stroke font draws it. Private to src/image.
#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/image.h"

namespace anomalyvlm {

// Font files that are common and installed, in a fixed order: for most scripts first, then for Chinese,
// Japanese and Korean.
std::vector<std::filesystem::path> usual_fonts();

// A character in ASCII: "oe" for an o with two dots, "e" for an e with any accent, "" for an accent by
// itself, else its number as in "U+7A7A".
std::string spelled(char32_t character);

class TextRenderer {
 public:
  // Each character is taken from the first of these files that has it. Files that are not fonts are ignored.
  explicit TextRenderer(std::span<const std::filesystem::path> fonts);
  ~TextRenderer();
  TextRenderer(const TextRenderer&) = delete;
  TextRenderer& operator=(const TextRenderer&) = delete;

  // A text as it can be rendered in one line: without control characters, and with transliterated characters
  // where no font has them.
  std::u32string displayable(std::string_view text) const;

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
