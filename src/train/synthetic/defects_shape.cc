// Defects of form: material broken off or missing, frayed edges, bent and displaced pieces.
#include "train/synthetic/defects.h"

namespace anomalyvlm::synthetic::defect {

Map break_off(Rng& rng, Scene& scene, Point at,
              float area) {  // removes material at an edge; the fracture shows
  Map gone;
  if (rng.p(0.5)) {
    gone = blob(rng, scene.size, at, area * 1.5f, rng.u(0.3, 0.8), rng.p(0.6));
  } else {  // facets, as brittle things break
    Outline facet;
    const int corners = rng.i(3, 8);
    const float r = std::sqrt(area * 1.5f / kPi);
    for (int k = 0; k < corners; ++k) {
      const float t = 2 * kPi * (k + rng.u(0.1, 0.9)) / corners, q = r * rng.u(0.6, 1.6);
      facet.push_back(at + Point(q * std::cos(t), q * std::sin(t)));
    }
    gone = fill(scene.size, facet);
  }
  if (!scene.object.empty()) gone = gone.mul(scene.object);
  const Colour here = mean_under(scene.img, gone);
  const bool through = !scene.under.empty() && rng.p(0.7);
  const auto fracture = [&](const Map& where, float strength) {
    ColourImage face(scene.size, contrasting(rng, scene, where, rng.lu(0.12, 0.7)));
    multiply(face, fractal(rng, scene.size, rng.lu(10, 70), 3) * rng.u(0.03, 0.25) + 1);
    add(face, relief(fractal(rng, scene.size, rng.lu(15, 50), 2), scene.light), grey(rng.u(0, 0.5)));
    clamp01(face);
    blend(scene.img, where, face, strength);
  };
  if (through) {
    if (rng.p(0.6)) {  // a slanting fracture between the surface and the background
      const Map wide = cv::min(blur(gone, scene.px(rng.u(1, 4))) * 2.2, 1);
      fracture(scene.object.empty() ? wide : Map(wide.mul(scene.object)), rng.u(0.5, 1));
    }
    blend(scene.img, gone, scene.under);
  } else {
    fracture(gone, 1);
  }
  if (rng.p(0.5)) {
    const Map rim = combine(blur(gone, 0.8f), [](float a) { return 4 * a * (1 - a); });
    blend(scene.img, rim, near_colour(rng, here * 1.5f, 0.3f), rng.u(0.15, 0.7));
  }
  return gone;
}

Map missing(Rng& rng, Scene& scene, Point at,
            float area) {  // a piece is gone: what lies below it shows, with a shaded edge
  const float size = std::sqrt(area);
  const Map gone = rng.p(0.4) ? fill(scene.size, rectangle(at, size * rng.u(0.7, 1.5), size * rng.u(0.6, 1.2),
                                                           scene.grain + rng.n(0, 0.1), size * rng.u(0, 0.4)))
                              : blob(rng, scene.size, at, area, rng.u(0.3, 0.8), rng.p(0.3));
  ColourImage below;
  if (!scene.under.empty() && rng.p(0.75)) {
    below = scene.under.clone();
  } else {
    below = ColourImage(scene.size, contrasting(rng, scene, gone, rng.lu(0.2, 0.8)));
    multiply(below, fractal(rng, scene.size, rng.lu(4, 50), 3) * rng.lu(0.01, 0.12) + 1);
  }
  // The standing edge throws its shadow into the gap.
  const float drop = scene.px(rng.u(0.5, 5)), dark = rng.u(0, 0.6);
  const Map edge = shifted(gone, -drop * std::cos(scene.light), -drop * std::sin(scene.light));
  multiply(below, combine(gone, blur(edge, 0.5f + drop * 0.4f),
                          [=](float g, float e) { return 1 - dark * std::max(0.0f, g - e); }));
  light_relief(scene, blur(gone, 1) * -scene.px(2), rng.u(0, 0.6));
  blend(scene.img, gone, below);
  return gone;
}

Map fray(Rng& rng, Scene& scene, Point at,
         float area) {  // torn, fluffy or rubbed: many short fibres on a roughened patch
  const float radius = std::sqrt(area / kPi), base = rng.u(0, 6.3);
  const Map patch = blob(rng, scene.size, at, area, 0.5f + radius * 0.15f, true);
  const int n = static_cast<int>(std::min(60.0f, 5 + area / (40 * scene.unit)));
  std::vector<Outline> fibres;
  std::vector<float> widths;
  for (int k = 0; k < n; ++k) {
    const Point c = at + Point(rng.n(), rng.n()) * (radius * 0.45f);
    fibres.push_back(walk(rng, c, radius * rng.u(0.3, 1.1) + 3, 0.25f, rng.n(0, 1.5), base + rng.n(0, 0.7)));
    widths.push_back(scene.px(rng.lu(0.5, 1.8)));
  }
  const Map hairs = stroke(scene.size, fibres, widths);
  const Colour c = contrasting(rng, scene, patch, rng.lu(0.12, 0.6));
  const Map torn = fractal(rng, scene.size, rng.lu(40, 90), 2);
  add(scene.img, patch.mul(torn) * rng.lu(0.03, 0.2));
  if (rng.p(0.5)) multiply(scene.img, patch * rng.u(-0.4, 0.2) + 1);
  multiply(scene.img, shifted(hairs, 1, 1) * -rng.u(0, 0.4) + 1);
  blend(scene.img, hairs, c, rng.u(0.4, 1));
  return cv::max(patch, blur(hairs, 1.5f) * 1.5);
}

Map bent(Rng& rng, Scene& scene, Point at,
         float area) {  // pushed sideways, twisted or pinched: needs structure to be seen
  const float radius = std::sqrt(std::max(area, scene.px(12) * scene.px(12)) / kPi) * 1.4f;
  const Map pull = make_map(scene.size, [&](int x, int y) {
    const float dx = x - at.x, dy = y - at.y, q = std::max(0.0f, 1 - (dx * dx + dy * dy) / (radius * radius));
    return q * q;
  });
  const int kind = rng.i(0, 2);
  const float turn = rng.u(0, 6.3), way = static_cast<float>(rng.sign());
  if (kind == 0) {
    const float d = rng.u(0.25, 0.55) * radius;
    displace(scene, pull, pull * (d * std::cos(turn)), pull * (d * std::sin(turn)));
  } else {
    const float k = way * (kind == 1 ? rng.u(0.5, 1.6) : rng.u(0.35, 0.7));
    Map dx(scene.size), dy(scene.size);
    for (int y = 0; y < scene.size.height; ++y) {
      for (int x = 0; x < scene.size.width; ++x) {
        const float t = k * pull(y, x), u = x - at.x, v = y - at.y;
        const float c = kind == 1 ? std::cos(t) : 1 + t, s = kind == 1 ? std::sin(t) : 0;
        dx(y, x) = c * u - s * v - u, dy(y, x) = s * u + c * v - v;
      }
    }
    displace(scene, pull, dx, dy);
  }
  if (rng.p(0.3)) light_relief(scene, pull * radius * 0.3f, rng.u(0.1, 0.5));
  return cv::min(pull * 4, 1);
}

Map misplaced(Rng& rng, Scene& scene, Point at,
              float area) {  // a piece cut out and put back shifted, turned or flipped
  const float size = std::sqrt(std::max(area, scene.px(14) * scene.px(14)));
  const Map patch = rng.p(0.6)
                        ? fill(scene.size, rectangle(at, size * rng.u(0.7, 1.5), size * rng.u(0.7, 1.3),
                                                     scene.grain + rng.n(0, 0.05), rng.u(0, 3)))
                        : fill(scene.size, ellipse(at, size * 0.6f, size * rng.u(0.4, 0.6), rng.u(0, 3)));
  const float turn = rng.p(0.5) ? rng.sign() * rng.u(0.25, 1.57) : 0,
              flip = turn == 0 && rng.p(0.5) ? -1.0f : 1.0f;
  const Point from = at + Point(rng.n(), rng.n()) * (turn == 0 ? size * 0.5f : size * 0.1f);
  const float c = std::cos(turn), s = std::sin(turn);
  const cv::Matx23f m(c * flip, -s, from.x - c * flip * at.x + s * at.y, s * flip, c,
                      from.y - s * flip * at.x - c * at.y);
  ColourImage moved;
  cv::warpAffine(scene.img, moved, m, scene.size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REFLECT_101);
  blend(scene.img, patch, moved);
  light_relief(scene, blur(patch, 0.7f) * scene.px(1.2f), rng.u(0, 0.7));
  return patch;
}

}  // namespace anomalyvlm::synthetic::defect
