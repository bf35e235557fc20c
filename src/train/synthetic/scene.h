#pragma once
// An image in the making: the surface or objects, what lies below them, and how they are lit.
#include <string>
#include <string_view>
#include <vector>

#include "train/synthetic/canvas.h"
#include "train/synthetic/noise.h"

namespace anomalyvlm::synthetic {

// A request for one wrong part among several equal ones. A surface is rendered twice from the same random
// numbers, without and with it; the fault's own numbers do not disturb the surface's, so that the two differ
// in that part alone.
struct Fault {
  bool wanted = false;
  std::string only;  // this family, or any
  Rng rng{0};
  std::string family;  // set when it was made
};

// One of several equal parts of an object or pattern.
struct Part {
  Point at;
  float angle = 0;
  float size = 1;     // factor
  float stretch = 1;  // factor along its own axis
  float bend = 0;     // sideways at its end, in its own lengths
  bool present = true;
  Colour tint{1, 1, 1};
};

struct Scene {
  explicit Scene(cv::Size s) : size(s), unit(std::sqrt(static_cast<float>(s.area())) / 256), img(s) {}
  Point middle() const { return {size.width / 2.0f, size.height / 2.0f}; }
  float px(float at256) const { return at256 * unit; }  // a length as it would be in a 256 x 256 image

  cv::Size size;
  float unit;  // pixels per pixel of a 256 x 256 image
  ColourImage img;
  ColourImage under;  // what shows where material is gone; empty: not known
  Map object;         // where the inspected objects are; empty: everywhere
  float light = 0;    // the angle that light comes from
  float grain = 0;    // the direction of the surface's structure
  float drop = 0;     // length of the objects' cast shadows in pixels
  float mottle = 0;   // deviation of the surface's shade from place to place, as a share of its brightness
  Fault fault;
};

// Makes one of the parts wrong where the scene's fault asks for it. `ways` says how a part of this kind can
// be wrong: m missing, s shifted, t turned, z of another size, c of another colour, b bent. `reach`: a part's
// size in pixels.
void alter(Scene& scene, std::vector<Part>& parts, float reach, std::string_view ways);

// A solid body: where it is, its height in pixels, its colours, and how it shines.
struct Body {
  Map alpha;
  Map height;
  ColourImage albedo;
  float gloss = 0.25f;  // strength of the highlight
  int shine = 4;        // its sharpness, as a power of two
  float ambient = 0.45f;
  float mirror = 0;  // strength of reflected surroundings, as polished metal shows them
};
// Lights a body and lays it on the image with its shadow; adds it to scene.object unless `part`.
void place(Rng& rng, Scene& scene, const Body& body, bool part = false);
// A body's height from its outline: rounded over `rounding` pixels at the edge, `tall` pixels in the middle.
Map rounded(const Map& alpha, float rounding, float tall);
Body make_body(const Map& alpha, const Map& height, const Colour& colour);

// A unit-deviation map as variation of brightness (sometimes of hue) round a colour. k: strength.
ColourImage paint(Rng& rng, const Map& h, float k, const Colour& base);
ColourImage paint(Rng& rng, const Map& h, float k);
// The fine structure of an object's material: zero mean, small.
Map skin(Rng& rng, const Scene& scene);
// Shade that varies from place to place, as it does on ground, cast, dyed or worn surfaces that nothing is
// wrong with; often stretched along the grain. Sets scene.mottle.
void mottle(Rng& rng, Scene& scene);
// Random letters and digits about `height` pixels tall.
Map lettering(Rng& rng, cv::Size size, Point at, float height, float angle, int letters);
// The same as a product's own marking, which the scene's fault can spoil: wiped, doubled, smeared or struck
// out.
Map marking(Rng& rng, Scene& scene, Point at, float height, float angle, int letters);
// Sets img and under to something that objects lie on; chooses the light and the shadows.
void background(Rng& rng, Scene& scene);

}  // namespace anomalyvlm::synthetic
