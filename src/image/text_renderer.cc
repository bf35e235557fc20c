#include "image/text_renderer.h"

#include <fmt/format.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/printable.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;

constexpr double kCapitalOfEm = 0.73, kCapitalOfStrokes = 22;  // heights of capitals at size 1
constexpr int kStrokes = cv::FONT_HERSHEY_SIMPLEX;

bool is_ascii(char32_t c) { return c >= 32 && c < 127; }

// German spells its letters with dots and the like in this way, and so do passports.
std::string_view two_letters(char32_t c) {
  switch (c) {
    case U'\u00e4':
    case U'\u00e6':
      return "ae";
    case U'\u00f6':
    case U'\u00f8':
    case U'\u0153':
      return "oe";
    case U'\u00fc':
      return "ue";
    case U'\u00df':
      return "ss";
    case U'\u00e5':
      return "aa";
    case U'\u00c4':
    case U'\u00c6':
      return "Ae";
    case U'\u00d6':
    case U'\u00d8':
    case U'\u0152':
      return "Oe";
    case U'\u00dc':
      return "Ue";
    case U'\u00c5':
      return "Aa";
    default:
      return "";
  }
}

std::string_view sign(char32_t c) {
  switch (c) {
    case U'\u2010':
    case U'\u2011':
    case U'\u2012':
    case U'\u2013':
    case U'\u2014':
    case U'\u2212':
      return "-";
    case U'\u2018':
    case U'\u2019':
      return "'";
    case U'\u201c':
    case U'\u201d':
    case U'\u201e':
      return "\"";
    case U'\u2026':
      return "...";
    case U'\u00d7':
      return "x";
    case U'\u00b5':
    case U'\u03bc':
      return "u";
    case U'\u0131':
      return "i";
    case U'\u0142':
      return "l";
    case U'\u0141':
      return "L";
    default:
      return is_white_space(c) ? " " : "";
  }
}

// The letter of an Arabic presentation form, which few fonts lack.
char32_t unjoined(char32_t c) {
  if (c < U'\uFE70' || c > U'\uFEFC') return c;
  const std::u32string letters = from_utf8(folded_text(to_utf8({&c, 1})));
  return letters.size() == 1 ? letters.front() : c;
}

std::string strokes_of(std::u32string_view text) { return {text.begin(), text.end()}; }  // all of it is ASCII

int strokes_width(double scale) { return std::max(1, static_cast<int>(std::lround(scale * 2))); }

void blend(Image& image, int x, int y, unsigned opacity, const std::array<std::uint8_t, 3>& color) {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return;
  std::uint8_t* pixel = image.row(y) + 3 * static_cast<std::ptrdiff_t>(x);
  for (int c = 0; c < 3; ++c)
    pixel[c] = static_cast<std::uint8_t>((pixel[c] * (255 - opacity) + color[c] * opacity + 127) / 255);
}

}  // namespace

std::vector<fs::path> usual_fonts() {
  static constexpr const char* kFolders[] = {"/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts",
                                             "/System/Library/Fonts", "C:/Windows/Fonts"};
  // As Debian, Arch, Fedora and others lay them out.
  static constexpr const char* kFiles[] = {"truetype/dejavu/DejaVuSans.ttf",
                                           "dejavu/DejaVuSans.ttf",
                                           "TTF/DejaVuSans.ttf",
                                           "dejavu-sans-fonts/DejaVuSans.ttf",
                                           "truetype/noto/NotoSans-Regular.ttf",
                                           "noto/NotoSans-Regular.ttf",
                                           "truetype/liberation/LiberationSans-Regular.ttf",
                                           "truetype/liberation2/LiberationSans-Regular.ttf",
                                           "liberation/LiberationSans-Regular.ttf",
                                           "truetype/freefont/FreeSans.ttf",
                                           "Supplemental/Arial Unicode.ttf",
                                           "arial.ttf",
                                           "opentype/noto/NotoSansCJK-Regular.ttc",
                                           "noto-cjk/NotoSansCJK-Regular.ttc",
                                           "google-noto-cjk/NotoSansCJK-Regular.ttc",
                                           "google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
                                           "truetype/wqy/wqy-microhei.ttc",
                                           "truetype/wqy/wqy-zenhei.ttc",
                                           "truetype/droid/DroidSansFallbackFull.ttf",
                                           "truetype/nanum/NanumGothic.ttf",
                                           "opentype/ipafont-gothic/ipag.ttf",
                                           "opentype/unifont/unifont.otf",
                                           "truetype/unifont/unifont.ttf"};
  std::vector<fs::path> found;
  for (const char* file : kFiles) {
    for (const char* folder : kFolders) {
      std::error_code ignored;
      if (fs::path path = fs::path(folder) / file; fs::is_regular_file(path, ignored))
        found.push_back(std::move(path));
    }
  }
  return found;
}

std::string spelled(char32_t c) {
  if (is_ascii(c)) return std::string(1, static_cast<char>(c));
  for (const std::string_view text : {two_letters(c), sign(c)})
    if (!text.empty()) return std::string(text);
  if (is_nonspacing_mark(c)) return "";
  const std::u32string parts = decomposed(c);
  if (is_ascii(parts[0]) &&
      std::all_of(parts.begin() + 1, parts.end(), [](char32_t part) { return is_nonspacing_mark(part); }))
    return std::string(1, static_cast<char>(parts[0]));
  return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
}

