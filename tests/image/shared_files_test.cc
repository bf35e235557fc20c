// The hostile files and the test vectors that may lie beside the checkout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "anomalyvlm/error.h"
#include "image/codec.h"
#include "image/golden_tensors.h"
#include "image/resize.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kShared = fs::path(AVLM_SOURCE_DIR) / ".." / "shared";

json read_json(const fs::path& path) {
  std::ifstream in(path);
  return json::parse(in);
}

// The mean of each quarter of the picture, in the manifest's order; an odd middle row or column belongs to
// the second.
std::vector<std::array<double, 3>> quadrant_means(const Image& image) {
  std::vector<std::array<double, 3>> means;
  const int half_w = image.width / 2, half_h = image.height / 2;
  for (const bool bottom : {false, true}) {
    for (const bool right : {false, true}) {
      const int x0 = right ? half_w : 0, x1 = right ? image.width : std::max(half_w, 1);
      const int y0 = bottom ? half_h : 0, y1 = bottom ? image.height : std::max(half_h, 1);
      std::array<double, 3> sum{};
      for (int y = y0; y < y1; ++y) {
        for (int x = x0; x < x1; ++x) {
          for (int c = 0; c < 3; ++c) sum[c] += image.row(y)[3 * x + c];
        }
      }
      for (double& s : sum) s /= static_cast<double>(x1 - x0) * (y1 - y0);
      means.push_back(sum);
    }
  }
  return means;
}

void expect_content(const Image& image, const json& entry) {
  if (!entry.contains("width")) return;
  EXPECT_EQ(image.width, entry["width"].get<int>());
  EXPECT_EQ(image.height, entry["height"].get<int>());
  if (entry["file"] == "alpha.png") return;  // its means are those of dropped alpha: see the test below
  const auto means = quadrant_means(image);
  for (std::size_t q = 0; q < 4; ++q) {
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(means[q][c], entry["quadrant_mean_rgb_TL_TR_BL_BR"][q][c].get<double>(),
                  entry["tolerance"].get<double>());
    }
  }
}

TEST(SharedFiles, HostileOnesDoWhatTheirManifestSays) {
  const fs::path folder = kShared / "data" / "hostile";
  if (!fs::exists(folder / "manifest.json")) GTEST_SKIP() << "no " << folder;
  for (const json& entry : read_json(folder / "manifest.json").at("files")) {
    const std::string name = entry.at("file"), expected = entry.at("expect");
    SCOPED_TRACE(name);
    std::vector<std::string> warnings;
    try {
      const Image image = read_image(folder / name, {}, &warnings);
      EXPECT_NE(expected, "error");
      EXPECT_FALSE(expected == "error_or_warning" && warnings.empty());
      expect_content(image, entry);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      EXPECT_THAT(error.what(), ::testing::HasSubstr(name));
      EXPECT_NE(expected, "load") << error.what();
      RecordProperty(name, error.what());
    }
  }
}

TEST(SharedFiles, AlphaRampIsBlendedOntoWhite) {
  const fs::path file = kShared / "data" / "hostile" / "alpha.png";
  if (!fs::exists(file)) GTEST_SKIP() << "no " << file;
  const Image image = read_image(file);
  for (int y = 0; y < image.height; ++y) {
    for (int c = 0; c < 3; ++c) ASSERT_EQ(image.row(y)[c], 255);  // alpha 0 at the left edge
  }
  EXPECT_NEAR(quadrant_means(image)[1][0], 94.7 * 0.75 + 255 * 0.25, 8);
}

TEST(SharedFiles, PilResizeIsBitExact) {
  const fs::path folder = kShared / "golden" / "sam_predictor";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  int checked = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    const json about = read_json(entry.path() / "case.json");
    auto inputs = test::read_golden_tensors(entry.path() / "inputs.safetensors");
    auto expected = test::read_golden_tensors(entry.path() / "expected.safetensors");
    if (!inputs.count("image_u8") || !expected.count("resized_u8")) continue;
    const Tensor in = inputs["image_u8"], out = expected["resized_u8"];
    const auto pixels = in.values<std::uint8_t>();
    const Image image{
        static_cast<int>(in.dim(1)), static_cast<int>(in.dim(0)), {pixels.begin(), pixels.end()}};
    const int side =
        about.at("config").at("image_encoder").value("img_size", about.at("config").value("img_size", 0));
    const double scale = static_cast<double>(side) / std::max(image.width, image.height);
    const Image resized = resize_pil_bilinear(image, static_cast<int>(image.width * scale + 0.5),
                                              static_cast<int>(image.height * scale + 0.5));
    const int stride = about.value("resized_stride", 1);
    ASSERT_EQ(out.dim(0), (resized.height + stride - 1) / stride);
    ASSERT_EQ(out.dim(1), (resized.width + stride - 1) / stride);
    const auto wanted = out.values<std::uint8_t>();
    const bool swapped =
        about.value("image_format", "RGB") == "BGR";  // the predictor turns such images around
    int wrong = 0;
    for (std::int64_t i = 0; i < out.size(); ++i) {
      const auto y = static_cast<int>(i / 3 / out.dim(1)), x = static_cast<int>(i / 3 % out.dim(1));
      wrong += resized.row(y * stride)[3 * x * stride + (swapped ? 2 - i % 3 : i % 3)] !=
               wanted[static_cast<std::size_t>(i)];
    }
    EXPECT_EQ(wrong, 0);
    ++checked;
  }
  EXPECT_GE(checked, 1);
}

}  // namespace
}  // namespace anomalyvlm
