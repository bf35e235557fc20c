#include "train/synthetic/noise.h"

namespace anomalyvlm::synthetic {
namespace {

constexpr int kPool = 512;

const Map& pool() {
  static const Map kept = [] {
    Rng rng(20261123);
    return make_map({kPool, kPool}, [&](int, int) { return rng.n(); });
  }();
  return kept;
}

float mean_side(cv::Size size) { return std::sqrt(static_cast<float>(size.area())); }

}  // namespace

Map white(Rng& design, cv::Size size) {
  Rng& rng = natural(design);
  const Map& from = pool();
  const int ox = rng.i(0, kPool - 1), oy = rng.i(0, kPool - 1), sx = rng.sign(), sy = rng.sign();
  Map out(size);
  for (int y = 0; y < size.height; ++y) {
    // Later rows of an image larger than the pool must not repeat the first ones.
    const int start = ox + (y / kPool) * 131;
    const float* row = from[(oy + sy * y) & (kPool - 1)];
    float* to = out[y];
    for (int x = 0; x < size.width; ++x) to[x] = row[(start + sx * x) & (kPool - 1)];
  }
  return out;
}

Map field(Rng& rng, cv::Size size, float count) {
  const float cell = mean_side(size) / std::max(count, 0.5f);
  const cv::Size small(static_cast<int>(size.width / cell) + 3, static_cast<int>(size.height / cell) + 3);
  if (small.width >= size.width || small.height >= size.height) return white(rng, size);
  Map coarse = white(rng, small), out;
  // A random part of a cell as offset, so that lumps do not sit on a fixed lattice.
  const float ox = natural(rng).u(0.5, 1.5), oy = natural(rng).u(0.5, 1.5);
  const cv::Matx23f m(1 / cell, 0, ox, 0, 1 / cell, oy);
  if (cell < 24) {
    cv::warpAffine(coarse, out, m, size, cv::INTER_CUBIC | cv::WARP_INVERSE_MAP, cv::BORDER_REFLECT_101);
    return out;
  }
  // Coordinates of warpAffine have a limited precision: very coarse fields take two steps.
  Map middle;
  const cv::Size half((size.width + 7) / 8, (size.height + 7) / 8);
  const cv::Matx23f m8(8 / cell, 0, ox, 0, 8 / cell, oy);
  cv::warpAffine(coarse, middle, m8, half, cv::INTER_CUBIC | cv::WARP_INVERSE_MAP, cv::BORDER_REFLECT_101);
  cv::resize(middle, out, size, 0, 0, cv::INTER_CUBIC);
  return out;
}

Map fractal(Rng& rng, cv::Size size, float count, int octaves, float gain) {
  Map sum = field(rng, size, count);
  float strength = 1;
  for (int k = 1; k < octaves; ++k) {
    count *= 2, strength *= gain;
    cv::scaleAdd(field(rng, size, count), strength, sum, sum);
    if (count > mean_side(size) * 0.6f) break;
  }
  normalise(sum);
  return sum;
}

Map grains(Rng& rng, cv::Size size, float sigma) { return normalised(blur(white(rng, size), sigma)); }

Map streaks(Rng& design, cv::Size size, float angle, float along, float across) {
  Rng& rng = natural(design);
  const float c = std::cos(angle), s = std::sin(angle);
  const cv::Matx23f m(c / along, s / along, rng.u(0, kPool), -s / across, c / across, rng.u(0, kPool));
  Map out;
  cv::warpAffine(pool(), out, m, size, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_WRAP);
  return out;
}

Map turned_streaks(Rng& rng, cv::Size size, Point centre, float along, float across) {
  const float ou = natural(rng).u(0, kPool), ov = natural(rng).u(0, kPool);
  const float reach = std::hypot(centre.x - size.width / 2.0f, centre.y - size.height / 2.0f) + 40;
  // Round the whole circle an exact number of lumps, or a seam would show.
  const float lumps = std::max(3.0f, std::round(2 * kPi * reach / along));
  const Map& from = pool();
  return make_map(size, [&](int x, int y) {
    const float dx = x - centre.x, dy = y - centre.y;
    const float r = std::sqrt(dx * dx + dy * dy) / across + ov;
    const float t = cv::fastAtan2(dy, dx) / 360 * lumps;
    const int i0 = static_cast<int>(t), j0 = static_cast<int>(r);
    const float fi = t - i0, fj = r - j0;
    const int n = static_cast<int>(lumps), a = (static_cast<int>(ou) + i0 % n) & (kPool - 1),
              b = (static_cast<int>(ou) + (i0 + 1) % n) & (kPool - 1);
    const float *p = from[j0 & (kPool - 1)], *q = from[(j0 + 1) & (kPool - 1)];
    return (1 - fj) * (p[a] + fi * (p[b] - p[a])) + fj * (q[a] + fi * (q[b] - q[a]));
  });
}

void normalise(Map& a) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(a, mean, deviation);
  const double k = 1 / (deviation[0] + 1e-6);
  a.convertTo(a, CV_32F, k, -mean[0] * k);
}

Map normalised(Map a) {
  normalise(a);
  return a;
}

Cells cells(Rng& design, cv::Size size, float count, bool edges) {
  Rng& rng = natural(design);
  cv::Mat1b seeds(size, 255);
  const int n = std::max(3, static_cast<int>(count));
  for (int k = 0; k < n; ++k) seeds(rng.i(0, size.height - 1), rng.i(0, size.width - 1)) = 0;
  Cells out;
  out.width = std::sqrt(static_cast<float>(size.area()) / n);
  cv::distanceTransform(seeds, out.centre, out.label, cv::DIST_L2, cv::DIST_MASK_5, cv::DIST_LABEL_PIXEL);
  if (!edges) return out;
  cv::Mat1b inside(size, 255);
  for (int y = 0; y < size.height; ++y) {
    const int *row = out.label[y], *up = out.label[std::max(y - 1, 0)];
    for (int x = 0; x < size.width; ++x) {
      if (row[x] != row[std::max(x - 1, 0)] || row[x] != up[x]) inside(y, x) = 0;
    }
  }
  cv::distanceTransform(inside, out.edge, cv::DIST_L2, cv::DIST_MASK_3);
  return out;
}

Coordinates coordinates(Rng& rng, cv::Size size, float angle, float warp) {
  Point middle{size.width / 2.0f, size.height / 2.0f};
  if (Variation* variation = rng.variation()) {  // another part of the same pattern
    const float reach = variation->roams ? mean_side(size) : variation->sway * mean_side(size) * 2;
    middle += Point(variation->rng.u(-reach, reach), variation->rng.u(-reach, reach));
    angle += variation->rng.n(0, variation->sway);
  }
  const Axes axes(middle, angle);
  Coordinates out;
  out.u = make_map(size, [&](int x, int y) { return axes.u(static_cast<float>(x), static_cast<float>(y)); });
  out.v = make_map(size, [&](int x, int y) { return axes.v(static_cast<float>(x), static_cast<float>(y)); });
  if (warp > 0.05f) {
    cv::scaleAdd(field(rng, size, 4), warp, out.u, out.u);
    cv::scaleAdd(field(rng, size, 4), warp, out.v, out.v);
  }
  return out;
}

float usual_angle(Rng& rng) {
  const float jitter = rng.n(0, 0.02);
  const double k = rng.unit();
  return (k < 0.4 ? 0.0f : k < 0.8 ? kPi / 2 : rng.u(0, kPi)) + jitter;
}

}  // namespace anomalyvlm::synthetic
