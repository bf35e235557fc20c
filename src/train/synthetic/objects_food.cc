// Food and packages: biscuits, noodles, kernels, chewing gum, cartons, pouches, trays.
#include "train/synthetic/objects.h"

namespace anomalyvlm::synthetic::surfaces {

void biscuit(Rng& rng, Scene& scene) {
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.5);
  alter_objects(scene, lay, "ms");
  const int kind = rng.i(0, 3);  // plain round, scalloped, square, wheel with spokes
  const int lobes = rng.i(8, 36);
  const float depth = kind == 1 ? rng.u(0.02, 0.1) : 0;
  Outline shape;
  const std::vector<float> wobble = wobbly_radii(natural(rng), 1, rng.lu(0.01, 0.06), 5, 144);
  for (int k = 0; k < 144; ++k) {
    const float t = 2 * kPi * k / 144, r = wobble[k] * (1 - depth * std::abs(std::sin(lobes * t / 2)));
    shape.push_back({r * std::cos(t), r * std::sin(t)});
  }
  if (kind == 2) shape = rectangle({0, 0}, 1.8f, rng.u(1.1, 1.8), 0, rng.u(0.05, 0.4));
  Map alpha = fill_parts(scene, shape, lay.parts, lay.radius);
  if (kind == 3) {  // openings between rim, spokes and hub
    std::vector<Outline> gaps;
    const int n = rng.i(3, 6);
    const float in = rng.u(0.2, 0.35), out = rng.u(0.62, 0.8), spoke = rng.u(0.25, 0.45);
    for (const Part& p : lay.parts) {
      const Axes axes(p.at, p.angle);
      for (int k = 0; k < n; ++k) {
        Outline gap;
        const float a0 = 2 * kPi * (k + spoke / 2) / n, a1 = 2 * kPi * (k + 1 - spoke / 2) / n;
        for (int j = 0; j <= 6; ++j)
          gap.push_back(axes.at(out * lay.radius * std::cos(a0 + (a1 - a0) * j / 6),
                                out * lay.radius * std::sin(a0 + (a1 - a0) * j / 6)));
        for (int j = 6; j >= 0; --j)
          gap.push_back(axes.at(in * lay.radius * std::cos(a0 + (a1 - a0) * j / 6),
                                in * lay.radius * std::sin(a0 + (a1 - a0) * j / 6)));
        gaps.push_back(gap);
      }
    }
    alpha = cv::max(alpha - fill(scene.size, gaps), 0);
  }
  const Colour dough = food_colour(rng);
  Body body =
      make_body(alpha, rounded(alpha, lay.radius * rng.u(0.05, 0.7), lay.radius * rng.u(0.05, 0.3)), dough);
  body.gloss = rng.u(0, 0.15), body.ambient = rng.u(0.4, 0.65);
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(15, 90), 3, 0.7f), rng.lu(0.2, 1.6), body.height, body.height);
  multiply(body.albedo, fractal(rng, scene.size, rng.lu(4, 50), 3) * rng.lu(0.02, 0.15) + 1);
  // Browner towards the rim, as baking does.
  const Map edge = inner_distance(alpha);
  const float brown = rng.u(-0.1, 0.4), reach = lay.radius * rng.u(0.1, 0.4);
  multiply(body.albedo, combine(edge, [=](float d) { return 1 - brown * clamp01(1 - d / reach); }));
  if (kind != 3 && rng.p(0.75)) {  // pricked holes, chips of chocolate, sugar
    const int n = rng.i(4, 26);
    std::vector<Part> pricks;
    const float first = rng.u(0, 6);
    for (const Part& p : lay.parts) {
      for (int k = 0; k < n; ++k) {
        const float r = lay.radius * 0.75f * std::sqrt((k + 0.5f) / n), t = first + 2.4f * k;
        pricks.push_back({p.at + Point(r * std::cos(t), r * std::sin(t)), t});
      }
    }
    const float size = lay.radius * rng.u(0.025, 0.1);
    const Map prick =
        fill_parts(scene, polar({0, 0}, 0, 1, 1, 12, wobbly_radii(rng, 1, 0.3f, 3, 12)), pricks, size);
    const bool bump = rng.p(0.3);
    body.height += blur(prick, std::max(0.7f, size * 0.3f)) * (bump ? size : -size);
    blend(body.albedo, prick, near_colour(rng, dough, 0.3f) * rng.u(0.25, 0.9), rng.u(0.3, 1));
  }
  place(rng, scene, body);
}

