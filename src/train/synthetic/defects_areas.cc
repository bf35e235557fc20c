// Defects that are areas of another look: stains, colours, burns, uneven shading, roughness, rust, flaking,
// print.
#include "train/synthetic/defects.h"
#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic::defect {
namespace {

void tint(ColourImage& img, const Map& alpha, const Colour& factor) {
  const Colour d = factor - Colour(1, 1, 1);
  for (int y = 0; y < img.rows; ++y) {
    const float* a = alpha[y];
    Colour* p = img[y];
    for (int x = 0; x < img.cols; ++x) {
      if (a[x] > 0) p[x] = p[x].mul(Colour(1, 1, 1) + d * a[x]);
    }
  }
}

// What lies beyond a wavy line across the scene's objects, `area` pixels of them: one side was ground, dyed
// or coated in another pass than the rest.
Map cut_off(Rng& rng, const Scene& scene, float area) {
  const float angle =
      rng.p(0.7) ? scene.grain + (rng.p(0.5) ? kPi / 2 : 0) + rng.n(0, 0.06) : rng.u(0, 2 * kPi);
  const Axes axes(scene.middle(), rng.p(0.5) ? angle : angle + kPi);
  const float sway = scene.px(rng.lu(1, 25));
  const Map way = field(rng, scene.size, rng.lu(1, 6));
  const Map beyond = make_map(scene.size, [&](int x, int y) {
    return axes.v(static_cast<float>(x), static_cast<float>(y)) + sway * way(y, x);
  });
  std::vector<float> places;
  for (int y = 0; y < scene.size.height; y += 2) {
    for (int x = 0; x < scene.size.width; x += 2) {
      if (scene.object.empty() || scene.object(y, x) > 0.5f) places.push_back(beyond(y, x));
    }
  }
  if (places.empty()) return Map::zeros(scene.size);
  const auto rank = std::min(places.size() - 1, static_cast<std::size_t>(area / 4));
  std::nth_element(places.begin(), places.end() - 1 - rank, places.end());
  const float line = *(places.end() - 1 - rank), soft = scene.px(rng.lu(0.8, 10));
  return combine(beyond, [=](float v) { return smooth((v - line) / soft + 0.5f); });
}

// Ground, brushed or polished in another pass than the rest: lines of another strength, width or direction,
// more than another shade.
void regrind(Rng& rng, Scene& scene, const Map& patch) {
  const float turn = scene.grain + (rng.p(0.75) ? rng.n(0, 0.08) : rng.u(0, kPi));
  Map lines = streaks(rng, scene.size, turn, scene.px(rng.lu(20, 250)), scene.px(rng.lu(0.7, 5)));
  if (rng.p(0.5)) {
    const Map broad = streaks(rng, scene.size, turn, scene.px(rng.lu(80, 400)), scene.px(rng.lu(6, 30)));
    cv::scaleAdd(broad, rng.u(0.3, 1.2), lines, lines);
  }
  if (rng.p(0.4)) {  // what was there is ground away
    ColourImage flat;
    const int n = static_cast<int>(rng.u(5, 17)) | 1;
    cv::blur(scene.img, flat, {n, n});
    blend(scene.img, patch, flat, rng.u(0.4, 1));
  }
  const float depth = rng.lu(0.05, 0.3), shade = rng.n(0, 0.15);
  multiply(scene.img, combine(patch, lines,
                              [=](float a, float l) { return std::max(0.1f, 1 + a * (shade + depth * l)); }));
  if (rng.p(0.3)) light_relief(scene, patch * scene.px(rng.u(0.5, 2)), rng.u(0.1, 0.5));  // a step
}

}  // namespace

