#pragma once
// What the object families share: where objects lie, outlines put in place, and small normal features.
#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic {

// One large object or several equal ones: their places (size 1 each) and the radius that all of them have, in
// pixels.
struct Layout {
  std::vector<Part> parts;
  float radius = 0;
  bool loose = false;  // strewn: nobody can know where one should have been, or how turned
  bool single() const { return parts.size() == 1; }
};
// aspect: height / width of an object that is long along its own axis; such objects share a direction or lie
// anyhow.
Layout lay_out(Rng& rng, Scene& scene, double single_share, float aspect = 1);

// alter() for whole objects: only what can be known to be wrong in this layout.
void alter_objects(Scene& scene, Layout& layout, std::string_view ways);

// An outline of unit size round the origin, put where a part is.
Outline placed(const Outline& shape, const Part& part, float scale);
// Coverage of all parts that are present.
Map fill_parts(const Scene& scene, const Outline& shape, const std::vector<Part>& parts, float scale);
// Colours every part by its tint (over its own surroundings of `reach` pixels).
void tint_parts(ColourImage& albedo, const std::vector<Part>& parts, float reach);

// f(x, y, u, v) for the pixels of a part: u and v are its own coordinates in pixels, within reach_u and
// reach_v.
template <typename F>
void around(const Scene& scene, const Part& part, float reach_u, float reach_v, F f) {
  const Axes axes(part.at, part.angle);
  const float wide = std::abs(axes.c) * reach_u + std::abs(axes.s) * reach_v,
              tall = std::abs(axes.s) * reach_u + std::abs(axes.c) * reach_v;
  const int x0 = std::max(0, static_cast<int>(part.at.x - wide)),
            y0 = std::max(0, static_cast<int>(part.at.y - tall));
  const int x1 = std::min(scene.size.width, static_cast<int>(part.at.x + wide) + 2),
            y1 = std::min(scene.size.height, static_cast<int>(part.at.y + tall) + 2);
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      const float u = axes.u(x, y), v = axes.v(x, y);
      if (std::abs(u) <= reach_u && std::abs(v) <= reach_v) f(x, y, u, v);
    }
  }
}

Colour metal_colour(Rng& rng);
Colour food_colour(Rng& rng);  // dough, nuts, chocolate, wax
// A polished or matt metal: sets gloss, shine, mirror.
void make_metal(Rng& rng, Body& body);
// Lettering or a logo in or on a body's surface.
void mark_body(Rng& rng, Scene& scene, Body& body, Point at, float height, float angle);

}  // namespace anomalyvlm::synthetic
