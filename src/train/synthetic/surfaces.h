#pragma once
// The families of normal images: textures that fill the image, and objects on a background.
#include <span>

#include "train/synthetic/scene.h"

namespace anomalyvlm::synthetic {

enum class Material { kMetal, kFabric, kMineral, kPlastic, kElectric, kFood };

struct Surface {
  const char* name;
  float weight;       // how often it is chosen
  Material material;  // which defects are likely on it
  void (*draw)(Rng& rng, Scene& scene);
};

std::span<const Surface> textures();  // set img, sometimes under and grain
std::span<const Surface> objects();   // set img, under and object

// One texture of any family, or of those whose names are given.
void draw_texture(Rng& rng, Scene& scene, std::initializer_list<const char*> names = {});

// Normal things that are no defect: gleams, shadows, seams, lettering, rows of holes, frames, neighbours.
// Lasting ones belong to a product, passing ones to a single image of it.
enum class Distraction { kAny, kLasting, kPassing };
void distract(Rng& rng, Scene& scene, Distraction which = Distraction::kAny);

namespace surfaces {
void noise(Rng&, Scene&);
void orange_peel(Rng&, Scene&);
void brushed(Rng&, Scene&);
void machined(Rng&, Scene&);
void turned(Rng&, Scene&);
void cast(Rng&, Scene&);
void rolled(Rng&, Scene&);
void dim_sheet(Rng&, Scene&);
void hammered(Rng&, Scene&);
void tread_plate(Rng&, Scene&);
void leather(Rng&, Scene&);
void wood(Rng&, Scene&);
void marble(Rng&, Scene&);
void terrazzo(Rng&, Scene&);
void concrete(Rng&, Scene&);
void foam(Rng&, Scene&);
void paper(Rng&, Scene&);
void weave(Rng&, Scene&);
void knit(Rng&, Scene&);
void plaid(Rng&, Scene&);
void terry(Rng&, Scene&);
void net(Rng&, Scene&);
void carpet(Rng&, Scene&);
void felt(Rng&, Scene&);
void mesh(Rng&, Scene&);
void wire_grid(Rng&, Scene&);
void tiles(Rng&, Scene&);
void pattern(Rng&, Scene&);
void stripes(Rng&, Scene&);
void lettered(Rng&, Scene&);
void ridges(Rng&, Scene&);
void moulded(Rng&, Scene&);
void honeycomb(Rng&, Scene&);
void wafer(Rng&, Scene&);
void profile(Rng&, Scene&);

void disc(Rng&, Scene&);
void washer(Rng&, Scene&);
void nut(Rng&, Scene&);
void gear(Rng&, Scene&);
void screw(Rng&, Scene&);
void shaft(Rng&, Scene&);
void bracket(Rng&, Scene&);
void spring(Rng&, Scene&);
void bottle(Rng&, Scene&);
void capsule(Rng&, Scene&);
void pill(Rng&, Scene&);
void carton(Rng&, Scene&);
void biscuit(Rng&, Scene&);
void noodle(Rng&, Scene&);
void kernel(Rng&, Scene&);
void candle(Rng&, Scene&);
void chewing_gum(Rng&, Scene&);
void board(Rng&, Scene&);
void tracks(Rng&, Scene&);
void chip(Rng&, Scene&);
void leads(Rng&, Scene&);
void cable(Rng&, Scene&);
void zipper(Rng&, Scene&);
void brush(Rng&, Scene&);
void tray(Rng&, Scene&);
void pouch(Rng&, Scene&);
void bearing(Rng&, Scene&);
void bundle(Rng&, Scene&);
void chain(Rng&, Scene&);
void keypad(Rng&, Scene&);
void hazelnut(Rng&, Scene&);
void lens(Rng&, Scene&);
void commutator(Rng&, Scene&);
void connector(Rng&, Scene&);
void bolt(Rng&, Scene&);
void lead_frame(Rng&, Scene&);
}  // namespace surfaces

}  // namespace anomalyvlm::synthetic
