// Metal and hard plastic surfaces that fill the image.
#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic::surfaces {
namespace {

Colour metal(Rng& rng) {
  const double k = rng.unit();
  if (k < 0.65) return near_colour(rng, grey(rng.u(0.12, 0.85)), 0.05f);
  if (k < 0.85) return hsv(rng.u(0.06, 0.14), rng.u(0.1, 0.55), rng.u(0.3, 0.9));
  return any_colour(rng);
}

// Broad bands of light, as a curved or polished sheet reflects them: normal.
void reflect_bands(Rng& rng, Scene& scene, float angle) {
  const Axes axes(scene.middle(), angle);
  const float period = scene.px(rng.lu(60, 500)), phase = rng.u(0, 1), k = rng.lu(0.03, 0.3),
              power = rng.u(0.5, 3);
  multiply(scene.img, make_map(scene.size, [&](int x, int y) {
             const float t = wave(axes.v(static_cast<float>(x), static_cast<float>(y)) / period + phase);
             return 1 + k * (t > 0 ? t * (1 + power * t * t) / (1 + power) : t * 0.6f);
           }));
}

// Where the light falls just so, the grain glitters; it gets there gradually, without a border: normal.
void glints(Rng& rng, Scene& scene) {
  const Map lines = streaks(rng, scene.size, scene.grain, scene.px(rng.lu(15, 150)), rng.lu(0.7, 3));
  const float level = rng.u(-0.3, 0.6), slope = rng.lu(0.4, 1.2), k = rng.lu(0.05, 0.4);
  const Map where =
      combine(field(rng, scene.size, rng.lu(1, 4)), [=](float f) { return clamp01((f - level) * slope); });
  multiply(scene.img,
           combine(where, lines, [=](float a, float l) { return std::max(0.1f, 1 + k * a * (0.5f + l)); }));
}

}  // namespace

void noise(Rng& rng, Scene& scene) {
  Map h = fractal(rng, scene.size, rng.lu(2, 60), rng.i(1, 4), rng.u(0.35, 0.8));
  const double k = rng.unit();
  if (k < 0.2)
    h = normalised(cv::abs(h));
  else if (k < 0.4) {
    const float sharp = rng.u(1.5, 5);
    h = normalised(combine(h, [=](float v) { return v * sharp / (1 + std::abs(v * sharp)); }));
  } else if (k < 0.6)
    h = normalised(relief(h, rng.u(0, 6.3)));
  scene.img = paint(rng, h, rng.lu(0.012, 0.16));
}

void orange_peel(Rng& rng, Scene& scene) {  // lacquer
  const Map h =
      normalised(relief(blur(fractal(rng, scene.size, rng.lu(25, 90), 2), rng.u(0.6, 1.5)), rng.u(0, 6.3)));
  scene.img = paint(rng, h, rng.lu(0.004, 0.04));
  if (rng.p(0.6)) reflect_bands(rng, scene, usual_angle(rng));
}

void brushed(Rng& rng, Scene& scene) {
  const float a = scene.grain = usual_angle(rng), w = rng.lu(0.6, 2.5);
  Map h = streaks(rng, scene.size, a, rng.lu(20, 400), w);
  cv::scaleAdd(
      streaks(rng, scene.size, a + (rng.p(0.2) ? rng.n(0, 0.2) : 0), rng.lu(10, 90), w * rng.u(1, 4)),
      rng.u(0, 1), h, h);
  cv::scaleAdd(white(rng, scene.size), rng.u(0, 0.4), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.01, 0.12), metal(rng));
  if (rng.p(0.5)) reflect_bands(rng, scene, a + (rng.p(0.5) ? kPi / 2 : 0));
  if (rng.p(0.4)) glints(rng, scene);
}

void machined(Rng& rng, Scene& scene) {  // parallel or arced tool marks
  const float a = scene.grain = usual_angle(rng), period = scene.px(rng.lu(3, 34));
  const Axes axes(scene.middle(), a);
  const float far = rng.p(0.4) ? scene.px(rng.lu(90, 900)) : 0;
  const Map drift = field(rng, scene.size, 5), strength = field(rng, scene.size, 6);
  const float wander = rng.u(0.02, 0.2);
  Map h = make_map(scene.size, [&](int x, int y) {
    const float u = axes.u(x, y);
    float v = axes.v(x, y);
    if (far > 0) v = std::sqrt(u * u + (v + far) * (v + far));
    return wave(v / period + wander * drift(y, x)) * (1 + 0.4f * strength(y, x));
  });
  cv::scaleAdd(streaks(rng, scene.size, a, 60, 1.2f), rng.u(0.1, 0.9), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.012, 0.12), metal(rng));
  if (rng.p(0.4)) reflect_bands(rng, scene, a);
  if (rng.p(0.4)) glints(rng, scene);
}

