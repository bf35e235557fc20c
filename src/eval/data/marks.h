#pragma once
// Defects as annotation programs mark them: outlines, run-length codes and boxes, and their pixels.
#include <vector>

#include "anomalyvlm/image.h"
#include "regions/rle.h"

namespace anomalyvlm::eval {

using Polygon = std::vector<double>;  // x, y, x, y ... in pixels; at least three points, closed by itself

// One defect: run lengths or outlines, or of neither the box.
struct Mark {
  Box box;                             // around it; with an area
  std::vector<Polygon> outlines = {};  // its parts: what lies in any of them
  Rle runs = {};                       // without counts: none

  bool only_box() const { return outlines.empty() && runs.counts.empty(); }
};

// What the marks cover. A box covers the pixels whose centres it holds, and one at least in each direction.
// An outline's coordinates are those of pixels, as OpenCV, Pillow and scikit-image take them: it covers the
// pixels that lie inside of it or on its left or upper edge, and where these are none, as of a scratch
// thinner than a pixel, those that it runs through. (The COCO data set's own tools take whole numbers for
// edges between pixels, half a pixel away from that.) Throws Error(kBadInput) that begins with `where` for
// run lengths of another size than width x height.
Mask covered_by(const std::vector<Mark>& marks, int width, int height, const std::string& where);

// The part of the box inside width x height; of no area if there is none.
Box clipped(const Box& box, int width, int height);

// Masks and boxes of the stored pixels, turned as EXIF's orientation says. `width`, `height`: as stored.
Mask upright(const Mask& mask, int orientation);
Box upright(const Box& box, int orientation, int width, int height);

}  // namespace anomalyvlm::eval
