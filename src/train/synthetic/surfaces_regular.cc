// Tiles, prints, stripes and other regular surfaces; the table of textures.
#include <array>
#include <string_view>

#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic {
namespace surfaces {

void tiles(Rng& rng, Scene& scene) {
  const float p = scene.px(rng.lu(14, 130)), q = scene.px(rng.lu(14, 130)), stagger = rng.p(0.5) ? 0.5f : 0,
              ou = rng.u(0, 1), ov = rng.u(0, 1), joint = scene.px(rng.lu(0.8, 5)), vary = rng.lu(0.01, 0.15);
  const Coordinates at = coordinates(rng, scene.size, usual_angle(rng), 0.1f);
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(6, 60), 3), rng.lu(0.008, 0.07));
  std::vector<float> tone(256);
  for (float& t : tone) t = vary * rng.n();
  Map edge(scene.size), tone_map(scene.size);
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x) {
      const float v = at.v(y, x) / q + ov;
      const int iv = floor_int(v);
      const float u = at.u(y, x) / p + stagger * (iv & 1) + ou;
      const int iu = floor_int(u);
      const float d = std::min((0.5f - std::abs(u - iu - 0.5f)) * p, (0.5f - std::abs(v - iv - 0.5f)) * q);
      edge(y, x) = clamp01((joint - d) * 0.8f);
      tone_map(y, x) = tone[(iu * 37 + iv * 101) & 255];
    }
  }
  add(scene.img, tone_map);
  if (rng.p(0.4)) multiply(scene.img, relief(blur(edge, 1.2f), rng.u(0, 6.3)) * rng.u(0.1, 0.6) + 1);
  blend(scene.img, edge, any_colour(rng));
}

void pattern(Rng& rng, Scene& scene) {  // repeated marks, dots, rivets, dimples
  scene.light = rng.u(0, 6.3);
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(3, 90), 3), rng.lu(0.005, 0.06));
  const float p = scene.px(rng.lu(14, 70)), q = p * (rng.p(0.6) ? 1 : rng.lu(0.6, 1.7)),
              r = rng.u(0.18, 0.4) * std::min(p, q), stagger = rng.p(0.5) ? 0.5f : 0, turn = rng.u(0, 3),
              squash = std::sqrt(rng.lu(0.5, 1.6)), jitter = rng.lu(0.05, 1);
  std::vector<float> radii = wobbly_radii(rng, r, rng.p(0.4) ? 0.25f : 0.0f, 4, 24);
  const int lobes = rng.pick({0, 0, 3, 4, 5, 6});
  for (int k = 0; k < 24; ++k) radii[k] *= lobes ? 1 + 0.3f * std::cos(lobes * 2 * kPi * k / 24) : 1;
  std::vector<Part> parts;
  const Axes axes({rng.u(-p, 0), rng.u(-q, 0)}, rng.n(0, 0.03));
  for (int j = 0; j * q < scene.size.height * 1.2f + q; ++j) {
    for (int i = 0; i * p < scene.size.width * 1.2f + p; ++i) {
      const Point at = axes.at((i + stagger * (j & 1)) * p + rng.n(0, jitter), j * q + rng.n(0, jitter));
      parts.push_back({at, turn});
    }
  }
  alter(scene, parts, r * 2, lobes >= 3 ? "mszt" : "msz");
  std::vector<Outline> marks;
  for (const Part& part : parts) {
    if (part.present)
      marks.push_back(polar(part.at, part.angle, squash * part.size, part.size / squash, 24, radii));
  }
  const Map mark = fill(scene.size, marks);
  const cv::Scalar m = cv::mean(scene.img);
  const Colour colour = rng.p(0.5) ? near_colour(rng, Colour(m[0], m[1], m[2]), 0.7f) : any_colour(rng);
  if (rng.p(0.45))
    multiply(scene.img,
             cv::max(relief(blur(mark, rng.u(0.7, 2.2)), scene.light) * rng.lu(0.3, 1.8) + 1, 0.1));
  else
    blend(scene.img, mark, colour, rng.u(0.25, 1));
}

