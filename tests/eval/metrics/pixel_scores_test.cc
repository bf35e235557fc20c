#include "eval/metrics/pixel_scores.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "errors.h"
#include "eval/metrics/reference.h"
#include "eval/metrics/sort.h"
#include "kernels/forced.h"

namespace anomalyvlm::eval::test {
namespace {

using anomalyvlm::test::error_of;
using testing::HasSubstr;

using Draw = std::function<double(std::mt19937&, bool marked)>;

// 0..1 in steps that floats hold exactly, also with something added.
double uniform(std::mt19937& random) { return (random() >> 12) / 1048576.0; }

struct Kind {
  const char* name;
  Draw draw;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"dense", [](auto& r, bool marked) { return uniform(r) + (marked ? 0.25 : 0); }},
      {"negative", [](auto& r, bool marked) { return uniform(r) - 0.75 + (marked ? 0.25 : 0); }},
      {"ties", [](auto& r, bool marked) { return (static_cast<int>(r() % 9) - 4 + marked) / 4.0; }},
      {"mostly zero", [](auto& r, bool) { return r() % 10 == 0 ? uniform(r) : 0.0; }},
      {"plateaus", [](auto& r, bool marked) { return r() % (marked ? 2 : 20) == 0 ? 0.5 : 0.0; }},
      {"signed zeros", [](auto& r, bool) { return r() % 3 == 0   ? -0.0
                                                  : r() % 2 == 0 ? 0.0
                                                                 : -1.0; }},
      {"constant", [](auto&, bool) { return 0.375; }},
      {"all zero", [](auto&, bool) { return 0.0; }},
      {"perfect", [](auto&, bool marked) { return marked ? 1.0 : 0.0; }},
      {"inverted", [](auto&, bool marked) { return marked ? -1.0 : 1.0; }},
  };
  return all;
}

ScoredImage random_image(std::mt19937& random, Mask mask, const Draw& draw) {
  ScoredImage image{std::move(mask), {}};
  for (const std::uint8_t value : image.mask.values) image.scores.push_back(draw(random, value != 0));
  return image;
}

Mask filled(int width, int height, std::uint8_t value) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height, value)};
}

void expect_matches_reference(const PixelSweep& found, const std::vector<ScoredImage>& images) {
  const Reference expected = reference(images);
  EXPECT_NEAR(found.max_f1, expected.max_f1, 1e-12);
  EXPECT_NEAR(found.max_iou, expected.max_iou, 1e-12);
  EXPECT_NEAR(found.ap, expected.ap, 1e-12);
  EXPECT_NEAR(found.auroc, expected.auroc, 1e-12);
  EXPECT_NEAR(found.pro, expected.pro, 1e-12);
  EXPECT_NEAR(count_at(images, found.f1_threshold).f1(), expected.max_f1, 1e-12);
  EXPECT_NEAR(count_at(images, found.iou_threshold).iou(), expected.max_iou, 1e-12);
  for (const CurvePoint& point : found.curve) {
    const Counts counts = count_at(images, point.threshold);
    EXPECT_NEAR(point.recall, counts.true_positives / counts.positives, 1e-12);
    EXPECT_NEAR(point.precision, counts.true_positives / (counts.true_positives + counts.false_positives),
                1e-12);
  }
}

template <typename T>
PixelSweep sweep(const std::vector<ScoredImage>& images) {
  PixelScores<T> scores;
  for (const ScoredImage& image : images) add_to(scores, image);
  PixelScores<T>* const all[] = {&scores};
  return sweep_pixels<T>(all);
}

TEST(PixelScores, AreThoseOfPlainLoopsOverAllThresholds) {
  std::mt19937 random(3);
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    std::vector<ScoredImage> images;
    for (const auto [width, height, blobs] :
         {std::array{17, 13, 3}, {1, 1, 0}, {1, 29, 2}, {31, 1, 2}, {33, 5, 0}, {8, 8, 1}})
      images.push_back(random_image(random, random_mask(random, width, height, blobs), kind.draw));
    expect_matches_reference(sweep<float>(images), images);
    expect_matches_reference(sweep<double>(images), images);
  }
}

TEST(PixelScores, OneMarkedPixelAndOneNormalOne) {
  std::mt19937 random(4);
  Mask one = filled(7, 5, 0), all_but_one = filled(7, 5, 1);
  one.at(3, 2) = 1;
  all_but_one.at(6, 4) = 0;
  for (const Kind& kind : kinds())
    for (const Mask& mask : {one, all_but_one}) {
      SCOPED_TRACE(kind.name);
      const std::vector<ScoredImage> images{random_image(random, mask, kind.draw)};
      expect_matches_reference(sweep<float>(images), images);
    }
}

