#include "eval/data/mask_file.h"

#include <algorithm>
#include <array>
#include <string>

#include "anomalyvlm/codec.h"
#include "core/files.h"

namespace anomalyvlm::eval {
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

MaskFile read_mask_file(const std::filesystem::path& path) {
  const Head head = head_of(path);
  ReadInfo info;
  ReadOptions options{.alpha = ReadOptions::Alpha::kDropped, .keep_small = true};
  const Image colors = read_image(path, options, &info);
  MaskFile mask{colors.width, colors.height, brightest(colors), head.jpeg, info.orientation};
  options.alpha = ReadOptions::Alpha::kAlone;
  if (head.alpha) mask.levels = over_black(mask.levels, brightest(read_image(path, options)));
  return mask;
}

Mask apply(const MaskRule& rule, const MaskFile& file) {
  std::array<std::uint8_t, 256> is_defect{};
  for (int level = 0; level < 256; ++level)
    is_defect[static_cast<std::size_t>(level)] =
        level > rule.above || std::find(rule.also.begin(), rule.also.end(), level) != rule.also.end();
  Mask mask{file.width, file.height, Levels(file.levels.size())};
  std::transform(file.levels.begin(), file.levels.end(), mask.values.begin(),
                 [&](std::uint8_t level) { return is_defect[level]; });
  return mask;
}

}  // namespace anomalyvlm::eval