Map stain(Rng& rng, Scene& scene, Point at, float area) {  // multiplies; dried rims are darker
  const float size = std::sqrt(area);
  Map patch = blob(rng, scene.size, at, area, scene.px(rng.lu(0.5, 2 + size / 6)), rng.p(0.4));
  const float k = rng.lu(0.07, 0.6);
  Colour factor = grey(1 - k * rng.u(0.5, 1));
  if (rng.p(0.5)) factor = {1 - k * rng.u(0, 0.7), 1 - k * rng.u(0.2, 1), 1 - k * rng.u(0.3, 1)};
  if (rng.p(0.3)) factor = Colour(2, 2, 2) - factor;
  Map strength = patch;
  if (rng.p(0.5)) {
    const Map inner = blur(patch, scene.px(1 + size * 0.06f));
    const float low = rng.u(0.2, 0.9), rim = rng.u(0.5, 2.5);
    strength = combine(patch, inner, [=](float a, float b) { return a * (low + rim * (1 - b)); });
  }
  if (rng.p(0.4)) strength = strength.mul(fractal(rng, scene.size, rng.lu(6, 40), 2) * 0.3 + 1);
  tint(scene.img, cv::max(strength, 0), factor);
  return patch;
}

Map colour(Rng& rng, Scene& scene, Point at,
           float area) {  // a patch of paint or another hue with a hard edge
  const Map patch =
      rng.p(0.3) ? fill(scene.size, rectangle(at, std::sqrt(area) * rng.u(0.6, 1.8),
                                              std::sqrt(area) * rng.u(0.4, 1.2), rng.u(0, 3), rng.u(0, 4)))
                 : blob(rng, scene.size, at, area, rng.u(0, 1.2), rng.p(0.3));
  if (rng.p(0.5)) {
    const Colour c =
        rng.p(0.6) ? hsv(rng.u(0, 1), rng.u(0.3, 1), rng.u(0.2, 0.95)) : contrasting(rng, scene, patch);
    blend(scene.img, patch, c, rng.u(0.25, 1));
  } else {
    Colour factor{rng.n(), rng.n(), rng.n()};
    factor -= grey((factor[0] + factor[1] + factor[2]) / 3);
    tint(scene.img, patch, Colour(1, 1, 1) + factor * rng.lu(0.15, 0.6));
  }
  return patch;
}

Map burn(Rng& rng, Scene& scene, Point at, float area) {  // brown to black in the middle, a tinted halo
  const float size = std::sqrt(area);
  const Map patch = blob(rng, scene.size, at, area, scene.px(1) + size * rng.u(0.05, 0.25), rng.p(0.6));
  const Map core = combine(patch, [](float a) { return smooth((a - 0.35f) * 1.8f); });
  if (rng.p(0.25)) {  // heat tint of steel: straw, purple, blue
    tint(scene.img, patch, {rng.u(0.8, 1.2), rng.u(0.6, 0.95), rng.u(0.5, 0.8)});
    tint(scene.img, core, {rng.u(0.5, 0.9), rng.u(0.5, 0.85), rng.u(0.9, 1.5)});
  } else {
    tint(scene.img, patch, {rng.u(0.6, 0.95), rng.u(0.45, 0.8), rng.u(0.25, 0.6)});
    blend(scene.img, core, mean_under(scene.img, patch) * rng.u(0.05, 0.5), rng.u(0.3, 0.95));
  }
  if (rng.p(0.35))
    light_relief(scene, core.mul(fractal(rng, scene.size, 50, 2)) * scene.px(2), rng.u(0.1, 0.6));
  return patch * 1.2;
}

