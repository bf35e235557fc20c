#include "train/synthetic/scene.h"

#include "train/synthetic/surfaces.h"

namespace anomalyvlm::synthetic {
namespace {

const char* family_of_way(char way) {
  switch (way) {
    case 'm':
      return "missing";
    case 'b':
      return "bent";
    case 'c':
      return "colour";
    default:
      return "misplaced";
  }
}

void make_wrong(Rng& rng, Part& part, char way, float reach) {
  const float t = rng.u(0, 2 * kPi);
  switch (way) {
    case 'm':
      part.present = false;
      break;
    case 's':
      part.at += Point(std::cos(t), std::sin(t)) * (rng.u(0.25, 0.75) * reach);
      break;
    case 't':
      part.angle += rng.sign() * rng.u(0.3, 1.3);
      break;
    case 'z':
      part.size *= rng.p(0.5) ? rng.u(0.35, 0.7) : rng.u(1.3, 1.8);
      break;
    case 'b':
      part.bend += rng.sign() * rng.u(0.2, 0.7);
      break;
    default: {
      const Colour c = hsv(rng.u(0, 1), rng.u(0.2, 0.9), 1);
      part.tint = c * rng.u(0.35, 1.2);
    }
  }
}

struct Light {
  cv::Vec3f to_light, half;
  float flat_gleam;
};

Light make_light(float angle, float tilt, int shine) {
  Light out;
  out.to_light = {std::cos(angle) * std::sin(tilt), std::sin(angle) * std::sin(tilt), std::cos(tilt)};
  out.half = cv::normalize(out.to_light + cv::Vec3f(0, 0, 1));
  float gleam = out.half[2];
  for (int k = 0; k < shine; ++k) gleam *= gleam;
  out.flat_gleam = gleam;
  return out;
}

}  // namespace

void alter(Scene& scene, std::vector<Part>& parts, float reach, std::string_view ways) {
  Fault& fault = scene.fault;
  if (!fault.wanted || !fault.family.empty() || parts.size() < 3) return;  // of two, who is wrong?
  std::string possible;
  for (const char way : ways) {
    if (fault.only.empty() || fault.only == family_of_way(way)) possible += way;
  }
  if (possible.empty()) return;
  std::vector<Part*> inside;
  const float margin = std::min(reach * 0.4f, scene.px(30));
  for (Part& part : parts) {
    if (part.at.x > margin && part.at.y > margin && part.at.x < scene.size.width - margin &&
        part.at.y < scene.size.height - margin) {
      inside.push_back(&part);
    }
  }
  if (inside.empty()) return;
  Part& part = *inside[fault.rng.i(0, static_cast<int>(inside.size()) - 1)];
  const char way = possible[fault.rng.i(0, static_cast<int>(possible.size()) - 1)];
  make_wrong(fault.rng, part, way, reach);
  fault.family = family_of_way(way);
}

Map rounded(const Map& alpha, float rounding, float tall) {
  const Map distance = inner_distance(alpha);
  const Map profile = combine(distance, [=](float d) {
    const float t = std::min(d / rounding, 1.0f);
    return std::sqrt(t * (2 - t)) * tall;
  });
  return blur(profile, 0.8f + 0.05f * std::min(rounding, 60.0f));  // or an outline's corners show as facets
}

Body make_body(const Map& alpha, const Map& height, const Colour& colour) {
  Body out;
  out.alpha = alpha, out.height = height;
  out.albedo = ColourImage(alpha.size(), colour);
  return out;
}

void place(Rng& rng, Scene& scene, const Body& body, bool part) {
  const float strength = rng.u(0.2, 0.65), softness = rng.u(0.3, 0.9), tilt = rng.u(0.35, 0.95);
  const float mirror_phase = rng.u(0, 1), mirror_bands = rng.u(0.6, 2.4);
  if (scene.drop > 0.5f && !part) {
    const Map cast =
        blur(shifted(body.alpha, -scene.drop * std::cos(scene.light), -scene.drop * std::sin(scene.light)),
             scene.drop * softness + 0.6f);
    multiply(scene.img,
             combine(cast, body.alpha, [=](float s, float a) { return 1 - strength * s * (1 - a); }));
    if (!scene.under.empty()) scene.img.copyTo(scene.under);
  }
  const Light light = make_light(scene.light, tilt, body.shine);
  const int w = scene.size.width, h = scene.size.height;
  const cv::Rect box = bounds(body.alpha);
  for (int y = box.y; y < box.y + box.height; ++y) {
    const float *a = body.alpha[y], *mid = body.height[y], *up = body.height[std::max(y - 1, 0)],
                *down = body.height[std::min(y + 1, h - 1)];
    const Colour* albedo = body.albedo[y];
    Colour* out = scene.img[y];
    for (int x = box.x; x < box.x + box.width; ++x) {
      if (a[x] <= 0) continue;
      const float hx = (mid[std::min(x + 1, w - 1)] - mid[std::max(x - 1, 0)]) * 0.5f,
                  hy = (down[x] - up[x]) * 0.5f;
      const float k = 1 / std::sqrt(1 + hx * hx + hy * hy), nx = -hx * k, ny = -hy * k;
      const float diffuse =
          std::max(0.0f, nx * light.to_light[0] + ny * light.to_light[1] + k * light.to_light[2]) /
          light.to_light[2];
      float gleam = std::max(0.0f, nx * light.half[0] + ny * light.half[1] + k * light.half[2]);
      for (int j = 0; j < body.shine; ++j) gleam *= gleam;
      float shade = body.ambient * (0.5f + 0.5f * k) + (1 - body.ambient) * std::min(diffuse, 1.6f);
      if (body.mirror > 0) {
        shade += body.mirror *
                 wave(mirror_phase + mirror_bands * (nx * light.to_light[0] + ny * light.to_light[1]));
      }
      const float extra = body.gloss * std::max(0.0f, gleam - light.flat_gleam);
      for (int j = 0; j < 3; ++j) {
        const float value = clamp01(albedo[x][j] * shade + extra);
        out[x][j] += (value - out[x][j]) * a[x];
      }
    }
  }
  if (part) return;
  if (scene.object.empty())
    scene.object = body.alpha.clone();
  else
    cover(scene.object, body.alpha);
}

ColourImage paint(Rng& rng, const Map& h, float k, const Colour& base) {
  Colour d;
  if (rng.p(0.25)) {
    d = any_colour(rng) - base;
    d *= 1 / (std::max({std::abs(d[0]), std::abs(d[1]), std::abs(d[2])}) + 0.05f);
  } else {
    d = base + grey(0.25f);
    d *= 1 / (std::max({base[0], base[1], base[2]}) + 0.25f);
  }
  d *= k;
  ColourImage out(h.size());
  for (int y = 0; y < h.rows; ++y) {
    const float* p = h[y];
    Colour* row = out[y];
    for (int x = 0; x < h.cols; ++x) row[x] = base + d * p[x];
  }
  return out;
}

ColourImage paint(Rng& rng, const Map& h, float k) {
  const Colour base = any_colour(rng);
  return paint(rng, h, k, base);
}

Map skin(Rng& rng, const Scene& scene) {
  const double k = rng.unit();
  const cv::Size s = scene.size;
  if (k < 0.25) return streaks(rng, s, rng.u(0, 3.2), rng.lu(10, 90), rng.lu(0.6, 3)) * rng.lu(0.004, 0.05);
  if (k < 0.65) return fractal(rng, s, rng.lu(3, 70), 3, 0.6f) * rng.lu(0.004, 0.07);
  if (k < 0.85) return grains(rng, s, rng.lu(0.4, 2)) * rng.lu(0.005, 0.06);
  return white(rng, s) * rng.lu(0.003, 0.04);
}

void mottle(Rng& rng, Scene& scene) {
  const double k = rng.unit();
  const cv::Size s = scene.size;
  scene.mottle = rng.lu(0.015, 0.16);
  Map shade;
  if (k < 0.45) {
    shade = fractal(rng, s, rng.lu(2, 10), rng.i(1, 3));
  } else {
    const float along = scene.px(rng.lu(50, 400)), across = scene.px(rng.lu(8, 60));
    shade = streaks(rng, s, scene.grain + (k < 0.85 ? 0 : kPi / 2), along, across);
    if (rng.p(0.4)) cv::scaleAdd(fractal(rng, s, rng.lu(2, 8), 2), rng.u(0.3, 1), shade, shade);
    normalise(shade);
  }
  multiply(scene.img, cv::max(shade * scene.mottle + 1, 0.2));
}

Map lettering(Rng& rng, cv::Size size, Point at, float height, float angle, int letters) {
  static const char kLetters[] = "ABCDEFGHKLMNPRSTUXYZ0123456789-/.";
  std::string text;
  for (int k = 0; k < letters; ++k) text += kLetters[rng.i(0, static_cast<int>(sizeof(kLetters)) - 2)];
  const int font = rng.pick({cv::FONT_HERSHEY_SIMPLEX, cv::FONT_HERSHEY_DUPLEX, cv::FONT_HERSHEY_COMPLEX,
                             cv::FONT_HERSHEY_TRIPLEX, cv::FONT_HERSHEY_PLAIN});
  const double scale = height / (font == cv::FONT_HERSHEY_PLAIN ? 11.0 : 22.0);
  const int thick = std::max(1, cvRound(height * rng.u(0.04, 0.16)));
  int base = 0;
  const cv::Size box = cv::getTextSize(text, font, scale, thick, &base);
  cv::Mat1b drawn = cv::Mat1b::zeros(size);
  const cv::Point start(cvRound(at.x - box.width / 2.0f), cvRound(at.y + box.height / 2.0f));
  cv::putText(drawn, text, start, font, scale, 255, thick, cv::LINE_AA);
  Map out;
  drawn.convertTo(out, CV_32F, 1 / 255.0);
  if (std::abs(angle) > 0.01f) {
    const cv::Mat turn = cv::getRotationMatrix2D(at, -angle * 180 / kPi, 1);
    cv::warpAffine(out, out, turn, size, cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  }
  return out;
}

Map marking(Rng& rng, Scene& scene, Point at, float height, float angle, int letters) {
  const Map text = lettering(rng, scene.size, at, height, angle, letters);
  Fault& fault = scene.fault;
  if (!fault.wanted || !fault.family.empty()) return text;
  if (fault.only != "print" && (!fault.only.empty() || !fault.rng.p(0.4))) return text;
  fault.family = "print";
  Rng& f = fault.rng;
  const cv::Rect box = bounds(text, 0.2f);
  const Point c{box.x + box.width * f.u(0.2, 0.8), box.y + box.height * f.u(0.2, 0.8)};
  const float area = f.u(0.15, 0.6) * box.area() + 12;
  switch (f.i(0, 3)) {
    case 0:
      return text.mul(1 - blob(f, scene.size, c, area, 0.6f, true));
    case 1: {
      const float dx = f.sign() * f.u(0.12, 0.4) * height, dy = f.sign() * f.u(0.05, 0.3) * height;
      Map out = text.clone();
      cover(out, shifted(text, dx, dy) * f.u(0.5, 1));
      return out;
    }
    case 2: {
      Map smeared, out = text.clone();
      const int n = std::max(3, static_cast<int>(height * f.u(0.5, 1.5))) | 1;
      cv::blur(text, smeared, {n, 3});
      cover(out, smeared.mul(blob(f, scene.size, c, area * 1.5f, 1.5f, false)) * 1.6);
      return cv::min(out, 1);
    }
    default: {
      Map out = text.clone();
      cover(out, blob(f, scene.size, c, area * 0.5f, 0.6f, f.p(0.5)));
      return out;
    }
  }
}

void background(Rng& rng, Scene& scene) {
  const double k = rng.unit();
  const cv::Size s = scene.size;
  if (k < 0.34) {
    const Map soft = fractal(rng, s, rng.lu(1.5, 8), 2);
    scene.img = paint(rng, soft, rng.lu(0.003, 0.04));
  } else if (k < 0.5) {  // dark, nearly black
    const Colour c = near_colour(rng, any_colour(rng), 0.3f) * rng.u(0.02, 0.2);
    scene.img = paint(rng, fractal(rng, s, 6, 3), rng.lu(0.002, 0.02), c);
  } else if (k < 0.64) {  // white or light grey
    scene.img = paint(rng, fractal(rng, s, 3, 2), rng.lu(0.002, 0.02),
                      near_colour(rng, grey(rng.u(0.75, 0.97)), 0.06f));
  } else {
    draw_texture(rng, scene,
                 {"noise", "brushed", "dim_sheet", "paper", "weave", "felt", "wood", "concrete", "moulded",
                  "mesh", "carpet", "stripes", "rolled", "cast"});
    const cv::Scalar m = cv::mean(scene.img);
    const float keep = rng.u(0.15, 0.9);
    scene.img *= keep;
    scene.img += m * (1.0 - keep);
  }
  if (rng.p(0.3)) scene.img = blur(scene.img, scene.px(rng.lu(0.6, 4)));  // out of focus
  add(scene.img, white(rng, s), grey(rng.lu(0.002, 0.02)));
  clamp01(scene.img);
  scene.under = scene.img.clone();
  scene.light = rng.u(0, 2 * kPi);
  if (Variation* variation = rng.variation())
    scene.light += variation->free_light ? variation->rng.u(0, 2 * kPi) : variation->rng.n(0, 0.1);
  scene.drop = rng.p(0.65) ? scene.px(rng.lu(1.5, 14)) : 0;
  scene.object.release();
}

}  // namespace anomalyvlm::synthetic