void noodle(Rng& rng, Scene& scene) {  // bent tubes, often ridged: macaroni, hoses, cashews
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.35, 0.6f);
  alter_objects(scene, lay, "msb");
  const float span = rng.u(1.6, 4.2), mid = rng.u(0.55, 0.75), half = rng.u(0.17, 0.34);
  const bool ridged = rng.p(0.5), hollow = rng.p(0.5);
  Outline shape;
  const int steps = 28;
  const float cx = mid * 0.6f;
  const auto push = [&](float r, float t) { shape.push_back({r * std::cos(t) - cx, r * std::sin(t)}); };
  for (int k = 0; k <= steps; ++k) push(mid + half, -span / 2 + span * k / steps);
  for (int k = 1; k < 6; ++k)
    push(mid + half * std::cos(kPi * k / 6), span / 2 + (hollow ? 0.0f : half / mid * std::sin(kPi * k / 6)));
  for (int k = steps; k >= 0; --k) push(mid - half, -span / 2 + span * k / steps);
  for (int k = 5; k > 0; --k)
    push(mid + half * std::cos(kPi * k / 6),
         -span / 2 - (hollow ? 0.0f : half / mid * std::sin(kPi * k / 6)));
  const Map alpha = fill_parts(scene, shape, lay.parts, lay.radius);
  const float r = half * lay.radius;
  Body body = make_body(alpha, rounded(alpha, r, r * rng.u(0.6, 1)), food_colour(rng));
  body.gloss = rng.u(0.05, 0.6), body.ambient = rng.u(0.4, 0.65);
  const int ridges = rng.i(3, 7);
  const float ridge = ridged ? rng.u(0.03, 0.12) * r : 0;
  for (const Part& part : lay.parts) {
    around(scene, part, lay.radius * 1.2f, lay.radius * 1.2f, [&](int x, int y, float u, float v) {
      const float q = std::hypot(u + cx * lay.radius, v), t = (q - (mid - half) * lay.radius) / (2 * r);
      if (t > 0 && t < 1 && std::abs(std::atan2(v, u + cx * lay.radius)) < span / 2 + 0.2f) {
        body.height(y, x) += ridge * wave(t * ridges);
        if (hollow && std::abs(std::atan2(v, u + cx * lay.radius)) > span / 2 - half * 0.35f / mid) {
          body.albedo(y, x) *= 0.25f + 1.4f * std::abs(t - 0.5f);
        }
      }
    });
  }
  multiply(body.albedo, fractal(rng, scene.size, rng.lu(5, 60), 3) * rng.lu(0.01, 0.08) + 1);
  place(rng, scene, body);
}

void kernel(Rng& rng, Scene& scene) {  // nuts, beans, seeds, stones, potatoes
  background(rng, scene);
  const float thick = rng.u(0.5, 1);
  Layout lay = lay_out(rng, scene, 0.55, thick);
  alter_objects(scene, lay, "ms");
  const Outline shape =
      polar({0, 0}, 0, 1, thick, 96, wobbly_radii(natural(rng), 0.95f, rng.u(0.02, 0.14), 4, 96));
  const Map alpha = fill_parts(scene, shape, lay.parts, lay.radius);
  const float r = lay.radius * thick;
  const Colour base = food_colour(rng);
  Body body = make_body(alpha, rounded(alpha, r * rng.u(0.7, 1), r * rng.u(0.5, 0.9)), base);
  body.gloss = rng.u(0.05, 0.6), body.shine = rng.i(2, 5), body.ambient = rng.u(0.35, 0.6);
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(8, 60), 3, 0.7f), rng.lu(0.1, 1), body.height, body.height);
  const bool striped = rng.p(0.55), cap = rng.p(0.45);
  const float meridians = rng.lu(0.06, 0.3), strength = rng.u(0.05, 0.3);
  const Map along = streaks(rng, scene.size, 0, 1, 1);
  const Colour cap_colour = near_colour(rng, base, 0.4f) * rng.u(0.7, 1.3);
  const float cap_at = rng.u(0.3, 0.75);
  for (const Part& part : lay.parts) {
    const float phase = natural(rng).u(0, 400);
    around(scene, part, lay.radius * 1.08f, r * 1.15f, [&](int x, int y, float u, float v) {
      const float across =
          v / std::max(0.25f, std::sqrt(std::max(0.0f, 1 - (u / lay.radius) * (u / lay.radius))));
      if (striped) {  // stripes from end to end
        const float p = across * meridians + phase, q = u * 0.02f;
        const int a = static_cast<int>(p), b = static_cast<int>(q + 100);
        const float f = p - a, s0 = along(b % along.rows, a % along.cols),
                    s1 = along(b % along.rows, (a + 1) % along.cols);
        body.albedo(y, x) *= std::max(0.2f, 1 + strength * (s0 + (s1 - s0) * f));
      }
      if (cap && u > cap_at * lay.radius + 2 * wave(v * 0.06f + phase)) {
        body.albedo(y, x) += (cap_colour - body.albedo(y, x)) * 0.85f;
      }
    });
  }
  multiply(body.albedo, fractal(rng, scene.size, rng.lu(5, 70), 3) * rng.lu(0.02, 0.14) + 1);
  place(rng, scene, body);
}

