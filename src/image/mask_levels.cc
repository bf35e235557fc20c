#include "image/mask_levels.h"

#include <algorithm>
#include <string>
#include <utility>

#include "anomalyvlm/codec.h"
#include "core/check.h"
#include "core/files.h"

namespace anomalyvlm {
namespace {

using Levels = std::vector<std::uint8_t>;

Levels brightest(const Image& image) {
  Levels levels(image.rgb.size() / 3);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::uint8_t* rgb = &image.rgb[3 * i];
    levels[i] = std::max({rgb[0], rgb[1], rgb[2]});
  }
  return levels;
}

bool shows_any(const Levels& levels) {
  return std::any_of(levels.begin(), levels.end(), [](std::uint8_t level) { return level != 0; });
}

// What the first bytes tell without decoding.
struct Head {
  bool jpeg = false;
  bool alpha = false;  // perhaps
};

Head head_of(const std::filesystem::path& path) {
  std::string head = read_start(path, 4096);  // a palette's alpha stands before the pixels
  head.resize(4096);
  const bool png = head.starts_with("\x89PNG"), jpeg = head.starts_with("\xFF\xD8");
  constexpr std::size_t kColorType = 25;
  return {jpeg, png ? (head[kColorType] & 4) != 0 || head.find("tRNS") != std::string::npos : !jpeg};
}

// Drawing programs paint on something transparent, white or black, and some leave nothing but that alpha.
Levels over_black(const Levels& colors, const Levels& alpha) {
  if (alpha == colors) return colors;  // there is none, or it says the same
  Levels painted(colors.size());
  for (std::size_t i = 0; i < colors.size(); ++i)
    painted[i] = static_cast<std::uint8_t>((colors[i] * alpha[i] + 127) / 255);
  if (shows_any(painted)) return painted;
  return shows_any(colors) ? colors : alpha;
}

}  // namespace

MaskLevels read_mask_levels(const std::filesystem::path& path) {
  const Head head = head_of(path);
  ReadInfo info;
  ReadOptions options{.alpha = ReadOptions::Alpha::kDropped, .keep_small = true};
  const Image colors = read_image(path, options, &info);
  MaskLevels mask{colors.width, colors.height, brightest(colors), head.jpeg, info.orientation};
  options.alpha = ReadOptions::Alpha::kAlone;
  if (head.alpha) mask.values = over_black(mask.values, brightest(read_image(path, options)));
  return mask;
}

Mask read_mask(const std::filesystem::path& path) {
  MaskLevels levels = read_mask_levels(path);
  const int brightest = *std::max_element(levels.values.begin(), levels.values.end());
  if (brightest > 0 && brightest <= kMaskAbove)
    fail(ErrorKind::kBadInput,
         "The mask '{}' has no white pixels, its highest value is {}; make the area white (255).",
         path.string(), brightest);
  for (std::uint8_t& level : levels.values) level = level > kMaskAbove;
  return {levels.width, levels.height, std::move(levels.values)};
}

}  // namespace anomalyvlm
