#include "train/synthetic/camera.h"

#include <array>

#include "train/synthetic/noise.h"

namespace anomalyvlm::synthetic {
namespace {

using Block = std::array<float, 64>;

const Block& cosines() {
  static const Block kept = [] {
    Block c{};
    for (int k = 0; k < 8; ++k) {
      for (int n = 0; n < 8; ++n)
        c[k * 8 + n] = std::cos(kPi * (n + 0.5f) * k / 8) * (k ? 0.5f : 0.35355339f);
    }
    return c;
  }();
  return kept;
}

// out = A x B or A^T x B (row-major 8 x 8).
template <bool kTransposed>
void product(const Block& a, const Block& b, Block& out) {
  for (int i = 0; i < 8; ++i) {
    float row[8] = {};
    for (int k = 0; k < 8; ++k) {
      const float f = kTransposed ? a[k * 8 + i] : a[i * 8 + k];
      for (int j = 0; j < 8; ++j) row[j] += f * b[k * 8 + j];
    }
    for (int j = 0; j < 8; ++j) out[i * 8 + j] = row[j];
  }
}

void transpose(Block& a) {
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < i; ++j) std::swap(a[i * 8 + j], a[j * 8 + i]);
  }
}

// Rounds a plane's 8 x 8 cosine coefficients to multiples that grow with frequency, as JPEG does. Values
// 0..255.
void quantise(Map& plane, int quality, bool chroma) {
  const float strength = quality < 50 ? 50.0f / quality : (100 - quality) / 50.0f;
  Block step;
  for (int k = 0; k < 64; ++k) {
    const float f = static_cast<float>(k / 8 + k % 8),
                base = chroma ? 17 + 14 * std::min(f, 6.0f) : 11 + 1.2f * f * f * 0.7f + 2 * f;
    step[k] = std::max(1.0f, std::min(base, 120.0f) * strength);
  }
  const Block& c = cosines();
  Block block, half;
  for (int y0 = 0; y0 < plane.rows; y0 += 8) {
    for (int x0 = 0; x0 < plane.cols; x0 += 8) {
      for (int y = 0; y < 8; ++y) {
        const float* row = plane[std::min(y0 + y, plane.rows - 1)];
        for (int x = 0; x < 8; ++x) block[y * 8 + x] = row[std::min(x0 + x, plane.cols - 1)] - 128;
      }
      product<false>(c, block, half);  // columns
      transpose(half);
      product<false>(c, half, block);  // rows; transposed coefficients, and the steps are symmetric
      for (int k = 0; k < 64; ++k)
        block[k] = static_cast<float>(floor_int(block[k] / step[k] + 0.5f)) * step[k];
      product<true>(c, block, half);
      transpose(half);
      product<true>(c, half, block);
      for (int y = y0; y < std::min(y0 + 8, plane.rows); ++y) {
        for (int x = x0; x < std::min(x0 + 8, plane.cols); ++x)
          plane(y, x) = block[(y - y0) * 8 + x - x0] + 128;
      }
    }
  }
}

void compress(ColourImage& img, int quality, bool grey_only) {  // values 0..1
  Map y(img.size()), cb(img.size()), cr(img.size());
  for (int r = 0; r < img.rows; ++r) {
    const Colour* p = img[r];
    for (int x = 0; x < img.cols; ++x) {
      const float l = luma(p[x]) * 255;
      y(r, x) = l, cb(r, x) = 128 + (p[x][2] * 255 - l) * 0.564f,
           cr(r, x) = 128 + (p[x][0] * 255 - l) * 0.713f;
    }
  }
  quantise(y, quality, false);
  if (!grey_only) {
    for (Map* c : {&cb, &cr}) {
      Map small;
      cv::resize(*c, small, {(img.cols + 1) / 2, (img.rows + 1) / 2}, 0, 0, cv::INTER_AREA);
      quantise(small, quality, true);
      cv::resize(small, *c, img.size(), 0, 0, cv::INTER_LINEAR);
    }
  }
  for (int r = 0; r < img.rows; ++r) {
    Colour* p = img[r];
    for (int x = 0; x < img.cols; ++x) {
      const float l = y(r, x), b = cb(r, x) - 128, d = cr(r, x) - 128;
      p[x] = Colour(l + d / 0.713f, l - 0.344f * b - 0.714f * d, l + b / 0.564f) * (1 / 255.0f);
    }
  }
}

