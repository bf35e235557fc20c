// Things that are not the same all over by design: nuts with a rough base, lenses with a bright rim.
#include "train/synthetic/objects.h"

namespace anomalyvlm::synthetic::surfaces {
namespace {

// A patch on a ball of radius 1 round the direction (tilt, turn), seen from above: the cosine to its middle.
struct Patch {
  cv::Vec3f middle;
  Patch(float tilt, float turn)
      : middle(std::sin(tilt) * std::cos(turn), std::sin(tilt) * std::sin(turn), std::cos(tilt)) {}
  float cosine(float x, float y) const {
    const float z = std::sqrt(std::max(0.0f, 1 - x * x - y * y));
    return middle[0] * x + middle[1] * y + middle[2] * z;
  }
};

}  // namespace

void hazelnut(Rng& rng, Scene& scene) {  // a smooth shell with lines from pole to pole and a rough, pale base
  background(rng, scene);
  const float thick = rng.u(0.8, 1);
  Layout lay = lay_out(rng, scene, 0.65, thick);
  alter_objects(scene, lay, "ms");
  const float point = rng.u(0, 0.12);
  std::vector<float> radii = wobbly_radii(natural(rng), 0.95f, rng.u(0.01, 0.06), 4, 96);
  for (int k = 0; k < 96; ++k)  // a slight tip
    radii[k] *= 1 + point * std::pow(std::max(0.0f, std::cos(2 * kPi * k / 96)), 8.0f);
  const Map alpha = fill_parts(scene, polar({0, 0}, 0, 1, thick, 96, radii), lay.parts, lay.radius);
  const Colour shell =
      rng.p(0.75) ? hsv(rng.u(0.04, 0.09), rng.u(0.4, 0.8), rng.u(0.25, 0.7)) : food_colour(rng);
  const Colour base = near_colour(rng, hsv(rng.u(0.06, 0.11), rng.u(0.15, 0.5), rng.u(0.5, 0.9)), 0.1f);
  const float r = lay.radius * thick, lines = rng.lu(0.04, 0.3), spread = rng.u(0.55, 0.9),
              soft = rng.lu(0.01, 0.06), rough = rng.u(0.1, 0.5), groove = rng.u(0, 0.35),
              pitch = rng.lu(8, 40);
  Body body = make_body(alpha, rounded(alpha, r * rng.u(0.85, 1), r * rng.u(0.6, 0.95)), shell);
  body.gloss = rng.u(0.05, 0.5), body.shine = rng.i(2, 5), body.ambient = rng.u(0.35, 0.6);
  const Map coarse = fractal(rng, scene.size, rng.lu(25, 90), 3, 0.8f),
            shade = fractal(rng, scene.size, 6, 2), streaky = streaks(rng, scene.size, 0, 1, 1);
  Map bumps = Map::zeros(scene.size);
  Rng& lie = natural(rng);
  for (const Part& part : lay.parts) {
    const float tilt = lie.p(0.2) ? lie.u(0, 0.5) : lie.u(0.4, 2.2), turn = lie.u(0, 2 * kPi),
                phase = lie.u(0, 400);
    const Patch patch(tilt, turn);
    around(scene, part, lay.radius * 1.1f, r * 1.15f, [&](int x, int y, float u, float v) {
      const float px = u / lay.radius, py = v / r, c = patch.cosine(px, py) + 0.03f * shade(y, x);
      const float on = clamp01((c - spread) / soft + 0.5f);
      // Round the axis from base to tip, the angle decides on the line.
      const float across = std::atan2(py * std::cos(turn) - px * std::sin(turn), std::max(0.2f, 1 - c * c));
      const float line = streaky(static_cast<int>(std::abs(across * pitch + phase)) % streaky.rows, 7);
      const Colour skin = shell * (1 + lines * line + 0.08f * shade(y, x));
      const Colour pale = base * (1 + rough * coarse(y, x) * 0.4f);
      const float rim = clamp01(1 - std::abs(c - spread) / (2.5f * soft));
      body.albedo(y, x) = (skin + (pale - skin) * on) * (1 - groove * rim);
      bumps(y, x) = on * rough * 2.5f * coarse(y, x);
    });
  }
  body.height += bumps;
  place(rng, scene, body);
}

void lens(Rng& rng,
          Scene& scene) {  // lenses, filters, glass windows: clear, with a rim, a bevel and reflections
  background(rng, scene);
  Layout lay = lay_out(rng, scene, 0.85);
  alter_objects(scene, lay, "ms");
  const bool square = rng.p(0.2);
  const Outline shape =
      square ? rectangle({0, 0}, 1.8f, rng.u(1.2, 1.8), 0, rng.u(0.05, 0.5)) : ellipse({0, 0}, 1, 1, 0, 96);
  const Map alpha = fill_parts(scene, shape, lay.parts, lay.radius);
  const float r = lay.radius, bevel = r * rng.u(0.03, 0.2), clear = rng.u(0.05, 0.5),
              mount = rng.p(0.4) ? 1.0f : 0.0f;
  if (mount > 0) {  // held in a ring
    const Map outer = fill_parts(scene, shape, lay.parts, r * rng.u(1.06, 1.25));
    Body ring =
        make_body(outer, rounded(outer, 4, 3), rng.p(0.6) ? grey(rng.u(0.03, 0.2)) : metal_colour(rng));
    make_metal(rng, ring);
    place(rng, scene, ring);
  }
  const ColourImage through = scene.img.clone();
  const Map edge = inner_distance(alpha);
  const Colour glass = near_colour(rng, grey(rng.u(0.3, 0.95)), 0.15f);
  const float rim = rng.u(-0.5, 0.7), second = rng.u(0.5, 0.95) * r,
              ring_power = rng.p(0.5) ? rng.u(0.05, 0.4) : 0, phase = rng.u(0, 1);
  Body body = make_body(alpha, rounded(alpha, bevel, bevel * rng.u(0.2, 0.7)), glass);
  blend(body.albedo, Map(scene.size, 1.0f), through, 1 - clear);
  multiply(body.albedo, combine(edge, [=](float d) {
             const float near = clamp01(1 - d / bevel), ring = clamp01(1 - std::abs(d - (r - second)) / 1.5f);
             return std::max(0.05f, 1 + rim * near + ring_power * ring);
           }));
  for (const Part& part : lay.parts) {  // the rim catches the light on one side and darkens on the other
    around(scene, part, r * 1.05f, r * 1.05f, [&](int x, int y, float u, float v) {
      const float d = edge(y, x);
      if (d > bevel * 1.5f) return;
      const float t = wave(cv::fastAtan2(v, u) / 360 + phase + part.angle / (2 * kPi));
      body.albedo(y, x) += grey(0.35f * t * clamp01(1.5f - d / bevel));
    });
  }
  body.gloss = rng.u(0.3, 1), body.shine = rng.i(3, 6), body.ambient = rng.u(0.6, 0.9);
  add(body.albedo, white(rng, scene.size), grey(rng.lu(0.002, 0.01)));
  place(rng, scene, body);
  Map gleam = Map::zeros(scene.size);
  const int lamps = rng.i(0, 4);
  for (int k = 0; k < lamps; ++k) {
    const float at = rng.u(0, 0.7) * r, turn = rng.u(0, 2 * kPi), size = scene.px(rng.lu(2, 16)),
                power = rng.u(0.1, 0.7);
    for (const Part& part : lay.parts) {
      const Point c = part.at + Point(std::cos(turn), std::sin(turn)) * at;
      cover(gleam, blur(fill(scene.size, rng.p(0.5) ? ellipse(c, size, size * 0.7f, turn, 24)
                                                    : rectangle(c, size * 2, size, turn, 1)),
                        0.6f + size * 0.15f) *
                       power);
    }
  }
  add(scene.img, gleam.mul(alpha));
}

}  // namespace anomalyvlm::synthetic::surfaces
