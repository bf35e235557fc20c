// Parts with zones of their own: commutators, connectors, bolts, lead frames.
#include "train/synthetic/objects.h"

namespace anomalyvlm::synthetic::surfaces {

// Copper segments round a cylinder, seen from the side: slots between them, a worn track, a bright
// reflection.
void commutator(Rng& rng, Scene& scene) {
  background(rng, scene);
  const float r = scene.px(rng.u(70, 150)), half = scene.px(rng.u(40, 105)),
              turn = (rng.p(0.7) ? 0 : kPi / 2) + rng.n(0, 0.02);
  const Axes axes(scene.middle() + Point(rng.n(0, 6), rng.n(0, 6)) * scene.unit, turn);
  const int n = rng.i(9, 40);
  const float slot = rng.u(0.06, 0.22), start = natural(rng).u(0, 1);
  std::vector<float> tone(n);
  const float vary = rng.lu(0.01, 0.12);
  for (float& t : tone) t = 1 + vary * natural(rng).n();
  std::vector<Part> segments;
  for (int k = 0; k < n; ++k) segments.push_back({scene.middle()});
  alter(scene, segments, half, "c");
  const float track = rng.p(0.6) ? half * rng.u(0.2, 0.8) : 0, worn = rng.u(-0.4, 0.3),
              at = half * rng.n(0, 0.3), collar = rng.p(0.6) ? rng.u(0.75, 0.95) : 1,
              bright_at = rng.u(-0.7, 0.7), bright = rng.u(0.1, 0.9), narrow = rng.lu(3, 30);
  const Colour copper =
      rng.p(0.75) ? hsv(rng.u(0.03, 0.1), rng.u(0.3, 0.7), rng.u(0.4, 0.9)) : metal_colour(rng);
  const Colour gap = grey(rng.u(0.02, 0.2)), end = rng.p(0.5) ? grey(rng.u(0.05, 0.3)) : any_colour(rng);
  const Map fine = streaks(rng, scene.size, turn, scene.px(rng.lu(15, 120)), rng.lu(0.7, 2));
  const float k_fine = rng.lu(0.01, 0.12);
  Map alpha = Map::zeros(scene.size), gleam = Map::zeros(scene.size);
  ColourImage albedo(scene.size, copper);
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x) {
      const float u = axes.u(x, y), v = axes.v(x, y), e = u / r;
      const float inside = std::min(r - std::abs(u), half - std::abs(v));
      alpha(y, x) = clamp01(inside + 0.5f);
      if (inside < -1) continue;
      const float around =
          std::asin(std::clamp(e, -1.0f, 1.0f)) / kPi + 1 + start / n;  // half a turn is in view
      const float place = around * n / 2, f = frac(place), mid = std::abs(f - 0.5f) * 2;
      const int k = floor_int(place) % n;
      const float narrowing = std::sqrt(std::max(0.02f, 1 - e * e)),
                  open = clamp01((mid - 1 + slot) * r / n * 3 * narrowing);
      Colour c = copper.mul(segments[k].tint) * (tone[k] * (1 + k_fine * fine(y, x)));
      if (std::abs(v - at) < track) c *= 1 + worn * clamp01((track - std::abs(v - at)) / 3);
      if (std::abs(v) > half * collar) c = end;
      const float cut = std::abs(v) > half * collar ? 0.0f : open;
      c += (gap - c) * cut;
      albedo(y, x) = c * (0.35f + 0.65f * narrowing);
      gleam(y, x) = bright * std::exp(-narrow * (e - bright_at) * (e - bright_at)) * (1 - cut) * tone[k];
    }
  }
  Body body = make_body(alpha, Map::zeros(scene.size), copper);
  body.albedo = albedo;
  add(body.albedo, gleam);
  body.gloss = 0, body.ambient = 1;
  place(rng, scene, body);
}

