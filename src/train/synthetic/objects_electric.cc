// Circuit boards, chips, transistors, cables.
#include "train/synthetic/objects.h"

namespace anomalyvlm::synthetic::surfaces {
namespace {

Colour board_colour(Rng& rng) {
  return near_colour(rng,
                     rng.pick<Colour>({{0.05f, 0.3f, 0.12f},
                                       {0.05f, 0.25f, 0.15f},
                                       {0.05f, 0.15f, 0.4f},
                                       {0.3f, 0.05f, 0.05f},
                                       {0.07f, 0.07f, 0.08f},
                                       {0.55f, 0.45f, 0.2f},
                                       {0.8f, 0.8f, 0.75f}}),
                     0.3f);
}

struct Net {
  std::vector<Outline> tracks;
  std::vector<Point> pads;
};

Net route(Rng& rng, const Scene& scene, float g, int count) {
  Net net;
  const int nx = static_cast<int>(scene.size.width / g), ny = static_cast<int>(scene.size.height / g);
  const Point ways[] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}, {-1, 0}, {0, -1}};
  for (int k = 0; k < count; ++k) {
    Point at{g * rng.i(0, nx), g * rng.i(0, ny)};
    Outline path = {at};
    const int turns = rng.i(2, 5);
    for (int j = 0; j < turns; ++j) {
      at += ways[rng.i(0, 5)] * (g * rng.i(1, 6));
      path.push_back(at);
    }
    net.pads.push_back(path.front());
    net.pads.push_back(path.back());
    net.tracks.push_back(path);
  }
  return net;
}

// Small parts soldered on: chip resistors with silver ends, black packages, round capacitors.
void solder_parts(Rng& rng, Scene& scene, float g, int count) {
  std::vector<Part> parts;
  for (int k = 0; k < count; ++k) {
    parts.push_back({{rng.u(0.05, 0.95) * scene.size.width, rng.u(0.05, 0.95) * scene.size.height},
                     rng.pick({0.0f, 0.0f, kPi / 2})});
  }
  const float size = g * rng.u(0.7, 2);
  alter(scene, parts, size * 2, "mmstb");
  const int kind = rng.i(0, 2);
  if (kind < 2) {  // a body between two silver ends
    Body ends = make_body(fill_parts(scene, rectangle({0, 0}, 2, 1.0f, 0, 0.1f), parts, size), Map(),
                          grey(rng.u(0.6, 0.85)));
    ends.height = rounded(ends.alpha, 3, 2);
    make_metal(rng, ends);
    place(rng, scene, ends, true);
    Body middle =
        make_body(fill_parts(scene, rectangle({0, 0}, 1.2f, 1.0f, 0, 0.05f), parts, size), Map(),
                  kind ? near_colour(rng, grey(0.07f), 0.5f) : hsv(rng.u(0.05, 0.12), 0.4f, rng.u(0.3, 0.7)));
    middle.height = rounded(middle.alpha, 2, 2);
    place(rng, scene, middle, true);
  } else {
    Body round = make_body(fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 40), parts, size), Map(),
                           rng.p(0.5) ? grey(rng.u(0.5, 0.8)) : any_colour(rng));
    round.height = rounded(round.alpha, size * 0.4f, size * 0.2f);
    make_metal(rng, round);
    place(rng, scene, round, true);
  }
}

// A black package with a row of pins on two or four sides.
void package(Rng& rng, Scene& scene, Point at, float w, float h, int pins, bool four_sides, float turn) {
  std::vector<Part> legs;
  const Axes axes(at, turn);
  const float leg = std::min(w, h) * rng.u(0.1, 0.3);
  for (int k = 0; k < pins; ++k) {
    const float t = (k + 0.5f) / pins - 0.5f;
    legs.push_back({axes.at(t * w * 0.92f, h / 2 + leg * 0.4f), turn + kPi / 2});
    legs.push_back({axes.at(t * w * 0.92f, -h / 2 - leg * 0.4f), turn - kPi / 2});
    if (four_sides) {
      legs.push_back({axes.at(w / 2 + leg * 0.4f, t * h * 0.92f), turn});
      legs.push_back({axes.at(-w / 2 - leg * 0.4f, t * h * 0.92f), turn + kPi});
    }
  }
  alter(scene, legs, leg * 1.5f, "mtsbb");
  const float thick = std::max(1.2f, w / pins * rng.u(0.35, 0.5));
  Body pin = make_body(fill_parts(scene, rectangle({0, 0}, 1, thick / leg, 0, 0), legs, leg), Map(),
                       grey(rng.u(0.55, 0.9)));
  pin.height = rounded(pin.alpha, thick / 2, thick / 2);
  make_metal(rng, pin);
  place(rng, scene, pin);
  Body body = make_body(fill(scene.size, rectangle(at, w, h, turn, 2)), Map(),
                        near_colour(rng, grey(rng.p(0.8) ? 0.09f : 0.4f), 0.5f));
  body.height = rounded(body.alpha, rng.lu(1.5, 8), rng.u(1, 4));
  add(body.albedo, skin(rng, scene) * 0.6);
  body.gloss = rng.u(0, 0.4);
  if (rng.p(0.8)) mark_body(rng, scene, body, at, std::min(w, h) * rng.u(0.15, 0.3), turn);
  if (rng.p(0.5)) {
    const Map dot = fill(scene.size, ellipse(axes.at(-w * 0.4f, h * 0.35f), h * 0.06f, h * 0.06f, 0, 16));
    body.height -= dot * 1.5;
  }
  place(rng, scene, body);
}

}  // namespace

