// Leather, wood, stone and the like.
#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic::surfaces {

void leather(Rng& rng, Scene& scene) {
  const Cells c = cells(rng, scene.size, rng.lu(120, 4200), true);
  const float limit = c.width * rng.u(0.15, 0.5);
  Map h = combine(c.edge, [&](float e) { return std::min(e, limit) / c.width; });
  h = blur(h, rng.u(0.5, 1 + c.width / 20));
  cv::scaleAdd(fractal(rng, scene.size, 40, 2), 0.04, h, h);
  cv::scaleAdd(fractal(rng, scene.size, 4, 2), 0.06, h, h);
  if (rng.p(0.3)) cv::resize(h.rowRange(0, h.rows * 6 / 10).clone(), h, h.size());  // stretched skin
  Map s = normalised(relief(h, rng.u(0, 6.3))) * rng.u(0.2, 1);
  cv::scaleAdd(normalised(h), rng.u(0.2, 1), s, s);
  normalise(s);
  const Colour base =
      rng.p(0.6) ? hsv(rng.u(0.02, 0.11), rng.u(0.2, 0.8), rng.u(0.15, 0.75)) : any_colour(rng);
  scene.img = paint(rng, s, rng.lu(0.015, 0.11), base);
}

void wood(Rng& rng, Scene& scene) {
  const float a = scene.grain = usual_angle(rng);
  const Coordinates at = coordinates(rng, scene.size, a, 0);
  const float ring = scene.px(rng.lu(5, 40)), sway = rng.lu(0.1, 0.8);
  const Map slow = streaks(rng, scene.size, a, scene.px(160), scene.px(rng.lu(12, 60)));
  const float rise = rng.u(0.1, 1), fade = rng.u(0.3, 0.7);
  Map h = combine(at.v, slow, [=](float v, float s) {
    const float f = frac(v / ring + sway * s);
    return rise * (f < fade ? f / fade : (1 - f) / (1 - fade)) * 1.6f;
  });
  cv::scaleAdd(streaks(rng, scene.size, a, scene.px(rng.lu(15, 70)), rng.lu(0.7, 1.6)), rng.u(0.3, 1), h, h);
  if (rng.p(0.4)) {  // dark pores along the grain
    const Map pores = streaks(rng, scene.size, a, scene.px(rng.lu(6, 20)), 1);
    h -= combine(pores, [](float v) { return v > 1.6f ? 1.5f : 0.0f; });
  }
  normalise(h);
  const Colour base =
      rng.p(0.85) ? hsv(rng.u(0.05, 0.12), rng.u(0.15, 0.7), rng.u(0.25, 0.95)) : any_colour(rng);
  scene.img = paint(rng, h, rng.lu(0.02, 0.1), base);
}

void marble(Rng& rng, Scene& scene) {
  const Map h = fractal(rng, scene.size, rng.lu(2, 8), 4, 0.6f), slow = field(rng, scene.size, 2);
  const float k = rng.u(0.15, 0.7), thin = rng.u(0.25, 0.6);
  Map veins = combine(
      h, slow, [=](float a, float b) { return -std::pow(std::abs(wave(k * a * 0.5f + 0.16f * b)), thin); });
  cv::scaleAdd(fractal(rng, scene.size, 50, 2), 0.1, veins, veins);
  normalise(veins);
  scene.img = paint(rng, veins, rng.lu(0.015, 0.1));
}

void terrazzo(Rng& rng, Scene& scene) {  // chips in a binder, granite, speckled tiles
  const Cells c = cells(rng, scene.size, rng.lu(60, 6000), false);
  const Colour base = any_colour(rng);
  const float k = rng.lu(0.03, 0.35);
  std::vector<Colour> tones;
  for (int j = 0; j < 12; ++j) tones.push_back(near_colour(rng, rng.p(0.15) ? any_colour(rng) : base, k));
  scene.img.create(scene.size);
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x)
      scene.img(y, x) = tones[(static_cast<unsigned>(c.label(y, x)) * 2654435761u >> 16) % 12];
  }
  if (rng.p(0.5)) {
    const float from = c.width * rng.u(0.2, 0.5);
    blend(scene.img, combine(c.centre, [=](float d) { return clamp01((d - from) * 0.7f); }),
          near_colour(rng, base, 0.5f));
  }
  scene.img = blur(scene.img, rng.u(0.35, 0.9));
  add(scene.img, white(rng, scene.size), grey(rng.lu(0.005, 0.05)));
}

void concrete(Rng& rng, Scene& scene) {  // also stone, plaster, speckled ceramic
  Map h = fractal(rng, scene.size, rng.lu(2, 10), 4, 0.6f) * rng.u(0.3, 1);
  cv::scaleAdd(grains(rng, scene.size, rng.lu(0.45, 1.6)), rng.u(0.3, 1.5), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.015, 0.12));
  const int kinds = rng.i(0, 3);
  for (int k = 0; k < kinds; ++k) {  // grains and pores that are everywhere
    const Map g = grains(rng, scene.size, rng.lu(0.6, 2.4));
    const float level = rng.u(1.2, 2.2);
    const cv::Scalar m = cv::mean(scene.img);
    const float d = rng.n(0, 0.22);
    blend(scene.img, combine(g, [=](float v) { return clamp01((v - level) * 2); }),
          Colour(clamp01(m[0] + d), clamp01(m[1] + d), clamp01(m[2] + d)), rng.u(0.3, 1));
  }
}

void foam(Rng& rng, Scene& scene) {  // sponge, cork, foam, bread: pores of all sizes
  scene.light = rng.u(0, 6.3);
  Map open = Map::zeros(scene.size);
  const int levels = rng.i(1, 3);
  float sigma = rng.lu(0.8, 3.5);
  for (int k = 0; k < levels; ++k, sigma *= rng.u(0.4, 0.7)) {
    const float level = rng.u(0.4, 1.5);
    cover(open, combine(grains(rng, scene.size, std::max(0.6f, sigma)),
                        [=](float v) { return clamp01((v - level) * 2.5f); }));
  }
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(5, 60), 3), rng.lu(0.01, 0.06));
  multiply(scene.img, relief(blur(open, 0.8f), scene.light) * rng.u(0.2, 1) + 1);
  const float dark = rng.u(0.15, 0.7);
  multiply(scene.img, open * -dark + 1);
}

void paper(Rng& rng, Scene& scene) {  // fibres on a pale ground; card, filter, cloth backing
  Map h = grains(rng, scene.size, rng.lu(0.5, 2)) * rng.u(0.3, 1);
  for (int k = 0; k < 2; ++k) {
    cv::scaleAdd(streaks(rng, scene.size, rng.u(0, 3.2), rng.lu(4, 14), rng.lu(0.7, 1.3)), rng.u(0.1, 0.8), h,
                 h);
  }
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(2, 8), 2), rng.u(0, 0.7), h, h);
  normalise(h);
  const Colour base =
      rng.p(0.7) ? near_colour(rng, hsv(0.1f, rng.u(0, 0.3), rng.u(0.6, 0.95)), 0.05f) : any_colour(rng);
  scene.img = paint(rng, h, rng.lu(0.005, 0.05), base);
}

}  // namespace anomalyvlm::synthetic::surfaces
