#include "train/synthetic/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "anomalyvlm/error.h"

namespace anomalyvlm::synthetic {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Ge;
using testing::Le;
using testing::Not;

Options small() {
  Options out;
  out.width = 96, out.height = 96;
  return out;
}

int count(const Mask& mask) {
  return static_cast<int>(std::count(mask.values.begin(), mask.values.end(), 1));
}

void expect_consistent(const Sample& s, const Options& options) {
  const auto pixels = static_cast<std::size_t>(options.width) * options.height;
  ASSERT_EQ(s.image.width, options.width);
  ASSERT_EQ(s.image.height, options.height);
  ASSERT_EQ(s.image.rgb.size(), pixels * 3);
  ASSERT_EQ(s.defect_map.values.size(), pixels);
  ASSERT_EQ(s.object.values.size(), pixels);
  EXPECT_THAT(s.defect_map.values, testing::Each(AllOf(Ge(0.0f), Le(1.0f))));
  Mask all{options.width, options.height, std::vector<std::uint8_t>(pixels)};
  for (const DefectInstance& d : s.defects) {
    ASSERT_EQ(d.mask.values.size(), pixels);
    EXPECT_GT(count(d.mask), 0) << d.family;
    EXPECT_LT(count(d.mask), 0.6 * static_cast<double>(pixels)) << d.family;
    EXPECT_GE(d.visibility, options.min_visibility);
    EXPECT_FALSE(d.phrase.empty());
    for (std::size_t k = 0; k < pixels; ++k) {
      ASSERT_LE(d.mask.values[k], 1);
      all.values[k] |= d.mask.values[k];
    }
  }
  // The target is high inside the masks and nothing but a soft edge outside.
  for (std::size_t k = 0; k < pixels; ++k) {
    const float value = s.defect_map.values[k];
    ASSERT_TRUE(all.values[k] ? value >= 0.7f : value < 1.0f) << value;
    ASSERT_TRUE(!s.defects.empty() || value == 0);
  }
}

TEST(Synthetic, IsTheSameForTheSameSeed) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const Sample a = draw(seed, small()), b = draw(seed, small());
    EXPECT_EQ(a.image.rgb, b.image.rgb) << seed;
    EXPECT_EQ(a.defect_map.values, b.defect_map.values);
    EXPECT_EQ(a.surface, b.surface);
    ASSERT_EQ(a.defects.size(), b.defects.size());
    for (std::size_t k = 0; k < a.defects.size(); ++k) {
      EXPECT_EQ(a.defects[k].phrase, b.defects[k].phrase);
      EXPECT_EQ(a.defects[k].mask.values, b.defects[k].mask.values);
    }
  }
}

TEST(Synthetic, IsTheSameOnSeveralThreads) {
  std::vector<Sample> alone(8), together(8);
  for (std::uint64_t k = 0; k < 8; ++k) alone[k] = draw(100 + k, small());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t k = t; k < 8; k += 4) together[k] = draw(100 + k, small());
    });
  }
  for (auto& t : threads) t.join();
  for (int k = 0; k < 8; ++k) EXPECT_EQ(alone[k].image.rgb, together[k].image.rgb) << k;
}

TEST(Synthetic, ValidationIsAnotherStream) {
  Options other = small();
  other.validation = true;
  int same = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    same += draw(seed, small()).image.rgb == draw(seed, other).image.rgb;
  EXPECT_EQ(same, 0);
}

TEST(Synthetic, HoldsTogether) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    expect_consistent(draw(seed, small()), small());
  }
}

TEST(Synthetic, DrawsOtherSizes) {
  const std::pair<int, int> sizes[] = {{200, 312}, {312, 200}, {33, 65}, {32, 32}, {640, 130}};
  for (const auto& [width, height] : sizes) {
    Options options;
    options.width = width, options.height = height, options.normal_share = 0;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      SCOPED_TRACE(testing::Message() << width << " x " << height << ", seed " << seed);
      expect_consistent(draw(seed, options), options);
    }
  }
}

TEST(Synthetic, EverySurfaceIsReached) {
  for (const std::string& name : surface_families()) {
    Options options = small();
    options.surface = name;
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const Sample s = draw(seed, options);
      EXPECT_EQ(s.surface, name);
      expect_consistent(s, options);
    }
  }
  std::map<std::string, int> met;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    Options options = small();
    options.width = options.height = 32, options.normal_share = 1;
    ++met[draw(seed, options).surface];
  }
  EXPECT_EQ(met.size(), surface_families().size());
}

TEST(Synthetic, EveryDefectIsReached) {
  for (const std::string& name : defect_families()) {
    Options options = small();
    options.defect = name, options.normal_share = 0;
    int met = 0;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      const Sample s = draw(seed, options);
      for (const DefectInstance& d : s.defects) {
        EXPECT_EQ(d.family, name);
        ++met;
      }
    }
    EXPECT_GE(met, 5) << name;
  }
}

TEST(Synthetic, NormalShareIsKept) {
  for (const double share : {0.0, 0.3, 1.0}) {
    Options options = small();
    options.normal_share = share;
    int normal = 0;
    const int n = 300;
    for (int k = 0; k < n; ++k) normal += draw(k, options).defects.empty();
    EXPECT_NEAR(normal / static_cast<double>(n), share, 0.08);
  }
}

TEST(Synthetic, FamiliesAtLeastIsKept) {
  Options options = small();
  options.families_at_least = 2, options.normal_share = 0, options.validation = true;
  int short_of_it = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::set<std::string> families;
    for (const DefectInstance& d : draw(seed, options).defects) families.insert(d.family);
    short_of_it += families.size() < 2;
  }
  EXPECT_LE(short_of_it, 1);  // an image that nothing can be seen on is possible, though very rare
}

