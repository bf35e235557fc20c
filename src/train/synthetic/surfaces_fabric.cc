// Woven, knitted and piled surfaces, meshes and grids.
#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic::surfaces {

void weave(Rng& rng, Scene& scene) {
  const float a = scene.grain = rng.p(0.35) ? rng.u(0, 3.2) : rng.p(0.5) ? 0 : rng.n(0, 0.05);
  const float p = scene.px(rng.lu(1.9, 26)), q = p * (rng.p(0.65) ? 1 : rng.lu(0.5, 2));
  const Coordinates at = coordinates(rng, scene.size, a, rng.lu(0.05, 2.5));
  struct Kind {
    int repeat, step;
  };
  const Kind kind = rng.pick<Kind>({{2, 1}, {2, 1}, {2, 1}, {3, 1}, {4, 1}, {4, 2}, {5, 2}});
  const float round = rng.u(0.5, 3), side_u = rng.u(0, 0.8), side_v = rng.u(0, 0.8),
              uneven_u = rng.lu(0.01, 0.12), uneven_v = rng.lu(0.01, 0.12);
  std::vector<float> tone_u(512), tone_v(512);  // no thread is quite like the next
  for (float& t : tone_u) t = 1 + uneven_u * rng.n();
  for (float& t : tone_v) t = 1 + uneven_v * rng.n();
  // Nor is one stretch of a yarn like the next where fibres of several colours are spun together.
  const float melange = rng.p(0.6) ? rng.lu(0.03, 0.35) : 0;
  const Map spun = white(rng, {256, 256});
  const float stretch = rng.lu(0.4, 3);
  const bool two_yarns = rng.p(0.35);
  Map over = Map::zeros(scene.size);
  const int front = std::max(1, kind.repeat / 2);
  Map h(scene.size);
  for (int y = 0; y < h.rows; ++y) {
    const float *pu = at.u[y], *pv = at.v[y];
    for (int x = 0; x < h.cols; ++x) {
      const float u = pu[x] / p, v = pv[x] / q;
      const int iu = floor_int(u), iv = floor_int(v);
      const float fu = u - iu - 0.5f, fv = v - iv - 0.5f;
      const int m = (iu + kind.step * iv) % kind.repeat;
      const bool warp_up = (m < 0 ? m + kind.repeat : m) < front;
      over(y, x) = warp_up ? 1.0f : 0.0f;
      h(y, x) = warp_up ? (1 - round * fu * fu - side_v * fv * fv) * tone_u[iu & 511]
                        : (1 - round * fv * fv - side_u * fu * fu) * tone_v[iv & 511];
      if (melange > 0) {
        const float t = (warp_up ? v : u) / stretch + 1000;
        const int k = static_cast<int>(t), row = warp_up ? iu : iv + 97;
        const float a = spun(row & 255, k & 255), b = spun(row & 255, (k + 1) & 255);
        h(y, x) += melange * (a + (b - a) * (t - k));
      }
    }
  }
  if (p < 5) h = blur(h, rng.u(0.4, 1));
  normalise(h);
  if (p > 7 && rng.p(0.6))
    cv::scaleAdd(grains(rng, scene.size, 0.6f), rng.u(0.1, 0.5), h, h);  // fibres of the yarn
  cv::scaleAdd(white(rng, scene.size), rng.lu(0.02, 0.3), h, h);
  if (rng.p(0.4)) cv::scaleAdd(fractal(rng, scene.size, rng.lu(2, 6), 2), rng.u(0.05, 0.4), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.02, 0.17));
  if (rng.p(0.12)) {  // a print on the cloth
    Scene printed(scene.size);
    draw_texture(rng, printed, {"pattern", "stripes", "tiles"});
    const cv::Scalar m = cv::mean(printed.img);
    printed.img -= m;
    cv::scaleAdd(printed.img, rng.u(0.2, 0.8), scene.img, scene.img);
  }
  if (two_yarns) add(scene.img, over, (any_colour(rng) - grey(0.5f)) * rng.lu(0.05, 0.5));
}

