// The hostile files and the test vectors that may lie beside the checkout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/error.h"
#include "image/golden_tensors.h"
#include "image/resize.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kShared = test::source_dir() / ".." / "shared";

// Nothing to test without the files; but where they ought to be, on the machine that decides, their absence
// is a failure.
bool absent(const fs::path& path) {
  if (fs::exists(path)) return false;
  const char* ci = std::getenv("CI");
  EXPECT_FALSE(ci && std::string(ci) == "true" && fs::exists(kShared)) << "no " << path;
  return true;
}

json read_json(const fs::path& path) {
  std::ifstream in(path);
  return json::parse(in);
}

// The mean of each quarter of the image, in the manifest's order; an odd middle row or column belongs to
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
  if (absent(folder / "manifest.json")) GTEST_SKIP() << "no " << folder;
  const json manifest = read_json(folder / "manifest.json");
  ASSERT_GT(manifest.at("files").size(), 0u);
  for (const json& entry : manifest.at("files")) {
    const std::string name = entry.at("file"), expected = entry.at("expect");
    SCOPED_TRACE(name);
    ReadInfo info;
    try {
      const Image image = read_image(folder / name, {}, &info);
      EXPECT_NE(expected, "error");
      EXPECT_FALSE(expected == "error_or_warning" && info.warnings.empty());
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
  if (absent(file)) GTEST_SKIP() << "no " << file;
  const Image image = read_image(file);
  for (int y = 0; y < image.height; ++y) {
    for (int c = 0; c < 3; ++c) ASSERT_EQ(image.row(y)[c], 255);  // alpha 0 at the left edge
  }
  EXPECT_NEAR(quadrant_means(image)[1][0], 94.7 * 0.75 + 255 * 0.25, 8);
}

TEST(SharedFiles, PilResizeIsBitExact) {
  const fs::path folder = kShared / "golden" / "sam_predictor";
  if (absent(folder)) GTEST_SKIP() << "no " << folder;
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

Interpolation interpolation_named(const std::string& name) {
  return name == "INTER_NEAREST"  ? Interpolation::kNearest
         : name == "INTER_LINEAR" ? Interpolation::kLinear
                                  : Interpolation::kCubic;
}

// An operation of the image_ops vectors; its result's values as double, in order.
std::vector<double> run_operation(const json& op, const Tensor& in) {
  const int width = op.at("dsize_wh").at(0), height = op.at("dsize_wh").at(1);
  const std::string kind = op.at("op");
  std::vector<double> out;
  const auto keep = [&](const auto& values) { out.assign(values.begin(), values.end()); };
  if (kind == "torch_bilinear") {
    keep(resize_torch_bilinear(in, width, height).floats());
  } else if (kind == "torch_nearest") {
    keep(resize_torch_nearest(in, width, height).floats());
  } else if (kind == "pil_resize") {
    const auto pixels = in.values<std::uint8_t>();
    const Image image{
        static_cast<int>(in.dim(1)), static_cast<int>(in.dim(0)), {pixels.begin(), pixels.end()}};
    keep(resize_pil_bilinear(image, width, height).rgb);
  } else {
    const auto resize = [&]<typename T>(T) {
      keep(resize_opencv<T>(in.values<T>(), static_cast<int>(in.dim(1)), static_cast<int>(in.dim(0)),
                            in.rank() == 3 ? static_cast<int>(in.dim(2)) : 1, width, height,
                            interpolation_named(op.at("interpolation"))));
    };
    switch (in.dtype()) {
      case DType::kU8:
        resize(std::uint8_t{});
        break;
      case DType::kI32:
        resize(std::int32_t{});
        break;
      case DType::kF64:
        resize(double{});
        break;
      default:
        resize(float{});
    }
  }
  return out;
}

TEST(SharedFiles, ResizesAgreeWithTheirVectors) {
  const fs::path folder = kShared / "golden" / "image_ops";
  if (absent(folder)) GTEST_SKIP() << "no " << folder;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const json about = read_json(entry.path() / "case.json");
    auto inputs = test::read_golden_tensors(entry.path() / "inputs.safetensors");
    auto expected = test::read_golden_tensors(entry.path() / "expected.safetensors");
    for (const json& op : about.at("ops")) {
      const std::string name = op.at("name");
      SCOPED_TRACE(name);
      const std::vector<double> out = run_operation(op, inputs.at(name + ".in"));
      const Tensor wanted = expected.at(name + ".out");
      ASSERT_EQ(wanted.size(), static_cast<std::int64_t>(out.size()));
      double most = 0;
      for (std::size_t i = 0; i < out.size(); ++i) {
        const auto value = [&]() -> double {
          switch (wanted.dtype()) {
            case DType::kU8:
              return wanted.values<std::uint8_t>()[i];
            case DType::kI32:
              return wanted.values<std::int32_t>()[i];
            case DType::kF64:
              return wanted.values<double>()[i];
            default:
              return wanted.floats()[i];
          }
        }();
        most = std::max(most, std::abs(value - out[i]));
      }
      const bool whole = wanted.dtype() == DType::kU8 || wanted.dtype() == DType::kI32;
      EXPECT_LE(most, whole ? 0 : about.at("tolerance").at(name + ".out").at("max_abs").get<double>());
      RecordProperty(name, std::to_string(most));
    }
  }
}

}  // namespace
}  // namespace anomalyvlm