// A plastic housing with rows of contacts, with leads on one side and often ears to screw it down.
void connector(Rng& rng, Scene& scene) {
  background(rng, scene);
  const int n = rng.i(2, 14), rows = rng.pick({1, 1, 2, 2, 3});
  const float turn = rng.p(0.7) ? rng.n(0, 0.03) : rng.u(0, 6.3),
              pitch = std::min(scene.px(200) / n, scene.px(rng.u(18, 44))), w = pitch * (n + rng.u(0.4, 1)),
              h = std::min(pitch * (rows + rng.u(0.5, 2.5)), scene.px(150));
  const Axes axes(scene.middle() + Point(rng.n(0, 6), rng.n(0, 6)) * scene.unit, turn);
  const float length = scene.px(rng.u(12, 55)), thick = pitch * rng.u(0.12, 0.4);
  const bool leads = rng.p(0.7);
  const Colour steel = metal_colour(rng);
  if (leads) {
    std::vector<Part> legs;
    for (int k = 0; k < n; ++k)
      legs.push_back({axes.at((k - (n - 1) / 2.0f) * pitch, h / 2 + length / 2),
                      turn + kPi / 2 + natural(rng).n(0, 0.008)});
    alter(scene, legs, length, "mbbst");
    Outline bar;
    for (int k = 0; k <= 10; ++k) bar.push_back({-0.6f + 1.2f * k / 10, -thick / length / 2});
    for (int k = 10; k >= 0; --k) bar.push_back({-0.6f + 1.2f * k / 10, thick / length / 2});
    Body pins = make_body(fill_parts(scene, bar, legs, length), Map(), steel);
    pins.height = rounded(pins.alpha, thick / 2, thick * 0.4f);
    make_metal(rng, pins);
    place(rng, scene, pins);
  }
  Map alpha = fill(scene.size, rectangle(axes.at(0, 0), w, h, turn, scene.px(rng.u(0, 6))));
  const bool ears = rng.p(0.4);
  if (ears) {
    for (const float side : {-1.0f, 1.0f})
      cover(alpha,
            fill(scene.size, ellipse(axes.at(side * (w / 2 + h * 0.1f), 0), h * 0.28f, h * 0.28f, 0, 40)));
  }
  Body body =
      make_body(alpha, rounded(alpha, rng.lu(1.5, 6), rng.u(1, 5)),
                rng.p(0.6) ? near_colour(rng, grey(rng.p(0.6) ? 0.1f : 0.8f), 0.2f) : any_colour(rng));
  body.gloss = rng.u(0, 0.5);
  add(body.albedo, skin(rng, scene) * 0.7);
  if (ears) {
    for (const float side : {-1.0f, 1.0f}) {
      const Map bore =
          fill(scene.size, ellipse(axes.at(side * (w / 2 + h * 0.1f), 0), h * 0.13f, h * 0.13f, 0, 32));
      body.height -= blur(bore, 1) * 3;
      blend(body.albedo, bore, rng.p(0.5) ? grey(0.05f) : steel, 0.9f);
    }
  }
  if (rng.p(0.5)) {  // a step or a latch
    const Map step = fill(scene.size, rectangle(axes.at(0, -h * rng.u(0.3, 0.45)), w * rng.u(0.2, 0.9),
                                                h * rng.u(0.05, 0.2), turn));
    body.height += blur(step, 0.8f) * rng.sign() * rng.u(1, 3);
  }
  if (rng.p(0.4)) mark_body(rng, scene, body, axes.at(0, h * 0.38f), h * rng.u(0.08, 0.16), turn);
  place(rng, scene, body);
  std::vector<Part> contacts;
  for (int j = 0; j < rows; ++j) {
    for (int k = 0; k < n; ++k)
      contacts.push_back(
          {axes.at((k - (n - 1) / 2.0f) * pitch, (j - (rows - 1) / 2.0f) * pitch * 0.95f), turn});
  }
  alter(scene, contacts, pitch * 0.8f, "mmszc");
  const Outline shape =
      rng.p(0.5) ? rectangle({0, 0}, 2, rng.u(1.2, 2), 0, 0.1f) : ellipse({0, 0}, 1, 1, 0, 24);
  const float size = pitch * rng.u(0.2, 0.36);
  Body holes = make_body(fill_parts(scene, shape, contacts, size), Map(), grey(rng.u(0.02, 0.12)));
  holes.height = rounded(holes.alpha, size * 0.4f, size * -0.5f);
  tint_parts(holes.albedo, contacts, size * 1.3f);
  place(rng, scene, holes, true);
  if (rng.p(0.75)) {
    Body metal = make_body(fill_parts(scene, shape, contacts, size * rng.u(0.35, 0.7)), Map(), steel);
    metal.height = rounded(metal.alpha, size * 0.3f, size * 0.3f);
    make_metal(rng, metal);
    place(rng, scene, metal, true);
  }
}

