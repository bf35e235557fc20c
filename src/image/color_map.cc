#include "image/color_map.h"

#include <algorithm>
#include <cstdint>

#include "core/check.h"

namespace anomalyvlm {
namespace {

constexpr std::array<std::array<float, 3>, 8> kHeat = {{{44, 24, 112},
                                                        {58, 90, 222},
                                                        {30, 168, 232},
                                                        {48, 212, 152},
                                                        {164, 236, 64},
                                                        {250, 200, 46},
                                                        {244, 106, 28},
                                                        {176, 16, 22}}};  // in even steps

}  // namespace

std::array<float, 3> heat_color(float share) {
  const float at = share * (kHeat.size() - 1);
  const auto i = std::min(static_cast<std::size_t>(at), kHeat.size() - 2);
  const float f = at - static_cast<float>(i);
  std::array<float, 3> color;
  for (int c = 0; c < 3; ++c) color[c] = kHeat[i][c] + f * (kHeat[i + 1][c] - kHeat[i][c]);
  return color;
}

Image color_map(const FloatMap& map, float low, float high) {
  AVLM_CHECK(high > low && !map.values.empty());
  Image image{map.width, map.height, std::vector<std::uint8_t>(map.values.size() * 3)};
  std::uint8_t* pixel = image.rgb.data();
  for (const float value : map.values) {
    const float share = (value - low) / (high - low);
    const auto color = heat_color(share > 0 ? std::min(share, 1.0f) : 0.0f);
    for (const float c : color) *pixel++ = static_cast<std::uint8_t>(c + 0.5f);
  }
  return image;
}

}  // namespace anomalyvlm
