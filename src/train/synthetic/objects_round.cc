// Round and rounded objects: discs, washers, nuts, gears, bottles, capsules, pills, candles.
#include "train/synthetic/objects.h"

namespace anomalyvlm::synthetic::surfaces {
namespace {

Outline circle() { return ellipse({0, 0}, 1, 1, 0, 72); }

// Rings turned into the face of round parts: steps, grooves and fine marks.
void turn_rings(Rng& rng, const Scene& scene, Body& body, const Layout& lay, int rings) {
  struct Ring {
    float from, tall, wide;
  };
  std::vector<Ring> list;
  for (int k = 0; k < rings; ++k)
    list.push_back({rng.u(0.15, 0.95), rng.sign() * rng.u(0.5, 3), rng.lu(1, 8)});
  const float fine = rng.p(0.5) ? rng.u(0.02, 0.15) : 0, pitch = rng.u(1.5, 6);
  for (const Part& part : lay.parts) {
    around(scene, part, lay.radius + 1, lay.radius + 1, [&](int x, int y, float u, float v) {
      const float r = std::sqrt(u * u + v * v);
      if (r > lay.radius + 1) return;
      float h = fine * wave(r / pitch);
      for (const Ring& ring : list) h += ring.tall * smooth((r - ring.from * lay.radius) / ring.wide + 0.5f);
      body.height(y, x) += h;
    });
  }
}

void grain_body(Rng& rng, const Scene& scene, Body& body, const Layout& lay, bool turned) {
  if (turned && lay.single()) {
    const Point c = lay.parts[0].at;
    Map t = turned_streaks(rng, scene.size, c, rng.lu(20, 200), rng.lu(0.7, 3));
    add(body.albedo, t, grey(rng.lu(0.008, 0.07)));
    if (rng.p(0.6)) {  // fans of light from the middle, as turned faces reflect lamps
      const float k = rng.u(0.05, 0.6), phase = rng.u(0, 1), fans = static_cast<float>(rng.i(1, 3)),
                  sharp = rng.u(1, 4);
      multiply(body.albedo, make_map(scene.size, [&](int x, int y) {
                 const float a = wave(cv::fastAtan2(y - c.y, x - c.x) / 360 * fans + phase);
                 return 1 + k * (a > 0 ? std::pow(a, sharp) : -0.4f * std::pow(-a, sharp));
               }));
    }
  } else {
    add(body.albedo, skin(rng, scene));
  }
}

}  // namespace

void disc(Rng& rng, Scene& scene) {  // coins, lids, caps, turned blanks
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.7);
  alter_objects(scene, lay, "msc");
  const Map alpha = fill_parts(scene, circle(), lay.parts, lay.radius);
  Body body = make_body(alpha, rounded(alpha, rng.lu(2, lay.radius), lay.radius * rng.u(0.03, 0.3)),
                        rng.p(0.6) ? metal_colour(rng) : any_colour(rng));
  if (rng.p(0.7)) make_metal(rng, body);
  turn_rings(rng, scene, body, lay, rng.i(0, 4));
  grain_body(rng, scene, body, lay, true);
  tint_parts(body.albedo, lay.parts, lay.radius * 1.2f);
  if (rng.p(0.5)) {
    const std::uint64_t seed = rng.bits();
    for (const Part& p : lay.parts) {
      Rng same(seed);
      mark_body(same, scene, body, p.at, lay.radius * 0.35f, lay.single() ? p.angle : 0);
    }
  }
  if (rng.p(0.3)) {  // a driver's recess or a button's holes
    const int kind = rng.i(0, 3);
    const float wide = rng.u(0.12, 0.25), reach = rng.u(0.5, 1.4);
    std::vector<Outline> cuts;
    for (const Part& p : lay.parts) {
      const float r = lay.radius * p.size;
      const Axes axes(p.at, p.angle);
      if (kind < 2) cuts.push_back(rectangle(p.at, r * reach, r * wide, p.angle));
      if (kind == 1) cuts.push_back(rectangle(p.at, r * wide, r * reach, p.angle));
      if (kind == 2) cuts.push_back(ellipse(p.at, r * reach * 0.4f, r * reach * 0.4f, p.angle, 6));
      for (int k = 0; kind == 3 && k < 4; ++k) {
        cuts.push_back(ellipse(axes.at(k & 1 ? r * 0.25f : -r * 0.25f, k & 2 ? r * 0.25f : -r * 0.25f),
                               r * wide * 0.6f, r * wide * 0.6f, 0, 20));
      }
    }
    const Map recess = fill(scene.size, cuts);
    body.height -= blur(recess, 0.8f) * rng.u(2, 5);
    blend(body.albedo, recess, grey(0.03f), rng.u(0.3, 0.9));
  }
  if (lay.single() && rng.p(0.4)) {  // a ring of bolt holes
    std::vector<Part> holes;
    const int n = rng.i(3, 10);
    const float r = lay.radius * rng.u(0.45, 0.75), first = rng.u(0, 6);
    for (int k = 0; k < n; ++k) {
      const float t = first + 2 * kPi * k / n;
      holes.push_back({lay.parts[0].at + Point(std::cos(t), std::sin(t)) * r});
    }
    const float hole = lay.radius * rng.u(0.05, 0.13);
    alter(scene, holes, hole * 2, "mz");
    const Map open = fill_parts(scene, circle(), holes, hole);
    body.height -= blur(open, 1) * 3;
    blend(body.albedo, open, grey(rng.u(0.01, 0.12)), 0.9f);
  }
  place(rng, scene, body);
}