void turned(Rng& rng,
            Scene& scene) {  // a lathe's or grinder's rings round a near centre, with the fan of light
  const Point c{scene.size.width * rng.u(-0.3, 1.3), scene.size.height * rng.u(-0.3, 1.3)};
  Map h = turned_streaks(rng, scene.size, c, rng.lu(30, 400), rng.lu(0.7, 4));
  cv::scaleAdd(white(rng, scene.size), rng.u(0.05, 0.5), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.01, 0.1), metal(rng));
  const float k = rng.u(0, 0.35), phase = rng.u(0, 1), fans = static_cast<float>(rng.i(1, 2));
  if (k > 0.05f) {
    multiply(scene.img, make_map(scene.size, [&](int x, int y) {
               const float t = wave(cv::fastAtan2(y - c.y, x - c.x) / 360 * fans * 2 + phase);
               return 1 + k * t * std::abs(t);
             }));
  }
}

void cast(Rng& rng, Scene& scene) {
  const Map h = fractal(rng, scene.size, rng.lu(18, 110), 3, rng.u(0.4, 0.9));
  Map s = relief(h, rng.u(0, 6.3));
  cv::scaleAdd(h, rng.u(0, 0.4), s, s);
  normalise(s);
  scene.img = paint(rng, s, rng.lu(0.012, 0.12), metal(rng));
  if (rng.p(0.4)) multiply(scene.img, field(rng, scene.size, rng.lu(1, 4)) * rng.lu(0.03, 0.2) + 1);
}

void rolled(Rng& rng, Scene& scene) {  // steel strip: long bands of slightly different shade and fine grain
  const float a = scene.grain = usual_angle(rng);
  Map h = streaks(rng, scene.size, a, scene.px(rng.lu(200, 900)), scene.px(rng.lu(3, 30)));
  cv::scaleAdd(grains(rng, scene.size, rng.lu(0.4, 1.2)), rng.u(0.2, 1.2), h, h);
  cv::scaleAdd(streaks(rng, scene.size, a, scene.px(rng.lu(15, 90)), rng.lu(0.7, 2)), rng.u(0, 0.8), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.006, 0.05), near_colour(rng, grey(rng.u(0.15, 0.8)), 0.05f));
  if (rng.p(0.4)) glints(rng, scene);
}

void dim_sheet(Rng& rng, Scene& scene) {  // nearly structureless, unevenly lit, often with dark borders
  const float a = scene.grain = usual_angle(rng);
  Map h = streaks(rng, scene.size, a, rng.lu(8, 200), rng.lu(0.7, 3)) * rng.u(0, 1);
  cv::scaleAdd(grains(rng, scene.size, rng.lu(0.4, 1.5)), rng.u(0.1, 1), h, h);
  cv::scaleAdd(fractal(rng, scene.size, rng.lu(2, 12), 2), rng.u(0, 0.6), h, h);
  normalise(h);
  scene.img = paint(rng, h, rng.lu(0.004, 0.05), near_colour(rng, grey(rng.u(0.12, 0.85)), 0.06f));
  if (rng.p(0.5))
    multiply(scene.img, field(rng, scene.size, 1) * rng.lu(0.02, 0.3) + 1);
  else
    reflect_bands(rng, scene, usual_angle(rng));
  if (rng.p(0.4)) glints(rng, scene);
  const int borders = rng.pick({0, 0, 0, 1, 2, 2});
  for (int k = 0; k < borders; ++k) {
    const int side = rng.i(0, 3);
    const float depth = rng.u(0.2, 0.95), at = scene.px(rng.u(2, 26)), soft = scene.px(rng.u(1, 12));
    multiply(scene.img, make_map(scene.size, [&](int x, int y) {
               const int e = side == 0   ? y
                             : side == 1 ? scene.size.height - 1 - y
                             : side == 2 ? x
                                         : scene.size.width - 1 - x;
               return 1 - depth * clamp01((at - e) / soft);
             }));
  }
}

void hammered(Rng& rng, Scene& scene) {
  const Map h = blur(Map(cv::abs(fractal(rng, scene.size, rng.lu(8, 45), 1))), 1);
  scene.img = paint(rng, normalised(relief(h, rng.u(0, 6.3))), rng.lu(0.02, 0.15), metal(rng));
}