void board(Rng& rng, Scene& scene) {
  const Colour base = board_colour(rng);
  scene.img = paint(rng, fractal(rng, scene.size, 30, 3), rng.lu(0.004, 0.03), base);
  scene.under = scene.img.clone();
  scene.light = rng.u(0, 6.3), scene.drop = scene.px(rng.lu(0.8, 5));
  const float g = scene.px(rng.u(8, 24));
  const Net net = route(rng, scene, g, rng.i(5, 45));
  const float w = g * rng.u(0.1, 0.4);
  const Colour copper = rng.p(0.6) ? near_colour(rng, base * 1.6f + grey(0.03f), 0.2f)
                                   : hsv(rng.u(0.05, 0.13), 0.6f, rng.u(0.5, 0.9));
  const Map tracks = stroke(scene.size, net.tracks, {w});
  blend(scene.img, tracks, copper, rng.u(0.5, 1));
  multiply(scene.img, relief(tracks, scene.light) * rng.u(0, 0.5) + 1);
  std::vector<Part> pads;
  for (const Point& p : net.pads) pads.push_back({p});
  alter(scene, pads, w * 3, "mszc");
  const float r = w * rng.u(0.9, 1.6);
  const Map pad = fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 20), pads, r);
  Body metal =
      make_body(pad, rounded(pad, r, r * 0.5f),
                rng.pick<Colour>({{0.85f, 0.78f, 0.55f}, {0.75f, 0.75f, 0.75f}, {0.8f, 0.55f, 0.25f}}));
  make_metal(rng, metal);
  tint_parts(metal.albedo, pads, r * 1.3f);
  place(rng, scene, metal, true);
  if (rng.p(0.6))
    blend(scene.img, fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 12), pads, r * 0.5f), base * 0.2f);
  const int groups = rng.i(0, 4);
  for (int k = 0; k < groups; ++k) solder_parts(rng, scene, g, rng.i(1, 6));
  const int chips = rng.i(0, 3);
  for (int k = 0; k < chips; ++k) {
    package(rng, scene, {rng.u(0.15, 0.85) * scene.size.width, rng.u(0.15, 0.85) * scene.size.height},
            scene.px(rng.u(30, 110)), scene.px(rng.u(25, 80)), rng.i(3, 14), rng.p(0.4),
            rng.pick({0.0f, kPi / 2}));
  }
  const int prints = rng.i(0, 6);
  for (int k = 0; k < prints; ++k) {
    blend(scene.img,
          lettering(rng, scene.size,
                    {rng.u(0.05, 0.95) * scene.size.width, rng.u(0.05, 0.95) * scene.size.height},
                    scene.px(rng.lu(7, 20)), rng.pick({0.0f, kPi / 2}), rng.i(2, 5)),
          grey(rng.u(0.75, 0.95)), rng.u(0.6, 1));
  }
  if (rng.p(0.45)) {  // the board's edge and what lies beyond
    Scene beyond(scene.size);
    background(rng, beyond);
    const float m = scene.px(rng.u(6, 40));
    const Map whole = fill(scene.size, rectangle(scene.middle(), scene.size.width - 2 * m,
                                                 scene.size.height - (rng.p(0.5) ? 2 * m : -20),
                                                 rng.n(0, 0.02), scene.px(rng.u(0, 10))));
    const ColourImage top = scene.img.clone();
    scene.img = beyond.img.clone(), scene.under = beyond.img;
    blend(scene.img, whole, top);
    scene.object = whole;
  } else {
    scene.object.release();
  }
}