Map uneven(Rng& rng, Scene& scene, Point at,
           float area) {  // a large soft region of another brightness or contrast
  const float size = std::sqrt(area);
  Map patch =
      blob(rng, scene.size, at, area * rng.u(1, 1.4), scene.px(2) + size * rng.lu(0.015, 0.16), rng.p(0.5));
  if (rng.p(0.3)) {  // along the grain, as bands of it come from the mill
    const Axes axes(at, scene.grain);
    const float u = size * rng.u(0.7, 2), v = size * rng.u(0.2, 0.6), soft = size * rng.lu(0.03, 0.3);
    patch = make_map(scene.size, [&](int x, int y) {
      return smooth((u - std::abs(axes.u(x, y))) / soft) * smooth((v - std::abs(axes.v(x, y))) / soft);
    });
  } else if (rng.p(0.5)) {
    patch = cut_off(rng, scene, area * rng.u(1, 1.5));
  } else if (rng.p(0.25)) {
    patch = fill(scene.size, rectangle(at, size * rng.u(0.7, 1.6), size * rng.u(0.5, 1.2),
                                       scene.grain + rng.n(0, 0.1), size * rng.u(0.02, 0.3)));
    patch = blur(patch, scene.px(rng.lu(0.6, 8)));
  }
  if (rng.p(0.35)) {
    regrind(rng, scene, patch);
    return patch * 1.15;
  }
  if (rng.p(0.35)) {
    const Colour m = mean_under(scene.img, patch);
    const float k = rng.pick({-0.6f, 0.6f, 1.2f});
    for (int y = 0; y < scene.size.height; ++y) {
      for (int x = 0; x < scene.size.width; ++x) scene.img(y, x) += (scene.img(y, x) - m) * (k * patch(y, x));
    }
  }
  const float k = rng.sign() * rng.lu(0.08, 0.5);
  Map shade = patch * k + 1;
  if (rng.p(0.4)) {  // with marks of what ground it
    const Map lines = streaks(rng, scene.size, scene.grain, scene.px(60), scene.px(rng.lu(0.8, 4)));
    const float depth = rng.lu(0.3, 1.5);
    shade =
        combine(patch, lines, [=](float a, float s) { return std::max(0.1f, 1 + k * a * (1 + depth * s)); });
  }
  multiply(scene.img, shade);
  return patch * 1.15;
}

Map rough(Rng& rng, Scene& scene, Point at, float area) {  // scuffed, or rubbed smooth
  const float size = std::sqrt(area);
  const Map patch = blob(rng, scene.size, at, area, scene.px(rng.lu(0.5, 2 + size * 0.15)), rng.p(0.5));
  if (rng.p(0.65)) {
    Map h = rng.p(0.6) ? streaks(rng, scene.size, rng.u(0, 3.2), rng.lu(1, 30), rng.lu(0.6, 2))
                       : grains(rng, scene.size, rng.lu(0.4, 2));
    if (rng.p(0.4)) h = normalised(relief(fractal(rng, scene.size, rng.lu(30, 100), 3), scene.light));
    const float k = rng.lu(0.04, 0.22);
    const Colour m = mean_under(scene.img, patch) + grey(0.15f);
    add(scene.img, patch.mul(h) * k, m * (1 / (luma(m) + 0.2f)));
    if (rng.p(0.4)) multiply(scene.img, patch * rng.n(0, 0.15) + 1);
  } else {
    ColourImage flat;
    const int n = static_cast<int>(rng.u(4, 14)) | 1;
    cv::blur(scene.img, flat, {n, n});
    blend(scene.img, patch, flat * rng.u(0.9, 1.15));
  }
  return patch;
}

Map corrosion(Rng& rng, Scene& scene, Point at, float area) {
  const Map patch = blob(rng, scene.size, at, area, std::sqrt(area) * 0.1f + 0.5f, true);
  const Map eaten = fractal(rng, scene.size, rng.lu(12, 90), 3, 0.7f);
  const float level = rng.u(-0.5, 1.2), sharp = rng.u(1, 4);
  const Map rust = combine(patch, eaten, [=](float a, float e) { return a * clamp01((e + level) * sharp); });
  const Colour c = near_colour(rng,
                               rng.pick<Colour>({{0.45f, 0.22f, 0.08f},
                                                 {0.55f, 0.3f, 0.12f},
                                                 {0.3f, 0.15f, 0.08f},
                                                 {0.1f, 0.1f, 0.1f},
                                                 {0.85f, 0.85f, 0.8f},
                                                 {0.25f, 0.45f, 0.35f}}),
                               0.3f);
  ColourImage skin_of_rust(scene.size, c);
  multiply(skin_of_rust, fractal(rng, scene.size, rng.lu(20, 100), 2) * 0.25 + 1);
  blend(scene.img, rust, skin_of_rust, rng.u(0.35, 1));
  light_relief(scene, rust.mul(eaten) * scene.px(1), rng.u(0, 0.4));
  return blur(rust, 1.2f) * 1.7;
}