void knit(Rng& rng, Scene& scene) {
  const float a = scene.grain = rng.n(0, 0.06), p = scene.px(rng.lu(4, 34)), q = p * rng.u(0.5, 1.1);
  const Coordinates at = coordinates(rng, scene.size, a, rng.lu(0.1, 3));
  const float lean = rng.u(0.5, 1.4), gap = rng.u(0.5, 0.9);
  Map h = combine(at.u, at.v, [=](float x, float y) {
    const float fu = std::abs(frac(x / p) - 0.5f) * 2, w = frac(y / q + lean * fu) - 0.5f, e = 2 * fu - 1;
    return (1 - 3.2f * w * w) * (1 - gap * e * e);
  });
  normalise(h);
  cv::scaleAdd(grains(rng, scene.size, 0.6f), rng.lu(0.03, 0.35), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.025, 0.17));
}

void carpet(Rng& rng, Scene& scene) {
  Map h = grains(rng, scene.size, rng.lu(0.5, 3));
  cv::scaleAdd(streaks(rng, scene.size, rng.u(0, 3.2), rng.lu(3, 12), 1.2f), rng.u(0, 0.7), h, h);
  cv::scaleAdd(fractal(rng, scene.size, 5, 2), rng.u(0, 0.25), h, h);
  if (rng.p(0.4)) {  // loops in rows
    const float pu = scene.px(rng.lu(4, 18)), pv = pu * rng.u(0.5, 1.5), k = rng.u(0.3, 1.2);
    const Coordinates at = coordinates(rng, scene.size, usual_angle(rng), rng.lu(0.3, 3));
    h += combine(at.u, at.v, [=](float u, float v) {
      const float r = frac(v / pv + 0.5f);
      return k * wave(u / pu + 0.5f * (floor_int(v / pv + 0.5f) & 1)) * (r * (1 - r) * 4);
    });
  }
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.03, 0.2));
  if (rng.p(0.35)) {
    const Map g = grains(rng, scene.size, rng.lu(0.6, 1.5));
    const float level = rng.u(0.1, 1.2);
    const cv::Scalar m = cv::mean(scene.img);
    const Colour mean(m[0], m[1], m[2]);
    blend(scene.img, combine(g, [=](float v) { return v > level ? 1.0f : 0.0f; }),
          near_colour(rng, mean, 0.5f), rng.u(0.2, 0.8));
  }
}

void felt(Rng& rng, Scene& scene) {  // matted fibres in all directions
  Map h = Map::zeros(scene.size);
  const int layers = rng.i(4, 6);
  for (int k = 0; k < layers; ++k) {
    const Map s = streaks(rng, scene.size, rng.u(0, kPi), rng.lu(6, 30), rng.lu(0.7, 1.6));
    const float level = rng.u(0.5, 1.5);
    h = cv::max(h, combine(s, [=](float v) { return clamp01(v - level) * 2; }) * rng.u(0.5, 1));
  }
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(3, 12), 2), rng.u(0, 0.15), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.015, 0.12));
}