void stripes(Rng& rng, Scene& scene) {
  scene.grain = usual_angle(rng);
  const Coordinates at = coordinates(rng, scene.size, scene.grain, rng.lu(0.02, 2));
  const int n = rng.i(2, 5);
  const Colour base = any_colour(rng);
  std::vector<Colour> table;
  for (int k = 0; k < n; ++k) {
    const Colour c = rng.p(0.6) ? near_colour(rng, base, 0.5f) : any_colour(rng);
    table.insert(table.end(), static_cast<std::size_t>(scene.px(rng.lu(3, 40)) * 4 + 1), c);
  }
  scene.img.create(scene.size);
  const int period = static_cast<int>(table.size());
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x) {
      const int k = floor_int(at.v(y, x) * 4) % period;
      scene.img(y, x) = table[k < 0 ? k + period : k];
    }
  }
  scene.img = blur(scene.img, rng.u(0.4, 1.2));
  add(scene.img, fractal(rng, scene.size, 20, 3), grey(rng.lu(0.004, 0.05)));
  add(scene.img, white(rng, scene.size), grey(rng.lu(0.004, 0.03)));
}

void lettered(Rng& rng, Scene& scene) {
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(3, 80), 3), rng.lu(0.004, 0.04));
  const Colour ink = any_colour(rng);
  const float height = scene.px(rng.lu(8, 42)), gap = height * rng.u(1.3, 2.6), strength = rng.u(0.4, 1);
  const int letters = static_cast<int>(scene.size.width / height * rng.u(0.4, 1.6)) + 2;
  const float slant = rng.p(0.7) ? 0 : rng.n(0, 0.1);
  const bool same = rng.p(0.5);
  const std::uint64_t seed = rng.bits();
  const float x = scene.size.width * rng.u(0.4, 0.6);
  Rng line(seed);
  for (float y = gap * rng.u(0.2, 0.8); y < scene.size.height; y += gap) {
    if (same) line = Rng(seed);
    blend(scene.img, marking(line, scene, {x, y}, height, slant, letters), ink, strength);
    if (height < scene.px(14)) y += gap * 0.2f;
  }
}

void honeycomb(Rng& rng, Scene& scene) {
  const float p = scene.px(rng.lu(9, 60)), wall = p * rng.u(0.06, 0.2), q = p * 0.8660254f;
  const Coordinates at = coordinates(rng, scene.size, usual_angle(rng), rng.lu(0.2, 3));
  const Map d = combine(at.u, at.v, [=](float u, float v) {  // distance to the next cell wall
    float best = 1e9f, second = 1e9f;
    const int j0 = floor_int(v / q);
    for (int j = j0; j <= j0 + 1; ++j) {
      const float shift = j & 1 ? 0.5f : 0, i0 = std::floor(u / p - shift);
      for (float i = i0; i <= i0 + 1; ++i) {
        const float dx = u - (i + shift) * p, dy = v - j * q, r = dx * dx + dy * dy;
        if (r < best)
          second = best, best = r;
        else
          second = std::min(second, r);
      }
    }
    return (std::sqrt(second) - std::sqrt(best)) / 2;
  });
  scene.img = paint(rng, fractal(rng, scene.size, rng.lu(4, 40), 3), rng.lu(0.01, 0.06));
  const Map walls = combine(d, [=](float v) { return clamp01((wall - v) + 0.5f); });
  const cv::Scalar m = cv::mean(scene.img);
  const float light = rng.u(0, 6.3);
  const float depth = rng.u(0.1, 0.6);
  multiply(scene.img, combine(d, [=](float v) { return 1 - depth * clamp01(v / (p * 0.4f)); }));
  blend(scene.img, walls, near_colour(rng, Colour(m[0], m[1], m[2]) * 1.3f, 0.4f));
  multiply(scene.img, cv::max(relief(blur(walls, 0.8f), light) * rng.u(0.1, 0.9) + 1, 0.1));
}

