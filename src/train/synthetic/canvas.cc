#include "train/synthetic/canvas.h"

#include "train/synthetic/noise.h"

namespace anomalyvlm::synthetic {
namespace {

std::vector<cv::Point> fixed_point(const Outline& outline, Point origin, float scale) {
  std::vector<cv::Point> out;
  out.reserve(outline.size());
  for (const Point& p : outline) {
    out.emplace_back(cvRound(std::clamp((p.x - origin.x) * scale, -30000.0f, 60000.0f) * 16),
                     cvRound(std::clamp((p.y - origin.y) * scale, -30000.0f, 60000.0f) * 16));
  }
  return out;
}

cv::Rect box_of(const std::vector<Outline>& paths, float margin, cv::Size size) {
  float x0 = 1e9f, y0 = 1e9f, x1 = -1e9f, y1 = -1e9f;
  for (const auto& path : paths) {
    for (const Point& p : path) {
      x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
      y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
    }
  }
  if (x1 < x0) return {};
  const auto limit = [](float v) { return static_cast<int>(std::clamp(v, -1e5f, 1e5f)); };
  const cv::Rect box(limit(x0 - margin), limit(y0 - margin), limit(x1 - x0 + 2 * margin + 2),
                     limit(y1 - y0 + 2 * margin + 2));
  return box & cv::Rect({}, size);
}

}  // namespace

Outline ellipse(Point centre, float rx, float ry, float angle, int points) {
  Outline out;
  const Axes axes(centre, angle);
  for (int k = 0; k < points; ++k) {
    const float t = 2 * kPi * k / points;
    out.push_back(axes.at(rx * std::cos(t), ry * std::sin(t)));
  }
  return out;
}

Outline rectangle(Point centre, float w, float h, float angle, float corner) {
  const float e = std::clamp(corner, 0.0f, std::min(w, h) / 2);
  const Axes axes(centre, angle);
  Outline out;
  const int steps = e > 0.03f * std::min(w, h) ? 8 : 1;
  for (int q = 0; q < 4; ++q) {
    const float cx = (q == 0 || q == 3 ? 1.0f : -1.0f) * (w / 2 - e),
                cy = (q < 2 ? 1.0f : -1.0f) * (h / 2 - e);
    for (int k = 0; k < steps; ++k) {
      const float t = kPi / 2 * (q + (steps > 1 ? static_cast<float>(k) / (steps - 1) : 0.5f));
      const float r = steps > 1 ? e : e * 1.41f;
      out.push_back(axes.at(cx + r * std::cos(t), cy + r * std::sin(t)));
    }
  }
  return out;
}

Outline polar(Point centre, float angle, float sx, float sy, int points, const std::vector<float>& radii) {
  Outline out;
  const Axes axes(centre, angle);
  for (int k = 0; k < points; ++k) {
    const float t = 2 * kPi * k / points, r = radii[k % radii.size()];
    out.push_back(axes.at(r * sx * std::cos(t), r * sy * std::sin(t)));
  }
  return out;
}

std::vector<float> wobbly_radii(Rng& rng, float radius, float wobble, int harmonics, int points) {
  std::vector<float> out(points, 1.0f);
  for (int j = 2; j < 2 + harmonics; ++j) {
    const float amount = rng.n(0, wobble / j), phase = rng.u(0, 6.28);
    for (int k = 0; k < points; ++k) out[k] += amount * std::cos(j * 2 * kPi * k / points + phase);
  }
  for (float& r : out) r = radius * std::max(r, 0.15f);
  return out;
}

Outline walk(Rng& rng, Point middle, float length, float jag, float bend, float angle) {
  const int n = std::max(4, static_cast<int>(length / std::max(2.0f, rng.u(2, 7))));
  Outline path;
  Point at{0, 0};
  float drift = 0;
  for (int k = 0; k < n; ++k) {
    drift += rng.n() * jag * 0.35f;
    const float a = angle + drift + rng.n() * jag + (static_cast<float>(k) / n - 0.5f) * bend;
    at += Point(std::cos(a), std::sin(a)) * (length / n);
    path.push_back(at);
  }
  const Point shift = middle - path[n / 2];
  for (Point& p : path) p += shift;
  return path;
}

Map fill(cv::Size size, const std::vector<Outline>& outlines) {
  Map out = Map::zeros(size);
  const cv::Rect box = box_of(outlines, 2, size);
  if (box.empty()) return out;
  cv::Mat1b drawn = cv::Mat1b::zeros(box.size());
  const Point origin(static_cast<float>(box.x), static_cast<float>(box.y));
  for (const auto& outline : outlines) {
    const std::vector<std::vector<cv::Point>> one = {fixed_point(outline, origin, 1)};
    cv::fillPoly(drawn, one, 255, cv::LINE_AA, 4);
  }
  drawn.convertTo(out(box), CV_32F, 1 / 255.0);
  return out;
}

Map fill(cv::Size size, const Outline& outline) { return fill(size, std::vector<Outline>{outline}); }

Map stroke(cv::Size size, const std::vector<Outline>& paths, const std::vector<float>& widths) {
  Map out = Map::zeros(size);
  float widest = 1;
  for (const float w : widths) widest = std::max(widest, w);
  const cv::Rect box = box_of(paths, widest + 2, size);
  if (box.empty()) return out;
  const float scale = widest > 12 ? 1 : 2;  // twice the size makes half-pixel lines possible
  cv::Mat1b drawn = cv::Mat1b::zeros(cvRound(box.height * scale), cvRound(box.width * scale));
  const Point origin(static_cast<float>(box.x), static_cast<float>(box.y));
  for (std::size_t k = 0; k < paths.size(); ++k) {
    const float w = widths[k % widths.size()] * scale;
    const std::vector<std::vector<cv::Point>> one = {fixed_point(paths[k], origin, scale)};
    cv::polylines(drawn, one, false, w < 1 ? 255.0 * w : 255.0, std::max(1, cvRound(w)), cv::LINE_AA, 4);
  }
  cv::Mat1b small = drawn;
  if (scale > 1) cv::resize(drawn, small, box.size(), 0, 0, cv::INTER_AREA);
  small.convertTo(out(box), CV_32F, 1 / 255.0);
  return out;
}

Map blob(Rng& rng, cv::Size size, Point centre, float area, float soft, bool ragged) {
  const float e = std::sqrt(rng.lu(0.4, 1)), radius = std::sqrt(area / kPi);
  Map a = fill(
      size, polar(centre, rng.u(0, 3.2), e, 1 / e, 72, wobbly_radii(rng, radius, rng.u(0.05, 0.55), 6, 72)));
  if (ragged && radius > 4) {
    // The soft distance to the outline, cut by noise.
    const Map soft_edge = blur(a, std::max(1.0f, radius * rng.u(0.15, 0.4)));
    const Map rough = fractal(rng, size, rng.lu(8, 60), 2, 0.6f);
    const float sharp = rng.u(3, 12);
    a = combine(soft_edge, rough, [=](float s, float r) { return clamp01((s + 0.12f * r - 0.45f) * sharp); });
    cv::Mat1b near_by;
    cv::Mat(soft_edge < 0.02f).copyTo(near_by);
    a.setTo(0, near_by);
  }
  return soft > 0.4f ? blur(a, soft) : a;
}

cv::Rect bounds(const Map& alpha, float above) {
  const cv::Mat1b on = alpha > above;
  const cv::Rect box = cv::boundingRect(on);
  return box.empty() ? cv::Rect(0, 0, 1, 1) : box;
}

namespace {
template <typename M>
M blur_any(const M& a, float sigma) {
  M out;
  if (sigma < 0.3f) return a.clone();
  if (sigma < 3 || std::min(a.rows, a.cols) < 32) {
    cv::GaussianBlur(a, out, {}, sigma, sigma, cv::BORDER_REFLECT_101);
    return out;
  }
  const int step = sigma < 8 ? 2 : sigma < 20 ? 4 : 8;
  M small;
  cv::resize(a, small, {(a.cols + step - 1) / step, (a.rows + step - 1) / step}, 0, 0, cv::INTER_AREA);
  cv::GaussianBlur(small, small, {}, sigma / step, sigma / step, cv::BORDER_REFLECT_101);
  cv::resize(small, out, a.size(), 0, 0, cv::INTER_LINEAR);
  return out;
}
}  // namespace

Map blur(const Map& a, float sigma) { return blur_any(a, sigma); }
ColourImage blur(const ColourImage& a, float sigma) { return blur_any(a, sigma); }

Map shifted(const Map& a, float dx, float dy) {
  Map out;
  const cv::Matx23f m(1, 0, dx, 0, 1, dy);
  cv::warpAffine(a, out, m, a.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  return out;
}

Map relief(const Map& height, float angle) {
  const float c = std::cos(angle) / 2, s = std::sin(angle) / 2;
  Map out(height.size());
  const int w = height.cols, h = height.rows;
  for (int y = 0; y < h; ++y) {
    const float *mid = height[y], *up = height[std::max(y - 1, 0)], *down = height[std::min(y + 1, h - 1)];
    float* row = out[y];
    for (int x = 1; x < w - 1; ++x) row[x] = c * (mid[x + 1] - mid[x - 1]) + s * (down[x] - up[x]);
    row[0] = row[1], row[w - 1] = row[w - 2];
  }
  return out;
}

Map inner_distance(const Map& alpha) {
  Map out;
  const cv::Mat1b inside = alpha > 0.5f;
  cv::distanceTransform(inside, out, cv::DIST_L2, cv::DIST_MASK_5);
  // Inside everywhere: no outside to measure to.
  return cv::min(out, 1000.0);
}

Colour mean_under(const ColourImage& img, const Map& alpha) {
  const cv::Rect box = bounds(alpha, 0.3f);
  cv::Mat1b where = alpha(box) > 0.3f;
  const cv::Scalar m = cv::countNonZero(where) > 0 ? cv::mean(img(box), where) : cv::mean(img);
  return {static_cast<float>(m[0]), static_cast<float>(m[1]), static_cast<float>(m[2])};
}

void blend(ColourImage& img, const Map& alpha, const Colour& colour, float strength) {
  for (int y = 0; y < img.rows; ++y) {
    const float* a = alpha[y];
    Colour* p = img[y];
    for (int x = 0; x < img.cols; ++x) {
      if (a[x] > 0) p[x] += (colour - p[x]) * (a[x] * strength);
    }
  }
}

void blend(ColourImage& img, const Map& alpha, const ColourImage& over, float strength) {
  for (int y = 0; y < img.rows; ++y) {
    const float* a = alpha[y];
    const Colour* q = over[y];
    Colour* p = img[y];
    for (int x = 0; x < img.cols; ++x) {
      if (a[x] > 0) p[x] += (q[x] - p[x]) * (a[x] * strength);
    }
  }
}

void multiply(ColourImage& img, const Map& factor) {
  for (int y = 0; y < img.rows; ++y) {
    const float* a = factor[y];
    Colour* p = img[y];
    for (int x = 0; x < img.cols; ++x) p[x] *= a[x];
  }
}

void add(ColourImage& img, const Map& term, const Colour& tint) {
  for (int y = 0; y < img.rows; ++y) {
    const float* a = term[y];
    Colour* p = img[y];
    for (int x = 0; x < img.cols; ++x) p[x] += tint * a[x];
  }
}

void clamp01(ColourImage& img) {
  for (int y = 0; y < img.rows; ++y) {
    float* p = reinterpret_cast<float*>(img[y]);
    for (int x = 0; x < img.cols * 3; ++x) p[x] = clamp01(p[x]);
  }
}

void cover(Map& a, const Map& b) {
  cv::max(static_cast<const cv::Mat&>(a), static_cast<const cv::Mat&>(b), static_cast<cv::Mat&>(a));
}

Colour hsv(float h, float s, float v) {
  const auto channel = [&](float n) {
    const float k = std::fmod(n + h * 6, 6.0f);
    return v - v * s * std::max(0.0f, std::min({k, 4 - k, 1.0f}));
  };
  return {channel(5), channel(3), channel(1)};
}

Colour grey(float v) { return {v, v, v}; }
float luma(const Colour& c) { return 0.299f * c[0] + 0.587f * c[1] + 0.114f * c[2]; }

Colour any_colour(Rng& rng) {
  const double k = rng.unit();
  if (k < 0.42) {
    const float v = rng.u(0.08, 0.92);
    Colour c;
    for (int j = 0; j < 3; ++j) c[j] = std::clamp(v + rng.n(0, 0.02), 0.03f, 0.97f);
    return c;
  }
  // Wood, leather, food, rust and brass; else anything.
  if (k < 0.66) return hsv(rng.u(0.03, 0.14), rng.u(0.12, 0.75), rng.u(0.2, 0.95));
  const float vivid = rng.u(0, 1);  // strong colours are rare
  return hsv(rng.u(0, 1), 0.08f + 0.82f * vivid * vivid, rng.u(0.12, 0.95));
}

Colour near_colour(Rng& rng, const Colour& c, float k) {
  const float f = rng.u(1 - k, 1 + k), d = rng.n(0, k / 4);
  Colour out;
  for (int j = 0; j < 3; ++j) out[j] = std::clamp(c[j] * f + d + rng.n(0, k / 12), 0.02f, 0.98f);
  return out;
}

}  // namespace anomalyvlm::synthetic
