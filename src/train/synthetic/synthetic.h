#pragma once
// Procedural images of industrial surfaces and objects with synthetic defects: what the detector is trained
// on. They contain no photographs. Everything follows from a seed and the options; draw() may be called from
// any thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anomalyvlm/image.h"
#include "train/synthetic/phrases.h"
#include "train/synthetic/rng.h"

namespace anomalyvlm::synthetic {

struct Options {
  int width = 256;              // pixels, 32 or more
  int height = 256;             // pixels, 32 or more
  double min_visibility = 1.0;  // 1: the faintest defects are allowed .. 3: only plain ones
  double normal_share = 0.3;    // share of images without any defect
  int families_at_least = 0;    // so many different defect families in every image that has a defect; 0: free
  bool validation = false;      // another stream of seeds, never met in training
  std::string surface;          // only this surface family; empty: any
  std::string defect;           // only this defect family; empty: any
  bool oddities = false;        // draw_product(): some products have marks or an odd part that only a look at
                                // others of them tells from a defect
};

struct DefectInstance {
  std::string family;
  std::string phrase;    // words for it, from the phrasebook
  Mask mask;             // 1 where it is seen
  float visibility = 0;  // contrast to what would be there without it, over what is just seen: about 1 .. 10
};

struct Sample {
  Image image;
  std::vector<DefectInstance> defects;
  FloatMap defect_map;  // all defects together with soft edges, 0..1: the target of training
  Mask object;          // the inspected object or objects; all ones where a texture fills the image
  std::string surface;  // family of the surface or object
};

// Draws one image. Throws Error(kBadInput) for a size below 32 or an unknown family in the options.
Sample draw(std::uint64_t seed, const Options& options);

// Draws one image of a product: images of the same product number show the same surface or object with the
// same layout, colours, print and camera, but with other natural variation, pose, light and noise. An image
// without defects (normal_share 1) can serve as a reference for the others. Throws as draw() does.
Sample draw_product(std::uint64_t product, std::uint64_t image, const Options& options);

std::vector<std::string> surface_families();
std::vector<std::string> defect_families();

}  // namespace anomalyvlm::synthetic