void frame(Rng& rng, Camera& camera, cv::Size size, double least_zoom) {
  const float w = size.width / 2.0f, h = size.height / 2.0f;
  const bool mirrored = rng.p(0.25), turned = rng.p(0.3);  // print is rarely mirrored
  const float fy = turned ? -1.0f : 1.0f, fx = mirrored ? -fy : fy;
  camera.flips = {fx, 0, fx < 0 ? 2 * w - 1 : 0, 0, fy, fy < 0 ? 2 * h - 1 : 0};
  camera.framing = camera.flips;
  camera.framed = rng.p(0.6);
  if (!camera.framed) return;
  const float e = std::sqrt(rng.lu(0.7, 1.43)), zoom = rng.u(least_zoom, 1) / std::max(e, 1 / e),
              turn = rng.n(0, 0.04);
  const float a = std::cos(turn) * zoom, b = std::sin(turn) * zoom, free_x = (1 - zoom * e) * w,
              free_y = (1 - zoom / e) * h;
  const float cx = w + rng.u(-free_x, free_x), cy = h + rng.u(-free_y, free_y);
  const cv::Matx22f m(a * e * fx, -b / e * fx, b * e * fy, a / e * fy);
  camera.framing = {m(0, 0), m(0, 1), cx - m(0, 0) * w - m(0, 1) * h,
                    m(1, 0), m(1, 1), cy - m(1, 0) * w - m(1, 1) * h};
}

// What brings the brightest fiftieth of the image to `level`, within limits.
float automatic_gain(const ColourImage& img, float level) {
  std::vector<float> values;
  for (int y = 2; y < img.rows; y += 5) {
    for (int x = 2; x < img.cols; x += 5) values.push_back(luma(img(y, x)));
  }
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 0.98);
  std::nth_element(values.begin(), at, values.end());
  return std::clamp(level / (*at + 0.02f), 0.7f, 3.5f);
}

}  // namespace

Camera random_camera(Rng& rng, cv::Size size, double least_zoom) {
  Camera out;
  out.grey = rng.p(0.45);
  frame(rng, out, size, least_zoom);
  if (rng.p(0.5)) out.fall_off = rng.lu(0.02, 0.35), out.vignette = rng.p(0.5);
  if (rng.p(0.35))
    out.shrink = rng.u(0.33, 0.95);
  else if (rng.p(0.4))
    out.blur = rng.lu(0.35, 1.7);
  if (rng.p(0.55)) out.noise = rng.lu(0.002, 0.045), out.colour_noise = rng.p(0.4);
  if (rng.p(0.5)) out.automatic = rng.u(0.7, 1);
  out.gamma = rng.lu(0.65, 1.5), out.exposure = rng.lu(0.75, 1.3);
  if (rng.p(0.25)) out.lift = rng.u(0, 0.12);
  if (rng.p(0.5)) {
    for (int k = 0; k < 3; ++k) out.cast[k] = 1 + rng.n(0, 0.05);
  }
  if (rng.p(0.45)) out.quality = rng.i(30, 96);
  return out;
}

Camera another_shot(Rng& rng, const Camera& camera, const Variation& variation, cv::Size size) {
  Camera out = camera;
  const float side = std::sqrt(static_cast<float>(size.area())),
              shift = side * variation.sway * (variation.roams ? 2 : 1);
  const float turn = rng.n(0, variation.sway), zoom = 1 + rng.n(0, std::min(0.3f * variation.sway, 0.01f));
  const float a = zoom * std::cos(turn), b = zoom * std::sin(turn), cx = size.width / 2.0f,
              cy = size.height / 2.0f;
  const float dx = std::clamp(rng.n(0, shift), -0.08f * side, 0.08f * side),
              dy = std::clamp(rng.n(0, shift), -0.08f * side, 0.08f * side);
  const cv::Matx33f moved(a, -b, cx - a * cx + b * cy + dx, b, a, cy - b * cx - a * cy + dy, 0, 0, 1);
  const cv::Matx33f before(camera.framing(0, 0), camera.framing(0, 1), camera.framing(0, 2),
                           camera.framing(1, 0), camera.framing(1, 1), camera.framing(1, 2), 0, 0, 1);
  const cv::Matx33f both = before * moved;
  out.framing = {both(0, 0), both(0, 1), both(0, 2), both(1, 0), both(1, 1), both(1, 2)};
  out.framed = true;
  const double change = rng.p(0.25) ? 0.08 : 0.02;
  out.exposure *= 1 + rng.n(0, change);
  out.gamma *= 1 + rng.n(0, change / 2);
  for (int k = 0; k < 3; ++k) out.cast[k] *= 1 + rng.n(0, 0.008);
  if (out.shrink >= 1) out.blur *= rng.lu(0.8, 1.25);
  return out;
}