// A bolt from the side: a head with facets, a collar, a smooth shank and a thread.
void bolt(Rng& rng, Scene& scene) {
  background(rng, scene);
  const float core = rng.u(0.1, 0.22), head = rng.u(0.18, 0.4), wide = core * rng.u(1.5, 2.3),
              collar = rng.p(0.5) ? rng.u(0.03, 0.09) : 0, collar_wide = wide * rng.u(1, 1.3),
              smooth_to = rng.u(-0.5, 0.6), pitch = rng.u(0.04, 0.12), depth = core * rng.u(0.06, 0.2),
              neck = core * rng.u(0.8, 1);
  Layout lay = lay_out(rng, scene, 0.75, 2 * wide);
  alter_objects(scene, lay, "mtb");
  const auto radius_at = [&](float t) {
    if (t < -1 + head) return wide * (t < -1 + 0.15f * head ? 0.9f : 1.0f);
    if (t < -1 + head + collar) return collar_wide;
    if (t < smooth_to) return core * (t < -1 + head + collar + 0.05f ? 1.05f : 1.0f);
    if (t < smooth_to + 0.04f) return neck * 0.9f;
    const float tip = t > 0.94f ? (1 - t) / 0.06f * 0.25f + 0.75f : 1.0f;
    return (neck + depth * (wave(t / pitch) * 0.5f - 0.5f)) * tip;
  };
  Outline outline;
  const int steps = 240;
  for (int k = 0; k <= steps; ++k)
    outline.push_back({-1 + 2.0f * k / steps, -radius_at(-1 + 2.0f * k / steps)});
  for (int k = steps; k >= 0; --k)
    outline.push_back({-1 + 2.0f * k / steps, radius_at(-1 + 2.0f * k / steps)});
  const Map alpha = fill_parts(scene, outline, lay.parts, lay.radius);
  Body body = make_body(alpha, Map::zeros(scene.size), metal_colour(rng));
  make_metal(rng, body);
  const bool round_head = rng.p(0.35);
  const float facet = rng.u(0.25, 0.5), slant = rng.u(0.1, 0.4), shank = rng.u(0.75, 1.2),
              thread = rng.u(0.7, 1.15);
  Rng& lie = natural(rng);
  for (const Part& part : lay.parts) {
    const float r = lay.radius * part.size, roll = lie.u(-0.25, 0.25);
    around(scene, part, r * 1.05f, r * (collar_wide * 1.15f + std::abs(part.bend)),
           [&](int x, int y, float u, float v) {
             const float t = u / r, q = (v - part.bend * t * std::abs(t) * r) / r, own = radius_at(t),
                         e = std::clamp(q / own, -1.0f, 1.0f);
             float h = std::sqrt(1 - e * e) * own * r * 0.8f;
             if (t < -1 + head && !round_head) {  // three facets of a hexagon are in view
               const float s = e + roll;
               h = own * r *
                   (s < -facet  ? 0.8f + (s + facet) * 0.9f
                    : s > facet ? 0.8f - (s - facet) * 0.9f
                                : 0.8f);
             } else if (t >= smooth_to + 0.04f) {
               h += depth * r * 0.5f * wave(t / pitch + slant * e);
               body.albedo(y, x) *= thread;
             } else if (t > -1 + head + collar) {
               body.albedo(y, x) *= shank;
             }
             body.height(y, x) = h;
           });
  }
  add(body.albedo, skin(rng, scene));
  place(rng, scene, body);
}