void washer(Rng& rng, Scene& scene) {
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.55);
  alter_objects(scene, lay, "msc");
  const float bore = rng.u(0.2, 0.75);
  Map alpha = fill_parts(scene, circle(), lay.parts, lay.radius);
  alpha -= fill_parts(scene, circle(), lay.parts, lay.radius * bore);
  alpha = cv::max(alpha, 0);
  const float ring = lay.radius * (1 - bore) / 2;
  const bool rubber = rng.p(0.4);  // O-rings are round in section, washers flat
  Body body = make_body(
      alpha, rounded(alpha, rubber ? ring : rng.lu(1.2, 6), rubber ? ring * 0.9f : rng.u(0.5, 4)),
      rubber ? near_colour(rng, rng.p(0.6) ? grey(0.1f) : any_colour(rng), 0.3f) : metal_colour(rng));
  if (!rubber) make_metal(rng, body);
  grain_body(rng, scene, body, lay, rng.p(0.5));
  tint_parts(body.albedo, lay.parts, lay.radius * 1.2f);
  place(rng, scene, body);
}

void nut(Rng& rng, Scene& scene) {  // hexagon nuts; also winged ones with several flukes
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.6);
  const bool winged = rng.p(0.35);
  const int n = winged ? rng.i(3, 6) : rng.pick({4, 6, 6, 6, 8});
  Outline shape;
  const float wing = rng.u(0.15, 0.35), lean = rng.u(0.2, 0.9);
  for (int k = 0; k < 144; ++k) {
    const float t = 2 * kPi * k / 144;
    float r = std::cos(kPi / n) / std::cos(std::fmod(t, 2 * kPi / n) - kPi / n);
    if (winged) {
      const float f = frac(t * n / (2 * kPi));
      r = 1 - wing * smooth(f < lean ? f / lean : (1 - f) / (1 - lean));
    }
    shape.push_back({r * std::cos(t), r * std::sin(t)});
  }
  alter_objects(scene, lay, "ms");
  const float bore = lay.radius * rng.u(0.25, 0.6);
  Map alpha = fill_parts(scene, shape, lay.parts, lay.radius);
  const Map hole = fill_parts(scene, circle(), lay.parts, bore);
  const bool through = rng.p(0.75);
  if (through) alpha = cv::max(alpha - hole, 0);
  Body body = make_body(alpha, rounded(alpha, rng.lu(1.5, lay.radius * 0.3), rng.u(1, 7)), metal_colour(rng));
  make_metal(rng, body);
  turn_rings(rng, scene, body, lay, rng.i(0, 2));
  if (!through) {
    body.height -= rounded(hole, bore * 0.2f, 6);
    blend(body.albedo, hole, grey(rng.u(0.03, 0.2)), rng.u(0.3, 0.9));
  }
  const float rim = rng.lu(1.5, 7);  // thread inside the bore: a few light and dark rings
  for (const Part& part : lay.parts) {
    around(scene, part, bore + rim + 2, bore + rim + 2, [&](int x, int y, float u, float v) {
      const float d = std::sqrt(u * u + v * v) - bore;
      if (d > 0 && d < rim) body.height(y, x) += 1.2f * wave(d / rim * 1.5f);
    });
  }
  grain_body(rng, scene, body, lay, rng.p(0.3));
  if (rng.p(0.35))
    mark_body(rng, scene, body, lay.parts[0].at + Point(0, (bore + lay.radius) / 2), lay.radius * 0.16f, 0);
  place(rng, scene, body);
}