// Enough for several blocks and windows, in kinds whose ranges overlap in part and with a tie larger than a
// window. The reference is a sort of all pixels.
TEST(PixelScores, LargeSetsAreMergedInWindows) {
  std::mt19937 random(5);
  constexpr int kSide = 512;
  PixelScores<float> parts[3];
  std::vector<std::pair<double, bool>> all;
  for (int i = 0; i < 12; ++i) {
    const Mask mask = random_mask(random, kSide, kSide, 4);
    ScoredImage image = random_image(random, mask, [&](auto& r, bool marked) {
      if (i % 3 == 0) return r() % 4 == 0 ? uniform(r) - 0.25 * i : 0.5;
      return uniform(r) + 0.125 * i + (marked ? 0.125 : 0) - 1;
    });
    add_to(parts[i % 3], image);
    for (std::size_t p = 0; p < mask.values.size(); ++p)
      all.emplace_back(image.scores[p], mask.values[p] != 0);
  }
  PixelScores<float>* const pointers[] = {&parts[0], &parts[1], &parts[2]};
  const PixelSweep found = sweep_pixels<float>(pointers);

  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  const double positives =
      static_cast<double>(std::count_if(all.begin(), all.end(), [](const auto& p) { return p.second; }));
  const double negatives = static_cast<double>(all.size()) - positives;
  double hits = 0, misses = 0, last_hits = 0, last_misses = 0, f1 = 0, ap = 0, auroc = 0, threshold = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    (all[i].second ? hits : misses) += 1;
    if (i + 1 < all.size() && all[i + 1].first == all[i].first) continue;
    if (const double here = 2 * hits / (hits + misses + positives); here >= f1) {
      f1 = here;
      threshold = all[i].first;
    }
    ap += (hits - last_hits) / positives * hits / (hits + misses);
    auroc += (misses - last_misses) * (hits + last_hits) / 2 / positives / negatives;
    last_hits = hits;
    last_misses = misses;
  }
  EXPECT_NEAR(found.max_f1, f1, 1e-12);
  EXPECT_EQ(found.f1_threshold, threshold);
  EXPECT_NEAR(found.ap, ap, 1e-10);
  EXPECT_NEAR(found.auroc, auroc, 1e-10);

  // The curve: few points, the ends and the best among them, and none of the others far from it.
  EXPECT_LE(found.curve.size(), 300U);
  EXPECT_GE(found.curve.size(), 100U);
  EXPECT_EQ(found.curve.front().threshold, all.front().first);
  EXPECT_EQ(found.curve.back().threshold, all.back().first);
  EXPECT_EQ(found.curve.back().recall, 1);
  EXPECT_TRUE(std::any_of(found.curve.begin(), found.curve.end(),
                          [&](const CurvePoint& p) { return p.threshold == found.f1_threshold; }));
  auto kept = found.curve.begin();
  hits = misses = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    (all[i].second ? hits : misses) += 1;
    if (i + 1 < all.size() && all[i + 1].first == all[i].first) continue;
    while (kept + 1 != found.curve.end() && (kept + 1)->threshold >= all[i].first) ++kept;
    ASSERT_NEAR(kept->recall, hits / positives, 0.05);
    ASSERT_NEAR(kept->precision, hits / (hits + misses), 0.05);
  }
}

TEST(PixelScores, AUnionIsAsOneSetAndCanGrow) {
  std::mt19937 random(6);
  std::vector<ScoredImage> images;
  for (int i = 0; i < 6; ++i)
    images.push_back(
        random_image(random, random_mask(random, 19, 11, 2), kinds()[static_cast<std::size_t>(i)].draw));
  PixelScores<float> good, crack, hole;
  PixelScores<float>* const two[] = {&good, &crack};
  PixelScores<float>* const three[] = {&good, &crack, &hole};
  add_to(good, images[0]);
  add_to(crack, images[1]);
  add_to(crack, images[2]);
  expect_matches_reference(sweep_pixels<float>(two), {images[0], images[1], images[2]});
  for (const std::size_t i : {3, 4, 5}) add_to(hole, images[i]);
  expect_matches_reference(sweep_pixels<float>(three), images);
  add_to(good, images[5]);
  expect_matches_reference(sweep_pixels<float>(two), {images[0], images[1], images[2], images[5]});
}

TEST(PixelScores, OfEquallyGoodThresholdsTheLowestCounts) {
  const std::vector<ScoredImage> images{{{5, 1, {1, 1, 1, 0, 0}}, {0.9, 0.9, 0.5, 0.5, 0.1}}};
  const PixelSweep found = sweep<double>(images);
  EXPECT_DOUBLE_EQ(found.max_f1, 6.0 / 7);
  EXPECT_EQ(found.f1_threshold, 0.5);
  const std::vector<ScoredImage> tie{{{4, 1, {1, 0, 0, 1}}, {0.9, 0.5, 0.4, 0.3}}};
  EXPECT_DOUBLE_EQ(sweep<double>(tie).max_f1, 2.0 / 3);
  EXPECT_EQ(sweep<double>(tie).f1_threshold, 0.3);
  EXPECT_EQ(sweep<double>(tie).iou_threshold, 0.3);
}

