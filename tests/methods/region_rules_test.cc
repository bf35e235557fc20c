// Measures of simple shapes, and rules on them.
#include "methods/region_rules.h"

#include <gmock/gmock.h>

#include <cmath>

#include "anomalyvlm/error.h"

namespace anomalyvlm {
namespace {

using testing::HasSubstr;

constexpr int kWidth = 200, kHeight = 160;
constexpr double kPi = 3.14159265358979;

template <typename Inside>
Region shape(const Inside& inside) {
  std::vector<std::uint8_t> values;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) values.push_back(inside(x + 0.5, y + 0.5) ? 1 : 0);
  return Region::binary({0, 0, kWidth, kHeight}, values);
}
Region rectangle(int x0, int y0, int x1, int y1) {
  return shape([=](double x, double y) { return x > x0 && x < x1 && y > y0 && y < y1; });
}
Region disc(double cx, double cy, double r) {
  return shape([=](double x, double y) { return std::hypot(x - cx, y - cy) <= r; });
}
// A bar of the given length and width at an angle.
Region bar(double cx, double cy, double length, double width, double degrees) {
  const double c = std::cos(degrees * kPi / 180), s = std::sin(degrees * kPi / 180);
  return shape([=](double x, double y) {
    const double along = (x - cx) * c + (y - cy) * s, across = (y - cy) * c - (x - cx) * s;
    return std::fabs(along) <= length / 2 && std::fabs(across) <= width / 2;
  });
}

Image plain(int r, int g, int b) {
  Image image{kWidth, kHeight, {}};
  for (int i = 0; i < kWidth * kHeight; ++i) {
    for (const int v : {r, g, b}) image.rgb.push_back(static_cast<std::uint8_t>(v));
  }
  return image;
}
void paint(Image& image, const Region& region, int r, int g, int b) {
  region.for_each_run([&](int y, int x0, int x1) {
    for (int x = x0; x < x1; ++x) {
      image.row(y)[3 * x] = static_cast<std::uint8_t>(r);
      image.row(y)[3 * x + 1] = static_cast<std::uint8_t>(g);
      image.row(y)[3 * x + 2] = static_cast<std::uint8_t>(b);
    }
  });
}

class Measures : public testing::Test {
 protected:
  Image image = plain(128, 128, 128);
  InspectedObject object = InspectedObject::whole_image(kWidth, kHeight);
};

TEST_F(Measures, Rectangle) {
  const MeasureScene scene(image, object);
  const Region mask = rectangle(20, 30, 60, 50);
  const RegionMeasures m(mask, 0.4, scene);
  EXPECT_EQ(m.area(), 800);
  EXPECT_EQ(m.confidence(), 0.4);
  EXPECT_NEAR(m.length(), 40, 1e-4);
  EXPECT_NEAR(m.width(), 20, 1e-4);
  EXPECT_NEAR(m.aspect_ratio(), 2, 1e-5);
  EXPECT_NEAR(m.elongation(), 0.5, 1e-5);
  EXPECT_NEAR(m.circularity(), 4 * kPi * 800 / (120 * 120), 0.1);  // the perimeter is 5 % short
  EXPECT_EQ(m.edge_distance(), 20);
}

TEST_F(Measures, Disc) {
  const MeasureScene scene(image, object);
  for (const double r : {5.0, 10.0, 30.0}) {
    const Region mask = disc(100, 80, r);
    const RegionMeasures m(mask, 1, scene);
    EXPECT_NEAR(m.area(), kPi * r * r, 0.05 * kPi * r * r);
    EXPECT_NEAR(m.length(), 2 * r, 1.5);
    EXPECT_NEAR(m.aspect_ratio(), 1, 0.1);
    EXPECT_NEAR(m.circularity(), 1, 0.06);
  }
  const Region whole = disc(100, 80, 30),
               ring = shape([](double x, double y) {
                 return std::hypot(x - 100, y - 80) <= 30 && !(y == 80.5 && x > 90 && x < 110);
               });
  const double full = RegionMeasures(whole, 1, scene).circularity();
  EXPECT_EQ(RegionMeasures(ring, 1, scene).circularity(), full) << "holes do not count";
}

TEST_F(Measures, LineAtThirtyDegrees) {
  const MeasureScene scene(image, object);
  const Region mask = bar(100, 80, 100, 6, 30);
  const RegionMeasures m(mask, 1, scene);
  EXPECT_NEAR(m.length(), 100, 1.5);
  EXPECT_NEAR(m.width(), 6, 1.5);
  EXPECT_GT(m.elongation(), 0.9);
  EXPECT_LT(m.circularity(), 0.25);
}

TEST_F(Measures, SmallAndEmpty) {
  const MeasureScene scene(image, object);
  const Region mask = rectangle(7, 9, 8, 10);
  const RegionMeasures one(mask, 1, scene);
  EXPECT_EQ(one.area(), 1);
  EXPECT_EQ(one.length(), 1);
  EXPECT_EQ(one.width(), 1);
  EXPECT_EQ(one.circularity(), 1);
  const Region nothing;
  const RegionMeasures none(nothing, 1, scene);
  EXPECT_EQ(none.area(), 0);
  EXPECT_EQ(none.length(), 0);
  EXPECT_EQ(none.aspect_ratio(), 0);
  EXPECT_EQ(none.circularity(), 0);
  EXPECT_EQ(none.brightness(), 0);
  EXPECT_EQ(none.edge_distance(), 0);
  EXPECT_EQ(none.share_inside_object(), 0);
}

TEST_F(Measures, WhatIsInsideOfASoftRegionCounts) {
  const MeasureScene scene(image, object);
  const Region bits = bar(100, 80, 40, 8, 75);
  std::vector<float> values;  // 0.4 around it
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) values.push_back(bits.is_inside(x, y) ? 0.6F : 0.4F);
  const Region soft = Region::soft({0, 0, kWidth, kHeight}, values);
  const RegionMeasures a(bits, 1, scene), b(soft, 1, scene);
  EXPECT_EQ(a.area(), b.area());
  EXPECT_EQ(a.length(), b.length());
  EXPECT_EQ(a.circularity(), b.circularity());
  EXPECT_EQ(a.edge_distance(), b.edge_distance());
}