void gear(Rng& rng, Scene& scene) {
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.8);
  const int n = rng.i(8, 40);
  const float depth = rng.u(0.06, 0.2), duty = rng.u(0.35, 0.6);
  Map alpha = fill_parts(scene, circle(), lay.parts, lay.radius * (1 - depth));
  std::vector<Part> teeth;
  for (const Part& p : lay.parts) {
    for (int k = 0; k < n; ++k) {
      const float t = p.angle + 2 * kPi * k / n;
      teeth.push_back({p.at + Point(std::cos(t), std::sin(t)) * (lay.radius * (1 - depth * 0.6f)), t});
    }
  }
  const float w = 2 * kPi * duty / n;
  alter(scene, teeth, lay.radius * depth * 1.5f, "mmzb");
  const Outline tooth = {
      {-depth, -w * 0.62f}, {depth * 0.6f, -w * 0.34f}, {depth * 0.6f, w * 0.34f}, {-depth, w * 0.62f}};
  cover(alpha, fill_parts(scene, tooth, teeth, lay.radius));
  const Map bore = fill_parts(scene, circle(), lay.parts, lay.radius * rng.u(0.12, 0.5));
  alpha = cv::max(alpha - bore, 0);
  Body body = make_body(alpha, rounded(alpha, rng.lu(1.2, 8), rng.u(1, 4)),
                        rng.p(0.75) ? metal_colour(rng) : any_colour(rng));
  make_metal(rng, body);
  turn_rings(rng, scene, body, lay, rng.i(0, 4));
  grain_body(rng, scene, body, lay, rng.p(0.6));
  place(rng, scene, body);
}

void bottle(Rng& rng, Scene& scene) {  // bottles, cans and jars seen from above: rings within rings
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.8);
  alter_objects(scene, lay, "mc");
  const Map alpha = fill_parts(scene, circle(), lay.parts, lay.radius);
  const Colour base = any_colour(rng);
  Body body = make_body(alpha, rounded(alpha, rng.lu(2, lay.radius * 0.5), rng.u(1, 10)), base);
  body.gloss = rng.u(0.2, 0.9), body.mirror = rng.p(0.5) ? rng.u(0.05, 0.3) : 0;
  turn_rings(rng, scene, body, lay, rng.i(2, 6));
  std::vector<std::pair<float, Colour>> rings;
  float r = 1;
  const int n = rng.i(1, 5);
  for (int k = 0; k < n; ++k) {
    r *= rng.u(0.55, 0.93);
    rings.emplace_back(r, rng.p(0.4) ? near_colour(rng, grey(0.06f), 0.6f) : near_colour(rng, base, 0.7f));
  }
  for (const auto& [radius, colour] : rings) {
    blend(body.albedo, fill_parts(scene, circle(), lay.parts, lay.radius * radius), colour, rng.u(0.6, 1));
  }
  // Gleams of the lamps on the glass: arcs along the rings.
  Map gleam = Map::zeros(scene.size);
  const int arcs = rng.i(0, 5);
  for (int k = 0; k < arcs; ++k) {
    const float at = rng.u(0.2, 0.97) * lay.radius, wide = rng.lu(0.8, 6), from = rng.u(0, 360),
                span = rng.u(20, 200), power = rng.u(0.1, 0.7);
    for (const Part& part : lay.parts) {
      around(scene, part, lay.radius, lay.radius, [&](int x, int y, float, float) {
        const float dx = x - part.at.x, dy = y - part.at.y, d = std::abs(std::sqrt(dx * dx + dy * dy) - at);
        if (d > wide * 2) return;
        const float t = frac((cv::fastAtan2(dy, dx) - from) / 360) * 360;
        gleam(y, x) += power * clamp01(1.5f - d / wide) * clamp01((span - t) / 12) * clamp01(t / 12);
      });
    }
  }
  add(body.albedo, gleam);
  tint_parts(body.albedo, lay.parts, lay.radius * 1.05f);
  add(body.albedo, skin(rng, scene) * 0.5);
  place(rng, scene, body);
}