void chip(Rng& rng, Scene& scene) {  // one large package or connector
  background(rng, scene);
  const float w = scene.px(rng.u(90, 190)), h = scene.px(rng.u(50, 150));
  package(rng, scene, scene.middle() + Point(rng.n(0, 8), rng.n(0, 8)) * scene.unit, w, h, rng.i(3, 16),
          rng.p(0.4), rng.p(0.7) ? rng.n(0, 0.04) : rng.u(0, 6.3));
}

void leads(
    Rng& rng,
    Scene& scene) {  // transistors and diodes: a body and a few long legs, often over a perforated board
  if (rng.p(0.5)) {
    draw_texture(rng, scene, {"mesh", "mesh", "pattern", "honeycomb", "noise"});
    scene.under = scene.img.clone();
    scene.light = rng.u(0, 6.3), scene.drop = scene.px(rng.lu(2, 14));
  } else {
    background(rng, scene);
  }
  const int n = rng.pick({2, 3, 3, 3, 4, 5});
  const float w = scene.px(rng.u(60, 130)), h = scene.px(rng.u(45, 110)), length = scene.px(rng.u(50, 130)),
              p = w / n * rng.u(0.8, 1.1);
  const float turn = rng.p(0.7) ? rng.n(0, 0.03) : rng.u(0, 6.3);
  const Axes axes(scene.middle() - Point(0, scene.px(rng.u(10, 35))), turn);
  std::vector<Part> legs;
  for (int k = 0; k < n; ++k) {
    Part leg{axes.at((k - (n - 1) / 2.0f) * p, h / 2 + length * 0.42f), turn + kPi / 2 + rng.n(0, 0.015)};
    leg.bend = rng.n(0, 0.01);
    legs.push_back(leg);
  }
  alter(scene, legs, length * 0.5f, "mmbbbst");
  if (scene.fault.wanted && !scene.fault.family.empty()) {  // a cut leg is shorter, not gone
    for (Part& leg : legs) {
      if (!leg.present && scene.fault.rng.p(0.6))
        leg.present = true, leg.stretch = scene.fault.rng.u(0.3, 0.65),
        leg.at = axes.at(axes.u(leg.at.x, leg.at.y), h / 2 + length * 0.42f * leg.stretch);
    }
  }
  const float thick = std::max(2.0f, p * rng.u(0.16, 0.4)) / length;
  Outline bar;
  for (int k = 0; k <= 10; ++k) bar.push_back({-0.5f + k / 10.0f, -thick / 2});
  for (int k = 10; k >= 0; --k) bar.push_back({-0.5f + k / 10.0f, thick / 2});
  Body metal = make_body(fill_parts(scene, bar, legs, length), Map(), metal_colour(rng));
  metal.height = rounded(metal.alpha, thick * length / 2, thick * length * 0.4f);
  make_metal(rng, metal);
  place(rng, scene, metal);
  const bool round = rng.p(0.35);
  const Map alpha = fill(scene.size, round ? ellipse(axes.at(0, 0), w / 2, h / 2, turn, 64)
                                           : rectangle(axes.at(0, 0), w, h, turn, rng.u(1, 16)));
  Body body = make_body(alpha, rounded(alpha, rng.lu(2, 20), rng.u(1, 8)),
                        rng.p(0.65) ? near_colour(rng, grey(0.1f), 0.5f) : any_colour(rng));
  body.gloss = rng.u(0, 0.5);
  add(body.albedo, skin(rng, scene) * 0.8);
  if (rng.p(0.7)) mark_body(rng, scene, body, axes.at(0, 0), h * rng.u(0.15, 0.4), turn);
  place(rng, scene, body);
}

