// Detections, masks and images that a caller of the library made or changed: an Error, and nothing is
// written.
#include "results/consistent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "anomalyvlm/results.h"
#include "errors.h"
#include "temporary_folder.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using ::testing::HasSubstr;

constexpr int kWide = 8, kHigh = 6;
constexpr int kHuge = std::numeric_limits<int>::max(), kLeast = std::numeric_limits<int>::min();

Region region(int x0, int y0, int width, int height) {
  return Region::soft({x0, y0, x0 + width, y0 + height},
                      std::vector<float>(static_cast<std::size_t>(width * height), 1.0F));
}

Detection sound() {
  Detection found;
  found.width = kWide;
  found.height = kHigh;
  found.anomaly = {kWide, kHigh, std::vector<float>(kWide * kHigh)};
  found.objects = {InspectedObject::whole_image(kWide, kHigh)};
  Candidate candidate;
  candidate.box = {1, 1, 3, 3};
  candidate.mask = region(1, 1, 2, 2);
  found.candidates = {candidate};
  found.kept = 1;
  return found;
}

Image sound_image() { return {kWide, kHigh, std::vector<std::uint8_t>(kWide * kHigh * 3, 50)}; }

class Consistency : public ::testing::Test {
 protected:
  std::string error_of_writing(const Detection& found, const Image& image) const {
    ResultOptions options;
    options.dir = folder_.path();
    options.stem = "a";
    options.files = parse_result_files("all");
    const std::string error =
        error_of(ErrorKind::kBadInput, [&] { write_results(found, image, generic_prompt(), options); });
    EXPECT_EQ(fs::is_empty(folder_.path()), error != "nothing was thrown") << "all files or none";
    return error;
  }

  test::TemporaryFolder folder_;
};

TEST_F(Consistency, OfWhatDetectGivesIsFine) {
  require_consistent(Detection{});
  EXPECT_EQ(error_of_writing(sound(), sound_image()), "nothing was thrown");
}

TEST_F(Consistency, OfAllParts) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::function<void(Detection&)> changes[] = {
      [](Detection& d) { d.width = kHuge; },
      [](Detection& d) { d.width = -1; },
      [](Detection& d) { d.height = kLeast; },
      [](Detection& d) { d.kept = 2; },
      [](Detection& d) { d.kept = std::numeric_limits<std::size_t>::max(); },
      [](Detection& d) { d.anomaly.values.pop_back(); },
      [](Detection& d) { d.anomaly = {}; },
      [](Detection& d) { Detection(std::move(d)); },
      [](Detection& d) {
        d.ignored = {kWide, kHigh, {1}};
      },
      [](Detection& d) { d.objects[0].mask = region(kWide, 0, 1, 1); },
      [](Detection& d) { d.candidates[0].box.x0 = kNan; },
      [](Detection& d) { d.candidates[0].proposal_box.y1 = HUGE_VALF; },
      [](Detection& d) { d.candidates[0].mask = region(7, 0, 2, 2); },
      [](Detection& d) { d.candidates[0].mask = region(-1, 0, 2, 2); },
      [](Detection& d) { d.candidates[0].mask = region(1 << 29, 0, 2, 2); },
      [](Detection& d) {
        d.candidates[0].rejected_by = {static_cast<Rejection::By>(99), kHuge, 0, ""};
      }};
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    SCOPED_TRACE(i);
    Detection found = sound();
    changes[i](found);
    EXPECT_THAT(error_of_writing(found, sound_image()),
                HasSubstr("was not made by detect(), or was changed"));
    EXPECT_NE(error_of([&] { to_json(found, generic_prompt(), {}); }), "nothing was thrown");
    EXPECT_NE(error_of([&] { overlay_image(found, sound_image()); }), "nothing was thrown");
  }
}

TEST_F(Consistency, OfTheImage) {
  for (const Image& image :
       {Image{}, Image{kWide, kHigh, {1, 2, 3}}, Image{-kWide, -kHigh, sound_image().rgb},
        Image{kHuge, kHuge, {1}}, Image{1, 1, {1, 2, 3}}}) {
    EXPECT_THAT(error_of_writing(sound(), image), HasSubstr("is not the one of 8 x 6"));
    EXPECT_NE(error_of(ErrorKind::kBadInput, [&] { overlay_image(sound(), image); }), "nothing was thrown");
  }
}

}  // namespace
}  // namespace anomalyvlm
