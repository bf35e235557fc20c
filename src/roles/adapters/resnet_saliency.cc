#include "roles/adapters/resnet_saliency.h"

#include <algorithm>
#include <utility>

#include "image/resize.h"
#include "kernels/saliency/saliency.h"
#include "roles/adapters/color_order.h"

namespace anomalyvlm {
namespace {

Image seen_by_network(const Image& image, const SaliencySizes& sizes, bool among_objects) {
  if (!among_objects) return resize_linear(image, sizes.side, sizes.side);
  const Image square = resize_linear(image, sizes.among_objects, sizes.among_objects);
  return resize_pil_bilinear(square, sizes.of_network, sizes.of_network);
}

// The cells of a grid over the image that belong to the object; those of a box by their centres.
Mask on_grid(const InspectedObject& object, const Image& image, int width, int height) {
  if (!object.mask.empty())
    return resize_nearest(to_mask(object.mask, image.width, image.height), width, height);
  Mask cells{width, height, {}};
  const float across = static_cast<float>(image.width) / static_cast<float>(width);
  const float down = static_cast<float>(image.height) / static_cast<float>(height);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      const float x = (static_cast<float>(column) + 0.5F) * across,
                  y = (static_cast<float>(row) + 0.5F) * down;
      const Box& box = object.box;
      cells.values.push_back(x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1 ? 1 : 0);
    }
  }
  return cells;
}

// Features [1, C, h, w], with the kernel's ways to compare them.
struct FeatureMap {
  const Tensor& tensor;
  int channels = static_cast<int>(tensor.dim(1)), height = static_cast<int>(tensor.dim(2)),
      width = static_cast<int>(tensor.dim(3));
  const float* data = tensor.floats().data();

  FloatMap empty() const {
    return {width, height,
            std::vector<float>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
  }
  FloatMap in_whole(const NeighbourQuery& query) const {
    FloatMap map = empty();
    neighbour_distance(data, channels, height, width, {&query, 1}, map.values.data());
    return map;
  }
  FloatMap in_own_object(const NeighbourQuery& query, std::span<const Mask> objects) const {
    FloatMap map = empty(), own = map;
    for (const Mask& object : objects) {
      neighbour_distance_within(data, channels, height, width, object.values, {&query, 1}, own.values.data());
      for (std::size_t i = 0; i < map.values.size(); ++i)
        map.values[i] = std::max(map.values[i], own.values[i]);
    }
    return map;
  }
  FloatMap in_other_objects(std::span<const Mask> objects) const {
    std::vector<std::uint8_t> masks;
    for (const Mask& object : objects) masks.insert(masks.end(), object.values.begin(), object.values.end());
    FloatMap map = empty();
    other_object_distance(data, channels, height, width, masks, map.values.data());
    return map;
  }
};

class SaliencyOfImage : public SaliencyEstimator {
 public:
  SaliencyOfImage(const ResNetSaliency& network, const Image& image, const StageOptions& options)
      : network_(network), image_(image), options_(options) {}
  FloatMap saliency(std::span<const InspectedObject> objects) override {
    return network_.map(image_, objects, options_);
  }

 private:
  ResNetSaliency network_;  // which shares its weights
  const Image& image_;
  StageOptions options_;
};

}  // namespace

FloatMap ResNetSaliency::cells(const Image& image, std::span<const InspectedObject> objects,
                               const StageOptions& options) const {
  const bool several = objects.size() > 1;
  const bool among_objects = several && options.saliency_scope == SaliencyScope::kOtherObjects;
  const Image seen = seen_by_network(in_order(image, options.colors), sizes_, among_objects);
  const int n = options.saliency_neighbors;
  if (!several && !options.saliency_of_farthest) return nearest_in_whole(imagenet_input(seen), options);
  const Tensor features = features_->of(imagenet_input(seen));
  const FeatureMap compared{features};
  const NeighbourQuery query =
      options.saliency_of_farthest ? NeighbourQuery::saa_plus(n) : NeighbourQuery::paper(n);
  std::vector<Mask> masks;
  for (const InspectedObject& object : objects)
    masks.push_back(on_grid(object, image, compared.width, compared.height));
  FloatMap map = !several        ? compared.in_whole(query)
                 : among_objects ? compared.in_other_objects(masks)
                                 : compared.in_own_object(query, masks);
  for (float& value : map.values) value *= static_cast<float>(options.saliency_factor);
  return map;
}

// The usual case: the features need not leave the device that computes them.
FloatMap ResNetSaliency::nearest_in_whole(const Tensor& input, const StageOptions& options) const {
  const NeighbourQuery query = NeighbourQuery::paper(options.saliency_neighbors);
  const Tensor distances = features_->distances(input, {query.count, query.radius});
  FloatMap map{static_cast<int>(distances.dim(3)), static_cast<int>(distances.dim(2)), {}};
  for (const float value : distances.floats())
    map.values.push_back(value * static_cast<float>(options.saliency_factor));
  return map;
}

FloatMap ResNetSaliency::map(const Image& image, std::span<const InspectedObject> objects,
                             const StageOptions& options) const {
  return resize_linear(cells(image, objects, options), image.width, image.height);
}

RoleOpener<SaliencyEstimator> resnet_saliency(ResNetSaliency network) {
  return [network = std::move(network)](const Image& image, const StageOptions& options) {
    return std::make_shared<SaliencyOfImage>(network, image, options);
  };
}

}  // namespace anomalyvlm
