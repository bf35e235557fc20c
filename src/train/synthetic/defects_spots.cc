// Defects that are spots or bodies: holes, pinholes, spots, dents, bubbles, foreign particles, drops of glue.
#include "train/synthetic/defects.h"

namespace anomalyvlm::synthetic::defect {
namespace {

// One patch, or a cluster of smaller ones, of the given whole area.
std::vector<Outline> patches(Rng& rng, Point at, float area, double single, int most, float wobble) {
  const int n = rng.p(single) ? 1 : rng.i(2, most);
  const float radius = std::sqrt(area / n / kPi), spread = radius * rng.u(2, 6);
  std::vector<Outline> out;
  for (int k = 0; k < n; ++k) {
    const Point c = at + (k ? Point(rng.n(), rng.n()) * spread : Point());
    const float squash = std::sqrt(rng.u(0.5, 1));
    const std::vector<float> radii = wobbly_radii(rng, radius * rng.u(0.5, 1.2), wobble, 5, 36);
    out.push_back(polar(c, rng.u(0, 3.2), squash, 1 / squash, 36, radii));
  }
  return out;
}

}  // namespace

Map hole(Rng& rng, Scene& scene, Point at, float area) {  // dark inside, shaded wall, often a bright rim
  const float radius = std::sqrt(area / kPi);
  const Map open = blur(fill(scene.size, patches(rng, at, area, 0.6, 8, rng.u(0.02, 0.3))),
                        rng.u(0.35, 0.7) + radius * 0.05f);
  const Colour deep = mean_under(scene.img, open) * rng.u(0, 0.5);
  light_relief(scene, blur(open, 1 + radius * 0.12f) * -(2 + radius * 0.4f), rng.u(0, 0.5));
  if (rng.p(0.4)) {
    const Map wide = blur(open, 0.8f + radius * 0.15f);
    const float k = rng.u(0.1, 0.6);
    multiply(scene.img,
             combine(wide, open, [=](float w, float o) { return 1 + k * 4 * w * (1 - w) * (1 - o); }));
  }
  if (!scene.under.empty() && rng.p(0.35))
    blend(scene.img, open, scene.under * rng.u(0.4, 1));
  else
    blend(scene.img, open, deep, rng.u(0.5, 1));
  if (radius > 4 && rng.p(0.5)) {  // some light reaches the far wall
    const Map wall = cv::max(
        open - shifted(open, radius * 0.35f * std::cos(scene.light), radius * 0.35f * std::sin(scene.light)),
        0);
    add(scene.img, wall, deep * rng.u(0, 0.8));
  }
  return open;
}

Map pinhole(Rng& rng, Scene& scene, Point at, float area) {
  const Map open = blur(fill(scene.size, patches(rng, at, std::max(area, scene.px(6)), 0.7, 6, 0.15f)), 0.4f);
  light_relief(scene, blur(open, 1.2f) * -2, rng.u(0.1, 0.7));
  blend(scene.img, open, mean_under(scene.img, open) * rng.u(0, 0.5), rng.u(0.6, 1));
  return blur(open, 0.7f) * 1.5;
}

Map spot(Rng& rng, Scene& scene, Point at, float area) {
  const float radius = std::sqrt(area / kPi);
  const Map mark =
      blur(fill(scene.size, patches(rng, at, area, 0.6, 8, rng.u(0, 0.2))), rng.u(0.4, 0.8 + radius * 0.2));
  blend(scene.img, mark, contrasting(rng, scene, mark), rng.u(0.5, 1));
  return mark;
}

Map dent(Rng& rng, Scene& scene, Point at, float area) {
  const float radius = std::sqrt(area / kPi);
  const Map hollow = blob(rng, scene.size, at, area, radius * rng.u(0.2, 0.5) + 0.5f, false);
  light_relief(scene, hollow * (radius * rng.u(0.4, 1.2) * (rng.p(0.75) ? -1 : 1)), rng.lu(0.3, 1.5));
  if (rng.p(0.3)) multiply(scene.img, hollow * rng.n(0, 0.12) + 1);
  if (rng.p(0.25)) {  // the structure bends with it
    const float k = rng.u(1, 3);
    displace(scene, hollow, relief(hollow, 0) * radius * k, relief(hollow, kPi / 2) * radius * k);
  }
  return hollow * 1.6;
}

Map bubble(Rng& rng, Scene& scene, Point at, float area) {
  const float radius = std::sqrt(area / kPi) + 1;
  const Map disc = blur(fill(scene.size, patches(rng, at, std::max(area, 20.0f), 0.5, 7, 0.04f)), 0.5f);
  const Map dome = blur(disc, 0.6f + radius * rng.u(0.08, 0.25));
  light_relief(scene, dome * radius * rng.u(0.6, 1.2), rng.lu(0.15, 0.8));
  multiply(scene.img, disc * rng.n(0, 0.1) + 1);
  if (rng.p(0.5)) {  // a rim and a gleam, as of a bubble in glass or film
    const float k = rng.u(0.1, 0.5) * rng.sign();
    multiply(scene.img, combine(disc, dome, [=](float a, float b) { return 1 + k * 3 * a * (1 - b); }));
    const Point shine = at + Point(std::cos(scene.light), std::sin(scene.light)) * (radius * 0.4f);
    blend(scene.img,
          blur(fill(scene.size,
                    ellipse(shine, radius * 0.2f + 0.5f, radius * 0.14f + 0.5f, scene.light + kPi / 2, 16)),
               0.5f),
          grey(0.97f), rng.u(0.3, 1));
  }
  return disc * 1.5;
}

Map contamination(Rng& rng, Scene& scene, Point at,
                  float area) {  // a foreign body with its own shading and shadow
  const int n = rng.p(0.6) ? 1 : rng.i(2, 10);
  const float radius = std::sqrt(area / n / kPi);
  std::vector<Outline> bodies;
  for (int k = 0; k < n; ++k) {
    const Point c = at + (k ? Point(rng.n(), rng.n()) * (radius * 4) : Point());
    const float r = radius * rng.u(0.5, 1.25);
    if (rng.p(0.3)) {
      bodies.push_back(polar(c, rng.u(0, 3), 1, rng.u(0.5, 1), 24, wobbly_radii(rng, r, 0.3f, 4, 24)));
    } else if (rng.p(0.25)) {  // a chip or shaving
      bodies.push_back(rectangle(c, r * rng.u(2, 5), r * rng.u(0.4, 1), rng.u(0, 3), r * 0.2f));
    } else {
      Outline shard;
      const int corners = rng.i(3, 9);
      for (int j = 0; j < corners; ++j) {
        const float t = 2 * kPi * (j + rng.u(0.1, 0.9)) / corners, q = r * rng.u(0.6, 1.3);
        shard.push_back(c + Point(q * std::cos(t), q * std::sin(t)));
      }
      bodies.push_back(shard);
    }
  }
  const Map alpha = fill(scene.size, bodies);
  const float drop = rng.u(0, 1.5 + radius * 0.35);
  multiply(scene.img, blur(shifted(alpha, -drop * std::cos(scene.light), -drop * std::sin(scene.light)),
                           0.7f + drop * 0.4f) *
                              -rng.u(0, 0.6) +
                          1);
  Body body =
      make_body(alpha, rounded(alpha, rng.lu(1.2, radius + 2), std::max(1.0f, radius * rng.u(0.2, 0.9))),
                rng.p(0.5) ? any_colour(rng) : contrasting(rng, scene, alpha));
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(20, 90), 2), rng.lu(0.1, 1.2), body.height, body.height);
  add(body.albedo, skin(rng, scene));
  body.gloss = rng.u(0, 0.8);
  if (rng.p(0.2)) body.mirror = rng.u(0.1, 0.5);
  const float kept = scene.drop;
  scene.drop = 0;
  place(rng, scene, body, true);
  scene.drop = kept;
  return alpha * 1.3;
}

