#include "roles/reference_maps.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/check.h"
#include "image/resize.h"

namespace anomalyvlm {
namespace {

constexpr float kLeastDistance = 1e-4F;  // what is usual among references that are all but the same

void add_share(const FloatMap& map, float share, FloatMap& total) {
  const FloatMap fitted = resize_linear(map, total.width, total.height);
  for (std::size_t i = 0; i < total.values.size(); ++i) total.values[i] += share * fitted.values[i];
}

float median(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// 1 up to `full`, 0 from `none`, linear between.
float falling(float value, float full, float none) {
  return std::clamp((none - value) / (none - full), 0.0F, 1.0F);
}

}  // namespace

ReferenceMaps reference_maps(std::span<const GridComparison> scales, int width, int height) {
  // An image of the same product is, in most of its places, hardly further from the references than they are
  // from each other.
  constexpr float kFits = 3, kFitsNot = 6;
  // A place shows the same thing well below the distances that are high even among references. Chosen on
  // synthetic products.
  constexpr float kSame = 0.4F, kOther = 0.8F;
  AVLM_CHECK(!scales.empty());
  const FloatMap empty{
      width, height, std::vector<float>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
  ReferenceMaps maps{empty, empty, empty, 0};
  const float share = 1 / static_cast<float>(scales.size());
  for (const GridComparison& scale : scales) {
    const float usual = std::max(static_cast<float>(scale.usual), kLeastDistance),
                high = std::max(static_cast<float>(scale.high), 2 * kLeastDistance);
    FloatMap of_usual{scale.width, scale.height, {}}, of_high = of_usual, alarms = of_usual;
    for (std::size_t i = 0; i < scale.nearest.size(); ++i) {
      of_usual.values.push_back(scale.nearest[i] / usual);
      of_high.values.push_back(scale.nearest[i] / high);
      alarms.values.push_back(
          scale.alarms.empty() ? 0 : scale.alarms[i] * falling(of_high.values.back(), kSame, kOther));
    }
    maps.trust += static_cast<double>(share * falling(median(of_usual.values), kFits, kFitsNot));
    add_share(of_usual, share, maps.of_usual);
    add_share(of_high, share, maps.of_high);
    add_share(alarms, share, maps.false_alarms);
  }
  return maps;
}

std::optional<std::string> note_on_fit(const ReferenceMaps& maps) {
  constexpr double kDoubtful = 0.5;
  if (maps.trust >= kDoubtful) return std::nullopt;
  return "The image as a whole is unlike the references: are they of this product, camera and light?";
}

FloatMap beside_references(const FloatMap& defect, const ReferenceMaps& maps) {
  // The best on synthetic products, where it hardly matters: there the model is at home. On photographs it
  // errs more than the distances do.
  constexpr float kShare = 0.2F, kFrom = 0.75F, kMost = 2;
  const float share = kShare * static_cast<float>(maps.trust);
  FloatMap map = defect;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    const float seen = std::max(0.0F, defect.values[i] - maps.false_alarms.values[i]);
    const float unlike = std::clamp(maps.of_high.values[i] - kFrom, 0.0F, kMost);
    map.values[i] = std::min(1.0F, seen + share * unlike);
  }
  return map;
}

FloatMap unlike_references(const ReferenceMaps& maps) {
  constexpr float kFar = 1.5F;   // times what is high among references; fully so at one more
  constexpr float kMost = 0.6F;  // less than what a model is sure of
  FloatMap unlike = maps.of_high;
  for (float& value : unlike.values)
    value = static_cast<float>(maps.trust) * kMost * std::clamp(value - kFar, 0.0F, 1.0F);
  return unlike;
}

FloatMap pooled_saliency(FloatMap saliency, const FloatMap& of_usual) {
  const FloatMap fitted = resize_linear(of_usual, saliency.width, saliency.height);
  const double sum = std::accumulate(saliency.values.begin(), saliency.values.end(), 0.0);
  const auto mean = static_cast<float>(sum / static_cast<double>(saliency.values.size()));
  for (std::size_t i = 0; i < saliency.values.size(); ++i)
    saliency.values[i] = std::min(saliency.values[i], mean * fitted.values[i]);
  return saliency;
}

ReferencePlace most_alike(const ReferencePool& pool, std::span<const GridComparison> scales, double x,
                          double y) {
  const GridComparison& finest = scales.back();
  const auto cell = [](double share, int count) {
    return std::clamp(static_cast<int>(share * count), 0, count - 1);
  };
  return pool.place(scales.size() - 1,
                    finest.rows[pixel_index(cell(x, finest.width), cell(y, finest.height), finest.width)]);
}

}  // namespace anomalyvlm
