// Surface, parts, distractions and defects together.
#include "train/synthetic/compose.h"

#include "core/check.h"

namespace anomalyvlm::synthetic {

const Surface& choose_surface(Rng& rng, const std::string& wanted) {
  std::vector<const Surface*> from;
  std::vector<float> weights;
  float total[2] = {0, 0};
  for (const Surface& s : textures()) total[0] += s.weight;
  for (const Surface& s : objects()) total[1] += s.weight;
  for (int k = 0; k < 2; ++k) {
    for (const Surface& s : k ? objects() : textures()) {
      if (!wanted.empty() && wanted != s.name) continue;
      from.push_back(&s);
      weights.push_back(s.weight / total[k] * (k ? 0.55f : 0.45f));
    }
  }
  if (from.empty())
    fail(ErrorKind::kBadInput, "There is no surface family \"{}\": use one that surface_families() names.",
         wanted);
  return *from[rng.weighted(weights)];
}

namespace {

bool can_be_a_wrong_part(const std::string& family) {
  return family == "missing" || family == "misplaced" || family == "bent" || family == "colour" ||
         family == "print" || family == "contamination" || family == "break";
}

// The surface or object, with one wrong part where that is wanted.
void draw_surface(Rng& rng, Work& work, const Surface& surface, bool wrong_part, const Design* design) {
  const std::uint64_t fresh = rng.bits(), seed = design ? design->surface : fresh, fault_seed = rng.bits();
  const float any_light = rng.u(0, 2 * kPi), light = design ? design->light : any_light;
  const bool odd = design && design->odd;
  const auto draw_once = [&](bool wrong) {
    Scene scene(work.scene.size);
    scene.light = light;
    scene.fault.wanted = wrong || odd, scene.fault.only = odd ? std::string() : work.options.defect;
    scene.fault.rng = Rng(odd ? *design->odd : fault_seed);
    Rng own(seed);
    Variation variation = design ? design->variation : Variation{.rng = Rng(0)};
    variation.rng = Rng(fresh);
    if (design) own.varied_by(&variation);
    surface.draw(own, scene);
    if (own.p(surface.material == Material::kMetal ? 0.5 : 0.3)) mottle(own, scene);
    clamp01(scene.img);
    if (!design) return scene;
    for (const std::uint64_t lasting : design->lasting)
      distract(Rng(lasting).varied_by(&variation), scene, Distraction::kLasting);
    for (const std::uint64_t mark : design->marks) add_mark(mark, scene);
    return scene;
  };
  work.scene = draw_once(wrong_part);
  const std::string family = work.scene.fault.family;
  if (family.empty() || odd) return;
  Scene clean = draw_once(false);
  const Map change = difference(work.scene.img, clean.img, work.camera.grey);
  Map see;
  cv::blur(change, see, {3, 3});
  double most = 0;
  cv::minMaxLoc(see, nullptr, &most);
  const float level = std::max(0.03f, 0.3f * static_cast<float>(most));
  auto found = seen(work, clean.img, combine(see, [=](float v) { return v > level ? 1.0f : 0.0f; }), family);
  if (found) {
    work.drawn.push_back(std::move(*found));
    if (!clean.object.empty())
      cover(work.scene.object, clean.object);  // where a part should be is inspected too
  } else {
    work.scene = std::move(clean);
  }
}

}  // namespace

bool compose(Rng& rng, Work& work, const Surface& surface, int wanted, const Design* design) {
  work.drawn.clear();
  const bool by_part =
      work.options.defect.empty() ? rng.p(0.45) : can_be_a_wrong_part(work.options.defect) && rng.p(0.7);
  draw_surface(rng, work, surface, wanted > 0 && by_part, design);
  const int distractions =
      work.scene.object.empty() ? rng.pick({0, 0, 0, 1, 1, 2}) : rng.pick({0, 0, 1, 1, 1, 2});
  if (work.drawn.empty()) {
    const Distraction kind = design ? Distraction::kPassing : Distraction::kAny;
    for (int k = 0; k < distractions; ++k) distract(rng, work.scene, kind);
  }
  const int families = work.options.families_at_least;
  const auto complete = [&] {
    return static_cast<int>(work.drawn.size()) >= wanted &&
           different_families(work.drawn) >= (wanted > 0 ? families : 0);
  };
  for (int tries = 0; tries < 4 * wanted && !complete(); ++tries) {
    add_defect(rng, work,
               choose_defect(rng, work, surface.material, different_families(work.drawn) < families));
  }
  return wanted == 0 || (!work.drawn.empty() && different_families(work.drawn) >= families);
}

}  // namespace anomalyvlm::synthetic