void capsule(Rng& rng, Scene& scene) {  // two shells, glossy, with lettering
  background(rng, scene);
  const float thick = rng.u(0.3, 0.5);
  Layout lay = lay_out(rng, scene, 0.55, thick);
  alter_objects(scene, lay, "mstcb");
  const Outline shape = rectangle({0, 0}, 2, 2 * thick, 0, thick);
  Outline dense;  // enough points to bend
  for (std::size_t k = 0; k < shape.size(); ++k) {
    for (int j = 0; j < 6; ++j)
      dense.push_back(shape[k] + (shape[(k + 1) % shape.size()] - shape[k]) * (j / 6.0f));
  }
  const Map alpha = fill_parts(scene, dense, lay.parts, lay.radius);
  const float r = thick * lay.radius;
  Body body = make_body(alpha, rounded(alpha, r, r * rng.u(0.5, 0.9)), any_colour(rng));
  body.gloss = rng.u(0.2, 1), body.shine = rng.i(3, 6);
  const Colour other = rng.p(0.7) ? any_colour(rng) : near_colour(rng, body.albedo(0, 0), 0.2f);
  const float seam = lay.radius * rng.u(-0.3, 0.3), step = rng.u(0, 1.2);
  for (const Part& part : lay.parts) {
    around(scene, part, lay.radius * 1.05f, r * 1.05f + std::abs(part.bend) * lay.radius,
           [&](int x, int y, float u, float) {
             const float t = clamp01(u - seam + 0.5f);
             body.albedo(y, x) += (other - body.albedo(y, x)) * t;
             body.height(y, x) += step * t * (body.alpha(y, x) > 0.3f);
           });
  }
  tint_parts(body.albedo, lay.parts, lay.radius * 1.2f);
  add(body.albedo, skin(rng, scene) * 0.6);
  if (rng.p(0.6)) {
    const std::uint64_t seed = rng.bits();
    for (const Part& part : lay.parts) {
      Rng same(seed);
      mark_body(same, scene, body, Axes(part.at, part.angle).at(lay.radius * 0.35f, 0), r * 0.6f, part.angle);
    }
  }
  place(rng, scene, body);
}

