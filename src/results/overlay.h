#pragma once
// The overlay: what was found, drawn over the inspected image.
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "anomalyvlm/region.h"
#include "image/text_renderer.h"

namespace anomalyvlm {

struct OverlayRegion {
  Box box;                         // pixels of the image
  std::string label;               // for instance "crack 0.62", in UTF-8; may be empty
  const Region* region = nullptr;  // outlined when given; lies within the image
  bool muted = false;              // not reported: a thin grey outline and a small grey label, without a box
};

struct OverlayStyle {
  float heat_strength =
      0.6f;                 // opacity of the hottest pixel, 0..1; cooler ones are fainter, zero is left clear
  float heat_full = 0.0f;   // the map's value that is drawn hottest; 0 means its own maximum
  int min_long_side = 640;  // smaller images are enlarged by a whole factor, so that labels can be read
  std::vector<std::filesystem::path> fonts = usual_fonts();  // of labels; see TextRenderer
  std::string caption = {};  // on a plate in the upper left corner; may be empty
};

// The image with the heat map blended in (dark blue over green and yellow to red), outlines of the regions,
// and boxes with their labels on plates that stay inside the image. Regions come in order of importance.
// `heat` is of the image's size, or empty for none. The result is the image's size times the smallest whole
// factor that gives a long side of style.min_long_side or more; a side that would still be below 48 pixels,
// as a strip's, is stretched to that by a factor of its own. Throws Error(kBadInput) for sizes that do not
// agree.
Image draw_overlay(const Image& image, const FloatMap& heat, std::span<const OverlayRegion> regions,
                   const OverlayStyle& style = {});

}  // namespace anomalyvlm