// Contacts stamped from a strip, still joined to it, with pilot holes.
void lead_frame(Rng& rng, Scene& scene) {
  background(rng, scene);
  const float turn = usual_angle(rng), pitch = scene.px(rng.lu(14, 60)), strip = scene.px(rng.u(10, 30)),
              length = scene.px(rng.u(40, 150)), wide = pitch * rng.u(0.25, 0.6),
              neck = wide * rng.u(0.3, 0.9);
  const Axes axes(scene.middle() + Point(rng.n(0, 8), rng.n(0, 8)) * scene.unit, turn);
  const float slide = rng.variation() && rng.variation()->roams ? natural(rng).u(0, 1) * pitch : 0;
  const bool both = rng.p(0.4);
  std::vector<Part> contacts, pilots;
  for (float u = -scene.px(200) + slide; u < scene.px(200); u += pitch) {
    contacts.push_back({axes.at(u, strip / 2 + length / 2), turn + kPi / 2});
    if (both) contacts.push_back({axes.at(u + pitch / 2, -strip / 2 - length / 2), turn - kPi / 2});
    pilots.push_back({axes.at(u + pitch * 0.25f, 0), turn});
  }
  alter(scene, contacts, length * 0.7f, "mmbbt");
  const float a = neck / length / 2, b = wide / length / 2, from = rng.u(-0.2, 0.2), tip = rng.u(0.3, 1);
  Outline shape;
  const auto side = [&](float s) {
    std::vector<Point> line = {
        {-0.55f, a * s}, {from, a * s}, {from + 0.08f, b * s}, {0.4f, b * s}, {0.5f, b * tip * s}};
    Outline dense;
    for (std::size_t k = 0; k + 1 < line.size(); ++k)
      for (int j = 0; j < 5; ++j) dense.push_back(line[k] + (line[k + 1] - line[k]) * (j / 5.0f));
    dense.push_back(line.back());
    return dense;
  };
  shape = side(-1);
  Outline back = side(1);
  shape.insert(shape.end(), back.rbegin(), back.rend());
  Map alpha = fill_parts(scene, shape, contacts, length);
  cover(alpha, fill(scene.size, rectangle(axes.at(0, 0), scene.px(600), strip, turn)));
  alter(scene, pilots, strip * 0.5f, "mz");
  alpha =
      cv::max(alpha - fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 28), pilots, strip * rng.u(0.18, 0.3)), 0);
  Body body = make_body(alpha, rounded(alpha, rng.lu(1.2, 4), rng.u(0.6, 2)), metal_colour(rng));
  make_metal(rng, body);
  if (rng.p(0.5)) {  // plated tips
    const Colour plating = rng.p(0.5) ? hsv(rng.u(0.1, 0.14), 0.5f, 0.85f) : grey(rng.u(0.6, 0.9));
    const float plated = strip / 2 + length * rng.u(0.5, 0.8);
    blend(body.albedo,
          make_map(scene.size, [&](int x, int y) { return clamp01(std::abs(axes.v(x, y)) - plated); }),
          plating, 0.9f);
  }
  add(body.albedo, streaks(rng, scene.size, turn, rng.lu(20, 200), 1), grey(rng.lu(0.004, 0.04)));
  place(rng, scene, body);
}

}  // namespace anomalyvlm::synthetic::surfaces