void chewing_gum(Rng& rng, Scene& scene) {  // cushions, tiles, soaps, sweets
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.4);
  const float aspect = rng.u(0.6, 1);
  for (Part& p : lay.parts) p.angle = natural(rng).n(0, 0.08) + (natural(rng).p(0.1) ? 0.5f : 0.0f);
  alter_objects(scene, lay, "mst");
  const Outline shape = rectangle({0, 0}, 1.8f, 1.8f * aspect, 0, rng.u(0.1, 0.6));
  const Map alpha = fill_parts(scene, shape, lay.parts, lay.radius);
  const Colour base = rng.p(0.5) ? near_colour(rng, grey(0.9f), 0.08f) : any_colour(rng);
  Body body =
      make_body(alpha, rounded(alpha, lay.radius * rng.u(0.15, 0.9), lay.radius * rng.u(0.15, 0.5)), base);
  body.gloss = rng.u(0, 0.6), body.ambient = rng.u(0.4, 0.7);
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(10, 60), 3), rng.lu(0.05, 0.8), body.height, body.height);
  multiply(body.albedo, fractal(rng, scene.size, rng.lu(5, 90), 3) * rng.lu(0.005, 0.05) + 1);
  place(rng, scene, body);
}

void carton(Rng& rng, Scene& scene) {  // boxes, labels, cards with print and bar codes
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.75);
  const float aspect = rng.u(0.5, 1);
  for (Part& p : lay.parts) p.angle = natural(rng).p(0.2) ? natural(rng).u(0, 6.3) : natural(rng).n(0, 0.06);
  alter_objects(scene, lay, "mst");
  const Map alpha =
      fill_parts(scene, rectangle({0, 0}, 2, 2 * aspect, 0, rng.u(0.01, 0.25)), lay.parts, lay.radius);
  Body body = make_body(alpha, rounded(alpha, rng.lu(1.2, 12), rng.u(0.5, 5)), any_colour(rng));
  body.gloss = rng.u(0, 0.4);
  add(body.albedo, skin(rng, scene));
  const int fields = rng.i(0, 4);
  const std::uint64_t seed = rng.bits();
  for (const Part& part : lay.parts) {
    Rng same(seed);
    const Axes axes(part.at, part.angle);
    for (int k = 0; k < fields; ++k) {
      const float r = lay.radius, w = r * same.u(0.3, 1.5), h = r * aspect * same.u(0.2, 0.9);
      const Point c = axes.at(same.u(-0.5, 0.5) * (2 * r - w), same.u(-0.5, 0.5) * (2 * r * aspect - h));
      blend(body.albedo, fill(scene.size, rectangle(c, w, h, part.angle)), any_colour(same), same.u(0.5, 1));
      const Axes own(c, part.angle);
      std::vector<Outline> bars;
      const int n = same.i(4, 18);
      const bool code = same.p(0.4);
      for (int j = 0; j < n; ++j) {
        if (code)
          bars.push_back(rectangle(own.at(w * 0.85f * ((j + 0.5f) / n - 0.5f), 0), w / n * same.u(0.2, 0.75),
                                   h * 0.7f, part.angle));
        else if (j < 7)
          bars.push_back(rectangle(own.at(-w * same.u(0, 0.1), h * ((j + 0.5f) / 7 - 0.5f)),
                                   w * same.u(0.4, 0.8), std::max(1.0f, h * 0.05f), part.angle));
      }
      blend(body.albedo, fill(scene.size, bars), near_colour(same, grey(0.08f), 0.5f), same.u(0.6, 1));
    }
    if (same.p(0.6)) mark_body(same, scene, body, axes.at(0, 0), lay.radius * same.u(0.12, 0.4), part.angle);
  }
  place(rng, scene, body);
}