struct TextRenderer::Fonts {
  FT_Library library = nullptr;
  std::vector<FT_Face> faces;

  explicit Fonts(std::span<const fs::path> files) {
    if (FT_Init_FreeType(&library) != 0) {
      library = nullptr;
      return;
    }
    for (const fs::path& file : files) {
      FT_Face face = nullptr;
      if (FT_New_Face(library, file.string().c_str(), 0, &face) != 0) continue;
      if (FT_IS_SCALABLE(face) && FT_Select_Charmap(face, FT_ENCODING_UNICODE) == 0) {
        faces.push_back(face);
      } else {
        FT_Done_Face(face);
      }
    }
  }
  ~Fonts() {
    for (const FT_Face face : faces) FT_Done_Face(face);
    if (library) FT_Done_FreeType(library);
  }
  Fonts(const Fonts&) = delete;
  Fonts& operator=(const Fonts&) = delete;

  FT_Face face_of(char32_t c) const {
    const auto has = [&](FT_Face face) { return FT_Get_Char_Index(face, c) != 0; };
    const auto face = std::find_if(faces.begin(), faces.end(), has);
    return face == faces.end() ? nullptr : *face;
  }

  // The character's image and measures, until the next call; null if it cannot be drawn.
  FT_GlyphSlot glyph(char32_t c, double size) const {
    const FT_Face face = face_of(c);
    const auto pixels = static_cast<FT_UInt>(std::max(1L, std::lround(size / kCapitalOfEm)));
    if (!face || FT_Set_Pixel_Sizes(face, 0, pixels) != 0) return nullptr;
    return FT_Load_Char(face, c, FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT) == 0 ? face->glyph : nullptr;
  }
};

TextRenderer::TextRenderer(std::span<const fs::path> fonts) : fonts_(std::make_unique<Fonts>(fonts)) {}
TextRenderer::~TextRenderer() = default;

std::u32string TextRenderer::displayable(std::string_view text) const {
  // Of texts that no image has room for the beginning; a character has at most 4 bytes.
  constexpr std::size_t kMostCharacters = 1000;
  std::u32string out;
  bool numbered = false;
  const std::u32string composed = from_utf8(composed_text(printable(text.substr(0, 4 * kMostCharacters))));
  for (const char32_t shown : visual_text(composed)) {
    const char32_t c = fonts_->face_of(shown) ? shown : unjoined(shown);
    if (fonts_->face_of(c)) {
      out += c;
      numbered = false;
      continue;
    }
    const std::string letters = spelled(c);
    const bool number = letters.starts_with("U+");
    if (number && numbered) out += U' ';  // two numbers in a row would run together
    out.append(letters.begin(), letters.end());
    numbered = number;
  }
  return out.substr(0, kMostCharacters);
}

TextRenderer::Extent TextRenderer::measure(std::u32string_view text, double size) const {
  if (fonts_->faces.empty()) {
    int below = 0;
    const double scale = size / kCapitalOfStrokes;
    const cv::Size box = cv::getTextSize(strokes_of(text), kStrokes, scale, strokes_width(scale), &below);
    return {box.width, box.height, below};
  }
  Extent extent{0, static_cast<int>(std::lround(size)), static_cast<int>(std::lround(size * 0.3))};
  for (const char32_t c : text) {
    const FT_GlyphSlot glyph = fonts_->glyph(c, size);
    if (!glyph) continue;
    extent.width += static_cast<int>(glyph->advance.x >> 6);
    extent.height = std::max(extent.height, glyph->bitmap_top);
    extent.depth = std::max(extent.depth, static_cast<int>(glyph->bitmap.rows) - glyph->bitmap_top);
  }
  return extent;
}

void TextRenderer::draw(Image& image, std::u32string_view text, double size, int x, int y,
                        const std::array<std::uint8_t, 3>& color) const {
  if (fonts_->faces.empty()) {
    const double scale = size / kCapitalOfStrokes;
    cv::Mat canvas(image.height, image.width, CV_8UC3, image.rgb.data());
    cv::putText(canvas, strokes_of(text), {x, y}, kStrokes, scale, cv::Scalar(color[0], color[1], color[2]),
                strokes_width(scale), cv::LINE_AA);
    return;
  }
  for (const char32_t c : text) {
    const FT_GlyphSlot glyph = fonts_->glyph(c, size);
    if (!glyph) continue;
    const FT_Bitmap& bitmap = glyph->bitmap;
    if (bitmap.pixel_mode == FT_PIXEL_MODE_GRAY) {
      for (unsigned r = 0; r < bitmap.rows; ++r)
        for (unsigned i = 0; i < bitmap.width; ++i)
          blend(image, x + glyph->bitmap_left + static_cast<int>(i),
                y - glyph->bitmap_top + static_cast<int>(r),
                bitmap.buffer[static_cast<std::ptrdiff_t>(r) * bitmap.pitch + i], color);
    }
    x += static_cast<int>(glyph->advance.x >> 6);
  }
}

}  // namespace anomalyvlm
