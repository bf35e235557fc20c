#include "train/synthetic/objects.h"

namespace anomalyvlm::synthetic {

namespace {

// How a single object lies in one image of a product.
void settle(Rng& rng, const Scene& scene, Part& part) {
  Variation* variation = rng.variation();
  if (variation == nullptr) return;
  const float side = static_cast<float>(std::min(scene.size.width, scene.size.height));
  const float sway = variation->sway * (variation->roams ? 3 : 1);
  part.at += Point(variation->rng.n(), variation->rng.n()) * (sway * side);
  part.angle += variation->turns ? variation->rng.u(0, 2 * kPi) : variation->rng.n(0, variation->sway);
}

}  // namespace

Layout lay_out(Rng& rng, Scene& scene, double single_share, float aspect) {
  Layout out;
  const float w = static_cast<float>(scene.size.width), h = static_cast<float>(scene.size.height),
              side = std::min(w, h);
  const float common = rng.p(0.5) ? usual_angle(rng) : rng.u(0, 2 * kPi);
  if (rng.p(single_share)) {
    // From a small thing in a wide image to a close view that cuts it off.
    const double k = rng.unit();
    out.radius = side * (k < 0.15 ? rng.u(0.16, 0.3) : k < 0.85 ? rng.u(0.3, 0.49) : rng.u(0.5, 0.8));
    if (aspect < 0.6f && rng.p(0.6)) out.radius *= 1.15f;
    const float free = std::max(0.05f, 0.5f - out.radius / side) * 0.6f;
    out.parts.push_back({{w / 2 + w * rng.n(0, free * 0.4), h / 2 + h * rng.n(0, free * 0.4)}, common});
    settle(rng, scene, out.parts[0]);
    return out;
  }
  const bool loose = rng.p(0.4), same_way = rng.p(aspect < 0.6f ? 0.5 : 0.6);
  if (loose) {  // strewn, not touching
    out.loose = true;
    const int n = rng.i(2, 9);
    out.radius = side * rng.u(0.42, 0.62) / std::sqrt(n + 1.0f);
    Rng& lie = natural(rng);
    for (int tries = 0; tries < 60 && static_cast<int>(out.parts.size()) < n; ++tries) {
      const Point at{lie.u(out.radius * 0.6, w - out.radius * 0.6),
                     lie.u(out.radius * 0.6, h - out.radius * 0.6)};
      const float turn = same_way ? common + lie.n(0, 0.1) : lie.u(0, 6.28);
      const bool free = std::none_of(out.parts.begin(), out.parts.end(), [&](const Part& p) {
        return cv::norm(p.at - at) < out.radius * (aspect < 0.6f ? 1.5 : 2.05);
      });
      if (free) out.parts.push_back({at, turn});
    }
    return out;
  }
  const int columns = rng.i(1, 4), rows = columns == 1 ? rng.i(2, 3) : rng.i(1, 4);
  const float dx = w / columns, dy = h / rows * (aspect < 0.6f && columns < rows ? 0.9f : 1.0f);
  out.radius = std::min(dx, h / rows) * rng.u(0.3, 0.46);
  const float jitter = rng.lu(0.005, 0.08);
  Rng& lie = natural(rng);
  for (int j = 0; j < rows; ++j) {
    for (int i = 0; i < columns; ++i) {
      const Point at{dx * (i + 0.5f + lie.n(0, jitter)), dy * (j + 0.5f + lie.n(0, jitter))};
      out.parts.push_back({at, same_way ? common + lie.n(0, 0.03) : lie.u(0, 6.28)});
    }
  }
  return out;
}

void alter_objects(Scene& scene, Layout& layout, std::string_view ways) {
  if (layout.single()) return;
  std::string possible;
  for (const char way : ways) {
    const bool by_place = way == 'm' || way == 's' || way == 't';
    // Colouring reaches a whole radius around, which is another's ground where things lie close.
    if (way == 'c' && layout.loose) continue;
    if (!by_place || (!layout.loose && layout.parts.size() >= 5)) possible += way;
  }
  alter(scene, layout.parts, layout.radius * 2, possible);
}

Outline placed(const Outline& shape, const Part& part, float scale) {
  const Axes axes(part.at, part.angle);
  Outline out;
  out.reserve(shape.size());
  for (const Point& p : shape) {
    const float u = p.x * part.stretch, v = p.y + part.bend * u * std::abs(u);
    out.push_back(axes.at(u * scale * part.size, v * scale * part.size));
  }
  return out;
}

Map fill_parts(const Scene& scene, const Outline& shape, const std::vector<Part>& parts, float scale) {
  std::vector<Outline> outlines;
  for (const Part& part : parts) {
    if (part.present) outlines.push_back(placed(shape, part, scale));
  }
  return fill(scene.size, outlines);
}

void tint_parts(ColourImage& albedo, const std::vector<Part>& parts, float reach) {
  for (const Part& part : parts) {
    if (part.tint == Colour(1, 1, 1)) continue;
    const cv::Rect box = cv::Rect(static_cast<int>(part.at.x - reach), static_cast<int>(part.at.y - reach),
                                  static_cast<int>(2 * reach) + 1, static_cast<int>(2 * reach) + 1) &
                         cv::Rect({}, albedo.size());
    for (int y = box.y; y < box.y + box.height; ++y) {
      for (int x = box.x; x < box.x + box.width; ++x) {
        if (std::hypot(x - part.at.x, y - part.at.y) < reach) albedo(y, x) = albedo(y, x).mul(part.tint);
      }
    }
  }
}

Colour metal_colour(Rng& rng) {
  const double k = rng.unit();
  if (k < 0.62) return near_colour(rng, grey(rng.u(0.2, 0.8)), 0.06f);
  if (k < 0.85) return hsv(rng.u(0.06, 0.14), rng.u(0.15, 0.6), rng.u(0.35, 0.9));  // brass, copper, gilt
  return near_colour(rng, grey(rng.u(0.06, 0.2)), 0.1f);                            // blackened
}

Colour food_colour(Rng& rng) {
  const double k = rng.unit();
  if (k < 0.55) return hsv(rng.u(0.06, 0.12), rng.u(0.25, 0.75), rng.u(0.45, 0.95));
  if (k < 0.75) return hsv(rng.u(0.03, 0.08), rng.u(0.4, 0.8), rng.u(0.15, 0.45));
  if (k < 0.9) return hsv(rng.u(0.1, 0.17), rng.u(0.05, 0.35), rng.u(0.75, 0.97));
  return any_colour(rng);
}

void make_metal(Rng& rng, Body& body) {
  body.gloss = rng.u(0.1, 0.8);
  body.shine = rng.i(2, 5);
  body.mirror = rng.p(0.6) ? rng.u(0.05, 0.4) : 0.0f;
  body.ambient = rng.u(0.3, 0.6);
}

void mark_body(Rng& rng, Scene& scene, Body& body, Point at, float height, float angle) {
  const int letters = rng.i(1, 5);
  const Map text = marking(rng, scene, at, height, angle, letters);
  if (rng.p(0.5)) {
    const cv::Rect box = bounds(body.alpha);
    const Colour under = body.albedo(std::clamp(static_cast<int>(at.y), box.y, box.y + box.height - 1),
                                     std::clamp(static_cast<int>(at.x), box.x, box.x + box.width - 1));
    blend(body.albedo, text, rng.p(0.5) ? any_colour(rng) : near_colour(rng, under, 0.8f), rng.u(0.3, 0.95));
  } else {
    cv::scaleAdd(blur(text, 0.6f), rng.sign() * rng.u(0.5, 2.5), body.height, body.height);
  }
}

namespace {
using namespace surfaces;
constexpr Surface kObjects[] = {
    {"disc", 1.0f, Material::kMetal, disc},
    {"washer", 1.0f, Material::kMetal, washer},
    {"nut", 1.3f, Material::kMetal, nut},
    {"gear", 0.8f, Material::kMetal, gear},
    {"screw", 1.8f, Material::kMetal, screw},
    {"shaft", 1.0f, Material::kMetal, shaft},
    {"bracket", 1.3f, Material::kMetal, bracket},
    {"spring", 0.6f, Material::kMetal, spring},
    {"bottle", 1.2f, Material::kPlastic, bottle},
    {"capsule", 1.3f, Material::kPlastic, capsule},
    {"pill", 1.3f, Material::kFood, pill},
    {"carton", 1.0f, Material::kPlastic, carton},
    {"biscuit", 1.4f, Material::kFood, biscuit},
    {"noodle", 1.3f, Material::kFood, noodle},
    {"kernel", 1.5f, Material::kFood, kernel},
    {"candle", 1.1f, Material::kFood, candle},
    {"chewing_gum", 0.9f, Material::kFood, chewing_gum},
    {"board", 1.8f, Material::kElectric, board},
    {"tracks", 0.8f, Material::kElectric, tracks},
    {"chip", 1.0f, Material::kElectric, chip},
    {"leads", 1.2f, Material::kElectric, leads},
    {"cable", 1.2f, Material::kElectric, cable},
    {"zipper", 1.0f, Material::kFabric, zipper},
    {"brush", 0.9f, Material::kFabric, brush},
    {"tray", 0.8f, Material::kPlastic, tray},
    {"pouch", 0.8f, Material::kPlastic, pouch},
    {"bearing", 0.7f, Material::kMetal, bearing},
    {"bundle", 0.8f, Material::kMetal, bundle},
    {"chain", 0.6f, Material::kMetal, chain},
    {"keypad", 0.7f, Material::kPlastic, keypad},
    {"hazelnut", 1.6f, Material::kFood, hazelnut},
    {"lens", 1.2f, Material::kPlastic, lens},
    {"commutator", 1.1f, Material::kMetal, commutator},
    {"connector", 1.4f, Material::kElectric, connector},
    {"bolt", 1.5f, Material::kMetal, bolt},
    {"lead_frame", 1.0f, Material::kMetal, lead_frame},
};
}  // namespace

std::span<const Surface> objects() { return kObjects; }

}  // namespace anomalyvlm::synthetic
