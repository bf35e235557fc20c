// The kind "grounding_dino_preprocess": an image file as Grounding DINO takes it.
#include <algorithm>
#include <cmath>
#include <set>

#include "anomalyvlm/codec.h"
#include "models/grounding_dino/image_input.h"
#include "reference/images.h"
#include "reference/runner.h"

namespace anomalyvlm::golden {
namespace {

namespace gdino = grounding_dino;
using Json = nlohmann::json;

std::array<float, 3> read_levels(const Json& config, const char* name,
                                 const std::array<float, 3>& otherwise) {
  if (!config.contains(name)) return otherwise;
  std::array<float, 3> levels{};
  for (std::size_t c = 0; c < 3; ++c)  // of a white of 1
    levels[c] = static_cast<float>(config[name].at(c).get<double>() * 255);
  return levels;
}

gdino::ImageInputConfig read_config(const Json& config) {
  const std::string filter = config.value("interpolation", "PIL bilinear (antialiased)");
  if (!filter.starts_with("PIL bilinear"))
    throw NotSupported("interpolation is " + filter + "; only Pillow's bilinear is supported");
  gdino::ImageInputConfig c;
  c.short_side = config.value("resize_shortest", c.short_side);
  c.long_side = config.value("max_size", c.long_side);
  c.pixel_mean = read_levels(config, "mean", c.pixel_mean);
  c.pixel_std = read_levels(config, "std", c.pixel_std);
  return c;
}

// The file as Pillow decodes it, where the case keeps that: decoders of JPEG may differ by a grey level.
Image read_case_image(const GoldenCase& golden, Outputs& outputs) {
  if (!golden.info.contains("image_file")) return to_image(golden.input("raw"));
  static const std::set<std::string> kModes = {"1", "L", "P", "RGB", "RGBA", "LA", "PA", "CMYK", "YCbCr"};
  if (const std::string mode = golden.info.value("image_mode_in_file", "RGB"); !kModes.contains(mode))
    throw NotSupported("images of Pillow's mode " + mode);
  const ReadOptions options{.alpha = ReadOptions::Alpha::kDropped};
  const Image decoded = read_image(golden.dir / golden.info["image_file"].get<std::string>(), options);
  if (!golden.has_input("raw")) return decoded;
  Image raw = to_image(golden.input("raw"));
  int most = raw.width == decoded.width && raw.height == decoded.height ? 0 : 256;
  for (std::size_t i = 0; most < 256 && i < raw.rgb.size(); ++i)
    most = std::max(most, std::abs(raw.rgb[i] - decoded.rgb[i]));
  const bool same = most <= 1;
  outputs.check("decoded file", same, same ? "" : fmt::format("differs from the case's by {} levels", most));
  return raw;
}

// Mean and standard deviation of each channel of [3, h, w]; sums of a million values, so in double precision.
void give_statistics(const Tensor& x, Outputs& outputs) {
  const auto count = static_cast<std::size_t>(x.dim(1) * x.dim(2));
  std::vector<float> means, deviations;
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0, squares = 0;
    for (const float value : x.floats().subspan(c * count, count)) sum += value;
    const double mean = sum / static_cast<double>(count);
    for (const float value : x.floats().subspan(c * count, count)) squares += (value - mean) * (value - mean);
    means.push_back(static_cast<float>(mean));
    deviations.push_back(static_cast<float>(std::sqrt(squares / static_cast<double>(count))));
  }
  outputs.give("channel_mean", Tensor::from<float>({3}, std::move(means)));
  outputs.give("channel_std", Tensor::from<float>({3}, std::move(deviations)));
}

}  // namespace

void run_grounding_dino_preprocess(const GoldenCase& golden, GoldenContext&, Outputs& outputs) {
  const Tensor batch =
      gdino::image_input(read_config(golden.info.at("config")), read_case_image(golden, outputs));
  const std::int64_t height = batch.dim(2), width = batch.dim(3);
  const Tensor image = batch.reshaped({3, height, width});
  if (golden.info.contains("resized_hw")) {
    const auto expected = golden.info["resized_hw"].get<Shape>();
    const Shape got = {height, width};
    outputs.check("resized_hw", got == expected,
                  got == expected ? "" : fmt::format("{}, expected {}", to_string(got), to_string(expected)));
  }
  const std::int64_t stride = golden.info.value("stride", std::int64_t{1});
  outputs.give("image_strided", kept_places(kept_places(image, 1, 0, stride), 2, 0, stride));
  outputs.give("image", image);
  std::vector<float> row, column;
  for (std::int64_t c = 0; c < 3; ++c) {
    const float* channel = image.floats().data() + c * height * width;
    const float* middle = channel + height / 2 * width;
    row.insert(row.end(), middle, middle + width);
    for (std::int64_t y = 0; y < height; ++y) column.push_back(channel[y * width + width / 2]);
  }
  outputs.give("row_mid", Tensor::from<float>({3, width}, std::move(row)));
  outputs.give("col_mid", Tensor::from<float>({3, height}, std::move(column)));
  give_statistics(image, outputs);
}

}  // namespace anomalyvlm::golden
