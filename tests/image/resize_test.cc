// Resizes against plain re-statements of their rules, and properties that need none.
#include "image/resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "anomalyvlm/error.h"
#include "core/threads.h"
#include "image/fixtures.h"

namespace anomalyvlm {
namespace {

using namespace test;

using Shape1d = double (*)(double);

double triangle(double x) { return std::max(0.0, 1 - std::abs(x)); }

double lanczos(double x) {
  constexpr double kPi = 3.14159265358979323846;
  if (x == 0) return 1;
  return std::abs(x) < 3 ? 3 * std::sin(kPi * x) * std::sin(kPi * x / 3) / (kPi * kPi * x * x) : 0;
}

double cubic(double x) {
  x = std::abs(x);
  if (x < 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
  return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
}

// One line through a filter of this shape, in plain floating point.
std::vector<double> plain_line(const std::vector<double>& in, int out, Shape1d shape = triangle) {
  const double scale = static_cast<double>(in.size()) / out, widening = std::max(1.0, scale);
  std::vector<double> result;
  for (int i = 0; i < out; ++i) {
    double sum = 0, total = 0;
    for (std::size_t k = 0; k < in.size(); ++k) {
      const double weight = shape(((k + 0.5) - (i + 0.5) * scale) / widening);
      sum += weight * in[k];
      total += weight;
    }
    result.push_back(sum / total);
  }
  return result;
}

std::uint8_t rounded(double level) {
  return static_cast<std::uint8_t>(std::clamp(std::floor(level + 0.5), 0.0, 255.0));
}

Image plain_resize(const Image& image, int w, int h, Shape1d shape) {
  Image out{w, h, Bytes(static_cast<std::size_t>(w) * h * 3)};
  std::vector<Bytes> columns(static_cast<std::size_t>(w) * 3);  // after the first pass, rounded
  for (int y = 0; y < image.height; ++y) {
    for (int c = 0; c < 3; ++c) {
      std::vector<double> line;
      for (int x = 0; x < image.width; ++x) line.push_back(image.row(y)[3 * x + c]);
      const auto narrow = plain_line(line, w, shape);
      for (int x = 0; x < w; ++x) columns[3 * x + c].push_back(rounded(narrow[x]));
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto line = plain_line({columns[i].begin(), columns[i].end()}, h, shape);
    for (int y = 0; y < h; ++y) out.row(y)[i] = rounded(line[y]);
  }
  return out;
}

TEST(ResizePil, AgreesWithPlainArithmetic) {
  const Image image = noisy_image(57, 41);
  for (const auto& [w, h] : {std::pair{20, 13}, {57, 90}, {100, 41}, {1, 1}, {56, 40}, {171, 123}}) {
    const Image bilinear = plain_resize(image, w, h, triangle), sharp = plain_resize(image, w, h, lanczos);
    EXPECT_LE(max_difference(resize_pil_bilinear(image, w, h), bilinear), 1) << w << " x " << h;
    EXPECT_LE(max_difference(resize_pil_lanczos(image, w, h), sharp), 1) << w << " x " << h;
    EXPECT_LE(max_difference(resize_pil_bicubic(image, w, h), plain_resize(image, w, h, cubic)), 1)
        << w << " x " << h;
  }
}

// What Pillow 13.0 gave for an image of this formula.
TEST(ResizePil, LanczosIsPillowsToTheBit) {
  const auto made = [](int width, int height) {
    Image image{width, height, {}};
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int c = 0; c < 3; ++c)
          image.rgb.push_back(static_cast<std::uint8_t>(x * 37 + y * 59 + c * 101 + x * y * 13));
    return image;
  };
  EXPECT_EQ(
      resize_pil_lanczos(made(9, 7), 4, 3).rgb,
      (Bytes{86,  133, 108, 123, 131, 129, 129, 129, 156, 116, 144, 162, 176, 98,  114, 155, 133, 131,
             122, 125, 148, 115, 126, 135, 132, 149, 123, 157, 103, 107, 92,  111, 164, 151, 150, 119}));
  EXPECT_EQ(resize_pil_lanczos(made(4, 3), 7, 5).rgb,
            (Bytes{0,   96,  212, 4,   100, 255, 29,  120, 255, 51,  160, 138, 70,  200, 5,   89,  226, 20,
                   97,  234, 62,  12,  104, 122, 23,  140, 153, 50,  180, 174, 70,  149, 105, 99,  109, 36,
                   142, 132, 57,  166, 157, 89,  55,  147, 1,   70,  191, 16,  104, 216, 50,  134, 107, 80,
                   164, 0,   110, 198, 23,  144, 213, 67,  159, 100, 216, 21,  116, 177, 36,  157, 104, 78,
                   219, 44,  128, 219, 48,  178, 150, 84,  220, 98,  112, 233, 117, 252, 71,  133, 152, 92,
                   177, 15,  135, 255, 13,  169, 238, 114, 202, 100, 160, 246, 4,   172, 255}));
  EXPECT_EQ(resize_pil_lanczos(made(11, 5), 11, 2).rgb,
            (Bytes{47,  153, 84,  110, 136, 147, 147, 93,  93,  129, 140, 141, 87,  178, 138, 124, 85,
                   186, 187, 132, 117, 78,  169, 180, 116, 127, 162, 178, 109, 109, 120, 146, 172, 189,
                   94,  119, 177, 107, 107, 150, 85,  96,  163, 164, 175, 141, 137, 97,  114, 75,  176,
                   102, 154, 139, 131, 127, 127, 104, 105, 140, 92,  118, 129, 161, 91,  117}));
  EXPECT_EQ(resize_pil_lanczos(made(3, 8), 2, 8).rgb,
            (Bytes{10,  111, 231, 64,  165, 98,  73,  192, 19,  145, 79,  91,  135, 148, 81, 227,
                   53,  173, 216, 43,  162, 141, 153, 87,  172, 124, 118, 115, 67,  61,  67, 186,
                   180, 215, 149, 143, 148, 142, 94,  129, 123, 75,  103, 56,  157, 103, 56, 157}));
}

TEST(ResizePil, APartIsCutOutOfTheWhole) {
  const Image image = noisy_image(37, 23);
  for (const auto& [w, h] : {std::pair{20, 13}, {37, 60}, {90, 23}, {37, 23}}) {
    const Image whole = resize_pil_lanczos(image, w, h);
    for (const ResizedPart& part :
         std::vector<ResizedPart>{{0, 0, w, h}, {3, 5, 9, 7}, {w - 1, h - 1, 1, 1}}) {
      const Image got = resize_pil_lanczos(image, w, h, part);
      ASSERT_EQ(got.width, part.width);
      ASSERT_EQ(got.height, part.height);
      for (int y = 0; y < part.height; ++y)
        ASSERT_TRUE(
            std::equal(got.row(y), got.row(y) + 3 * part.width, whole.row(part.top + y) + 3 * part.left))
            << w << " x " << h << ", row " << y;
    }
  }
}

TEST(ResizePil, FloatMapsAgreeWithPlainArithmetic) {
  const FloatMap map = noisy_map(31, 1);
  const auto expected = plain_line({map.values.begin(), map.values.end()}, 12);
  const FloatMap out = resize_pil_bilinear(map, 12, 1);
  for (int i = 0; i < 12; ++i) EXPECT_NEAR(out.values[i], expected[i], 1e-6);
  const auto smooth = plain_line({map.values.begin(), map.values.end()}, 12, cubic);
  const FloatMap bicubic = resize_pil_bicubic(map, 12, 1);
  for (int i = 0; i < 12; ++i) EXPECT_NEAR(bicubic.values[i], smooth[i], 1e-6);
  const FloatMap tall = resize_pil_bilinear(FloatMap{1, 31, map.values}, 1, 12);
  for (int i = 0; i < 12; ++i) EXPECT_NEAR(tall.values[i], expected[i], 1e-6);
}

TEST(ResizePil, KeepsConstantsAndCopiesTheSameSize) {
  const Image gray{300, 200, Bytes(300 * 200 * 3, 131)};
  for (const auto value : resize_pil_bilinear(gray, 77, 513).rgb) ASSERT_EQ(value, 131);
  for (const auto value : resize_pil_lanczos(gray, 77, 513).rgb) ASSERT_EQ(value, 131);
  const Image image = noisy_image(20, 10);
  EXPECT_EQ(resize_pil_bilinear(image, 20, 10).rgb, image.rgb);
  EXPECT_EQ(resize_pil_lanczos(image, 20, 10).rgb, image.rgb);
  EXPECT_EQ(resize_pil_bicubic(image, 20, 10).rgb, image.rgb);
}

TEST(ResizePil, DoesNotDependOnTheNumberOfThreads) {
  const Image image = noisy_image(1500, 900);
  const int before = thread_count();
  set_thread_count(1);
  const Image one = resize_pil_bilinear(image, 640, 333);
  set_thread_count(5);
  EXPECT_EQ(resize_pil_bilinear(image, 640, 333).rgb, one.rgb);
  set_thread_count(before);
}

TEST(ResizePil, TakesExtremeShapes) {
  const Image strip = noisy_image(1, 20000);
  EXPECT_EQ(resize_pil_bilinear(strip, 256, 256).rgb.size(), 256u * 256 * 3);
  EXPECT_EQ(resize_pil_bilinear(strip, 1, 1).rgb.size(), 3u);
  EXPECT_EQ(resize_pil_bilinear(Image{1, 1, {9, 8, 7}}, 3, 2).rgb[3], 9);
}

TEST(ResizeOpencv, HalvesByMeansOfFour) {
  const FloatMap map{4, 2, {1, 3, 10, 20, 5, 7, 30, 40}};
  EXPECT_EQ(resize_linear(map, 2, 1).values, (std::vector<float>{4, 25}));
  EXPECT_EQ(resize_nearest(Mask{4, 1, {0, 1, 1, 0}}, 2, 1).values, (std::vector<std::uint8_t>{0, 1}));
}

TEST(ResizeTorch, KnownValues) {
  const Tensor x = Tensor::from<float>({1, 1, 1, 2}, {0, 4});
  const Tensor up = resize_torch_bilinear(x, 4, 1);
  EXPECT_EQ((std::vector<float>(up.floats().begin(), up.floats().end())), (std::vector<float>{0, 1, 3, 4}));
  const Tensor near = resize_torch_nearest(x, 3, 2);
  EXPECT_EQ(near.shape(), (Shape{1, 1, 2, 3}));
  EXPECT_EQ((std::vector<float>(near.floats().begin(), near.floats().end())),
            (std::vector<float>{0, 0, 4, 0, 0, 4}));
}

TEST(Resize, RefusesSizesBelowOne) {
  const Image image = noisy_image(4, 4);
  EXPECT_THROW(resize_pil_bilinear(image, 0, 4), Error);
  EXPECT_THROW(resize_linear(image, 4, -1), Error);
  EXPECT_THROW(resize_torch_nearest(Tensor::zeros({1, 1, 2, 2}), 0, 1), Error);
}

}  // namespace
}  // namespace anomalyvlm
