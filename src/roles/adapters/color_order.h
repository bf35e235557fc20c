#pragma once
// The order of colours in which networks get an image.
#include "anomalyvlm/image.h"
#include "roles/stage_options.h"

namespace anomalyvlm {

// `image` has R first; the result has what `colors` says first.
inline Image in_order(const Image& image, ColorOrder colors) {
  ImageView view = image.view();
  if (colors == ColorOrder::kBgr) view.format = PixelFormat::kBgr8;  // reading it the other way round swaps
  return to_rgb8(view);
}

}  // namespace anomalyvlm
