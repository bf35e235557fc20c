// Screws, shafts, brackets, springs, zippers, brushes.
#include "train/synthetic/objects.h"

namespace anomalyvlm::synthetic::surfaces {

namespace {
struct ScrewForm {
  float length, core, head_length, head_width, pitch, depth, thread_from, lean, tip;
};

// Outline of a screw along u from head to tip, unit half length.
Outline screw_outline(const ScrewForm& f) {
  Outline top, all;
  const int n = 220;
  for (int k = 0; k <= n; ++k) {
    const float u = -1 + 2.0f * k / n;
    float r = f.core;
    if (u < -1 + f.head_length)
      r = f.head_width * (0.75f + 0.25f * smooth((u + 1) / (0.4f * f.head_length)));
    else if (u > f.thread_from)
      r += f.depth * (wave(u / f.pitch) * 0.5f + 0.5f);
    if (u > 1 - f.tip) r *= std::max(0.04f, (1 - u) / f.tip);
    top.push_back({u, -r});
  }
  all = top;
  for (int k = n; k >= 0; --k) {
    // Threads on the other side are half a turn on.
    const float u = -1 + 2.0f * k / n;
    float r = -top[k].y;
    if (u >= -1 + f.head_length && u > f.thread_from && u <= 1 - f.tip)
      r = f.core + f.depth * (wave(u / f.pitch + 0.5f) * 0.5f + 0.5f);
    all.push_back({u, r});
  }
  return all;
}
}  // namespace

void screw(Rng& rng, Scene& scene) {
  background(rng, scene);
  ScrewForm f{};
  f.core = rng.u(0.08, 0.26), f.head_length = rng.u(0.12, 0.4), f.head_width = f.core * rng.u(1.3, 2.4);
  f.pitch = rng.u(0.04, 0.16), f.depth = f.core * rng.u(0.05, 0.35), f.thread_from = rng.u(-0.6, 0.4),
  f.tip = rng.p(0.5) ? rng.u(0.05, 0.4) : 0.02f;
  Layout lay = lay_out(rng, scene, 0.7, 2 * f.head_width);
  alter_objects(scene, lay, "mtb");
  const Map alpha = fill_parts(scene, screw_outline(f), lay.parts, lay.radius);
  Body body = make_body(alpha, Map::zeros(scene.size), metal_colour(rng));
  make_metal(rng, body);
  const float slant = rng.u(0.2, 0.6), sharp = rng.u(0.6, 2.2);
  for (const Part& part : lay.parts) {
    const float r = lay.radius * part.size;
    around(scene, part, r * 1.05f,
           r * (std::max(f.head_width, f.core + f.depth) * 1.1f + std::abs(part.bend)),
           [&](int x, int y, float u, float v) {
             const float t = u / r, q = (v - part.bend * t * std::abs(t) * r) / r;
             const float wide = t < -1 + f.head_length ? f.head_width : f.core + f.depth;
             const float e = std::min(std::abs(q) / wide, 1.0f);
             float h = std::sqrt(std::max(0.0f, 1 - e * e)) * wide * r * 0.8f;
             if (t > f.thread_from && t >= -1 + f.head_length)
               h += sharp * f.depth * r * 0.5f * wave(t / f.pitch + slant * q / f.core);
             body.height(y, x) = h;
           });
  }
  add(body.albedo, skin(rng, scene));
  place(rng, scene, body);
}

void shaft(Rng& rng,
           Scene& scene) {  // a turned part of several diameters across the image, or a smooth tube
  background(rng, scene);
  const Axes axes(scene.middle() + Point(rng.n(0, 10), rng.n(0, 10)) * scene.unit,
                  (rng.p(0.5) ? 0 : kPi / 2) + rng.n(0, 0.05));
  struct Piece {
    float from, radius, pitch, depth;
    int kind;
    float shade;
  };
  std::vector<Piece> pieces;
  for (float u = -scene.px(190); u < scene.px(190); u += scene.px(rng.lu(15, 160))) {
    pieces.push_back({u, scene.px(rng.u(30, 118)), scene.px(rng.lu(3, 30)), rng.u(0, 1.5), rng.i(0, 4),
                      rng.u(0.75, 1.15)});
  }
  const float start = rng.p(0.4) ? -scene.px(rng.u(40, 110)) : -1e6f,
              end = rng.p(0.4) ? scene.px(rng.u(40, 110)) : 1e6f;
  Map alpha = Map::zeros(scene.size), height = Map::zeros(scene.size), shade(scene.size, 1.0f);
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x) {
      const float u = axes.u(x, y), v = axes.v(x, y);
      const auto next = std::upper_bound(pieces.begin(), pieces.end(), u,
                                         [](float a, const Piece& p) { return a < p.from; });
      const Piece& p = next == pieces.begin() ? *next : *(next - 1);
      const float inside = std::min({p.radius - std::abs(v), u - start, end - u});
      alpha(y, x) = clamp01(inside + 0.5f);
      if (inside < -1) continue;
      const float e = std::min(std::abs(v) / p.radius, 1.0f);
      float h = std::sqrt(1 - e * e) * p.radius * 0.8f;
      if (p.kind == 1) h += p.depth * wave(u / p.pitch + 0.3f * v / p.radius);  // thread
      if (p.kind == 2)
        h += p.depth * 0.8f * wave(std::asin(e) * (v < 0 ? -1.0f : 1.0f) * 10 / kPi * 2);  // splines
      height(y, x) = h, shade(y, x) = p.shade;
    }
  }
  Body body = make_body(alpha, height, rng.p(0.7) ? metal_colour(rng) : any_colour(rng));
  make_metal(rng, body);
  multiply(body.albedo, shade);
  add(body.albedo, streaks(rng, scene.size, std::atan2(axes.s, axes.c) + kPi / 2, 80, 1),
      grey(rng.lu(0.005, 0.05)));
  place(rng, scene, body);
}

