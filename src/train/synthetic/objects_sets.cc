// Sets of equal things: bearings, bundles of rods, chains, keypads; and profiles that run through the
// image.
#include "train/synthetic/objects.h"

namespace anomalyvlm::synthetic::surfaces {

void bearing(Rng& rng, Scene& scene) {  // two rings and the balls or rollers between them
  background(rng, scene);
  const Point c = scene.middle() + Point(rng.n(0, 8), rng.n(0, 8)) * scene.unit;
  const float r = scene.px(rng.u(70, 122)), inner = r * rng.u(0.3, 0.5), race = rng.u(0.75, 0.88) * r,
              hub = inner + (r - race);
  const auto ring = [&](float out, float in) {
    return Map(cv::max(
        fill(scene.size, ellipse(c, out, out, 0, 96)) - fill(scene.size, ellipse(c, in, in, 0, 96)), 0));
  };
  const Colour steel = metal_colour(rng);
  Body floor = make_body(ring(race, hub), Map::zeros(scene.size),
                         rng.p(0.5) ? grey(rng.u(0.03, 0.2)) : any_colour(rng));
  add(floor.albedo, skin(rng, scene) * 0.5);
  place(rng, scene, floor);
  for (const auto& [out, in] : {std::pair(r, race), std::pair(hub, inner)}) {
    Body body = make_body(ring(out, in), Map(), steel);
    body.height = rounded(body.alpha, rng.u(2, 6), rng.u(1, 4));
    make_metal(rng, body);
    add(body.albedo, turned_streaks(rng, scene.size, c, rng.lu(30, 200), 1), grey(rng.lu(0.005, 0.05)));
    place(rng, scene, body);
  }
  std::vector<Part> balls;
  const int n = rng.i(6, 16);
  const float first = rng.u(0, 6.3), mid = (race + hub) / 2,
              size = std::min((race - hub) / 2 * rng.u(0.75, 0.98), kPi * mid / n * 0.95f);
  for (int k = 0; k < n; ++k) {
    const float t = first + 2 * kPi * k / n;
    balls.push_back({c + Point(std::cos(t), std::sin(t)) * mid, t});
  }
  alter(scene, balls, size * 2, "mmszc");
  const Outline shape =
      rng.p(0.7) ? ellipse({0, 0}, 1, 1, 0, 36) : rectangle({0, 0}, 2, rng.u(0.8, 1.4), 0, 0.2f);
  Body body = make_body(fill_parts(scene, shape, balls, size), Map(), steel);
  body.height = rounded(body.alpha, size, size * 0.8f);
  make_metal(rng, body);
  tint_parts(body.albedo, balls, size);
  place(rng, scene, body);
}

void bundle(Rng& rng, Scene& scene) {  // rods, wires, straws, pencils, bars side by side
  background(rng, scene);
  const int n = rng.i(3, 16);
  const float turn = usual_angle(rng), pitch = std::min(scene.px(rng.u(120, 300)) / n, scene.px(60)),
              length = scene.px(rng.p(0.5) ? 400 : rng.u(110, 230));
  const float gap = rng.p(0.6) ? rng.u(0.88, 1.0) : rng.u(0.4, 0.85), jitter = rng.lu(0.003, 0.04);
  const Axes axes(scene.middle(), turn);
  std::vector<Part> rods;
  for (int k = 0; k < n; ++k)
    rods.push_back({axes.at(rng.n(0, pitch * 0.1), (k - (n - 1) / 2.0f + rng.n(0, jitter)) * pitch),
                    turn + rng.n(0, jitter * 0.1)});
  alter(scene, rods, pitch * 2, "mmsbcz");
  const float thick = pitch * gap / length;
  Outline bar;
  for (int k = 0; k <= 12; ++k) bar.push_back({-0.5f + k / 12.0f, -thick / 2});
  for (int k = 12; k >= 0; --k) bar.push_back({-0.5f + k / 12.0f, thick / 2});
  const Map alpha = fill_parts(scene, bar, rods, length);
  const Colour base = rng.p(0.5) ? metal_colour(rng) : any_colour(rng);
  Body body = make_body(alpha, Map::zeros(scene.size), base);
  const bool many_colours = rng.p(0.25);
  const float ribs = rng.p(0.3) ? rng.u(0.3, 1.2) : 0, rib_pitch = scene.px(rng.lu(3, 14)),
              r = pitch * gap / 2, roundness = rng.p(0.8) ? 0.85f : 0.15f;
  for (const Part& rod : rods) {
    const Colour own = many_colours ? any_colour(rng) : near_colour(rng, base, 0.05f);
    around(scene, rod, length / 2, pitch * (0.5f + std::abs(rod.bend) * 2),
           [&](int x, int y, float u, float v) {
             const float t = u / length, w = (v - rod.bend * t * std::abs(t) * length) / (r * rod.size);
             if (std::abs(w) > 1.1f) return;
             body.height(y, x) =
                 std::sqrt(std::max(0.0f, 1 - w * w)) * r * roundness + ribs * wave(u / rib_pitch + 0.2f * w);
             body.albedo(y, x) = own.mul(rod.tint);
           });
  }
  make_metal(rng, body);
  add(body.albedo, streaks(rng, scene.size, turn, rng.lu(20, 200), 1), grey(rng.lu(0.004, 0.05)));
  place(rng, scene, body);
}

void chain(Rng& rng, Scene& scene) {  // links in a row, each through the next; also belts and bracelets
  background(rng, scene);
  const float turn = usual_angle(rng), size = scene.px(rng.u(14, 48)), aspect = rng.u(0.5, 0.9),
              bore = rng.u(0.45, 0.72), step = size * rng.u(1.25, 1.6);
  const int rows = rng.p(0.6) ? 1 : rng.i(2, 4);
  const Axes axes(scene.middle(), turn);
  std::vector<Part> links;
  for (int j = 0; j < rows; ++j) {
    for (float u = -scene.px(200); u < scene.px(200); u += step) {
      links.push_back(
          {axes.at(u, (j - (rows - 1) / 2.0f) * size * 2.2f + rng.n(0, size * 0.02)), turn + rng.n(0, 0.03)});
    }
  }
  alter(scene, links, size * 2, "mtbzc");
  const Colour base = metal_colour(rng);
  const Outline outer = ellipse({0, 0}, 1, aspect, 0, 48),
                inner = ellipse({0, 0}, bore, aspect - (1 - bore), 0, 48);
  for (int half = 0; half < 2; ++half) {  // every second link lies on top
    std::vector<Part> some;
    for (std::size_t k = half; k < links.size(); k += 2) some.push_back(links[k]);
    Body body = make_body(
        cv::max(fill_parts(scene, outer, some, size) - fill_parts(scene, inner, some, size), 0), Map(), base);
    const float wire = size * (1 - bore) / 2;
    body.height = rounded(body.alpha, wire, wire * 0.9f);
    make_metal(rng, body);
    add(body.albedo, skin(rng, scene));
    tint_parts(body.albedo, some, size);
    place(rng, scene, body);
  }
}

void keypad(Rng& rng, Scene& scene) {  // labelled keys, marked tiles, scales: every field has its own print
  background(rng, scene);
  const int n = rng.i(2, 5), m = rng.i(2, 5);
  const float pitch = std::min(scene.size.width * 0.92f / n, scene.size.height * 0.92f / m),
              key = pitch * rng.u(0.38, 0.47);
  const Axes axes(scene.middle(), rng.n(0, 0.04));
  std::vector<Part> keys;
  for (int j = 0; j < m; ++j) {
    for (int i = 0; i < n; ++i)
      keys.push_back(
          {axes.at((i - (n - 1) / 2.0f) * pitch, (j - (m - 1) / 2.0f) * pitch), std::atan2(axes.s, axes.c)});
  }
  alter(scene, keys, key * 2, "mtsc");
  const Map alpha = fill_parts(scene, rectangle({0, 0}, 2, rng.u(1.4, 2), 0, rng.u(0.1, 0.9)), keys, key);
  Body body = make_body(alpha, rounded(alpha, rng.lu(2, key), rng.u(1, key * 0.3)), any_colour(rng));
  add(body.albedo, skin(rng, scene) * 0.6);
  body.gloss = rng.u(0, 0.6);
  tint_parts(body.albedo, keys, key * 1.05f);
  const Colour ink = near_colour(rng, luma(body.albedo(0, 0)) > 0.45f ? grey(0.06f) : grey(0.92f), 0.15f);
  const bool same = rng.p(0.4);
  const std::uint64_t seed = rng.bits();
  std::uint64_t index = 0;
  for (const Part& k : keys) {
    Rng own(seed + (same ? 0 : ++index));
    const int letters = own.i(1, 2);
    const Map text = marking(own, scene, k.at, key * 0.8f, k.angle, letters);
    if (k.present) blend(body.albedo, text, ink, 0.9f);
  }
  place(rng, scene, body);
}

void profile(
    Rng& rng,
    Scene& scene) {  // rails, belts, extrusions: bands of different height, shade and finish side by side
  scene.light = rng.u(0, 6.3);
  const float turn = scene.grain = usual_angle(rng);
  const Axes axes(scene.middle(), turn);
  struct Band {
    float to, shade, tilt, fine, coarse;
  };
  std::vector<Band> bands;
  for (float v = -scene.px(190); v < scene.px(190);) {
    v += scene.px(rng.lu(5, 130));
    bands.push_back({v, rng.u(0.35, 1.25), rng.n(0, 0.25), rng.u(0, 1), rng.u(0, 1)});
  }
  const bool mirrored = rng.p(0.3);
  const Map fine = grains(rng, scene.size, rng.lu(0.4, 1.4)),
            along = streaks(rng, scene.size, turn, scene.px(rng.lu(40, 400)), rng.lu(0.8, 3));
  const float k_fine = rng.lu(0.005, 0.08), k_along = rng.lu(0.005, 0.08), edge_light = rng.u(-0.5, 0.8),
              edge = rng.lu(0.8, 3);
  const Colour base = rng.p(0.7) ? metal_colour(rng) : any_colour(rng);
  scene.img = ColourImage(scene.size, base);
  multiply(scene.img, make_map(scene.size, [&](int x, int y) {
             float v = axes.v(x, y);
             if (mirrored) v = std::abs(v);
             std::size_t k = 0;
             while (k + 1 < bands.size() && v > bands[k].to) ++k;
             const Band& b = bands[k];
             const float from = k ? bands[k - 1].to : -scene.px(200);
             const float near_edge =
                 clamp01(1 - (v - from) / edge) * edge_light + clamp01(1 - (b.to - v) / edge) * -edge_light;
             return std::max(0.03f, b.shade * (1 + b.tilt * ((v - from) / (b.to - from) - 0.5f) +
                                               k_fine * b.fine * fine(y, x) +
                                               k_along * b.coarse * along(y, x) + 0.5f * near_edge));
           }));
  scene.img = blur(scene.img, 0.55f);
}

}  // namespace anomalyvlm::synthetic::surfaces