TEST_F(Measures, ColorsAgainstTheSurroundings) {
  const Region mask = disc(100, 80, 12);
  paint(image, mask, 102, 102, 102);
  const MeasureScene scene(image, object);
  const RegionMeasures grey(mask, 1, scene);
  EXPECT_NEAR(grey.brightness(), -26 / 255.0, 1e-9);
  EXPECT_NEAR(grey.color_difference(), 26 / 255.0, 1e-9);
  EXPECT_FALSE(grey.hue().has_value());
  for (const auto& [rgb, hue] : std::vector<std::pair<std::array<int, 3>, double>>{{{255, 0, 0}, 0},
                                                                                   {{255, 255, 0}, 60},
                                                                                   {{0, 200, 0}, 120},
                                                                                   {{0, 0, 90}, 240},
                                                                                   {{255, 0, 64}, 345}}) {
    paint(image, mask, rgb[0], rgb[1], rgb[2]);
    EXPECT_NEAR(RegionMeasures(mask, 1, scene).hue().value_or(-1), hue, 0.1);
  }
}

TEST_F(Measures, SurroundingsAreTheObjectsOwn) {
  // A dark spot on a bright object, near a black background.
  image = plain(0, 0, 0);
  object.mask = rectangle(50, 20, 150, 140);
  object.box = {50, 20, 150, 140};
  paint(image, object.mask, 200, 200, 200);
  const Region spot = rectangle(50, 60, 60, 90);
  paint(image, spot, 100, 100, 100);
  const MeasureScene scene(image, object);
  EXPECT_NEAR(RegionMeasures(spot, 1, scene).brightness(), -100 / 255.0, 1e-9);
  const Region everything = rectangle(0, 0, kWidth, kHeight);
  EXPECT_EQ(RegionMeasures(everything, 1, scene).brightness(), 0) << "no surroundings";
}