void pill(Rng& rng, Scene& scene) {  // tablets: round or oblong, speckled, with a groove or an imprint
  background(rng, scene);
  const float thick = rng.p(0.5) ? 1 : rng.u(0.45, 0.8);
  Layout lay = lay_out(rng, scene, 0.55, thick);
  alter_objects(scene, lay, "msc");
  const Outline shape = rng.p(0.5) ? ellipse({0, 0}, 1, thick, 0, 72)
                                   : rectangle({0, 0}, 2, 2 * thick, 0, thick * rng.u(0.6, 1));
  const Map alpha = fill_parts(scene, shape, lay.parts, lay.radius);
  const Colour base =
      rng.p(0.6) ? near_colour(rng, hsv(rng.u(0, 1), rng.u(0, 0.25), 0.9f), 0.08f) : any_colour(rng);
  const float r = thick * lay.radius;
  Body body = make_body(alpha, rounded(alpha, r * rng.u(0.15, 1), r * rng.u(0.1, 0.5)), base);
  body.gloss = rng.u(0, 0.5), body.ambient = rng.u(0.4, 0.7);
  if (rng.p(0.45)) {  // speckles of another colour all over: normal
    const Map g = grains(rng, scene.size, rng.lu(0.6, 1.6));
    const float level = rng.u(1.5, 2.4);
    blend(body.albedo, combine(g, [=](float v) { return clamp01((v - level) * 2); }), any_colour(rng),
          rng.u(0.3, 0.9));
  }
  add(body.albedo, skin(rng, scene));
  const bool groove = rng.p(0.4), imprint = rng.p(0.6);
  const std::uint64_t seed = rng.bits();
  for (const Part& part : lay.parts) {
    if (groove) {
      around(scene, part, lay.radius, r, [&](int x, int y, float u, float) {
        body.height(y, x) -= 2.0f * clamp01(1.6f - std::abs(u) * 0.8f);
      });
    }
    Rng same(seed);
    if (imprint)
      mark_body(same, scene, body, Axes(part.at, part.angle).at(groove ? lay.radius * 0.45f : 0, 0),
                r * 0.55f, part.angle);
  }
  tint_parts(body.albedo, lay.parts, lay.radius * 1.2f);
  place(rng, scene, body);
}

void candle(Rng& rng, Scene& scene) {  // waxy rounds or squares with a wick, often four of them
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.3);
  const bool square = rng.p(0.25);
  alter_objects(scene, lay, "ms");
  const Outline shape = square ? rectangle({0, 0}, 1.8f, 1.8f, 0, 0.25f) : circle();
  const Map alpha = fill_parts(scene, shape, lay.parts, lay.radius);
  const Colour wax =
      rng.p(0.6) ? hsv(rng.u(0.08, 0.16), rng.u(0.05, 0.4), rng.u(0.7, 0.97)) : any_colour(rng);
  Body body = make_body(alpha, rounded(alpha, rng.lu(2, lay.radius * 0.4), rng.u(1, 5)), wax);
  body.ambient = rng.u(0.5, 0.75), body.gloss = rng.u(0, 0.35);
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(6, 40), 3), rng.lu(0.05, 0.6), body.height, body.height);
  add(body.albedo, fractal(rng, scene.size, 8, 3), grey(rng.lu(0.004, 0.03)));
  const float cup = rng.p(0.5) ? rng.u(0.7, 0.93) : 0;  // a metal cup round the wax
  if (cup > 0) {
    const Map inner = fill_parts(scene, shape, lay.parts, lay.radius * cup);
    const Map ring = cv::max(alpha - inner, 0);
    blend(body.albedo, ring, metal_colour(rng));
    body.height += (rounded(ring, 3, 2.5f));
  }
  const float wick = lay.radius * rng.u(0.05, 0.11);
  std::vector<Part> wicks = lay.parts;
  for (Part& w : wicks) w.at += Point(rng.n(0, 0.03), rng.n(0, 0.03)) * lay.radius, w.angle = rng.u(0, 6.3);
  alter(scene, wicks, lay.radius * 0.4f, "mt");
  const Map dark = fill_parts(scene, rectangle({0.6f, 0}, rng.u(2, 5), 1.6f, 0, 0.5f), wicks, wick);
  const Map halo = blur(dark, lay.radius * 0.08f);
  multiply(body.albedo, halo * -0.3 + 1);
  blend(body.albedo, dark, rng.p(0.6) ? near_colour(rng, grey(0.9f), 0.1f) : grey(rng.u(0.05, 0.3)));
  body.height += dark * 1.5;
  place(rng, scene, body);
}

}  // namespace anomalyvlm::synthetic::surfaces
