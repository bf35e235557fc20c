#include "methods/content.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "image/resize.h"

namespace anomalyvlm {
namespace {

constexpr std::string_view kNoContent = "The image has no content that could be inspected: ";
// A smooth product looks like that as well.
constexpr std::string_view kLittleContent = "The image has little content that could be inspected: ";
constexpr int kSide = 256;                     // about what models see of an image
constexpr int kBlock = 8;                      // pixels squared whose mean is one shade
constexpr int kRows = 512;                     // so many rows at most are compared with their neighbours
constexpr std::array kLags = {1, 2, 3, 5, 8};  // pixels

struct Grey {
  int width, height;
  std::vector<float> values;
  float at(int x, int y) const { return values[static_cast<std::size_t>(y) * width + x]; }
};

Grey grey_of(const Image& image) {
  Grey grey{image.width, image.height, {}};
  grey.values.reserve(image.rgb.size() / 3);
  for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3)
    grey.values.push_back(static_cast<float>(image.rgb[i] + image.rgb[i + 1] + image.rgb[i + 2]) / 3);
  return grey;
}

// Without enlarging it.
Image reduced(const Image& image) {
  if (image.width <= kSide && image.height <= kSide) return image;
  return resize_pil_bilinear(image, std::min(image.width, kSide), std::min(image.height, kSide));
}

// Means of blocks; rests at the right and below that are no whole block are left out, unless there is none.
std::vector<double> block_means(const Grey& grey) {
  std::vector<double> means;
  const int across = std::min(kBlock, grey.width), down = std::min(kBlock, grey.height);
  for (int y = 0; y + down <= grey.height; y += down) {
    for (int x = 0; x + across <= grey.width; x += across) {
      double sum = 0;
      for (int v = y; v < y + down; ++v)
        for (int u = x; u < x + across; ++u) sum += grey.at(u, v);
      means.push_back(sum / (across * down));
    }
  }
  return means;
}

// Mean squared difference of pixels so far apart, for each of kLags; along rows or columns.
using Differences = std::array<double, kLags.size()>;

Differences differences(const Grey& grey, bool across) {
  Differences mean{};
  const int step = std::max(1, grey.height / kRows);
  for (std::size_t i = 0; i < kLags.size(); ++i) {
    const int dx = across ? kLags[i] : 0, dy = across ? 0 : kLags[i];
    std::int64_t count = 0;
    for (int y = 0; y + dy < grey.height; y += step) {
      for (int x = 0; x + dx < grey.width; ++x) {
        const double difference = grey.at(x + dx, y + dy) - grey.at(x, y);
        mean[i] += difference * difference;
      }
      count += std::max(0, grey.width - dx);
    }
    mean[i] /= static_cast<double>(std::max<std::int64_t>(count, 1));
  }
  return mean;
}

// Pixels that have nothing to do with each other differ as much at any distance, and their means hardly do.
bool is_noise(const Grey& grey) {
  constexpr double kAlike = 0.06, kFarOut = 7;
  if (grey.width < 8 * kBlock || grey.height < 8 * kBlock) return false;
  double variance = 0;
  for (const bool across : {true, false}) {
    const Differences all = differences(grey, across);
    const auto [least, most] = std::minmax_element(all.begin(), all.end());
    if (!(*most > 0) || *least < (1 - kAlike) * *most) return false;
    variance = std::max(variance, *most / 2);
  }
  const std::vector<double> means = block_means(grey);
  double middle = 0;
  for (const double mean : means) middle += mean / static_cast<double>(means.size());
  const double usual = std::sqrt(variance) / kBlock;  // by how much means of independent pixels differ
  return std::all_of(means.begin(), means.end(),
                     [&](double mean) { return std::abs(mean - middle) < kFarOut * usual; });
}

// Over a smooth slope differences grow with the square of the distance: 64 times from 1 to 8 pixels.
bool is_blurred(const Grey& grey) {
  constexpr double kSmooth = 1 / 35.0;
  constexpr double kRounding = 1 / 6.0;  // what rounding to whole grey levels adds
  if (grey.width < 8 * kBlock || grey.height < 8 * kBlock) return false;
  for (const bool across : {true, false}) {
    const Differences all = differences(grey, across);
    if (!(all.front() - kRounding < kSmooth * (all.back() - kRounding))) return false;
  }
  return true;
}

}  // namespace

Content content_of(const Image& image) {
  constexpr double kEven = 2, kFaint = 6, kDark = 12, kBright = 243;  // grey levels of 255
  const Grey small = grey_of(reduced(image));
  const std::vector<double> means = block_means(small);
  const auto [darkest, brightest] = std::minmax_element(means.begin(), means.end());
  const auto [low, high] = std::minmax_element(small.values.begin(), small.values.end());
  const double shades = *brightest - *darkest, contrast = static_cast<double>(*high - *low);
  if (*brightest < kDark && contrast < kDark) return Content::kBlack;
  if (*darkest > kBright && contrast < 255 - kBright) return Content::kWhite;
  if (shades <= kEven && contrast <= 2 * kEven) return Content::kOneShade;
  if (is_noise(grey_of(image))) return Content::kNoise;
  if (shades <= kFaint && contrast <= 10) return Content::kLowContrast;
  return is_blurred(small) ? Content::kBlurred : Content::kUsual;
}

std::string missing_content(const std::vector<std::string>& notes) {
  for (const std::string& note : notes)
    if (note.starts_with(kNoContent))
      return note.substr(kNoContent.size(), note.find('.', kNoContent.size()) - kNoContent.size());
  return {};
}

std::optional<std::string> content_note(const Image& image) {
  const auto note = [](const char* what, std::string_view begin = kNoContent) {
    return std::string(begin) + what +
           ". That nothing is found in it does not mean that the product is good; look at lens, light and "
           "exposure.";
  };
  switch (content_of(image)) {
    case Content::kUsual:
      return std::nullopt;
    case Content::kBlack:
      return note("it is black");
    case Content::kWhite:
      return note("it is white");
    case Content::kOneShade:
      return note("all of it is of one shade");
    case Content::kLowContrast:
      return note("it has hardly any contrast", kLittleContent);
    case Content::kNoise:
      return note("it shows noise alone");
    case Content::kBlurred:
      return note("it is so blurred that no edge is left", kLittleContent);
  }
  return std::nullopt;
}

}  // namespace anomalyvlm