TEST(Synthetic, PlainDefectsArePlainer) {
  Options options = small();
  options.min_visibility = 3;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    for (const DefectInstance& d : draw(seed, options).defects) EXPECT_GE(d.visibility, 3);
  }
}

TEST(Synthetic, RefusesWhatCannotBeDrawn) {
  Options options = small();
  options.width = 31;
  EXPECT_THROW(draw(0, options), Error);
  options = small();
  options.surface = "moon dust";
  EXPECT_THROW(draw(0, options), Error);
  options = small();
  options.defect = "ennui";
  EXPECT_THROW(draw(0, options), Error);
}

Options small_product(double normal_share) {
  Options out = small();
  out.normal_share = normal_share;
  return out;
}

double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.rgb.size(); ++k) sum += std::abs(a.rgb[k] - b.rgb[k]);
  return sum / static_cast<double>(a.rgb.size());
}

TEST(Product, IsTheSameForTheSameNumbers) {
  for (std::uint64_t product = 0; product < 12; ++product) {
    const Sample a = draw_product(product, 3, small_product(0.5)),
                 b = draw_product(product, 3, small_product(0.5));
    EXPECT_EQ(a.image.rgb, b.image.rgb) << product;
    EXPECT_EQ(a.defect_map.values, b.defect_map.values);
  }
}

TEST(Product, ImagesDifferButLookAlike) {
  double alike = 0, unlike = 0;
  for (std::uint64_t product = 0; product < 40; ++product) {
    const Sample a = draw_product(product, 0, small_product(1)),
                 b = draw_product(product, 1, small_product(1)),
                 other = draw_product(product + 500, 0, small_product(1));
    EXPECT_EQ(a.surface, b.surface);
    EXPECT_NE(a.image.rgb, b.image.rgb) << product;
    alike += mean_difference(a.image, b.image);
    unlike += mean_difference(a.image, other.image);
  }
  EXPECT_LT(alike, 0.6 * unlike);
}

TEST(Product, HoldsTogether) {
  Options options = small_product(0.3);
  for (std::uint64_t product = 0; product < 60; ++product) {
    SCOPED_TRACE(product);
    options.oddities = product % 2 == 0, options.validation = product % 3 == 0;
    expect_consistent(draw_product(product, product % 7, options), options);
  }
}

TEST(Product, ReferencesAreFreeOfDefectsAndOthersHaveThem) {
  int with = 0;
  for (std::uint64_t product = 0; product < 60; ++product) {
    EXPECT_TRUE(draw_product(product, 1, small_product(1)).defects.empty());
    with += !draw_product(product, 2, small_product(0)).defects.empty();
  }
  EXPECT_GE(with, 50);  // some lie outside the camera's view
}

TEST(Phrasebook, KnowsEveryFamily) {
  for (const std::string& family : defect_families()) {
    const auto& families = phrasebook().families();
    const auto at = std::find_if(families.begin(), families.end(),
                                 [&](const FamilyWords& w) { return w.family == family; });
    ASSERT_NE(at, families.end()) << family;
    EXPECT_GE(at->nouns.size(), 4u) << family;
    EXPECT_FALSE(at->adjectives.empty()) << family;
    Rng rng(1);
    for (int k = 0; k < 50; ++k) EXPECT_FALSE(phrasebook().random_phrase(family, rng).empty());
  }
  EXPECT_EQ(phrasebook().families().size(), defect_families().size());
}

TEST(Phrasebook, AssignsTheWordsOfDataSets) {
  const std::pair<const char*, const char*> known[] = {{"crack", "crack"},
                                                       {"scratches", "scratch"},
                                                       {"Blowhole", "hole"},
                                                       {"break", "break"},
                                                       {"fray", "fray"},
                                                       {"uneven", "uneven"},
                                                       {"white print", "print"},
                                                       {"poke", "pinhole"},
                                                       {"squeeze", "dent"},
                                                       {"bent", "bent"},
                                                       {"color", "colour"},
                                                       {"glue", "glue"},
                                                       {"oil", "glue"},
                                                       {"rough", "rough"},
                                                       {"combined", "foreign"},
                                                       {"fold", "wrinkle"},
                                                       {"flip", "misplaced"},
                                                       {"swap", "misplaced"},
                                                       {"chips", "break"},
                                                       {"melt", "burn"},
                                                       {"faulty imprint", "print"},
                                                       {"rust", "corrosion"},
                                                       {"inclusion", "contamination"},
                                                       {"crease", "wrinkle"}};
  for (const auto& [word, family] : known)
    EXPECT_THAT(phrasebook().families_of(word), Contains(family)) << word;
  EXPECT_TRUE(phrasebook().families_of("melancholy").empty());
  EXPECT_THAT(phrasebook().generic(),
              AllOf(Contains("defect"), Contains("anomalies"), Contains("damage"), Not(Contains("damages"))));
  EXPECT_THROW(phrasebook().phrases_of("moon dust"), Error);
}

TEST(Phrasebook, FormsPlurals) {
  EXPECT_EQ(plural_of("scratch"), "scratches");
  EXPECT_EQ(plural_of("foreign body"), "foreign bodies");
  EXPECT_EQ(plural_of("cavity"), "cavities");
  EXPECT_EQ(plural_of("dust"), "dust");
  EXPECT_EQ(plural_of("broken tooth"), "broken teeth");
  EXPECT_EQ(plural_of("loose thread"), "loose threads");
}

}  // namespace
}  // namespace anomalyvlm::synthetic