TEST_F(Measures, DistanceToTheEdgeOfAMask) {
  object.mask = shape([](double x, double y) {  // with a hole in it, for instance the defect itself
    return std::hypot(x - 100, y - 80) <= 60 && !(x > 90 && x < 110 && y > 70 && y < 90);
  });
  object.box = {40, 20, 160, 140};
  const MeasureScene scene(image, object);
  const Region centre = disc(100, 80, 10), edge = rectangle(150, 75, 158, 85),
               outside = rectangle(150, 75, 170, 85);
  EXPECT_NEAR(RegionMeasures(centre, 1, scene).edge_distance(), 50, 1.5);
  EXPECT_NEAR(RegionMeasures(edge, 1, scene).edge_distance(), 1, 1);
  EXPECT_EQ(RegionMeasures(outside, 1, scene).edge_distance(), 0);
  EXPECT_NEAR(RegionMeasures(outside, 1, scene).share_inside_object(), 0.5, 0.05);
  EXPECT_NEAR(scene.object_area(), kPi * 3600 - 400, 60);
}

TEST_F(Measures, ShareInsideAPolygon) {
  const MeasureScene scene(image, object);
  const Region mask = rectangle(10, 10, 30, 30);
  const RegionMeasures m(mask, 1, scene);
  using Polygon = std::vector<std::array<double, 2>>;
  EXPECT_EQ(m.share_inside(Polygon{{0, 0}, {20, 0}, {20, 100}, {0, 100}}), 0.5);
  EXPECT_EQ(m.share_inside(Polygon{{10, 10}, {30, 10}, {30, 30}, {10, 30}}), 1);
  EXPECT_NEAR(m.share_inside(Polygon{{10, 10}, {30, 10}, {30, 30}}), 0.5, 0.03);
  EXPECT_EQ(m.share_inside(Polygon{{50, 50}, {60, 50}, {60, 60}}), 0);
}

class Rules : public Measures {
 protected:
  std::optional<Violation> check(const char* english, const Region& mask, double confidence = 0.5,
                                 const char* phrase = "crack") {
    const HybridPrompt prompt = parse_prompt_text(english);
    const MeasureScene scene(image, object);
    const RegionMeasures measures(mask, confidence, scene);
    return first_violation(prompt.rules, phrase, [&](const Rule& rule) {
      return measured_value(rule, measures, prompt.pixel_size_mm);
    });
  }
};

TEST_F(Rules, OneCriterionIsEnough) {
  const Region line = bar(100, 80, 100, 6, 0), blob = disc(100, 80, 10), dot = disc(100, 80, 2);
  const char* either = "Reject cracks longer than 60 px or wider than 10 px.";
  EXPECT_FALSE(check(either, line));
  EXPECT_FALSE(check(either, blob));
  const auto broken = check(either, dot);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->rule, 0);
  EXPECT_NE(broken->text.find("length > 60 px"), std::string::npos) << broken->text;
  EXPECT_NE(broken->text.find("width > 10 px"), std::string::npos) << broken->text;
  EXPECT_TRUE(check("Reject cracks longer than 60 px and wider than 10 px.", line));
  EXPECT_FALSE(check(either, dot, 0.5, "dent")) << "no criterion is for dents";
  EXPECT_TRUE(
      check("Reject cracks longer than 60 px or wider than 10 px. Ignore cracks with a confidence below 0.6.",
            line))
      << "descriptions hold for all";
}

