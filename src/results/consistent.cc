#include "results/consistent.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/check.h"
#include "regions/geometry.h"

namespace anomalyvlm {
namespace {

// Whether this many values are a map of so many pixels.
bool is_whole(std::size_t values, int width, int height, std::size_t channels = 1) {
  return width >= 0 && height >= 0 &&
         values == static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * channels;
}

template <typename Map>
bool has_size(const Map& map, int width, int height) {
  return map.width == width && map.height == height && is_whole(map.values.size(), width, height);
}

bool is_absent_or_has_size(const Mask& mask, int width, int height) {
  return mask.values.empty() || has_size(mask, width, height);
}

bool is_finite(const Box& box) {
  return std::isfinite(box.x0) && std::isfinite(box.y0) && std::isfinite(box.x1) && std::isfinite(box.y1);
}

bool exists(Rejection::By by) { return by >= Rejection::By::kRule && by <= Rejection::By::kReference; }

void require(bool fits, const char* what) {
  if (!fits) fail(ErrorKind::kBadInput, "This detection was not made by detect(), or was changed: {}.", what);
}

}  // namespace

void require_consistent(const Detection& d) {
  const auto fits = [&](const Region& region) { return lies_within(region.rect(), d.width, d.height); };
  require(has_size(d.anomaly, d.width, d.height), "its anomaly map is not of its width and height");
  require(is_absent_or_has_size(d.ignored, d.width, d.height),
          "the mask of the ignored area is not of its width and height");
  require(d.kept <= d.candidates.size(), "more candidates are kept than it has");
  for (const InspectedObject& object : d.objects)
    require(fits(object.mask), "the mask of an object does not lie within the image");
  for (const Candidate& c : d.candidates) {
    require(fits(c.mask), "the mask of a candidate does not lie within the image");
    require(is_finite(c.box) && is_finite(c.proposal_box), "the box of a candidate is not of numbers");
    require(!c.rejected_by || exists(c.rejected_by->by), "a candidate was rejected for no known reason");
  }
}

void require_image_of(const Detection& detection, const Image& image) {
  const bool whole = !image.empty() && is_whole(image.rgb.size(), image.width, image.height, 3);
  if (whole && image.width == detection.width && image.height == detection.height) return;
  fail(ErrorKind::kBadInput,
       "The image of {} x {} pixels, with {} bytes of RGB, is not the one of {} x {} that was detected in.",
       image.width, image.height, image.rgb.size(), detection.width, detection.height);
}

}  // namespace anomalyvlm