Map flake(Rng& rng, Scene& scene, Point at, float area) {  // a layer worn or flaked off: what is below shows
  const Map patch = blob(rng, scene.size, at, area, rng.u(0.3, 1), rng.p(0.6));
  const double k = rng.unit();
  ColourImage below;
  if (k < 0.3) {
    cv::blur(scene.img, below, {31, 31});
    below *= rng.u(0.75, 1.3);
  } else {
    below = ColourImage(scene.size, contrasting(rng, scene, patch, rng.lu(0.15, 0.8)));
    multiply(below, fractal(rng, scene.size, rng.lu(5, 70), 3) * rng.lu(0.01, 0.18) + 1);
  }
  add(below, white(rng, scene.size), grey(rng.lu(0.003, 0.03)));
  light_relief(scene, blur(patch, 0.8f) * -scene.px(2), rng.u(0, 0.8));
  blend(scene.img, patch, below);
  return patch;
}

Map foreign(Rng& rng, Scene& scene, Point at,
            float area) {  // a piece of another material, tape, a wrong texture
  const float size = std::sqrt(area);
  const bool straight = rng.p(0.35);
  const Map patch = straight ? fill(scene.size, rectangle(at, size * rng.u(0.6, 2.2), size * rng.u(0.4, 1),
                                                          rng.u(0, 3.2), rng.u(0, 3)))
                             : blob(rng, scene.size, at, area, scene.px(rng.lu(0.4, 3)), rng.p(0.4));
  if (scene.object.empty() && rng.p(0.3)) {  // the same texture in another direction or size
    const cv::Mat turn = cv::getRotationMatrix2D(at, rng.u(25, 155), rng.p(0.5) ? 1.0 : rng.lu(0.6, 1.7));
    ColourImage turned;
    cv::warpAffine(scene.img, turned, turn, scene.size, cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
    blend(scene.img, blur(patch, rng.u(0.3, 2.5)), turned);
    return patch;
  }
  Scene other(scene.size);
  other.light = scene.light;
  draw_texture(rng, other,
               {"noise", "carpet", "brushed", "cast", "dim_sheet", "stripes", "concrete", "wood", "machined",
                "weave", "paper", "leather", "terrazzo"});
  if (rng.p(0.6)) {
    const Colour a = mean_under(scene.img, patch), b = mean_under(other.img, patch);
    const Colour d = (a - b) * rng.u(0.5, 1);
    other.img += cv::Scalar(d[0], d[1], d[2]);
    clamp01(other.img);
  }
  const float drop = rng.p(0.4) ? scene.px(rng.u(0.5, 3)) : 0;
  if (drop > 0)
    multiply(scene.img, blur(shifted(patch, -drop * std::cos(scene.light), -drop * std::sin(scene.light)),
                             drop * 0.5f + 0.5f) *
                                -rng.u(0.1, 0.5) +
                            1);
  blend(scene.img, patch, other.img, rng.u(0.45, 1));
  if (rng.p(0.3)) light_relief(scene, blur(patch, 0.8f) * scene.px(1.5f), rng.u(0.1, 0.6));
  return patch;
}

Map print(Rng& rng, Scene& scene, Point at,
          float area) {  // ink where none belongs: blots, speckle and stray lines
  const float size = std::max(std::sqrt(area), scene.px(9));
  Map ink;
  const double k = rng.unit();
  if (k < 0.6) {
    ink = blob(rng, scene.size, at, area, 0.5f, true);
    ink =
        ink.mul(combine(grains(rng, scene.size, rng.lu(0.6, 2)), [](float v) { return clamp01(v + 0.9f); }));
  } else {
    std::vector<Outline> lines;
    const float turn = usual_angle(rng), gap = rng.u(3, 8);
    const Axes axes(at, turn);
    const int n = rng.i(2, 5);
    for (int j = 0; j < n; ++j)
      lines.push_back({axes.at(-size, j * gap), axes.at(size * rng.u(0.5, 1), j * gap)});
    ink = stroke(scene.size, lines, {rng.u(1, 3)});
  }
  const Colour c =
      rng.p(0.4) ? near_colour(rng, grey(0.93f), 0.06f) : contrasting(rng, scene, ink, rng.u(0.3, 0.9));
  blend(scene.img, ink, c, rng.u(0.5, 1));
  return ink;
}

}  // namespace anomalyvlm::synthetic::defect