void bracket(Rng& rng,
             Scene& scene) {  // stamped, cast or milled plates with drilled holes, slots, ribs and steps
  background(rng, scene);
  const Point c = scene.middle() + Point(rng.n(0, 12), rng.n(0, 12)) * scene.unit;
  const float r = scene.px(rng.u(60, 170)), turn = rng.p(0.6) ? rng.n(0, 0.05) : rng.u(0, 6.3);
  const Axes axes(c, turn);
  Map alpha = Map::zeros(scene.size), steps = Map::zeros(scene.size);
  const int slabs = rng.i(1, 4);
  std::vector<std::array<float, 4>> boxes;
  for (int k = 0; k < slabs; ++k) {
    const float w = r * rng.u(0.5, 1.9), h = r * rng.u(0.3, 1.5), u = k ? r * rng.u(-0.6, 0.6) : 0,
                v = k ? r * rng.u(-0.6, 0.6) : 0;
    const Map slab = fill(scene.size, rng.p(0.75) ? rectangle(axes.at(u, v), w, h, turn, r * rng.u(0, 0.25))
                                                  : ellipse(axes.at(u, v), w / 2, w / 2, 0, 64));
    cover(alpha, slab);
    cv::scaleAdd(rounded(slab, rng.lu(1.5, 10), 1), rng.u(0.5, 4), steps, steps);
    boxes.push_back({u, v, w, h});
  }
  std::vector<Part> holes;
  const bool square_set = rng.p(0.5);
  const float size = r * rng.u(0.05, 0.16);
  for (const auto& b : boxes) {
    const float su = b[2] / 2 - size * 2, sv = b[3] / 2 - size * 2;
    if (su < size || sv < 0) continue;
    for (int k = 0; k < (square_set ? 4 : 2); ++k) {
      holes.push_back(
          {axes.at(b[0] + (k & 1 ? su : -su), b[1] + (square_set ? (k & 2 ? sv : -sv) : 0)), turn});
    }
    if (rng.p(0.5)) break;
  }
  alter(scene, holes, size * 2, "mzs");
  const Outline shape =
      rng.p(0.7) ? ellipse({0, 0}, 1, 1, 0, 40) : rectangle({0, 0}, rng.u(2, 4), 1.4f, 0, 0.7f);
  const Map hole = fill_parts(scene, shape, holes, size);
  const bool through = rng.p(0.6);
  if (through) alpha = cv::max(alpha - hole, 0);
  Body body = make_body(alpha, steps, rng.p(0.75) ? metal_colour(rng) : any_colour(rng));
  body.height -= blur(hole, 1) * rng.u(1, 4);
  if (!through) blend(body.albedo, hole, grey(rng.u(0.02, 0.15)), 0.9f);
  make_metal(rng, body);
  if (rng.p(0.5))
    cv::scaleAdd(fractal(rng, scene.size, rng.lu(30, 110), 2), rng.lu(0.05, 0.5), body.height,
                 body.height);  // cast skin
  else
    add(body.albedo,
        streaks(rng, scene.size, turn + (rng.p(0.5) ? kPi / 2 : 0), rng.lu(20, 200), rng.lu(0.7, 3)),
        grey(rng.lu(0.01, 0.07)));
  const int ribs = rng.pick({0, 0, 1, 2, 4});
  for (int k = 0; k < ribs; ++k) {
    const float v = r * rng.u(-0.5, 0.5), w = scene.px(rng.u(2, 9));
    body.height +=
        blur(fill(scene.size, rectangle(axes.at(0, v), r * 3, w, turn + (rng.p(0.3) ? kPi / 2 : 0))), 1) *
        rng.u(0.5, 3);
  }
  if (rng.p(0.4))
    mark_body(rng, scene, body, axes.at(r * rng.u(-0.3, 0.3), r * rng.u(-0.3, 0.3)), r * rng.u(0.12, 0.35),
              turn);
  place(rng, scene, body);
}

