#include "train/synthetic/synthetic.h"

#include <mutex>

#include "core/check.h"
#include "train/synthetic/compose.h"

namespace anomalyvlm::synthetic {
namespace {

Mask to_mask(const Map& a, float level) {
  Mask out;
  out.width = a.cols, out.height = a.rows;
  out.values.resize(a.total());
  for (int y = 0; y < a.rows; ++y) {
    const float* from = a[y];
    std::uint8_t* to = out.values.data() + static_cast<std::size_t>(y) * a.cols;
    for (int x = 0; x < a.cols; ++x) to[x] = from[x] > level;
  }
  return out;
}

// The camera's framing, unless it would cut a defect away.
cv::Matx23f safe_framing(const Work& work) {
  if (!work.camera.framed) return work.camera.flips;
  const cv::Matx23f& f = work.camera.framing;
  const double zoom = std::abs(f(0, 0) * f(1, 1) - f(0, 1) * f(1, 0));
  for (const Drawn& d : work.drawn) {
    if (cv::sum(reframe(d.mask, f))[0] * zoom < 0.5 * cv::sum(d.mask)[0]) return work.camera.flips;
  }
  return f;
}

// What the camera sees. Defects outside its view are dropped.
Sample finish(Rng& rng, Work& work, const Surface& surface, const cv::Matx23f& framing, Rng& exposure) {
  Sample out;
  Map all = Map::zeros(work.scene.size);
  for (const Drawn& d : work.drawn) {
    const Map mask = combine(reframe(d.mask, framing), [](float v) { return v > 0.45f ? 1.0f : 0.0f; });
    if (cv::countNonZero(mask) < 6) continue;
    cover(all, mask);
    out.defects.push_back(
        {d.family, phrasebook().random_phrase(d.family, rng), to_mask(mask, 0.5f), d.visibility});
  }
  // Soft edges, but a line a pixel wide stays plain.
  const Map soft =
      combine(blur(all, 0.7f), all, [](float s, float m) { return clamp01(std::max(s, 0.75f * m)); });
  out.defect_map = {soft.cols, soft.rows, std::vector<float>(soft[0], soft[0] + soft.total())};
  out.object = to_mask(
      work.scene.object.empty() ? Map(work.scene.size, 1.0f) : reframe(work.scene.object, framing), 0.5f);
  out.image = expose(exposure, work.camera, reframe(work.scene.img, framing));
  out.surface = surface.name;
  return out;
}

void prepare(const Options& options) {
  if (options.width < 32 || options.height < 32) {
    fail(ErrorKind::kBadInput, "A synthetic image must be at least 32 x 32 pixels, not {} x {}.",
         options.width, options.height);
  }
  if (!options.defect.empty()) phrasebook().phrases_of(options.defect);  // throws for an unknown family
  static std::once_flag once;
  std::call_once(once,
                 [] { cv::setNumThreads(1); });  // one image a thread is faster than many threads an image
}

int wanted_defects(Rng& rng, const Options& options) {
  const bool normal = rng.p(options.normal_share);
  return normal ? 0 : std::max(options.families_at_least, rng.pick({1, 1, 1, 1, 2, 2, 3, 4}));
}

bool is_object(const Surface& surface) {
  return &surface >= objects().data() && &surface < objects().data() + objects().size();
}

Design random_design(Rng& rng, const Surface& surface, bool oddities) {
  Design design;
  design.surface = rng.bits();
  design.light = rng.u(0, 2 * kPi);
  const bool object = is_object(surface);
  Variation& v = design.variation;
  v.roams = rng.p(object ? 0.3 : 0.85), v.turns = object && rng.p(0.35), v.free_light = rng.p(0.15);
  v.sway = rng.lu(0.002, 0.03);
  const bool fixtured = !v.turns && !v.roams;
  const int lasting = v.turns ? 0 : rng.pick({0, 0, 0, 1, 1, 2});
  for (int k = 0; k < lasting; ++k) design.lasting.push_back(rng.bits());
  const int marks = oddities && fixtured && rng.p(0.5) ? rng.i(1, 4) : 0;
  for (int k = 0; k < marks; ++k) design.marks.push_back(rng.bits());
  if (oddities && rng.p(0.12)) design.odd = rng.bits();
  return design;
}

}  // namespace

Sample draw(std::uint64_t seed, const Options& options) {
  prepare(options);
  Rng rng(seed * 2 + (options.validation ? 1 : 0));
  const cv::Size size(options.width, options.height);
  Work work{options, random_camera(rng, size), Scene(size), {}};
  const int wanted = wanted_defects(rng, options);
  const Surface* surface = nullptr;
  for (int tries = 0; tries < 12; ++tries) {  // faint attempts are dropped: begin again, on another surface
    surface = &choose_surface(rng, options.surface);
    if (compose(rng, work, *surface, wanted)) break;
  }
  return finish(rng, work, *surface, safe_framing(work), rng);
}

Sample draw_product(std::uint64_t product, std::uint64_t image, const Options& options) {
  prepare(options);
  constexpr std::uint64_t kProducts = 0x5EED0FA5C0DE1200ull, kImages = 0xD1B54A32D192ED03ull;
  Rng rng(kProducts + product * 2 + (options.validation ? 1 : 0));
  const cv::Size size(options.width, options.height);
  const Camera camera = random_camera(rng, size, 0.85);
  const Surface& surface = choose_surface(rng, options.surface);
  Design design = random_design(rng, surface, options.oddities);
  const std::uint64_t exposure_seed = rng.bits();
  Rng own(rng.bits() + image * kImages);
  Work work{options, another_shot(own, camera, design.variation, size), Scene(size), {}};
  const int wanted = wanted_defects(own, options);
  for (int tries = 0; tries < 6; ++tries) {  // what cannot be seen is dropped
    if (compose(own, work, surface, wanted, &design)) break;
  }
  Rng exposure(exposure_seed);
  design.variation.rng = Rng(own.bits());
  exposure.varied_by(&design.variation);
  return finish(own, work, surface, work.camera.framing, exposure);
}

std::vector<std::string> surface_families() {
  std::vector<std::string> out;
  for (const Surface& s : textures()) out.emplace_back(s.name);
  for (const Surface& s : objects()) out.emplace_back(s.name);
  return out;
}

std::vector<std::string> defect_families() {
  std::vector<std::string> out;
  for (const Defect& d : defects()) out.emplace_back(d.name);
  return out;
}

}  // namespace anomalyvlm::synthetic
