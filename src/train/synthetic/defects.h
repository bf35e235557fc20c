#pragma once
// The families of defects. Each changes the scene's image about a point and returns where it meant to.
#include <span>

#include "train/synthetic/scene.h"

namespace anomalyvlm::synthetic {

enum class Where { kAnywhere, kEdge };  // kEdge: at the border of the object or of the image

struct Defect {
  const char* name;
  float weight;              // how often it is chosen
  float min_area, max_area;  // shares of the image
  Where where;
  bool spills;                                                // may lie across the object's border
  Map (*draw)(Rng& rng, Scene& scene, Point at, float area);  // area in pixels
};

std::span<const Defect> defects();

// A colour that differs from what lies under alpha; strength 0..1, or 0 for a random one.
Colour contrasting(Rng& rng, const Scene& scene, const Map& alpha, float strength = 0);
// Light on a relief of `height` pixels: brightens the slopes that face the scene's light.
void light_relief(Scene& scene, const Map& height, float strength);
// Moves what is under alpha by (dx, dy) pixels.
void displace(Scene& scene, const Map& alpha, const Map& dx, const Map& dy);

namespace defect {
Map scratch(Rng&, Scene&, Point, float);
Map crack(Rng&, Scene&, Point, float);
Map cut(Rng&, Scene&, Point, float);
Map thread(Rng&, Scene&, Point, float);
Map wrinkle(Rng&, Scene&, Point, float);
Map band(Rng&, Scene&, Point, float);
Map misweave(Rng&, Scene&, Point, float);
Map smear(Rng&, Scene&, Point, float);
Map hole(Rng&, Scene&, Point, float);
Map pinhole(Rng&, Scene&, Point, float);
Map spot(Rng&, Scene&, Point, float);
Map dent(Rng&, Scene&, Point, float);
Map bubble(Rng&, Scene&, Point, float);
Map contamination(Rng&, Scene&, Point, float);
Map glue(Rng&, Scene&, Point, float);
Map stain(Rng&, Scene&, Point, float);
Map colour(Rng&, Scene&, Point, float);
Map burn(Rng&, Scene&, Point, float);
Map uneven(Rng&, Scene&, Point, float);
Map rough(Rng&, Scene&, Point, float);
Map corrosion(Rng&, Scene&, Point, float);
Map flake(Rng&, Scene&, Point, float);
Map foreign(Rng&, Scene&, Point, float);
Map print(Rng&, Scene&, Point, float);
Map break_off(Rng&, Scene&, Point, float);
Map missing(Rng&, Scene&, Point, float);
Map fray(Rng&, Scene&, Point, float);
Map bent(Rng&, Scene&, Point, float);
Map misplaced(Rng&, Scene&, Point, float);
}  // namespace defect

}  // namespace anomalyvlm::synthetic