void cable(Rng& rng, Scene& scene) {  // cut ends: an outer sheath, coloured cores, bright strands within
  background(rng, scene);
  const bool sheathed = rng.p(0.8);
  const Point c = scene.middle() + Point(rng.n(0, 6), rng.n(0, 6)) * scene.unit;
  const float r = scene.px(rng.u(75, 122));
  if (sheathed) {
    const Map outer = fill(scene.size, ellipse(c, r, r, 0, 96)),
              inner = fill(scene.size, ellipse(c, r * 0.86f, r * 0.86f, 0, 96));
    Body sheath = make_body(outer, rounded(cv::max(outer - inner, 0), 5, 4),
                            near_colour(rng, rng.p(0.6) ? grey(0.6f) : any_colour(rng), 0.4f));
    add(sheath.albedo, skin(rng, scene));
    blend(sheath.albedo, inner, near_colour(rng, grey(0.5f), 0.9f) * rng.u(0.2, 1));
    place(rng, scene, sheath);
  }
  const int n = rng.pick({2, 3, 3, 3, 4, 5, 7});
  std::vector<Part> cores;
  const float turn = rng.u(0, 6.3), core = n == 7 ? r * 0.27f : r * 0.84f / (1 + 1 / std::sin(kPi / n));
  for (int k = 0; k < (n == 7 ? 6 : n); ++k) {
    const float t = turn + 2 * kPi * k / (n == 7 ? 6 : n), q = n == 7 ? core * 2.05f : r * 0.84f - core;
    cores.push_back({c + Point(std::cos(t), std::sin(t)) * q, t});
  }
  if (n == 7) cores.push_back({c, 0});
  alter(scene, cores, core * 2, "mmccs");
  std::vector<Colour> colours;
  for (std::size_t k = 0; k < cores.size(); ++k)
    colours.push_back(rng.p(0.8) ? hsv(rng.u(0, 1), rng.u(0.3, 0.9), rng.u(0.3, 0.9)) : any_colour(rng));
  const float strand = core * rng.u(0.1, 0.22), filled = rng.u(0.5, 0.72);
  std::vector<Part> strands;
  Map alpha = fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 48), cores, core * 0.97f);
  Body body = make_body(alpha, rounded(alpha, core * 0.25f, core * 0.15f), grey(0.5f));
  for (std::size_t k = 0; k < cores.size(); ++k) {
    cv::circle(body.albedo, cores[k].at, static_cast<int>(core * 1.1f),
               cv::Scalar(colours[k][0], colours[k][1], colours[k][2]), -1);
    const int many = static_cast<int>(filled * filled * core * core / (strand * strand) * 0.8f);
    for (int j = 0; j < many; ++j) {
      const float q = core * filled * std::sqrt((j + 0.5f) / many), t = 2.4f * j + cores[k].angle;
      Part s{cores[k].at +
             Point(q * std::cos(t) + rng.n(0, strand * 0.1), q * std::sin(t) + rng.n(0, strand * 0.1))};
      s.present = cores[k].present;
      strands.push_back(s);
    }
  }
  tint_parts(body.albedo, cores, core * 1.05f);
  add(body.albedo, skin(rng, scene));
  body.gloss = rng.u(0, 0.5);
  place(rng, scene, body);
  alter(scene, strands, strand * 3, "mz");
  blend(scene.img, fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 24), cores, core * filled * 1.08f),
        grey(rng.u(0.02, 0.25)), 0.9f);
  Body wire = make_body(fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 14), strands, strand), Map(),
                        rng.p(0.6) ? hsv(rng.u(0.04, 0.09), 0.55f, rng.u(0.5, 0.95)) : grey(rng.u(0.5, 0.9)));
  wire.height = rounded(wire.alpha, strand, strand * rng.u(0.3, 0.9));
  make_metal(rng, wire);
  multiply(wire.albedo, fractal(rng, scene.size, 256 / std::max(2.0f, strand * 2), 1) * 0.15 + 1);
  place(rng, scene, wire);
}

