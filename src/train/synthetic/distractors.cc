// Normal things that are no defect: a detector must learn to pass over them.
#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic {
namespace {

Colour mean_colour(const ColourImage& img) {
  const cv::Scalar m = cv::mean(img);
  return {static_cast<float>(m[0]), static_cast<float>(m[1]), static_cast<float>(m[2])};
}

void gleam(Rng& rng, Scene& scene) {  // a broad reflection
  const Axes axes({rng.u(0, scene.size.width), rng.u(0, scene.size.height)},
                  usual_angle(rng) + (rng.p(0.3) ? rng.u(0, 3) : 0));
  const float wide = scene.px(rng.lu(8, 70)), k = rng.u(0.05, 0.5);
  Map light = make_map(scene.size, [&](int x, int y) {
    const float t = axes.v(x, y) / wide;
    return t > -1.5f && t < 1.5f ? k * (1 - t * t / 2.25f) * (1 - t * t / 2.25f) : 0.0f;
  });
  if (!scene.object.empty()) light = light.mul(scene.object);
  add(scene.img, light);
}

void cast_shadow(Rng& rng, Scene& scene) {
  const Axes axes({rng.u(0, scene.size.width), rng.u(0, scene.size.height)}, rng.u(0, 6.3));
  const float soft = scene.px(rng.lu(6, 120)), k = rng.u(0.1, 0.6);
  multiply(scene.img,
           make_map(scene.size, [&](int x, int y) { return 1 - k * clamp01(axes.v(x, y) / soft); }));
}

void seams(Rng& rng, Scene& scene) {  // straight joints and lines from border to border
  const float turn = usual_angle(rng);
  const int n = rng.pick({1, 1, 2, 3});
  const float width = scene.px(rng.lu(0.7, 7)), strength = rng.u(0.2, 1);
  const Colour c = near_colour(rng, mean_colour(scene.img), 0.7f);
  scene.light = rng.p(0.5) ? scene.light : rng.u(0, 6.3);
  std::vector<Outline> lines;
  for (int k = 0; k < n; ++k) {
    const Axes axes({rng.u(0.05, 0.95) * scene.size.width, rng.u(0.05, 0.95) * scene.size.height}, turn);
    lines.push_back({axes.at(-2000, 0), axes.at(2000, 0)});
  }
  Map line = stroke(scene.size, lines, {width});
  if (!scene.object.empty()) {  // in the part, or in what it lies on: a line across both would be a thread
    line = line.mul(rng.p(0.5) ? Map(1 - scene.object) : scene.object);
  }
  if (rng.p(0.5))
    multiply(scene.img, cv::max(relief(blur(line, 0.8f), scene.light) * rng.u(0.3, 1.5) + 1, 0.1));
  else
    blend(scene.img, line, c, strength);
}

void letters(Rng& rng, Scene& scene) {
  const int n = rng.pick({1, 1, 2});
  for (int k = 0; k < n; ++k) {
    const Point at{rng.u(0.2, 0.8) * scene.size.width, rng.u(0.1, 0.9) * scene.size.height};
    Map text =
        lettering(rng, scene.size, at, scene.px(rng.lu(8, 50)), rng.p(0.7) ? 0 : rng.u(0, 6.3), rng.i(3, 8));
    if (!scene.object.empty()) text = text.mul(scene.object);
    if (rng.p(0.6))
      blend(scene.img, text, rng.p(0.5) ? any_colour(rng) : near_colour(rng, mean_colour(scene.img), 0.8f),
            rng.u(0.3, 1));
    else
      multiply(scene.img, cv::max(relief(blur(text, 0.7f), scene.light) * rng.u(0.4, 1.6) + 1, 0.1));
  }
}

void marks(Rng& rng, Scene& scene) {  // a row or a symmetric set of equal holes, rivets or dots
  std::vector<Outline> set;
  const bool four = rng.p(0.4);
  const float pitch = scene.px(rng.u(22, 75)), r = rng.u(0.08, 0.3) * pitch;
  const Axes axes(scene.middle() + Point(rng.n(), rng.n()) * scene.px(25), usual_angle(rng));
  const int n = four ? 4 : rng.i(3, 9);
  for (int k = 0; k < n; ++k) {
    const Point at = four ? axes.at(k & 1 ? pitch : -pitch, k & 2 ? pitch : -pitch)
                          : axes.at((k - (n - 1) / 2.0f) * pitch, 0);
    set.push_back(ellipse(at, r, r, 0, 24));
  }
  Map mark = fill(scene.size, set);
  if (!scene.object.empty()) mark = mark.mul(scene.object);
  const Colour c = rng.p(0.5) ? grey(rng.u(0.02, 0.15)) : near_colour(rng, mean_colour(scene.img), 0.8f);
  blend(scene.img, mark, c, rng.u(0.4, 1));
  multiply(scene.img, cv::max(relief(blur(mark, 1), scene.light) * rng.u(0, 1) + 1, 0.1));
}

void frame(Rng& rng, Scene& scene) {  // the image reaches past the part's border
  float e[4];
  for (float& v : e) v = scene.px(rng.u(-24, 28));
  const Colour c = near_colour(rng, grey(rng.pick({0.03f, 0.1f, 0.5f, 0.9f})), 0.4f);
  const float soft = rng.u(0.7, 3);
  const Axes axes(scene.middle(), rng.n(0, 0.015));
  const float w = scene.size.width / 2.0f, h = scene.size.height / 2.0f;
  blend(
      scene.img,
      make_map(
          scene.size,
          [&](int x, int y) {
            const float u = axes.u(x, y), v = axes.v(x, y);
            return clamp01(std::max({e[0] - (u + w), e[1] - (w - u), e[2] - (v + h), e[3] - (h - v)}) / soft);
          }),
      c);
}

void neighbour(Rng& rng, Scene& scene) {  // another thing that looks into the image from its border
  const int side = rng.i(0, 3);
  const float reach = scene.px(rng.u(4, 40)), w = static_cast<float>(scene.size.width),
              h = static_cast<float>(scene.size.height);
  const Point at = side == 0   ? Point(rng.u(0, w), -reach)
                   : side == 1 ? Point(rng.u(0, w), h + reach)
                   : side == 2 ? Point(-reach, rng.u(0, h))
                               : Point(w + reach, rng.u(0, h));
  const float size = reach + scene.px(rng.u(10, 45));
  const Map alpha = fill(scene.size, rng.p(0.5) ? ellipse(at, size, size, 0, 48)
                                                : rectangle(at, size * 2, size * 2, rng.u(0, 3), 4));
  const Map outside = scene.object.empty() ? alpha : Map(alpha.mul(1 - scene.object));
  Body body = make_body(outside, rounded(alpha, rng.lu(2, 20), rng.u(1, 6)), any_colour(rng));
  const float kept = scene.drop;
  scene.drop = 0;
  place(rng, scene, body, true);
  scene.drop = kept;
}

void soft_spots(Rng& rng,
                Scene& scene) {  // lamps mirrored in a glossy surface: round, very bright, several alike
  const int n = rng.i(1, 4);
  const float r = scene.px(rng.lu(3, 22)), k = rng.u(0.2, 0.9);
  std::vector<Outline> lamps;
  const Axes axes({rng.u(0.2, 0.8) * scene.size.width, rng.u(0.2, 0.8) * scene.size.height},
                  usual_angle(rng));
  for (int j = 0; j < n; ++j)
    lamps.push_back(ellipse(axes.at((j - n / 2.0f) * r * 4, 0), r, r * rng.u(0.4, 1), 0, 24));
  Map light = blur(fill(scene.size, lamps), r * rng.u(0.2, 0.6));
  if (!scene.object.empty()) light = light.mul(scene.object);
  add(scene.img, light * k);
}

// Faint marks of handling all over: hairlines or specks that any used part has.
void wear(Rng& rng, Scene& scene) {
  const Map lit = scene.object.empty() ? Map(scene.size, 1.0f) : scene.object;
  const float k = rng.lu(0.02, 0.12) * rng.sign();
  Map marks;
  if (rng.p(0.6)) {
    std::vector<Outline> lines;
    std::vector<float> widths;
    const int n = rng.i(15, 80);
    const float way = rng.u(0, 6.3), spread = rng.p(0.5) ? 0.2f : 3.0f;
    for (int j = 0; j < n; ++j) {
      const Point at{rng.u(0, 1) * scene.size.width, rng.u(0, 1) * scene.size.height};
      lines.push_back(walk(rng, at, scene.px(rng.lu(8, 70)), 0.01f, rng.n(0, 0.3), way + rng.n(0, spread)));
      widths.push_back(scene.px(rng.lu(0.4, 1)));
    }
    marks = stroke(scene.size, lines, widths);
  } else {
    const Map g = grains(rng, scene.size, rng.lu(0.6, 1.6));
    const float level = rng.u(2, 3);
    marks = combine(g, [=](float v) { return clamp01((v - level) * 2); });
  }
  multiply(scene.img, marks.mul(lit) * (k * 2) + 1);
}

// Dust and lint on what the object lies on, which nobody inspects.
void dusty_background(Rng& rng, Scene& scene) {
  if (scene.object.empty()) return;
  std::vector<Outline> specks;
  const int n = rng.i(3, 30);
  for (int j = 0; j < n; ++j) {
    const Point at{rng.u(0, 1) * scene.size.width, rng.u(0, 1) * scene.size.height};
    const float r = scene.px(rng.lu(0.5, 2.6));
    if (rng.p(0.75))
      specks.push_back(ellipse(at, r, r * rng.u(0.4, 1), rng.u(0, 3), 10));
    else
      specks.push_back(rectangle(at, scene.px(rng.lu(4, 24)), scene.px(0.8f), rng.u(0, 3)));
  }
  Map dust = fill(scene.size, specks);
  dust = dust.mul(1 - blur(scene.object, 1));
  const Colour c = near_colour(rng, mean_colour(scene.img), 0.3f) + grey(rng.n(0, 0.25));
  blend(scene.img, cv::max(dust, 0), c, rng.u(0.2, 0.9));
}

// Light that catches the grain here and there, in soft patches and bands without a border.
void sheen(Rng& rng, Scene& scene) {
  const float turn = scene.grain + (rng.p(0.8) ? 0 : rng.u(0, kPi));
  Map where = rng.p(0.5)
                  ? field(rng, scene.size, rng.lu(1.5, 7))
                  : Map(streaks(rng, scene.size, turn, scene.px(rng.lu(60, 500)), scene.px(rng.lu(12, 70))));
  where = blur(where, scene.px(rng.lu(2, 12)));
  const Map lines = streaks(rng, scene.size, turn, scene.px(rng.lu(15, 200)), scene.px(rng.lu(0.6, 3)));
  const float level = rng.u(-0.4, 0.5), slope = rng.lu(0.25, 0.8),
              k = rng.lu(0.05, 0.3) * (rng.p(0.8) ? 1 : -1), fine = rng.u(0.1, 0.9);
  Map shade = combine(where, lines, [=](float w, float l) {
    return std::max(0.1f, 1 + k * clamp01((w - level) * slope) * (0.5f + fine * l));
  });
  if (!scene.object.empty()) shade = 1 + (shade - 1).mul(scene.object);
  multiply(scene.img, shade);
}

// The part's rim turns away from the light, or catches it.
void rim(Rng& rng, Scene& scene) {
  const float depth = rng.sign() * rng.u(0.15, 0.9);
  Map shade(scene.size, 1.0f);
  const int sides = rng.pick({1, 1, 2, 2, 4}), first = rng.i(0, 3), step = rng.pick({1, 2, 2});
  for (int k = 0; k < sides; ++k) {
    const int side = (first + (sides == 4 ? k : k * step)) % 4;
    const float at = scene.px(rng.u(2, 26)), soft = scene.px(rng.lu(1, 30));
    shade = shade.mul(make_map(scene.size, [&](int x, int y) {
      const int e = side == 0   ? y
                    : side == 1 ? scene.size.height - 1 - y
                    : side == 2 ? x
                                : scene.size.width - 1 - x;
      return 1 - depth * clamp01((at - e) / soft) * 0.9f;
    }));
  }
  multiply(scene.img, shade);
}

}  // namespace