void spring(Rng& rng, Scene& scene) {
  background(rng, scene);
  const float r = scene.px(rng.u(22, 70)), length = scene.px(rng.u(120, 320)), pitch = scene.px(rng.u(9, 30)),
              wire = pitch * rng.u(0.25, 0.5);
  const Axes axes(scene.middle(), usual_angle(rng) + (rng.p(0.3) ? rng.u(0, 3) : 0));
  const float lean = rng.u(0.25, 0.5) * pitch, turn = std::atan2(axes.s, axes.c);
  std::vector<Part> back, front;
  for (float u = -length / 2; u < length / 2; u += pitch) {
    back.push_back({axes.at(u + pitch / 2, 0), turn + kPi / 2 + std::atan2(lean, r)});
    front.push_back({axes.at(u, 0), turn + kPi / 2 - std::atan2(lean, r)});
  }
  alter(scene, front, pitch * 2, "msbt");
  const Outline bar = rectangle({0, 0}, 2 * r / wire + 1, 1, 0, 0.5f);
  Body low = make_body(fill_parts(scene, bar, back, wire), Map::zeros(scene.size), metal_colour(rng) * 0.6f);
  low.height = rounded(low.alpha, wire / 2, wire / 2);
  make_metal(rng, low);
  place(rng, scene, low);
  Body high = make_body(fill_parts(scene, bar, front, wire), Map::zeros(scene.size), low.albedo(0, 0) * 1.5f);
  high.height = rounded(high.alpha, wire / 2, wire / 2);
  make_metal(rng, high);
  place(rng, scene, high);
}

void zipper(Rng& rng, Scene& scene) {  // two rows of teeth that mesh, on two cloth tapes
  draw_texture(rng, scene, {"weave", "weave", "felt", "knit", "paper"});
  scene.light = rng.u(0, 6.3), scene.drop = scene.px(rng.lu(0.8, 3));
  const float turn = (rng.p(0.6) ? kPi / 2 : 0) + rng.n(0, 0.03), tape = scene.px(rng.u(40, 110)),
              pitch = scene.px(rng.lu(5, 26));
  const Axes axes(scene.middle() + Point(rng.n(0, 8), rng.n(0, 8)) * scene.unit, turn);
  const ColourImage cloth = scene.img.clone();
  if (rng.p(0.7)) {  // the ground beyond the tapes
    Scene below(scene.size);
    background(rng, below);
    scene.img = below.img, scene.under = below.img.clone();
    const Map alpha = fill(scene.size, rectangle(scene.middle(), scene.px(500), tape * 2, turn));
    Body body = make_body(alpha, rounded(alpha, 4, 2), grey(0.5f));
    body.albedo = cloth;
    body.gloss = 0;
    place(rng, scene, body);
  }
  const float seam = tape * rng.u(0.35, 0.7), ridge = rng.u(1, 4);
  multiply(scene.img, make_map(scene.size, [&](int x, int y) {
             const float v = std::abs(axes.v(x, y)) - seam;
             return 1 + 0.25f * wave(0.5f + v / (4 * ridge)) * clamp01(1 - std::abs(v) / (2 * ridge));
           }));
  const float wide = pitch * rng.u(0.5, 0.95), length = pitch * rng.u(1, 2.2);
  std::vector<Part> teeth;
  int k = 0;
  for (float u = -scene.px(200); u < scene.px(200); u += pitch, ++k) {
    teeth.push_back({axes.at(u, length * 0.32f), turn + kPi / 2});
    teeth.push_back({axes.at(u + pitch / 2, -length * 0.32f), turn - kPi / 2});
  }
  alter(scene, teeth, length, "mmstbz");
  const Outline tooth = rng.p(0.5) ? rectangle({0, 0}, length / pitch, wide / pitch, 0, 0.15f)
                                   : Outline{{-0.5f * length / pitch, -0.3f * wide / pitch},
                                             {0.5f * length / pitch, -0.5f * wide / pitch},
                                             {0.5f * length / pitch, 0.5f * wide / pitch},
                                             {-0.5f * length / pitch, 0.3f * wide / pitch}};
  const Map alpha = fill_parts(scene, tooth, teeth, pitch);
  Body body = make_body(alpha, rounded(alpha, wide * 0.4f, wide * rng.u(0.15, 0.4)),
                        rng.p(0.6) ? metal_colour(rng) : any_colour(rng));
  make_metal(rng, body);
  place(rng, scene, body);
  if (rng.p(0.5))
    scene.object.release();
  else
    scene.object = fill(scene.size, rectangle(scene.middle(), scene.px(500), tape * 1.9f, turn));
}