void mesh(Rng& rng, Scene& scene) {  // perforated sheet
  const float a = scene.grain = usual_angle(rng), p = scene.px(rng.lu(6, 64)),
              q = p * (rng.p(0.65) ? 1 : rng.lu(0.5, 2));
  const bool round = rng.p(0.5);
  const float stagger = rng.p(0.4) ? 0.5f : 0, r = rng.u(0.2, 0.42) * std::min(p, q),
              ru = p * rng.u(0.25, 0.46), rv = q * rng.u(0.25, 0.46);
  const Coordinates at = coordinates(rng, scene.size, a, rng.lu(0.02, 1.5));
  const Map hole = combine(at.u, at.v, [=](float x, float y) {
    const float v = y / q;
    const int iv = floor_int(v);
    const float u = x / p + stagger * (iv & 1), fu = (frac(u) - 0.5f) * p, fv = (v - iv - 0.5f) * q;
    const float d = round ? r - std::sqrt(fu * fu + fv * fv) : std::min(ru - std::abs(fu), rv - std::abs(fv));
    return clamp01(d + 0.5f);
  });
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(5, 80), 3), rng.lu(0.008, 0.06));
  add(scene.img, relief(blur(hole, 1), rng.u(0, 6.3)), grey(rng.lu(0.05, 0.35)));
  ColourImage back = paint(rng, fractal(rng, scene.size, rng.lu(2, 40), 2), rng.lu(0.005, 0.05));
  back *= rng.u(0.1, 1);
  blend(scene.img, hole, back);
  if (rng.p(0.6)) scene.under = back;
}

void wire_grid(Rng& rng, Scene& scene) {  // crossing wires over an open ground
  scene.light = rng.u(0, 6.3);
  const float p = scene.px(rng.lu(9, 60)), q = p * (rng.p(0.7) ? 1 : rng.lu(0.6, 1.6)),
              w = p * rng.u(0.12, 0.4), a = scene.grain = rng.p(0.3) ? kPi / 4 : usual_angle(rng),
              skew = rng.p(0.3) ? rng.u(-0.5, 0.5) : 0;
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(2, 50), 2), rng.lu(0.004, 0.05));
  scene.under = scene.img.clone();
  const Coordinates at = coordinates(rng, scene.size, a, rng.lu(0.1, 2));
  const Colour wire = any_colour(rng);
  const bool woven = rng.p(0.6);
  const float swing = woven ? w * 0.3f : 0;
  ColourImage lit(scene.size);
  Map cover_map(scene.size);
  const float lu = std::cos(scene.light - a), lv = std::sin(scene.light - a), gloss = rng.u(0, 0.5),
              soft = rng.u(0.3, 0.7);
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x) {
      const float u = at.u(y, x) / p + skew * at.v(y, x) / q, v = at.v(y, x) / q;
      const int iu = floor_int(u), iv = floor_int(v);
      const float du = (u - iu - 0.5f) * p + swing * wave(v * 0.5f),
                  dv = (v - iv - 0.5f) * q + swing * wave(u * 0.5f);
      const float cu = clamp01(w / 2 - std::abs(du) + 0.5f), cv = clamp01(w / 2 - std::abs(dv) + 0.5f);
      const bool u_on_top = woven ? ((iu + iv) & 1) == 0 : true;
      const bool use_u = cu > 0.5f && (cv < 0.5f || u_on_top);
      const float t = use_u || cv <= 0.5f ? du : dv,
                  n = clamp01(std::abs(t) / (w / 2)) * (t < 0 ? -1.0f : 1.0f);
      const float slope = (use_u || cv <= 0.5f ? lu : lv) * n;
      const float depth = woven ? 1 - 0.12f * ((use_u ? cv : cu) > 0.5f) : 1;
      const float shade = depth * (1 - soft * n * n + 0.5f * slope),
                  gleam = gloss * std::max(0.0f, 1 - 9 * (n - 0.35f * (use_u ? lu : lv)) *
                                                         (n - 0.35f * (use_u ? lu : lv)));
      lit(y, x) = wire * shade + grey(gleam);
      cover_map(y, x) = std::max(cu, cv);
    }
  }
  const float drop = scene.px(rng.u(1, 8)), dark = rng.u(0, 0.6);
  multiply(scene.img, blur(shifted(cover_map, -drop * std::cos(scene.light), -drop * std::sin(scene.light)),
                           1 + drop / 3) *
                              -dark +
                          1);
  add(lit, grains(rng, scene.size, 0.7f), grey(rng.lu(0.005, 0.04)));
  blend(scene.img, cover_map, lit);
}

}  // namespace anomalyvlm::synthetic::surfaces
