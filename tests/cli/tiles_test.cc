// A photograph that is much larger than what the model looks at.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/detect_fixture.h"
#include "core/platform.h"

namespace anomalyvlm::test {
namespace {

constexpr int kWidth = 4000, kHeight = 3000;

struct Planted {
  int x0, y0, x1, y1;
};
// A hole within a tile, one where four tiles meet, and scratches over the border of two.
constexpr Planted kHole{1100, 2300, 1120, 2320}, kAtTheCorner{2220, 1330, 2250, 1360},
    kAcross{400, 400, 530, 406}, kDown{3500, 1270, 3506, 1400};

// A grey surface with fine grain, from a small generator so that it is the same everywhere.
Image surface() {
  Image image{kWidth, kHeight, {}};
  image.rgb.resize(static_cast<std::size_t>(kWidth) * kHeight * 3);
  std::uint32_t state = 1;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      state = state * 1664525U + 1013904223U;
      const auto grey = static_cast<std::uint8_t>(140 + static_cast<int>(state >> 29));
      std::fill_n(image.row(y) + 3 * x, 3, grey);
    }
  }
  for (const Planted& defect : {kHole, kAtTheCorner, kAcross, kDown})
    for (int y = defect.y0; y < defect.y1; ++y)
      std::fill_n(image.row(y) + 3 * defect.x0, 3 * (defect.x1 - defect.x0), static_cast<std::uint8_t>(20));
  return image;
}

bool touches(const nlohmann::json& box, const Planted& planted) {
  return box[0] < planted.x1 && box[2] > planted.x0 && box[1] < planted.y1 && box[3] > planted.y0;
}

// The box of a soft mask is somewhat larger than what it shows.
bool outlines(const nlohmann::json& box, const Planted& planted) {
  const auto close = [](double a, double b) { return std::abs(a - b) <= 24; };
  return close(box[0], planted.x0) && close(box[1], planted.y0) && close(box[2], planted.x1) &&
         close(box[3], planted.y1);
}

class Tiled : public Detect {};

TEST_F(Tiled, FindsSmallDefectsOfALargePhotograph) {
  const std::string photo = folder_ / "photo.png";
  write_png(photo, surface());
  const Outcome outcome = run_program({"detect", photo, "--out", out_, "--tile", "256", "--write",
                                       "anomaly,overlay,json", "--max-area", "1%"});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_LT(outcome.peak_megabytes, 1200) << "the photograph is 36 MB, its maps 48 MB each";
  const auto result = nlohmann::json::parse(read_file(out_ + "/photo.json"));
  EXPECT_EQ(result["tiles"]["size"], 256);
  EXPECT_EQ(result["tiles"]["overlap"], 32);
  std::vector<nlohmann::json> kept;
  for (const auto& candidate : result["candidates"])
    if (candidate["kept"]) kept.push_back(candidate);
  EXPECT_LE(kept.size(), 8U) << "hardly anything else is flagged";
  for (const Planted& planted : {kHole, kAtTheCorner, kAcross, kDown}) {
    int touching = 0, outlining = 0;
    for (const auto& candidate : kept) {
      touching += touches(candidate["box"], planted);
      outlining += outlines(candidate["box"], planted);
    }
    EXPECT_EQ(outlining, 1) << planted.x0 << ", " << planted.y0;
    EXPECT_EQ(touching, 1) << "one region for one defect at " << planted.x0 << ", " << planted.y0;
  }
}

TEST_F(Tiled, SaysWhatIsWrongWithAnOverlap) {
  const std::string photo = image_file("photo.png");
  const Outcome outcome = run_program({"detect", photo, "--out", out_, "--tile", "64", "--overlap", "32"});
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_NE(outcome.err.find("Tiles of 64 pixels cannot share 32"), std::string::npos) << outcome.err;
  EXPECT_EQ(run_program({"detect", photo, "--out", out_, "--tile", "5"}).exit, 2);
}

}  // namespace
}  // namespace anomalyvlm::test
