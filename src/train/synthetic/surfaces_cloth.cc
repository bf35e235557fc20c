// Cloth with structure of its own: checks and twills of several yarns, towelling, nets.
#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic::surfaces {

void plaid(Rng& rng, Scene& scene) {  // checks, stripes and herringbone of dyed yarns
  scene.grain = rng.n(0, 0.04);
  const float p = scene.px(rng.lu(1.6, 7));
  const Coordinates at = coordinates(rng, scene.size, scene.grain, rng.lu(0.1, 2.5));
  const Colour ground = any_colour(rng);
  const auto yarns = [&](bool plain) {  // a repeat of colours
    std::vector<Colour> out;
    const int bands = plain ? 1 : rng.i(2, 6);
    for (int k = 0; k < bands; ++k) {
      const Colour c = k == 0 ? ground : rng.p(0.5) ? near_colour(rng, ground, 0.5f) : any_colour(rng);
      out.insert(out.end(), static_cast<std::size_t>(rng.i(1, 18)), c);
    }
    return out;
  };
  const std::vector<Colour> warp = yarns(rng.p(0.2)), weft = yarns(rng.p(0.35));
  const int repeat = rng.pick({2, 3, 4, 4}), step = 1, front = std::max(1, repeat / 2);
  const int herring = rng.p(0.25) ? rng.i(6, 24) : 0;
  const float round = rng.u(0.1, 0.5), uneven = rng.lu(0.01, 0.08);
  std::vector<float> tone(512);
  for (float& t : tone) t = 1 + uneven * natural(rng).n();
  scene.img.create(scene.size);
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x) {
      const float u = at.u(y, x) / p, v = at.v(y, x) / p;
      const int iu = floor_int(u), iv = floor_int(v);
      const int lean =
          herring > 0 && ((iu % (2 * herring) + 2 * herring) % (2 * herring)) >= herring ? -1 : 1;
      const int m = ((iu * lean + step * iv) % repeat + repeat) % repeat;
      const float fu = frac(u) - 0.5f, fv = frac(v) - 0.5f;
      const auto colour = [](const std::vector<Colour>& repeat_of, int k) {
        const int size = static_cast<int>(repeat_of.size());
        return repeat_of[static_cast<std::size_t>((k % size + size) % size)];
      };
      scene.img(y, x) = m < front ? colour(warp, iu) * (tone[iu & 511] * (1 - round * 4 * fu * fu))
                                  : colour(weft, iv) * (tone[iv & 511] * (1 - round * 4 * fv * fv));
    }
  }
  scene.img = blur(scene.img, rng.u(0.35, 0.8));
  add(scene.img, grains(rng, scene.size, rng.lu(0.5, 1.2)), grey(rng.lu(0.004, 0.05)));
  if (rng.p(0.5)) multiply(scene.img, fractal(rng, scene.size, rng.lu(2, 6), 2) * rng.lu(0.01, 0.08) + 1);
}

void terry(Rng& rng, Scene& scene) {  // towelling, corduroy, quilted cloth: soft relief in rows over a pile
  scene.grain = usual_angle(rng);
  const float p = scene.px(rng.lu(6, 60)), q = p * rng.u(0.6, 2), lean = rng.u(-0.4, 0.4);
  const Coordinates at = coordinates(rng, scene.size, scene.grain, rng.lu(0.3, 3));
  const int kind = rng.i(0, 2);  // cords, quilts, waffles
  Map h = combine(at.u, at.v, [=](float u, float v) {
    const float a = std::abs(wave(u / p / 2)), b = std::abs(wave(v / q / 2));
    if (kind == 0) return std::pow(a, 0.5f) + lean * wave(u / p);
    if (kind == 1) return std::pow(std::abs(wave((u / p + v / q) / 2) * wave((u / p - v / q) / 2)), 0.5f);
    return 1 - std::max(std::pow(a, 3.0f), std::pow(b, 3.0f));
  });
  const Map slope = relief(blur(h, scene.px(0.8f)) * scene.px(4), rng.u(0, 6.3));
  normalise(h);
  cv::scaleAdd(normalised(slope), rng.u(0, 1), h, h);
  cv::scaleAdd(grains(rng, scene.size, rng.lu(0.5, 2)), rng.lu(0.15, 1.2), h, h);
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(2, 6), 2), rng.u(0, 0.3), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.02, 0.15));
}

void net(Rng& rng, Scene& scene) {  // lace, netting, gauze: threads that leave openings of a repeated shape
  scene.grain = rng.p(0.6) ? rng.n(0, 0.05) : rng.u(0, 3.2);
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(2, 30), 2), rng.lu(0.004, 0.04));
  scene.under = scene.img.clone();
  const float p = scene.px(rng.lu(7, 46)), q = p * rng.u(0.6, 1.6), w = rng.u(0.12, 0.3),
              swing = rng.u(0.1, 0.5), knots = rng.u(0, 0.35);
  const Coordinates at = coordinates(rng, scene.size, scene.grain, rng.lu(0.3, 3));
  const Map thick = field(rng, scene.size, rng.lu(20, 60));
  Map cover_map = combine(at.u, at.v, [=](float x, float y) {
    const float u = x / p, v = y / q, side = swing * wave(v);
    const float a = std::abs(frac(u + side) - 0.5f), b = std::abs(frac(u - side + 0.5f) - 0.5f);
    const float knot = std::hypot(frac(u + 0.5f) - 0.5f, (frac(2 * v + 0.5f) - 0.5f) / 2);
    return std::max({clamp01((w / 2 - a) * p + 0.5f), clamp01((w / 2 - b) * p + 0.5f),
                     clamp01((knots * 0.5f - knot) * p)});
  });
  cover_map = combine(cover_map, thick, [](float c, float t) { return clamp01(c * (1 + 0.15f * t)); });
  const float drop = scene.px(rng.u(0, 5)), dark = rng.u(0, 0.5);
  multiply(scene.img, blur(shifted(cover_map, drop, drop), 1 + drop / 3) * -dark + 1);
  ColourImage thread(scene.size, any_colour(rng));
  multiply(thread, relief(blur(cover_map, 0.8f), rng.u(0, 6.3)) * rng.u(0.3, 1.2) + 1);
  add(thread, grains(rng, scene.size, 0.6f), grey(rng.lu(0.01, 0.07)));
  blend(scene.img, cover_map, thread);
}

}  // namespace anomalyvlm::synthetic::surfaces