void wafer(Rng& rng, Scene& scene) {  // solar cells, displays, dies: fine lines and a few broad bars
  const Colour base = rng.p(0.6) ? hsv(rng.u(0.55, 0.7), rng.u(0.1, 0.7), rng.u(0.1, 0.5)) : any_colour(rng);
  const Cells c = cells(rng, scene.size, rng.lu(8, 200), false);
  std::vector<float> tone(64);
  const float vary = rng.lu(0.005, 0.12);
  for (float& t : tone) t = vary * rng.n();
  scene.img = ColourImage(scene.size, base);
  Map grain(scene.size);
  for (int y = 0; y < scene.size.height; ++y) {
    for (int x = 0; x < scene.size.width; ++x)
      grain(y, x) = tone[(static_cast<unsigned>(c.label(y, x)) * 2654435761u >> 20) & 63];
  }
  add(scene.img, grain);
  const float a = scene.grain = usual_angle(rng), p = scene.px(rng.lu(4, 24)),
              bar = scene.px(rng.lu(40, 200)), wide = scene.px(rng.u(1.5, 9));
  const Axes axes(scene.middle(), a);
  const float thin = rng.u(0.4, 1.2), off = rng.u(0, 1);
  const Map lines = make_map(scene.size, [&](int x, int y) {
    const float u = frac(axes.u(x, y) / p) * p, v = (frac(axes.v(x, y) / bar + off) - 0.5f) * bar;
    return std::max(0.8f * clamp01(thin - std::abs(u - p / 2) + 0.5f),
                    clamp01(wide / 2 - std::abs(v) + 0.5f));
  });
  blend(scene.img, lines, near_colour(rng, grey(rng.u(0.4, 0.9)), 0.1f), rng.u(0.3, 1));
  add(scene.img, white(rng, scene.size), grey(rng.lu(0.003, 0.02)));
}

}  // namespace surfaces

namespace {
using namespace surfaces;
constexpr Surface kTextures[] = {
    {"noise", 0.9f, Material::kMineral, noise},
    {"orange_peel", 0.6f, Material::kPlastic, orange_peel},
    {"brushed", 1.4f, Material::kMetal, brushed},
    {"machined", 1.1f, Material::kMetal, machined},
    {"turned", 0.8f, Material::kMetal, turned},
    {"cast", 1.0f, Material::kMetal, cast},
    {"rolled", 1.1f, Material::kMetal, rolled},
    {"dim_sheet", 1.7f, Material::kMetal, dim_sheet},
    {"hammered", 0.6f, Material::kMetal, hammered},
    {"tread_plate", 0.5f, Material::kMetal, tread_plate},
    {"ridges", 1.0f, Material::kMetal, ridges},
    {"moulded", 0.9f, Material::kPlastic, moulded},
    {"leather", 1.3f, Material::kFabric, leather},
    {"wood", 1.2f, Material::kMineral, wood},
    {"marble", 0.7f, Material::kMineral, marble},
    {"terrazzo", 1.1f, Material::kMineral, terrazzo},
    {"concrete", 1.3f, Material::kMineral, concrete},
    {"foam", 0.6f, Material::kPlastic, foam},
    {"paper", 0.8f, Material::kFabric, paper},
    {"weave", 2.0f, Material::kFabric, weave},
    {"knit", 0.9f, Material::kFabric, knit},
    {"carpet", 1.3f, Material::kFabric, carpet},
    {"felt", 0.7f, Material::kFabric, felt},
    {"mesh", 1.1f, Material::kMetal, mesh},
    {"wire_grid", 1.2f, Material::kMetal, wire_grid},
    {"tiles", 1.0f, Material::kMineral, tiles},
    {"pattern", 1.1f, Material::kPlastic, pattern},
    {"stripes", 0.7f, Material::kPlastic, stripes},
    {"lettered", 0.6f, Material::kPlastic, lettered},
    {"honeycomb", 0.5f, Material::kMetal, honeycomb},
    {"wafer", 0.7f, Material::kElectric, wafer},
    {"profile", 0.9f, Material::kMetal, profile},
    {"plaid", 1.2f, Material::kFabric, plaid},
    {"terry", 0.8f, Material::kFabric, terry},
    {"net", 0.9f, Material::kFabric, net},
};
}  // namespace

std::span<const Surface> textures() { return kTextures; }

void draw_texture(Rng& rng, Scene& scene, std::initializer_list<const char*> names) {
  std::vector<float> weights;
  for (const Surface& t : kTextures) {
    const bool wanted = names.size() == 0 || std::any_of(names.begin(), names.end(),
                                                         [&](std::string_view n) { return n == t.name; });
    weights.push_back(wanted ? t.weight : 0);
  }
  kTextures[rng.weighted(weights)].draw(rng, scene);
  clamp01(scene.img);
}

}  // namespace anomalyvlm::synthetic
