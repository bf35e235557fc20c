// Defects that are lines: scratches, cracks, cuts, threads, wrinkles, bands, weaving faults, smears.
#include "train/synthetic/defects.h"

namespace anomalyvlm::synthetic::defect {
namespace {

float line_length(Rng& rng, const Scene& scene, float area, float least) {
  const float longest = 1.3f * std::max(scene.size.width, scene.size.height);
  return std::min(longest, std::sqrt(area) * rng.u(2, 7) + scene.px(least));
}

Map scaled(const Map& a, float k) {
  return combine(a, [=](float v) { return std::min(1.0f, v * k); });
}

}  // namespace

Map scratch(Rng& rng, Scene& scene, Point at, float area) {
  const float length = line_length(rng, scene, area, 6), turn = rng.u(0, 6.3);
  const int n = rng.p(0.65) ? 1 : rng.i(2, 8);
  std::vector<Outline> paths;
  std::vector<float> widths;
  for (int k = 0; k < n; ++k) {
    const Point c = at + (k ? Point(rng.n(), rng.n()) * (length / 5) : Point());
    const float bend = rng.p(0.75) ? rng.n(0, 0.25) : rng.n(0, 1.4);
    paths.push_back(walk(rng, c, length * rng.u(0.5, 1), 0.008f, bend, turn + rng.n(0, 0.15)));
    widths.push_back(scene.px(rng.lu(0.5, 2)) * (1 + length / scene.px(260)));
  }
  Map line = stroke(scene.size, paths, widths);
  if (rng.p(0.5)) {  // the tool skips
    const Map skips = field(rng, scene.size, rng.lu(6, 24));
    line = combine(line, skips, [](float a, float s) { return a * clamp01(1 + 0.8f * s); });
  }
  const double k = rng.unit();
  if (k < 0.45) {  // a groove: one side lit, the other dark
    light_relief(scene, blur(line, scene.px(0.6f)) * -scene.px(rng.u(1, 3)), rng.lu(0.25, 1.4));
    if (rng.p(0.5)) blend(scene.img, line, contrasting(rng, scene, line), rng.u(0.2, 0.8));
  } else {
    const Colour c = contrasting(rng, scene, line);
    if (rng.p(0.4))
      blend(scene.img, shifted(line, scene.px(1), scene.px(1)), mean_under(scene.img, line) * 2 - c, 0.6f);
    blend(scene.img, line, c, rng.u(0.5, 1));
  }
  return scaled(line, 2);
}

Map crack(Rng& rng, Scene& scene, Point at, float area) {
  const float length = line_length(rng, scene, area, 8),
              width = scene.px(rng.lu(0.5, 2.6)) * (1 + length / scene.px(250));
  std::vector<Outline> paths;
  std::vector<float> widths;
  const auto lay = [&](const Outline& path, float w) {  // in pieces of varying width, thinner to the end
    const std::size_t pieces = std::max<std::size_t>(2, path.size() / 4);
    for (std::size_t k = 0; k < pieces; ++k) {
      const std::size_t from = k * path.size() / pieces,
                        to = std::min(path.size(), (k + 1) * path.size() / pieces + 1);
      paths.emplace_back(path.begin() + from, path.begin() + to);
      const float end = std::sin(kPi * (k + 0.7f) / (pieces + 0.4f));
      widths.push_back(std::max(0.4f, w * (0.35f + 0.65f * end) * rng.u(0.6, 1.3)));
    }
  };
  const Outline main = walk(rng, at, length, rng.u(0.1, 0.45), rng.n(0, 0.6), rng.u(0, 6.3));
  lay(main, width);
  const int branches = rng.pick({0, 0, 1, 2, 4, 7});
  for (int k = 0; k < branches; ++k) {
    const Point from = main[rng.i(0, static_cast<int>(main.size()) - 1)];
    Outline side = walk(rng, from, length * rng.u(0.1, 0.45), rng.u(0.15, 0.5), 0, rng.u(0, 6.3));
    const Point shift = from - side.front();
    for (Point& p : side) p += shift;
    lay(side, width * rng.u(0.4, 0.8));
  }
  const Map line = stroke(scene.size, paths, widths);
  const Colour under = mean_under(scene.img, line);
  if (rng.p(0.3)) light_relief(scene, blur(line, scene.px(0.8f)) * -scene.px(2), rng.u(0.1, 0.6));
  const Colour c = rng.p(0.82) ? under * rng.u(0, 0.6) : contrasting(rng, scene, line);
  blend(scene.img, line, c, rng.u(0.4, 1));
  return scaled(line, 2.5f);
}

Map cut(Rng& rng, Scene& scene, Point at, float area) {
  const float length = std::min(line_length(rng, scene, area, 8), scene.px(260)),
              wide = length * rng.lu(0.012, 0.1);
  const Outline path = walk(rng, at, length, 0.02f, rng.n(0, 0.8), rng.u(0, 6.3));
  Outline lips;
  const int n = static_cast<int>(path.size());
  const auto side_of = [&](int k, float side) {
    const Point t = path[std::min(k + 1, n - 1)] - path[std::max(k - 1, 0)];
    const float len = static_cast<float>(cv::norm(t)) + 1e-3f,
                w = wide * std::sin(kPi * (k + 0.3f) / (n - 0.4f)) * side;
    return path[k] + Point(-t.y, t.x) * (w / len);
  };
  for (int k = 0; k < n; ++k) lips.push_back(side_of(k, 1));
  for (int k = n - 1; k >= 0; --k) lips.push_back(side_of(k, -0.7f));
  Map open = blur(fill(scene.size, lips), 0.6f);
  cover(open, stroke(scene.size, {path}, {scene.px(0.8f)}) * 0.8);
  const Colour under = mean_under(scene.img, open);
  light_relief(scene, blur(open, scene.px(rng.u(0.8, 2.2))) * -scene.px(3), rng.u(0.15, 0.9));
  if (!scene.under.empty() && rng.p(0.4))
    blend(scene.img, open, scene.under * rng.u(0.4, 1));
  else
    blend(scene.img, open, under * rng.u(0, 0.45), rng.u(0.6, 1));
  if (rng.p(0.3)) {  // a lip that stands up and catches the light
    const float d = scene.px(1.5f);
    const Map lip = cv::max(shifted(open, d * std::cos(scene.light), d * std::sin(scene.light)) - open, 0);
    blend(scene.img, lip, under * 1.5f, 0.6f);
  }
  return scaled(open, 1.6f);
}

Map thread(Rng& rng, Scene& scene, Point at, float area) {  // a fibre or hair lying on the surface
  const float length = std::min(line_length(rng, scene, area, 10), scene.px(320)),
              width = scene.px(rng.lu(0.6, 4));
  std::vector<Outline> paths;
  const int n = rng.p(0.8) ? 1 : rng.i(2, 4);
  const bool taut = rng.p(0.3);
  for (int k = 0; k < n; ++k) {
    paths.push_back(walk(rng, at + (k ? Point(rng.n(), rng.n()) * (length / 6) : Point()), length,
                         taut ? 0.02f : rng.u(0.04, 0.25), taut ? rng.n(0, 0.4) : rng.n(0, 3),
                         rng.u(0, 6.3)));
  }
  const Map line = stroke(scene.size, paths, {width});
  const float drop = scene.px(rng.u(0, 4));
  if (drop > 0.7f) {
    multiply(scene.img, blur(shifted(line, -drop * std::cos(scene.light), -drop * std::sin(scene.light)),
                             0.6f + drop / 3) *
                                -rng.u(0.1, 0.55) +
                            1);
  }
  const double kind = rng.unit();
  Colour yarn = contrasting(rng, scene, line);
  if (kind < 0.4)
    yarn = any_colour(rng);
  else if (kind < 0.65)
    yarn = near_colour(rng, mean_under(scene.img, line) * rng.u(0.6, 1.6), 0.1f);
  if (width > 1.5f && rng.p(0.6)) {  // twisted: light and dark along it
    ColourImage twisted(scene.size, yarn);
    const float pitch = scene.px(rng.lu(2, 9)), k = rng.u(0.05, 0.35);
    const Axes axes(at, rng.u(0, 6.3));
    multiply(twisted, make_map(scene.size, [&](int x, int y) { return 1 + k * wave(axes.u(x, y) / pitch); }));
    blend(scene.img, line, twisted, rng.u(0.7, 1));
  } else {
    blend(scene.img, line, yarn, rng.u(0.6, 1));
  }
  if (width > 2) light_relief(scene, blur(line, width * 0.3f) * width * 0.6f, rng.u(0.1, 0.5));
  return scaled(line, 1.5f);
}

Map wrinkle(Rng& rng, Scene& scene, Point at, float area) {  // a fold: one flank light, one dark
  const float length = line_length(rng, scene, area, 12),
              width = scene.px(rng.lu(1.5, 5)) + length / 30 * rng.u(0, 1), turn = rng.u(0, 6.3);
  std::vector<Outline> paths;
  const int n = rng.pick({1, 1, 2, 3, 5});
  for (int k = 0; k < n; ++k) {
    paths.push_back(walk(rng, at + Point(rng.n(), rng.n()) * (k * width * 2), length * rng.u(0.5, 1), 0.03f,
                         rng.n(0, 0.9), turn + rng.n(0, 0.3)));
  }
  Map ridge = blur(stroke(scene.size, paths, {width}), width * rng.u(0.35, 0.7) + 0.4f);
  double top = 0;
  cv::minMaxLoc(ridge, nullptr, &top);
  ridge *= 1 / (top + 1e-3);
  light_relief(scene, ridge * width * rng.sign(), rng.lu(0.25, 1.3));
  return scaled(ridge, 1.6f);
}

Map band(Rng& rng, Scene& scene, Point at,
         float area) {  // roller marks and line defects along or across the grain
  const float turn = scene.grain + (rng.p(0.5) ? 0 : kPi / 2) + (rng.p(0.15) ? rng.n(0, 0.3) : 0);
  const float width = scene.px(rng.lu(0.8, 9)), length = line_length(rng, scene, area * 3, 30);
  const Axes axes(at, turn);
  const float soft = rng.u(0.5, 1 + width * 0.3), ends = length * rng.u(0.02, 0.3);
  const Map line = make_map(scene.size, [&](int x, int y) {
    const float d = width / 2 - std::abs(axes.v(x, y)), e = length / 2 - std::abs(axes.u(x, y));
    return clamp01(d / soft + 0.5f) * clamp01(e / ends + 0.1f);
  });
  if (rng.p(0.5))
    multiply(scene.img, line * (rng.sign() * rng.lu(0.08, 0.5)) + 1);
  else
    blend(scene.img, line, contrasting(rng, scene, line), rng.u(0.3, 1));
  return line;
}

Map misweave(Rng& rng, Scene& scene, Point at,
             float area) {  // a run of threads or lines shifted, blurred, thick or lost
  const float turn = scene.grain + (rng.p(0.5) ? 0 : kPi / 2),
              width = std::min(scene.px(28), scene.px(rng.lu(1.5, 4 + std::sqrt(area) * 0.4))),
              length = scene.px(rng.lu(16, 330));
  const Axes axes(at, turn);
  const Map run = make_map(scene.size, [&](int x, int y) {
    return clamp01(width / 2 - std::abs(axes.v(x, y)) + 0.5f) *
           clamp01((length / 2 - std::abs(axes.u(x, y))) / 2);
  });
  const double k = rng.unit();
  if (k < 0.45) {
    const float d = rng.sign() * scene.px(rng.lu(1.5, 10));
    displace(scene, run, run * (d * axes.c), run * (d * axes.s));
  } else if (k < 0.65) {
    ColourImage flat;
    cv::blur(scene.img, flat, {9, 9});
    blend(scene.img, run, flat * rng.u(0.6, 1.3));
  } else {
    blend(scene.img, run, contrasting(rng, scene, run), rng.u(0.25, 0.9));
  }
  return run;
}

Map smear(Rng& rng, Scene& scene, Point at, float area) {  // what was wet was dragged along
  const float turn = rng.u(0, 6.3), size = std::sqrt(area);
  const Map start = blob(rng, scene.size, at, area * 0.6f, 0.5f, false);
  const int n = std::clamp(static_cast<int>(size * rng.u(0.6, 2)), 3, 45) | 1;
  Map kernel = Map::zeros(n, n);
  const cv::Point c(n / 2, n / 2);
  cv::line(kernel, c, c + cv::Point(cvRound(n / 2 * std::cos(turn)), cvRound(n / 2 * std::sin(turn))),
           cv::Scalar(1), 1);
  kernel *= 1 / cv::sum(kernel)[0];
  Map t;
  cv::filter2D(start, t, -1, kernel);
  const Map lines = streaks(rng, scene.size, turn, size + 4, 1.5f);
  t = combine(t, lines, [](float a, float s) { return a * std::clamp(0.75f + 0.45f * s, 0.0f, 1.2f); });
  if (rng.p(0.55)) {
    blend(scene.img, cv::min(t, 1), contrasting(rng, scene, start), rng.u(0.4, 1));
  } else {
    const cv::Rect box = bounds(t);
    ColourImage dragged = scene.img.clone(), part;
    cv::filter2D(scene.img(box), part, -1, kernel);
    part *= rng.u(0.85, 1.12);
    part.copyTo(dragged(box));
    blend(scene.img, cv::min(t * 1.3, 1), dragged);
  }
  return scaled(t, 1.5f);
}

}  // namespace anomalyvlm::synthetic::defect