TEST(PixelScores, WhatIsNotDefinedHasAReason) {
  PixelScores<float> scores;
  PixelScores<float>* const all[] = {&scores};
  const auto reason = [&](const auto& figure) { return figure(measure_pixels<float>(all)).undefined; };
  const auto f1 = [](const PixelMetrics& f) { return f.level.max_f1; };
  const auto auroc = [](const PixelMetrics& f) { return f.level.auroc; };
  const auto pro = [](const PixelMetrics& f) { return f.pro; };
  EXPECT_EQ(reason(f1), "there is no image with a mask");
  EXPECT_EQ(reason(pro), "there is no image with a mask");
  EXPECT_EQ(measure_pixels<float>({}).level.ap.undefined, "there is no image with a mask");

  scores.add(std::vector<float>{0, 1, 2, 3}, PreparedGroundTruth(filled(2, 2, 0)));
  EXPECT_EQ(reason(f1), "no pixel is marked as a defect");
  EXPECT_EQ(reason(auroc), "no pixel is marked as a defect");
  EXPECT_EQ(reason(pro), "no pixel is marked as a defect");
  EXPECT_TRUE(measure_pixels<float>(all).level.curve.empty());
  const PixelSweep numbers = sweep_pixels<float>(all);
  EXPECT_EQ(numbers.max_f1, 0);
  EXPECT_EQ(numbers.f1_threshold, 0);
  EXPECT_EQ(numbers.ap, 0);
  EXPECT_TRUE(std::isnan(numbers.auroc));
  EXPECT_TRUE(std::isnan(numbers.pro));

  PixelScores<float> marked;
  marked.add(std::vector<float>{0, 1, 2, 3}, PreparedGroundTruth(filled(2, 2, 1)));
  PixelScores<float>* const only_marked[] = {&marked};
  const PixelMetrics figures = measure_pixels<float>(only_marked);
  EXPECT_EQ(figures.level.max_f1.value, 1);
  EXPECT_EQ(figures.level.f1_threshold.value, 0);
  EXPECT_EQ(figures.level.ap.value, 1);
  EXPECT_EQ(figures.level.auroc.undefined, "every pixel is marked as a defect");
  EXPECT_EQ(figures.pro.undefined, "every pixel is marked as a defect");
  PixelScores<float>* const both[] = {&scores, &marked};
  EXPECT_TRUE(measure_pixels<float>(both).pro.defined());
}

TEST(PixelScores, RefusesWhatCannotBeMeasured) {
  PixelScores<float> scores;
  const PreparedGroundTruth truth(filled(3, 2, 1));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { scores.add(std::vector<float>(5), truth); }),
              HasSubstr("5 scores"));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()})
    for (std::size_t place = 0; place < 6; ++place) {
      std::vector<float> map(6, 0.5F);
      map[place] = bad;
      EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { scores.add(map, truth); }), HasSubstr("not finite"));
    }
  EXPECT_EQ(scores.positives() + scores.negatives() + scores.regions(), 0U);
  EXPECT_EQ(scores.add(std::vector<float>{-3, -1, -2, -4, -5, std::numeric_limits<float>::lowest()}, truth),
            -1);
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [] { PreparedGroundTruth(Mask{}); }), HasSubstr("0 x 0"));
  EXPECT_THAT(error_of(ErrorKind::kBadInput,
                       [] {
                         PreparedGroundTruth(Mask{2, 2, {1, 1, 1}});
                       }),
              HasSubstr("3 values"));
}

TEST(SortDescending, SortsWithEveryInstructionSet) {
  std::mt19937 random(9);
  const auto check = [&]<typename T>(T) {
    for (const std::size_t count : {0, 1, 2, 3, 15, 64, 1000, 100'003}) {
      std::vector<T> values(count);
      for (T& value : values)
        value =
            static_cast<T>(random() % 3 == 0 ? 0.5 : std::ldexp(uniform(random) - 0.5, random() % 200 - 100));
      std::vector<T> expected = values;
      std::sort(expected.begin(), expected.end(), std::greater<>());
      sort_descending(std::span(values));
      EXPECT_EQ(values, expected);
    }
  };
  with_every_instruction_set([&](auto) {
    check(float{});
    check(double{});
  });
}

TEST(PreparedGroundTruth, PartsAreThoseOfFlooding) {
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    const int width = 1 + static_cast<int>(random() % 23), height = 1 + static_cast<int>(random() % 23);
    Mask mask = filled(width, height, 0);
    for (std::uint8_t& value : mask.values) value = random() % 100 < static_cast<unsigned>(i % 100) ? 255 : 0;
    const PreparedGroundTruth truth(mask);
    const std::vector<int> expected = flooded_parts(mask);
    std::vector<int> found(mask.values.size(), -1);
    std::vector<std::uint32_t> sizes(truth.part_pixels().size());
    for (int y = 0; y < height; ++y)
      for (const PreparedGroundTruth::Run& run : truth.runs_of_row(y))
        for (std::uint32_t place = run.begin; place < run.end; ++place) {
          EXPECT_EQ(static_cast<int>(place) / width, y);
          found[place] = static_cast<int>(run.part);
          ++sizes[run.part];
        }
    // Both number the parts by their first pixel.
    EXPECT_EQ(found, expected);
    EXPECT_TRUE(std::equal(sizes.begin(), sizes.end(), truth.part_pixels().begin()));
  }
}

}  // namespace
}  // namespace anomalyvlm::eval::test