void distract(Rng& rng, Scene& scene, Distraction which) {
  using Kind = void (*)(Rng&, Scene&);
  // A texture that fills the image has few oddities; round objects there are many.
  const bool texture = scene.object.empty();
  Kind kind = nullptr;
  if (which == Distraction::kLasting)
    kind = texture ? rng.pick<Kind>({seams, letters, marks, frame, frame, rim, rim})
                   : rng.pick<Kind>({seams, letters, marks, frame, neighbour});
  else if (which == Distraction::kPassing)
    kind = texture ? rng.pick<Kind>({gleam, cast_shadow, sheen, sheen, wear, wear})
                   : rng.pick<Kind>({gleam, gleam, cast_shadow, soft_spots, sheen, wear, dusty_background,
                                     dusty_background});
  else
    kind = texture ? rng.pick<Kind>({gleam, gleam, cast_shadow, cast_shadow, seams, letters, marks, frame,
                                     frame, rim, rim, rim, sheen, sheen, sheen, wear, wear})
                   : rng.pick<Kind>({gleam, gleam, cast_shadow, seams, letters, marks, frame, neighbour,
                                     neighbour, soft_spots, sheen, wear, dusty_background, dusty_background});
  kind(rng, scene);
  clamp01(scene.img);
}

}  // namespace anomalyvlm::synthetic
