#include "roles/image_describer.h"

namespace anomalyvlm {

std::vector<float> cell_places(const DescriptorGrid& grid, const Box& covered, int width, int height) {
  const float across = covered.width() / static_cast<float>(grid.width),
              down = covered.height() / static_cast<float>(grid.height);
  std::vector<float> places;
  for (int y = 0; y < grid.height; ++y) {
    for (int x = 0; x < grid.width; ++x) {
      places.push_back((covered.x0 + (static_cast<float>(x) + 0.5F) * across) / static_cast<float>(width));
      places.push_back((covered.y0 + (static_cast<float>(y) + 0.5F) * down) / static_cast<float>(height));
    }
  }
  return places;
}

}  // namespace anomalyvlm
