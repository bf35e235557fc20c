#include "train/synthetic/defects.h"

namespace anomalyvlm::synthetic {

Colour contrasting(Rng& rng, const Scene& scene, const Map& alpha, float strength) {
  const Colour m = mean_under(scene.img, alpha);
  const float k = strength > 0 ? strength : rng.lu(0.08, 0.65);
  if (rng.p(0.25)) return m + (any_colour(rng) - m) * std::max(0.35f, k);
  const bool darker = luma(m) > rng.u(0.12, 0.75);
  Colour out;
  for (int j = 0; j < 3; ++j) {
    out[j] = clamp01(m[j] + (darker ? -k * (0.3f + m[j]) : k * (1.1f - m[j])) * rng.u(0.85, 1.15));
  }
  return out;
}

void light_relief(Scene& scene, const Map& height, float strength) {
  const Map slope = relief(height, scene.light);
  for (int y = 0; y < slope.rows; ++y) {
    const float* s = slope[y];
    Colour* p = scene.img[y];
    for (int x = 0; x < slope.cols; ++x) {
      if (s[x] == 0) continue;
      // Falling towards the light means facing it.
      const float k = std::clamp(-s[x] * strength, -0.85f, 1.2f);
      p[x] = p[x] * (1 + k) + grey(0.12f * k);
    }
  }
}

void displace(Scene& scene, const Map& alpha, const Map& dx, const Map& dy) {
  const cv::Rect box = bounds(alpha);
  Map mx(box.size()), my(box.size());
  for (int y = 0; y < box.height; ++y) {
    for (int x = 0; x < box.width; ++x) {
      mx(y, x) = box.x + x + dx(box.y + y, box.x + x);
      my(y, x) = box.y + y + dy(box.y + y, box.x + x);
    }
  }
  ColourImage moved;
  cv::remap(scene.img, moved, mx, my, cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  moved.copyTo(scene.img(box));
}

namespace {
constexpr Where kAny = Where::kAnywhere, kEdge = Where::kEdge;
constexpr Defect kDefects[] = {
    {"scratch", 1.6f, 0.0004f, 0.05f, kAny, false, defect::scratch},
    {"crack", 1.7f, 0.0004f, 0.06f, kAny, false, defect::crack},
    {"hole", 1.5f, 0.0002f, 0.04f, kAny, false, defect::hole},
    {"pinhole", 0.7f, 0.0001f, 0.0015f, kAny, false, defect::pinhole},
    {"spot", 1.2f, 0.0002f, 0.03f, kAny, false, defect::spot},
    {"stain", 1.4f, 0.001f, 0.25f, kAny, false, defect::stain},
    {"colour", 1.1f, 0.0008f, 0.2f, kAny, false, defect::colour},
    {"burn", 0.7f, 0.001f, 0.16f, kAny, false, defect::burn},
    {"dent", 1.2f, 0.0008f, 0.12f, kAny, false, defect::dent},
    {"break", 1.6f, 0.0008f, 0.16f, kEdge, false, defect::break_off},
    {"missing", 1.0f, 0.0015f, 0.12f, kAny, false, defect::missing},
    {"flake", 1.1f, 0.0008f, 0.25f, kAny, false, defect::flake},
    {"contamination", 1.4f, 0.0003f, 0.05f, kAny, true, defect::contamination},
    {"thread", 1.0f, 0.0006f, 0.05f, kAny, true, defect::thread},
    {"fray", 1.0f, 0.0015f, 0.08f, kEdge, true, defect::fray},
    {"uneven", 3.0f, 0.015f, 0.4f, kAny, false, defect::uneven},
    {"rough", 1.6f, 0.0015f, 0.25f, kAny, false, defect::rough},
    {"print", 0.7f, 0.0008f, 0.05f, kAny, false, defect::print},
    {"wrinkle", 0.9f, 0.001f, 0.08f, kAny, false, defect::wrinkle},
    {"bubble", 0.8f, 0.0006f, 0.05f, kAny, false, defect::bubble},
    {"cut", 1.1f, 0.0005f, 0.05f, kAny, false, defect::cut},
    {"glue", 1.0f, 0.001f, 0.1f, kAny, false, defect::glue},
    {"corrosion", 0.8f, 0.0008f, 0.2f, kAny, false, defect::corrosion},
    {"bent", 0.8f, 0.003f, 0.12f, kAny, true, defect::bent},
    {"misplaced", 0.7f, 0.003f, 0.1f, kAny, false, defect::misplaced},
    {"misweave", 1.0f, 0.0006f, 0.06f, kAny, false, defect::misweave},
    {"foreign", 1.4f, 0.001f, 0.25f, kAny, true, defect::foreign},
    {"smear", 0.8f, 0.001f, 0.15f, kAny, false, defect::smear},
    {"band", 0.7f, 0.002f, 0.08f, kAny, false, defect::band},
};
}  // namespace

std::span<const Defect> defects() { return kDefects; }

}  // namespace anomalyvlm::synthetic
