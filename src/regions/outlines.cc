#include "regions/outlines.h"

#include <algorithm>
#include <cstdint>
#include <opencv2/imgproc.hpp>

namespace anomalyvlm {

std::vector<std::vector<PixelPoint>> outlines(const Region& region, int across, int down) {
  const PixelRect bounds = region.bounds();
  if (bounds.empty()) return {};
  // With a margin of zeros, so that smooth enlarging falls off at the edges.
  cv::Mat part = cv::Mat::zeros(bounds.height() + 2, bounds.width() + 2, CV_8UC1);
  region.for_each_run([&](int y, int begin, int end) {
    auto* row = part.ptr<std::uint8_t>(y - bounds.y0 + 1) + 1 - bounds.x0;
    std::fill(row + begin, row + end, std::uint8_t{255});
  });
  if (across > 1 || down > 1) {
    cv::resize(part, part, {}, across, down, cv::INTER_LINEAR);
    part = part > 100;  // somewhat below the middle, so that pixels touching at a corner hold together
  }
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(part, contours, cv::RETR_LIST, cv::CHAIN_APPROX_NONE,
                   {(bounds.x0 - 1) * across, (bounds.y0 - 1) * down});
  std::vector<std::vector<PixelPoint>> lines;
  for (std::vector<cv::Point>& contour : contours) {
    cv::approxPolyDP(contour, contour, 0.7, true);
    std::vector<PixelPoint>& line = lines.emplace_back();
    for (const cv::Point& point : contour) line.push_back({point.x, point.y});
  }
  return lines;
}

}  // namespace anomalyvlm
