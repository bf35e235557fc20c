#pragma once
// One image in the making: a surface or objects, and defects of which it is known where they can be seen.
#include <optional>
#include <string>
#include <vector>

#include "train/synthetic/camera.h"
#include "train/synthetic/defects.h"
#include "train/synthetic/surfaces.h"
#include "train/synthetic/synthetic.h"

namespace anomalyvlm::synthetic {

struct Drawn {
  std::string family;
  Map mask;  // 0 or 1
  float visibility;
};

struct Work {
  const Options& options;
  Camera camera;
  Scene scene;
  std::vector<Drawn> drawn;
};

// What stays the same in all images of a product.
struct Design {
  std::uint64_t surface = 0;           // seed of its surface or object
  float light = 0;                     // where light comes from
  std::vector<std::uint64_t> lasting;  // seeds of joints, lettering, frames: what it has everywhere
  std::vector<std::uint64_t> marks;    // seeds of what would be a defect, were it not on each of them
  std::optional<std::uint64_t> odd;    // seed of a part that differs from the others on each of them
  Variation variation{.rng = Rng(0)};  // how its images differ; the stream is another one in each
};

// ---- place_defects.cc
// What is left of a change in the image: where it is really seen, and how well. `meant`: where it was
// drawn, 0..1.
std::optional<Drawn> seen(const Work& work, const ColourImage& before, const Map& meant,
                          const std::string& family);
Map difference(const ColourImage& a, const ColourImage& b, bool grey_only);
// Draws one defect and keeps it if it can be seen.
bool add_defect(Rng& rng, Work& work, const Defect& kind);
// Draws what looks like a defect, but belongs there. The same seed gives the same mark at the same place.
void add_mark(std::uint64_t seed, Scene& scene);
// One that is likely on this material; with new_family none that the image has already.
const Defect& choose_defect(Rng& rng, const Work& work, Material material, bool new_family);
int different_families(const std::vector<Drawn>& drawn);

// ---- compose.cc
const Surface& choose_surface(Rng& rng, const std::string& wanted);
// One whole attempt at an image with `wanted` defects; true if it holds what was asked for. `design`: of the
// product that it shows; nullptr: of none in particular.
bool compose(Rng& rng, Work& work, const Surface& surface, int wanted, const Design* design = nullptr);

}  // namespace anomalyvlm::synthetic