void brush(Rng& rng, Scene& scene) {  // tufts of bristles in rows on a head
  background(rng, scene);
  const int n = rng.i(3, 10), m = rng.i(2, 6);
  const float pitch = std::min(scene.px(220) / n, scene.px(170) / m), turn = usual_angle(rng);
  const Axes axes(scene.middle(), turn);
  const Map head = fill(scene.size, rectangle(scene.middle(), pitch * (n + 0.6f), pitch * (m + 0.5f), turn,
                                              pitch * rng.u(0.3, 1.5)));
  Body base = make_body(head, rounded(head, pitch * 0.5f, pitch * 0.3f), any_colour(rng));
  base.gloss = rng.u(0, 0.7);
  place(rng, scene, base);
  const Colour first = any_colour(rng), second = rng.p(0.6) ? any_colour(rng) : first;
  std::vector<Part> tufts;
  const float stagger = rng.p(0.4) ? 0.5f : 0;
  for (int j = 0; j < m; ++j) {
    for (int i = 0; i < n - (stagger > 0 && j & 1); ++i) {
      tufts.push_back(
          {axes.at((i - (n - 1) / 2.0f + stagger * (j & 1)) * pitch, (j - (m - 1) / 2.0f) * pitch),
           turn + rng.n(0, 0.1)});
    }
  }
  alter(scene, tufts, pitch * 0.9f, "mmszbc");
  const float tuft = pitch * rng.u(0.36, 0.48), hair = std::max(1.0f, tuft * rng.u(0.08, 0.2));
  Map alpha = Map::zeros(scene.size), height = Map::zeros(scene.size);
  ColourImage colour(scene.size, first);
  const std::uint64_t seed = rng.bits();
  int index = 0;
  for (const Part& t : tufts) {
    Rng own(seed + index);
    if (++index % 2)
      cv::circle(colour, t.at, static_cast<int>(tuft * 1.3f), cv::Scalar(second[0], second[1], second[2]),
                 -1);
    if (!t.present) continue;
    std::vector<Outline> ends;  // the cut ends of the bristles
    const float spread = tuft * t.size * 0.9f;
    const int hairs = static_cast<int>(std::min(60.0f, 0.8f * tuft * tuft / (hair * hair)));
    for (int k = 0; k < hairs; ++k) {
      const float q = spread * std::sqrt((k + own.u(0, 1)) / hairs) + std::abs(t.bend) * own.u(0, 1) * tuft,
                  a = 2.4f * k + own.n(0, 0.3);
      const Point at = t.at + Point(q * std::cos(a), q * std::sin(a));
      Outline end = ellipse(at, hair, hair, 0, 8);
      ends.push_back(end);
    }
    cover(alpha, fill(scene.size, ends));
  }
  height = blur(alpha, 0.6f) * hair * 1.2f;
  Body body = make_body(alpha, height, first);
  body.albedo = colour;
  multiply(body.albedo, white(rng, scene.size) * 0.1 + 1);
  tint_parts(body.albedo, tufts, tuft * 1.2f);
  body.gloss = rng.u(0, 0.6);
  place(rng, scene, body);
}

}  // namespace anomalyvlm::synthetic::surfaces
