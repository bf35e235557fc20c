// Files made to crash, hang or exhaust a reader, given to the whole program: what the manifest says of each
// happens, within limits of time and memory that hold for all of it, the model's loading included.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/detect_fixture.h"
#include "core/platform.h"
#include "image/fixtures.h"
#include "source_dir.h"

namespace anomalyvlm::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

// Seconds are those of the CPU: what a busy machine adds is not the program's.
void expect_within(const Outcome& run, const std::string& name, double seconds, double megabytes) {
  std::printf("%-24s exit %d  %5.2f s of CPU  %5.2f s  %4.0f MB\n", name.c_str(), run.exit, run.cpu_seconds,
              run.seconds, run.peak_megabytes);
  EXPECT_LT(run.cpu_seconds, seconds);
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(run.peak_megabytes, megabytes);
#else
  (void)megabytes;
#endif
}

void expect_one_clear_sentence(const Outcome& run, const std::string& name) {
  EXPECT_EQ(run.exit, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr(name));
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1);
}

void expect_finite_result(const fs::path& json_file) {
  const auto json = nlohmann::json::parse(read_file(json_file));
  EXPECT_TRUE(json.at("image_score").is_number());  // null: NaN or infinite
  fs::path map = json_file;
  const FloatMap anomaly = read_tiff_f32(map.replace_extension(".anomaly.tiff"));
  EXPECT_EQ(anomaly.width, json.at("image").at("width"));
  EXPECT_EQ(anomaly.height, json.at("image").at("height"));
  for (const float value : anomaly.values) ASSERT_TRUE(std::isfinite(value));
}

// Of the manifest's "quadrant_mean_rgb_TL_TR_BL_BR".
void expect_quarters(const Image& image, const nlohmann::json& means, double tolerance) {
  for (int quarter = 0; quarter < 4; ++quarter) {
    const int x0 = quarter % 2 == 0 ? 0 : image.width / 2,
              x1 = quarter % 2 == 0 ? image.width / 2 : image.width;
    const int y0 = quarter < 2 ? 0 : image.height / 2, y1 = quarter < 2 ? image.height / 2 : image.height;
    for (int c = 0; c < 3 && x1 > x0 && y1 > y0; ++c) {
      double sum = 0;
      for (int y = y0; y < y1; ++y)
        for (int x = x0; x < x1; ++x) sum += image.row(y)[3 * x + c];
      EXPECT_NEAR(sum / (x1 - x0) / (y1 - y0), means[quarter][c].get<double>(), tolerance)
          << quarter << " " << c;
    }
  }
}

TEST_F(Detect, HostileFilesDoWhatTheirManifestSays) {
  const fs::path hostile = source_dir() / "../shared/data/hostile";
  if (!fs::exists(hostile)) GTEST_SKIP() << "there is no ../shared/data";
  const auto manifest = nlohmann::json::parse(read_file(hostile / "manifest.json"));
  ASSERT_FALSE(manifest.at("files").empty());
  for (const auto& entry : manifest.at("files")) {
    const std::string name = entry.at("file"), expected = entry.at("expect");
    SCOPED_TRACE(name);
    const Outcome run = run_program(
        {"detect", (hostile / name).string(), "--out", out_, "--write", "json,anomaly.tiff,input"});
    expect_within(run, name, 5, 500);
    if (expected == "error" || (expected != "load" && run.exit != 0)) {
      expect_one_clear_sentence(run, name);
      continue;
    }
    EXPECT_EQ(run.exit, 0) << run.err;
    if (expected == "error_or_warning") {
      EXPECT_THAT(run.err, HasSubstr(name));
    }
    const fs::path result = fs::path(out_) / fs::path(name).stem();
    expect_finite_result(result.string() + ".json");
    const Image seen = read_image(result.string() + ".input.png");
    if (!entry.contains("width")) continue;
    EXPECT_EQ(seen.width, entry.at("width"));
    EXPECT_EQ(seen.height, entry.at("height"));
    // Alpha is composited over white here, which the manifest allows; its figures are those of dropping it.
    if (name != "alpha.png")
      expect_quarters(seen, entry.at("quadrant_mean_rgb_TL_TR_BL_BR"), entry.at("tolerance"));
  }
}

TEST_F(Detect, HonestBombsEndInOneSentence) {
  const std::pair<std::string, Bytes> bombs[] = {{"gigapixels.png", png_bomb(40000, 30000, 1, 0)},
                                                 {"scans.jpg", jpeg_with_scans(3000, 2000, 18000)}};
  for (const auto& [name, bytes] : bombs) {
    SCOPED_TRACE(name);
    write_file_atomically(folder_ / name, bytes);
    const Outcome run = run_program({"detect", folder_ / name, "--out", out_});
    expect_within(run, name, 20, 2000);
    expect_one_clear_sentence(run, name);
  }
}

TEST_F(Detect, ExtremeShapesGiveAllResults) {
  const std::pair<int, int> sizes[] = {{1, 1}, {1, 20000}, {20000, 1}, {2, 3}, {31, 700}, {3000, 2000}};
  for (const auto& [width, height] : sizes) {
    const std::string name = std::to_string(width) + "x" + std::to_string(height);
    SCOPED_TRACE(name);
    write_png(folder_ / (name + ".png"), noisy_image(width, height));
    const Outcome run = run_program({"detect", folder_ / (name + ".png"), "--out", out_, "--write", "all"});
    EXPECT_EQ(run.exit, 0) << run.err;
    expect_within(run, name, 10, 700);
    expect_finite_result(fs::path(out_) / (name + ".json"));
    EXPECT_FALSE(read_image(fs::path(out_) / (name + ".overlay.png")).empty());
  }
}

}  // namespace
}  // namespace anomalyvlm::test