void pouch(
    Rng& rng,
    Scene& scene) {  // bags and wrappers: glossy film full of folds that are normal, and a crimped seam
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.75);
  const float aspect = rng.u(0.5, 1);
  const Outline outline = rectangle({0, 0}, 2, 2 * aspect, 0, rng.u(0.02, 0.2));
  const Map alpha = fill_parts(scene, outline, lay.parts, lay.radius);
  Body body = make_body(alpha, rounded(alpha, lay.radius * rng.u(0.3, 0.9), lay.radius * rng.u(0.1, 0.4)),
                        any_colour(rng));
  body.gloss = rng.u(0.2, 0.9), body.mirror = rng.u(0, 0.25), body.shine = rng.i(2, 5);
  const Map folds = cv::abs(fractal(rng, scene.size, rng.lu(4, 14), 2));
  cv::scaleAdd(folds, rng.lu(1.5, 6), body.height, body.height);
  const float pitch = rng.u(2, 6), crimp = lay.radius * rng.u(0.08, 0.2), tall = rng.u(0.3, 1);
  for (const Part& part : lay.parts) {
    around(scene, part, lay.radius, lay.radius * aspect, [&](int x, int y, float u, float) {
      if (std::abs(u) > lay.radius - crimp) body.height(y, x) += tall * wave(u / pitch);
    });
    if (rng.p(0.7)) mark_body(rng, scene, body, part.at, lay.radius * rng.u(0.15, 0.5), part.angle);
  }
  add(body.albedo, skin(rng, scene) * 0.5);
  place(rng, scene, body);
}

void tray(Rng& rng, Scene& scene) {  // blister packs, egg trays, rows of equal things on a carrier
  background(rng, scene);
  const int n = rng.i(2, 8), m = rng.i(2, 8);
  const float pitch = std::min(scene.size.width * 0.85f / n, scene.size.height * 0.85f / m),
              stagger = rng.p(0.3) ? 0.5f : 0;
  const Axes axes(scene.middle(), rng.p(0.7) ? rng.n(0, 0.06) : rng.u(0, 3));
  if (rng.p(0.7)) {
    const Map base =
        fill(scene.size, rectangle(scene.middle(), pitch * n + pitch * 0.3f, pitch * m + pitch * 0.3f,
                                   std::atan2(axes.s, axes.c), rng.u(2, 20)));
    Body carrier = make_body(base, rounded(base, rng.lu(2, 10), rng.u(1, 4)),
                             rng.p(0.5) ? metal_colour(rng) : any_colour(rng));
    add(carrier.albedo, skin(rng, scene));
    carrier.gloss = rng.u(0, 0.7);
    place(rng, scene, carrier);
  }
  std::vector<Part> parts;
  const float jitter = rng.lu(0.003, 0.03) * pitch;
  Rng& lie = natural(rng);
  for (int j = 0; j < m; ++j) {
    for (int i = 0; i < n; ++i) {
      const Point at = axes.at((i - (n - 1) / 2.0f + stagger * ((j & 1) - 0.5f)) * pitch + lie.n(0, jitter),
                               (j - (m - 1) / 2.0f) * pitch + lie.n(0, jitter));
      parts.push_back({at, lie.n(0, 0.05)});
    }
  }
  const float f = rng.u(0.28, 0.45) * pitch;
  alter(scene, parts, f * 2, "mmszc");
  const Outline shape = rng.p(0.4) ? rectangle({0, 0}, 2, rng.u(1.2, 2), 0, rng.u(0.2, 0.6))
                                   : ellipse({0, 0}, 1, rng.u(0.6, 1), 0, 40);
  const Map alpha = fill_parts(scene, shape, parts, f);
  const float rounding = f * rng.u(0.3, 1);
  Body body = make_body(alpha, rounded(alpha, rounding, rounding * rng.u(0.2, 0.8) * (rng.p(0.2) ? -1 : 1)),
                        any_colour(rng));
  body.gloss = rng.u(0, 0.8);
  add(body.albedo, skin(rng, scene));
  tint_parts(body.albedo, parts, f * 1.2f);
  place(rng, scene, body);
}

}  // namespace anomalyvlm::synthetic::surfaces
