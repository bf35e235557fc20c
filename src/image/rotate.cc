#include "image/rotate.h"

#include <opencv2/imgproc.hpp>

namespace anomalyvlm {

Image rotated(const Image& image, double degrees) {
  Image out{image.width, image.height, std::vector<std::uint8_t>(image.rgb.size())};
  const cv::Mat from(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.rgb.data()));
  cv::Mat to(out.height, out.width, CV_8UC3, out.rgb.data());
  const cv::Point2f middle(static_cast<float>(image.width - 1) / 2, static_cast<float>(image.height - 1) / 2);
  cv::warpAffine(from, to, cv::getRotationMatrix2D(middle, degrees, 1), to.size(), cv::INTER_LINEAR,
                 cv::BORDER_REFLECT_101);
  return out;
}

}  // namespace anomalyvlm