namespace {

// Runs of parallel tracks with 45-degree bends, ending in pads.
struct Bundle {
  std::vector<Outline> tracks;
  std::vector<Point> pads;
};

Bundle run_tracks(Rng& rng, const Scene& scene, float g) {
  Bundle out;
  const float w = static_cast<float>(scene.size.width), h = static_cast<float>(scene.size.height);
  const int bundles = rng.i(2, 6);
  for (int b = 0; b < bundles; ++b) {
    const bool across = rng.p(0.5);
    const int lines = rng.i(1, 7);
    const float length = across ? w : h, y0 = rng.u(0, across ? h : w), bend = rng.u(0.2, 0.8) * length,
                shift = rng.pick({-1.0f, 0.0f, 1.0f}) * rng.u(10, 60) * scene.unit;
    const float from = rng.p(0.5) ? -10 : rng.u(0, 0.3) * length,
                to = rng.p(0.5) ? length + 10 : rng.u(0.7, 1) * length;
    for (int k = 0; k < lines; ++k) {
      const float y = y0 + k * g, at = bend + (shift > 0 ? -1.0f : 1.0f) * k * g * 0.41f;
      Outline path = {{from, y}, {at, y}, {at + std::abs(shift), y + shift}, {to, y + shift}};
      if (!across) {
        for (Point& p : path) std::swap(p.x, p.y);
      }
      out.tracks.push_back(path);
      out.pads.push_back(path.front());
      out.pads.push_back(path.back());
    }
  }
  return out;
}

// Opens, bridges, spurs, bites and stray metal on one track.
void spoil_track(Scene& scene, Map& metal, const Bundle& bundle, float g, float width) {
  Fault& fault = scene.fault;
  if (!fault.wanted || !fault.family.empty()) return;
  Rng& f = fault.rng;
  for (int tries = 0; tries < 30; ++tries) {
    const Outline& track = bundle.tracks[f.i(0, static_cast<int>(bundle.tracks.size()) - 1)];
    const int piece = f.i(0, 2);
    const Point a = track[piece], b = track[piece + 1], at = a + (b - a) * f.u(0.1, 0.9);
    const float len = static_cast<float>(cv::norm(b - a));
    if (len < g || at.x < 8 || at.y < 8 || at.x > scene.size.width - 8 || at.y > scene.size.height - 8)
      continue;
    const float along = std::atan2(b.y - a.y, b.x - a.x);
    const Axes axes(at, along);
    const int kind = f.i(0, 4);
    const char* family = kind == 0 ? "missing" : kind == 1 ? "break" : "contamination";
    if (!fault.only.empty() && fault.only != family) continue;
    if (kind == 0)
      metal =
          metal.mul(1 - fill(scene.size, rectangle(at, width * f.u(0.6, 3), width * 2, along + f.n(0, 0.3))));
    if (kind == 1)
      metal = metal.mul(
          1 - blob(f, scene.size, axes.at(0, width * 0.5f), width * width * f.u(0.3, 0.9), 0.3f, false));
    if (kind == 2) cover(metal, stroke(scene.size, {{at, axes.at(f.n(0, 3), g)}}, {width * f.u(0.4, 1.2)}));
    if (kind == 3)
      cover(metal, stroke(scene.size, {{at, axes.at(f.n(0, 3), f.sign() * g * f.u(0.5, 0.8))}},
                          {width * f.u(0.4, 0.9)}));
    if (kind == 4)
      cover(metal, blob(f, scene.size, axes.at(0, g * 0.5f), width * width * f.u(0.5, 3), 0.3f, false));
    fault.family = family;
    return;
  }
}

}  // namespace

void tracks(Rng& rng, Scene& scene) {  // a bare printed circuit, often as hard as black and white
  const bool binary = rng.p(0.4);
  const Colour base = binary ? grey(rng.u(0, 0.12)) : board_colour(rng);
  const Colour copper = binary       ? grey(rng.u(0.75, 1))
                        : rng.p(0.5) ? near_colour(rng, base * 1.8f + grey(0.05f), 0.2f)
                                     : hsv(rng.u(0.05, 0.13), 0.6f, rng.u(0.5, 0.9));
  const float g = scene.px(rng.lu(6, 26)), width = g * rng.u(0.3, 0.6), r = width * rng.u(0.8, 1.2);
  const Bundle bundle = run_tracks(rng, scene, g);
  Map metal = stroke(scene.size, bundle.tracks, {width});
  std::vector<Part> pads;
  for (const Point& p : bundle.pads) pads.push_back({p});
  cover(metal, fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 20), pads, r));
  spoil_track(scene, metal, bundle, g, width);
  const bool drilled = rng.p(0.6);
  if (drilled) metal = cv::max(metal - fill_parts(scene, ellipse({0, 0}, 1, 1, 0, 16), pads, r * 0.45f), 0);
  scene.img = paint(rng, fractal(rng, scene.size, 30, 3), binary ? 0.004f : rng.lu(0.004, 0.04), base);
  scene.under = scene.img.clone();
  const bool inverse = rng.p(0.3);
  ColourImage top =
      paint(rng, fractal(rng, scene.size, 20, 3), binary ? 0.004f : rng.lu(0.004, 0.05), copper);
  if (inverse) std::swap(top, scene.img);
  blend(scene.img, metal, top);
  if (!binary) multiply(scene.img, cv::max(relief(blur(metal, 0.6f), scene.light) * rng.u(0, 0.7) + 1, 0.1));
}

}  // namespace anomalyvlm::synthetic::surfaces
