#include "image/components.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace anomalyvlm {

std::vector<Component> largest_components(const Mask& mask, int count, std::int64_t least_area) {
  const cv::Mat view(mask.height, mask.width, CV_8UC1, const_cast<std::uint8_t*>(mask.values.data()));
  cv::Mat labels, stats, centres;
  const int parts = cv::connectedComponentsWithStats(view, labels, stats, centres, 8, CV_32S);
  const auto area = [&](int label) { return stats.at<int>(label, cv::CC_STAT_AREA); };
  std::vector<int> order;
  for (int label = 1; label < parts; ++label)
    if (area(label) >= least_area) order.push_back(label);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return area(a) > area(b); });
  order.resize(std::min(order.size(), static_cast<std::size_t>(std::max(count, 0))));
  std::vector<Component> found;
  for (const int label : order) {
    const int* s = stats.ptr<int>(label);
    const int x = s[cv::CC_STAT_LEFT], y = s[cv::CC_STAT_TOP];
    Component part{{mask.width, mask.height, {}}, x,          y, x + s[cv::CC_STAT_WIDTH],
                   y + s[cv::CC_STAT_HEIGHT],     area(label)};
    part.mask.values.assign(mask.values.size(), 0);
    for (int row = part.y0; row < part.y1; ++row)
      for (int column = part.x0; column < part.x1; ++column)
        part.mask.at(column, row) = labels.at<int>(row, column) == label ? 1 : 0;
    found.push_back(std::move(part));
  }
  return found;
}

}  // namespace anomalyvlm
