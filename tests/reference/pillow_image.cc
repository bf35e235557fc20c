#include "reference/pillow_image.h"

#include <png.h>

#include <algorithm>
#include <cmath>

#include "anomalyvlm/codec.h"
#include "core/files.h"
#include "image/resize.h"
#include "reference/images.h"
#include "reference/runner.h"

namespace anomalyvlm::golden {
namespace {

enum class Mode { kColors, kNearest, kAlpha, kWideGrey };

// By the file's header. Pillow reads a PNG of 16-bit grey as numbers of 32 bits.
Mode mode_of(const std::string& bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  if (bytes.starts_with("\x89PNG")) {
    const unsigned depth = at(24), type = at(25);
    if (type == 3 || (type == 0 && depth == 1)) return Mode::kNearest;
    if (type == 0 && depth == 16) return Mode::kWideGrey;
    return type == 4 || type == 6 ? Mode::kAlpha : Mode::kColors;
  }
  if (bytes.starts_with("BM") && at(28) <= 8) return Mode::kNearest;
  if (bytes.starts_with("RIFF") && bytes.find("VP8X") == 12 && (at(20) & 0x10) != 0) return Mode::kAlpha;
  return Mode::kColors;
}

FloatMap read_wide_grey(const std::filesystem::path& path) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&header, path.c_str()) == 0) throw NotSupported("a damaged PNG");
  header.format = PNG_FORMAT_LINEAR_Y;  // 16 bits, as they are
  std::vector<std::uint16_t> levels(static_cast<std::size_t>(header.width) * header.height);
  if (png_image_finish_read(&header, nullptr, levels.data(), 0, nullptr) == 0)
    throw NotSupported("a damaged PNG");
  return {static_cast<int>(header.width), static_cast<int>(header.height), {levels.begin(), levels.end()}};
}

FloatMap rounded(FloatMap map) {
  for (float& value : map.values) value = std::floor(value + 0.5F);
  return map;
}

Image cut_at_white(const FloatMap& map) {
  Image image{map.width, map.height, {}};
  for (const float value : map.values)
    image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F)));
  return image;
}

Image nearest(const Image& image, int width, int height) {
  Image out{width, height, {}};
  const auto place = [](int i, int in, int out_size) {
    return std::min(static_cast<int>((i + 0.5) * (static_cast<double>(in) / out_size)), in - 1);
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const std::uint8_t* pixel =
          image.row(place(y, image.height, height)) + 3 * place(x, image.width, width);
      out.rgb.insert(out.rgb.end(), pixel, pixel + 3);
    }
  return out;
}

// value * alpha / 255 as Pillow rounds it, and back.
std::uint8_t multiplied(unsigned value, unsigned alpha) {
  const unsigned product = value * alpha + 128;
  return static_cast<std::uint8_t>(((product >> 8) + product) >> 8);
}
std::uint8_t divided(unsigned value, unsigned alpha) {
  return static_cast<std::uint8_t>(alpha == 0 || alpha == 255 ? value : std::min(255U, 255 * value / alpha));
}

template <typename Combine>
Image combined(Image color, const Image& alpha, const Combine& combine) {
  for (std::size_t i = 0; i < color.rgb.size(); ++i) color.rgb[i] = combine(color.rgb[i], alpha.rgb[i]);
  return color;
}

}  // namespace

PillowImage::PillowImage(const GoldenCase& golden, const std::string& file, const Tensor* pixels) {
  const std::filesystem::path path = golden.dir / file;
  const bool there = !file.empty() && std::filesystem::exists(path);
  const Mode mode = there ? mode_of(read_file(path)) : Mode::kColors;
  nearest_ = mode == Mode::kNearest;
  if (mode == Mode::kWideGrey) levels_ = read_wide_grey(path);
  if (mode == Mode::kAlpha)
    alpha_ = read_image(path, {.limits = {},
                               .alpha = ReadOptions::Alpha::kAlone,
                               .bits = 0,
                               .assumed_bits = 0,
                               .keep_small = false});
  const bool rgb = pixels != nullptr && pixels->rank() == 3 && pixels->dim(2) == 3;
  if (rgb) {
    color_ = to_image(*pixels);
  } else {
    color_ = read_image(path, {.limits = {},
                               .alpha = ReadOptions::Alpha::kDropped,
                               .bits = 0,
                               .assumed_bits = 0,
                               .keep_small = false});
  }
}

Image PillowImage::resized(int width, int height) const {
  if (!levels_.values.empty() && width == levels_.width && height == levels_.height)
    return cut_at_white(levels_);
  if (width == color_.width && height == color_.height) return color_;
  if (nearest_) return nearest(color_, width, height);
  if (!levels_.values.empty()) {
    const FloatMap narrowed = rounded(resize_pil_bicubic(levels_, width, levels_.height));
    return cut_at_white(rounded(resize_pil_bicubic(narrowed, width, height)));
  }
  if (alpha_.empty()) return resize_pil_bicubic(color_, width, height);
  const Image small = resize_pil_bicubic(combined(color_, alpha_, multiplied), width, height);
  return combined(small, resize_pil_bicubic(alpha_, width, height), divided);
}

}  // namespace anomalyvlm::golden