float transmission(const Camera& camera, float width) {
  const float sigma = std::max(camera.blur, camera.shrink < 1 ? 0.45f / camera.shrink : 0.0f);
  return width / std::sqrt(width * width + 6 * sigma * sigma);
}

namespace {
template <typename M>
M warp(const M& a, const cv::Matx23f& framing) {
  M out;
  cv::warpAffine(a, out, framing, a.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REFLECT_101);
  return out;
}
}  // namespace
Map reframe(const Map& a, const cv::Matx23f& framing) { return warp(a, framing); }
ColourImage reframe(const ColourImage& a, const cv::Matx23f& framing) { return warp(a, framing); }

Image expose(Rng& rng, const Camera& camera, ColourImage img) {
  const cv::Size size = img.size();
  if (camera.fall_off > 0) {
    const float k = camera.fall_off, r = size.width * size.height / 4.0f;
    if (camera.vignette) {
      const Point c{size.width * rng.u(0.15, 0.85), size.height * rng.u(0.15, 0.85)};
      multiply(img, make_map(size, [&](int x, int y) {
                 return 1 + k * (1 - ((x - c.x) * (x - c.x) + (y - c.y) * (y - c.y)) / r * 0.8f);
               }));
    } else {
      Rng fixed(rng.bits());  // the lamps stay where they are
      multiply(img, cv::max(field(fixed, size, 1) * k + 1, 0.05));
    }
  }
  if (camera.shrink < 1) {
    ColourImage small;
    cv::resize(img, small, {}, camera.shrink, camera.shrink, cv::INTER_AREA);
    cv::resize(small, img, size, 0, 0, rng.p(0.5) ? cv::INTER_LINEAR : cv::INTER_CUBIC);
  } else if (camera.blur > 0) {
    img = blur(img, camera.blur);
  }
  if (camera.noise > 0) {
    if (camera.colour_noise) {
      for (int k = 0; k < 3; ++k) add(img, white(rng, size), Colour(k == 0, k == 1, k == 2) * camera.noise);
    } else {
      add(img, white(rng, size), grey(camera.noise));
    }
  }
  if (camera.automatic > 0) img *= automatic_gain(img, camera.automatic);
  const cv::Scalar m = cv::mean(img);
  // Never so bright that the image burns out as a whole.
  const float exposure =
      std::min(camera.exposure, 0.95f / (static_cast<float>(m[0] + m[1] + m[2]) / 3 + 0.3f));
  std::array<float, 1025> tone;
  for (int k = 0; k <= 1024; ++k)
    tone[k] = camera.lift + (1 - camera.lift) * std::pow(k / 1024.0f, camera.gamma) * exposure;
  for (int y = 0; y < size.height; ++y) {
    Colour* p = img[y];
    for (int x = 0; x < size.width; ++x) {
      if (camera.grey) p[x] = grey(luma(p[x]));
      for (int j = 0; j < 3; ++j)
        p[x][j] = tone[static_cast<int>(clamp01(p[x][j]) * 1024)] * (camera.grey ? 1 : camera.cast[j]);
    }
  }
  clamp01(img);
  if (camera.quality < 100) compress(img, camera.quality, camera.grey);
  Image out;
  out.width = size.width, out.height = size.height;
  out.rgb.resize(static_cast<std::size_t>(size.area()) * 3);
  for (int y = 0; y < size.height; ++y) {
    const float* p = reinterpret_cast<const float*>(img[y]);
    std::uint8_t* row = out.row(y);
    for (int x = 0; x < size.width * 3; ++x) row[x] = static_cast<std::uint8_t>(clamp01(p[x]) * 255 + 0.5f);
  }
  return out;
}

}  // namespace anomalyvlm::synthetic