void tread_plate(Rng& rng, Scene& scene) {  // raised bars in alternating directions, knurling, dimples
  scene.light = rng.u(0, 6.3);
  const float pitch = scene.px(rng.lu(14, 60)), a0 = rng.u(0, 3.2), length = pitch * rng.u(0.5, 0.85),
              width = pitch * rng.u(0.12, 0.3), tilt = rng.p(0.8) ? kPi / 4 : 0;
  std::vector<Part> parts;
  const Axes axes(scene.middle(), rng.n(0, 0.05));
  const int n = static_cast<int>(std::max(scene.size.width, scene.size.height) / pitch * 0.75f) + 2;
  for (int j = -n; j <= n; ++j) {
    for (int i = -n; i <= n; ++i) {
      parts.push_back({axes.at(i * pitch, j * pitch), a0 + ((i + j) & 1 ? tilt : -tilt)});
    }
  }
  alter(scene, parts, pitch, "mtz");
  std::vector<Outline> bars;
  for (const Part& p : parts) {
    if (p.present) bars.push_back(rectangle(p.at, length * p.size, width * p.size, p.angle, width / 2));
  }
  const Map up = fill(scene.size, bars);
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(5, 90), 3), rng.lu(0.01, 0.07), metal(rng));
  const Map shade =
      relief(blur(up, scene.px(rng.u(0.7, 1.6))), scene.light) * rng.u(0.5, 1.8) + up * rng.n(0, 0.12) + 1;
  multiply(scene.img, cv::max(shade, 0.1));
}

void ridges(Rng& rng, Scene& scene) {  // threads, corrugation, fins, slots
  const float a = scene.grain = usual_angle(rng), period = scene.px(rng.lu(5, 70)), slope = rng.n(0, 0.02);
  const Coordinates at = coordinates(rng, scene.size, a, rng.lu(0.02, 1));
  const bool slotted = rng.p(0.4);
  const float sharp = rng.lu(0.4, 3), slot = rng.u(0.05, 0.3);
  const Map phase = combine(at.u, at.v, [=](float u, float v) { return frac((u + slope * v) / period); });
  if (slotted) {
    scene.img = paint(rng, fractal(rng, scene.size, 40, 3), rng.lu(0.01, 0.05), metal(rng));
    const Map open = combine(phase, [=](float f) { return clamp01((slot - std::abs(f - 0.5f)) * period); });
    blend(scene.img, open, near_colour(rng, grey(0.3f), 0.8f) * rng.u(0.1, 1));
    multiply(scene.img, relief(open, a + (rng.p(0.5) ? kPi : 0)) * rng.u(0, 0.6) + 1);
  } else {
    const float lean = rng.u(-0.6, 0.6);
    Map h = combine(phase, [=](float f) { return std::pow(std::abs(wave(f / 2)), sharp) + lean * wave(f); });
    cv::scaleAdd(streaks(rng, scene.size, a + kPi / 2, 60, 1.2f), rng.u(0, 0.3), h, h);
    normalise(h);
    scene.img = paint(rng, h, rng.lu(0.04, 0.25), metal(rng));
  }
  if (rng.p(0.6)) {  // round a cylinder
    const float k = rng.u(0.004, 0.013) / scene.unit, off = rng.n(0, 0.3);
    multiply(scene.img, combine(at.v, [=](float v) { return std::max(0.05f, std::cos(v * k + off)); }));
  }
}

void moulded(Rng& rng, Scene& scene) {  // smooth plastic with gentle steps, ribs or an edge across it
  scene.light = rng.u(0, 6.3);
  Map h = fractal(rng, scene.size, rng.lu(30, 120), 2) * rng.lu(0.02, 0.15);
  const int steps = rng.i(0, 3);
  const float a = usual_angle(rng);
  for (int k = 0; k < steps; ++k) {
    const Axes axes({scene.size.width * rng.u(0.1, 0.9), scene.size.height * rng.u(0.1, 0.9)},
                    a + (rng.p(0.2) ? kPi / 2 : 0));
    const float wide = scene.px(rng.lu(2, 30)), tall = rng.sign() * rng.u(0.5, 3),
                rib = rng.p(0.5) ? scene.px(rng.lu(4, 40)) : 1e6f;
    h += make_map(scene.size, [&](int x, int y) {
      const float v = axes.v(x, y);
      return tall * (smooth(v / wide + 0.5f) - smooth((v - rib) / wide + 0.5f)) * std::sqrt(wide) * 0.4f;
    });
  }
  scene.img = ColourImage(scene.size, any_colour(rng));
  Map shade = relief(h, scene.light) * rng.u(0.3, 0.9) + 1;
  cv::scaleAdd(field(rng, scene.size, 1.5f), rng.lu(0.02, 0.15), shade, shade);
  multiply(scene.img, cv::max(shade, 0.1));
}

}  // namespace anomalyvlm::synthetic::surfaces
