#pragma once
// Images under construction: float planes and the basic operations on them.
// Lengths are pixels, angles radians with y down, values 0..1 unless said otherwise.
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "train/synthetic/rng.h"

namespace anomalyvlm::synthetic {

using Map = cv::Mat1f;          // one value a pixel
using ColourImage = cv::Mat3f;  // R, G, B
using Colour = cv::Vec3f;
using Point = cv::Point2f;
using Outline = std::vector<Point>;

constexpr float kPi = 3.14159265f;

inline float clamp01(float v) { return v < 0 ? 0.0f : v > 1 ? 1.0f : v; }
inline float frac(float t) {
  const float f = t - static_cast<float>(static_cast<int>(t));
  return f < 0 ? f + 1 : f;
}
inline int floor_int(float t) {
  const int k = static_cast<int>(t);
  return k - (static_cast<float>(k) > t);
}
// A cheap sine of period 1 (two parabolas).
inline float wave(float t) {
  const float f = frac(t), g = f < 0.5f ? f : f - 0.5f, q = 16 * g * (0.5f - g);
  return f < 0.5f ? q : -q;
}
inline float smooth(float t) {
  t = clamp01(t);
  return t * t * (3 - 2 * t);
}

template <typename F>
Map make_map(cv::Size size, F f) {  // f(x, y)
  Map out(size);
  for (int y = 0; y < size.height; ++y) {
    float* row = out[y];
    for (int x = 0; x < size.width; ++x) row[x] = f(x, y);
  }
  return out;
}
template <typename F>
Map combine(const Map& a, F f) {
  Map out(a.size());
  for (int y = 0; y < a.rows; ++y) {
    const float* p = a[y];
    float* row = out[y];
    for (int x = 0; x < a.cols; ++x) row[x] = f(p[x]);
  }
  return out;
}
template <typename F>
Map combine(const Map& a, const Map& b, F f) {
  Map out(a.size());
  for (int y = 0; y < a.rows; ++y) {
    const float *p = a[y], *q = b[y];
    float* row = out[y];
    for (int x = 0; x < a.cols; ++x) row[x] = f(p[x], q[x]);
  }
  return out;
}

// Rotated coordinates: u along `angle`, v across it, 0 at the origin point.
struct Axes {
  Axes(Point origin, float angle) : o(origin), c(std::cos(angle)), s(std::sin(angle)) {}
  float u(float x, float y) const { return c * (x - o.x) + s * (y - o.y); }
  float v(float x, float y) const { return c * (y - o.y) - s * (x - o.x); }
  Point at(float u, float v) const { return {o.x + c * u - s * v, o.y + s * u + c * v}; }
  Point o;
  float c, s;
};

// Shapes. Outlines are closed polygons.
Outline ellipse(Point centre, float rx, float ry, float angle = 0, int points = 48);
Outline rectangle(Point centre, float w, float h, float angle = 0, float corner = 0);
Outline polar(Point centre, float angle, float sx, float sy, int points, const std::vector<float>& radii);
std::vector<float> wobbly_radii(Rng& rng, float radius, float wobble, int harmonics, int points);
// A random path of about `length` through its middle point; `jag` bends it at every step, `bend` as a whole.
Outline walk(Rng& rng, Point middle, float length, float jag, float bend, float angle);

// Coverage 0..1 of filled outlines, and of lines with one width each (widths below a pixel make them
// fainter).
Map fill(cv::Size size, const std::vector<Outline>& outlines);
Map fill(cv::Size size, const Outline& outline);
Map stroke(cv::Size size, const std::vector<Outline>& paths, const std::vector<float>& widths);
// A patch of about `area` pixels; `soft` blurs its border, `ragged` frays its outline.
Map blob(Rng& rng, cv::Size size, Point centre, float area, float soft, bool ragged);
cv::Rect bounds(const Map& alpha, float above = 0.008f);  // never empty

Map blur(const Map& a, float sigma);
ColourImage blur(const ColourImage& a, float sigma);
Map shifted(const Map& a, float dx, float dy);  // moved by (dx, dy), 0 outside
Map relief(const Map& height, float angle);     // slope towards `angle`
Map inner_distance(const Map& alpha);           // pixels to the outside, 0 outside
Colour mean_under(const ColourImage& img, const Map& alpha);

void blend(ColourImage& img, const Map& alpha, const Colour& colour, float strength = 1);
void blend(ColourImage& img, const Map& alpha, const ColourImage& over, float strength = 1);
void multiply(ColourImage& img, const Map& factor);
void add(ColourImage& img, const Map& term, const Colour& tint = {1, 1, 1});
void clamp01(ColourImage& img);
void cover(Map& a, const Map& b);  // a = max(a, b)

// Colours.
Colour hsv(float h, float s, float v);
Colour any_colour(Rng& rng);                             // what industrial things look like
Colour near_colour(Rng& rng, const Colour& c, float k);  // varied by about k
Colour grey(float v);
float luma(const Colour& c);

}  // namespace anomalyvlm::synthetic
