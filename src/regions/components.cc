#include "regions/components.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace anomalyvlm {

std::vector<Region> largest_components(const Mask& mask, int count, std::int64_t least_area) {
  const cv::Mat view(mask.height, mask.width, CV_8UC1, const_cast<std::uint8_t*>(mask.values.data()));
  cv::Mat labels, stats, centroids;
  const int parts = cv::connectedComponentsWithStats(view, labels, stats, centroids, 8, CV_32S);
  const auto area = [&](int label) { return stats.at<int>(label, cv::CC_STAT_AREA); };
  std::vector<int> order;
  for (int label = 1; label < parts; ++label)
    if (area(label) >= least_area) order.push_back(label);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return area(a) > area(b); });
  order.resize(std::min(order.size(), static_cast<std::size_t>(std::max(count, 0))));
  std::vector<Region> found;
  for (const int label : order) {
    const int* s = stats.ptr<int>(label);
    const PixelRect rect{s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_LEFT] + s[cv::CC_STAT_WIDTH],
                         s[cv::CC_STAT_TOP] + s[cv::CC_STAT_HEIGHT]};
    std::vector<std::uint8_t> values;
    for (int y = rect.y0; y < rect.y1; ++y)
      for (int x = rect.x0; x < rect.x1; ++x) values.push_back(labels.at<int>(y, x) == label ? 1 : 0);
    found.push_back(Region::binary(rect, values));
  }
  return found;
}

}  // namespace anomalyvlm
