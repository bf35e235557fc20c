#include "image/views.h"

#include <opencv2/imgproc.hpp>

namespace anomalyvlm {
namespace {

// By an affine map of positions; the border is mirrored.
Image warped(const Image& image, const cv::Mat& map) {
  Image out{image.width, image.height, std::vector<std::uint8_t>(image.rgb.size())};
  const cv::Mat from(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.rgb.data()));
  cv::Mat to(out.height, out.width, CV_8UC3, out.rgb.data());
  cv::warpAffine(from, to, map, to.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  return out;
}

}  // namespace

Image rotated(const Image& image, double degrees) {
  const cv::Point2f middle(static_cast<float>(image.width - 1) / 2, static_cast<float>(image.height - 1) / 2);
  return warped(image, cv::getRotationMatrix2D(middle, degrees, 1));
}

Image moved(const Image& image, int right, int down) {
  return warped(image, (cv::Mat_<double>(2, 3) << 1, 0, right, 0, 1, down));
}

Image lit(const Image& image, double gain) {
  Image out = image;
  for (std::uint8_t& value : out.rgb) value = cv::saturate_cast<std::uint8_t>(gain * value);
  return out;
}

}  // namespace anomalyvlm