Map glue(Rng& rng, Scene& scene, Point at,
         float area) {  // glue, oil, water, wax: clear or milky, with a gleam
  area = std::max(area, scene.px(40));
  const float radius = std::sqrt(area / kPi);
  Map pool = rng.p(0.3)
                 ? blur(stroke(scene.size,
                               {walk(rng, at, radius * rng.u(3, 8), 0.15f, rng.n(0, 1.5), rng.u(0, 6.3))},
                               {radius * rng.u(0.4, 0.9)}),
                        0.7f)
                 : blob(rng, scene.size, at, area, 0.7f, false);
  if (rng.p(0.3)) cover(pool, fill(scene.size, patches(rng, at, area * 0.5f, 0, 8, 0.1f)));
  const Map dome = blur(pool, 0.6f + radius * 0.22f);
  const float bend = rng.u(-0.2, 0.35);
  if (bend > 0.05f)
    displace(scene, pool, relief(dome, 0) * (bend * radius * 5), relief(dome, kPi / 2) * (bend * radius * 5));
  const Colour tint =
      rng.p(0.6) ? Colour(rng.u(0.7, 1.1), rng.u(0.65, 1.05), rng.u(0.5, 1.0)) : grey(rng.u(0.6, 1.1));
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x) {
      const float a = pool(y, x);
      if (a > 0) scene.img(y, x) = scene.img(y, x).mul(Colour(1, 1, 1) + (tint - Colour(1, 1, 1)) * a);
    }
  }
  if (rng.p(0.3))
    blend(scene.img, pool, near_colour(rng, hsv(rng.u(0.08, 0.16), rng.u(0, 0.5), 0.85f), 0.15f),
          rng.u(0.15, 0.75));
  light_relief(scene, dome * radius, rng.lu(0.1, 0.6));
  const Map slope = relief(dome * radius, scene.light);
  const float from = rng.u(0.2, 0.5), k = rng.u(0.3, 2.5);
  add(scene.img, combine(slope, pool, [=](float s, float a) { return a * clamp01((-s - from) * k); }));
  return pool;
}

}  // namespace anomalyvlm::synthetic::defect