TEST_F(Rules, KeepAndRemove) {
  const Region half = rectangle(0, 0, kWidth, kHeight / 2), spot = disc(100, 80, 10),
               line = bar(100, 80, 100, 6, 30);
  EXPECT_TRUE(check("Anomalies are smaller than 50%.", half)) << "exactly 50 % is not smaller";
  EXPECT_FALSE(check("Anomalies are at most 50%.", half));
  EXPECT_FALSE(check("Anomalies are smaller than 5%.", spot));
  EXPECT_TRUE(check("Anomalies are larger than 400 px.", spot));
  EXPECT_FALSE(check("Anomalies are larger than 3 mm2. A pixel is 0.1 mm.", spot));
  EXPECT_TRUE(check("Anomalies are larger than 4 mm2. A pixel is 0.1 mm.", spot));
  EXPECT_FALSE(check("Anomalies are longer than 90 px and narrower than 10 px.", line));
  EXPECT_TRUE(check("Anomalies are longer than 90 px.", spot));
  EXPECT_FALSE(check("Anomalies are longer than 9 mm. A pixel is 0.1 mm.", line));
  EXPECT_FALSE(check("Anomalies are rounder than 0.6.", spot));
  EXPECT_TRUE(check("Anomalies are rounder than 0.6.", line));
  EXPECT_FALSE(check("Anomalies have an aspect ratio above 5. Anomalies are more elongated than 0.8.", line));
  EXPECT_TRUE(check("The minimum confidence is 0.6.", spot));
  EXPECT_FALSE(check("The minimum confidence is 0.5.", spot));
  EXPECT_FALSE(check("Anomalies lie inside the rectangle 50, 40, 150, 120.", spot));
  EXPECT_TRUE(check("Anomalies lie outside the rectangle 50, 40, 150, 120.", spot));
  EXPECT_TRUE(check("Anomalies lie in the left half of the image.", rectangle(90, 0, 120, 20)));
  EXPECT_FALSE(check("Anomalies lie in the left half of the image.", rectangle(80, 0, 120, 20)));
  EXPECT_TRUE(check("Anomalies are entirely inside the left half of the image.", rectangle(80, 0, 120, 20)));
  EXPECT_TRUE(check("Ignore anomalies within 5 px of the object's edge.", rectangle(5, 20, 10, 30)));
  EXPECT_FALSE(check("Ignore anomalies within 5 px of the object's edge.", rectangle(6, 20, 10, 30)));
  EXPECT_TRUE(check("Anomalies do not touch the edge.", rectangle(0, 20, 10, 30)));
}

TEST_F(Rules, BrightnessAndHue) {
  const Region spot = disc(100, 80, 10);
  paint(image, spot, 60, 60, 60);
  EXPECT_FALSE(check("Holes are darker than their surroundings.", spot, 1, "hole"));
  EXPECT_FALSE(check("Holes are at least 20% darker than their surroundings.", spot, 1, "hole"));
  EXPECT_TRUE(check("Holes are at least 30% darker than their surroundings.", spot, 1, "hole"));
  EXPECT_TRUE(check("Holes are brighter than their surroundings.", spot, 1, "hole"));
  EXPECT_TRUE(check("Anomalies are red.", spot)) << "grey has no hue";
  EXPECT_FALSE(check("Anomalies are not red.", spot));
  paint(image, spot, 200, 60, 70);
  EXPECT_FALSE(check("Anomalies are red.", spot));
  EXPECT_TRUE(check("Anomalies are not red.", spot));
  EXPECT_TRUE(check("Anomalies are green.", spot));
}

TEST_F(Rules, LimitedToPhrases) {
  const Region spot = disc(100, 80, 10);
  EXPECT_TRUE(check("Cracks are longer than 50 px.", spot, 1, "crack"));
  EXPECT_TRUE(check("Cracks are longer than 50 px.", spot, 1, "hairline cracks"));
  EXPECT_FALSE(check("Cracks are longer than 50 px.", spot, 1, "hole"));
  EXPECT_FALSE(check("Cracks are longer than 50 px.", spot, 1, ""));
}

TEST_F(Rules, SayWhatWasMeasured) {
  const Region half = rectangle(0, 0, kWidth, kHeight / 2);
  const auto violation = check("Anomalies are longer than 3 px. Anomalies are smaller than 20%.", half);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->rule, 1);
  EXPECT_EQ(violation->measured, 0.5);
  EXPECT_EQ(violation->text, "area 50.00% of the object; the rule: area < 20% of the object");
}

TEST_F(Rules, TheObjectIsWhatCounts) {
  object.mask = rectangle(0, 0, 100, 100);
  object.box = {0, 0, 100, 100};
  const Region mask = rectangle(10, 10, 60, 60);
  EXPECT_TRUE(check("Anomalies are smaller than 20%.", mask));
  EXPECT_FALSE(check("Anomalies are smaller than 20% of the image.", mask));
  EXPECT_FALSE(check("Anomalies lie on the object.", mask));
  EXPECT_TRUE(check("Anomalies lie on the object.", rectangle(90, 10, 160, 60)));
}

TEST_F(Rules, MillimetresNeedThePixelSize) {
  const Region mask = rectangle(10, 10, 60, 60);
  EXPECT_THROW(check("Anomalies are longer than 2 mm.", mask), Error);
}

}  // namespace
}  // namespace anomalyvlm
