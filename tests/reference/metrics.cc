// The kind "metrics": those of pixels and images, and the released evaluation's way from maps of any size
// to them.
#include <algorithm>

#include "eval/metrics/metrics.h"
#include "image/resize.h"
#include "reference/images.h"
#include "reference/released_pro.h"
#include "reference/runner.h"

namespace anomalyvlm::golden {

namespace {

// The maps, one after the other, each of its mask's size.
template <typename T>
struct Maps {
  std::vector<T> scores;
  std::vector<Mask> masks;
  std::vector<bool> anomalous;  // labels
};

bool any_marked(const Mask& mask) {
  return std::any_of(mask.values.begin(), mask.values.end(), [](std::uint8_t value) { return value != 0; });
}

std::vector<bool> labels_of(const std::vector<Mask>& masks) {
  std::vector<bool> labels;
  for (const Mask& mask : masks) labels.push_back(any_marked(mask));
  return labels;
}

void give(Outputs& out, const std::string& level, const eval::SweepResult& found) {
  const std::pair<const char*, double> values[] = {
      {"max_f1", found.max_f1},   {"f1_threshold", found.f1_threshold},   {"ap", found.ap},
      {"max_iou", found.max_iou}, {"iou_threshold", found.iou_threshold}, {"auroc", found.auroc}};
  for (const auto& [name, value] : values)
    out.give(level + "." + name, Tensor::from({1}, std::vector<double>{value}));
}

template <typename T>
void give_metrics(const GoldenCase& golden, const Maps<T>& maps, Outputs& out) {
  const nlohmann::json config = golden.info.value("config", nlohmann::json::object());
  const double limit = config.value("fpr_limit", eval::kFalsePositiveLimit);
  eval::PixelScores<T> pixels;
  eval::ImageScores images;
  std::vector<double> image_scores;
  std::vector<std::int64_t> labels;
  std::span<const T> rest = maps.scores;
  for (std::size_t i = 0; i < maps.masks.size(); ++i) {
    const eval::PreparedGroundTruth truth(maps.masks[i]);
    image_scores.push_back(pixels.add(rest.first(truth.pixels()), truth));
    rest = rest.subspan(truth.pixels());
    labels.push_back(maps.anomalous[i] ? 1 : 0);
    images.add(image_scores.back(), maps.anomalous[i]);
  }
  eval::PixelScores<T>* const all_pixels[] = {&pixels};
  const eval::ImageScores* const all_images[] = {&images};
  const eval::PixelSweep found = eval::sweep_pixels<T>(all_pixels, limit);
  give(out, "pixel", found);
  give(out, "image", eval::sweep_images(all_images));
  const double released = reference::released_pro(std::vector<double>(maps.scores.begin(), maps.scores.end()),
                                                  maps.masks, limit, config.value("pro_official_steps", 200));
  out.give("pixel.pro30_exact", Tensor::from({1}, std::vector<double>{found.pro}));
  out.give("pixel.pro30_official", Tensor::from({1}, std::vector<double>{released}));
  const auto count = static_cast<std::int64_t>(labels.size());
  out.give("image.scores", Tensor::from({count}, std::move(image_scores)));
  out.give("image.labels", Tensor::from({count}, std::move(labels)));
}

Maps<float> read_plain(const GoldenCase& golden) {
  const auto scores = golden.input("scores").floats();
  Maps<float> maps{{scores.begin(), scores.end()}, to_masks(golden.input("masks")), {}};
  maps.anomalous = labels_of(maps.masks);
  return maps;
}

// Coarse maps, each place of which stands for several pixels, plus a texture that all images share; masks as
// bits, the highest of a byte first.
Maps<float> read_compact(const GoldenCase& golden) {
  const Tensor low = golden.input("low").to_f32();
  const Tensor& texture = golden.input("tex");
  const Tensor& packed = golden.input("masks_packed");
  const std::int64_t images = low.dim(0), height = texture.dim(0), width = texture.dim(1);
  const std::int64_t step_y = height / low.dim(1), step_x = width / low.dim(2);
  Maps<float> maps;
  for (std::int64_t i = 0; i < images; ++i) {
    const auto bits = packed.values<std::uint8_t>().subspan(i * packed.dim(1), packed.dim(1));
    Mask mask{static_cast<int>(width), static_cast<int>(height), {}};
    for (std::int64_t place = 0; place < height * width; ++place) {
      const std::int64_t y = place / width / step_y, x = place % width / step_x;
      maps.scores.push_back(low.floats()[(i * low.dim(1) + y) * low.dim(2) + x] + texture.floats()[place]);
      mask.values.push_back(bits[place / 8] >> (7 - place % 8) & 1);
    }
    maps.masks.push_back(std::move(mask));
  }
  maps.anomalous = labels_of(maps.masks);
  return maps;
}

// One scale for all images: the lowest score becomes 0, the highest 1.
void normalise(std::vector<double>& scores) {
  const auto [lowest, highest] = std::minmax_element(scores.begin(), scores.end());
  const double low = *lowest, range = *highest - *lowest;
  for (double& score : scores) score = (score - low) / range;
}

// eval_SAA.py: labels of the masks as they are on disk, everything at one size, one scale.
Maps<double> run_evaluation(const GoldenCase& golden, Outputs& out) {
  const int side = golden.info.at("resolution").get<int>();
  Maps<double> maps;
  for (int i = 0; golden.has_input(fmt::format("score{}", i)); ++i) {
    const Tensor& score = golden.input(fmt::format("score{}", i));
    const Tensor& stored = golden.input(fmt::format("mask{}", i));
    const std::vector<double> values(score.floats().begin(), score.floats().end());
    const std::vector<double> resized =
        resize_opencv<double>(values, static_cast<int>(score.dim(1)), static_cast<int>(score.dim(0)), 1, side,
                              side, Interpolation::kCubic);
    maps.scores.insert(maps.scores.end(), resized.begin(), resized.end());
    Mask mask = to_masks(stored.reshaped({1, stored.dim(0), stored.dim(1)})).front();
    for (std::uint8_t& value : mask.values) value = value > 0 ? 1 : 0;
    maps.anomalous.push_back(any_marked(mask));
    maps.masks.push_back(resize_nearest(mask, side, side));
  }
  const Shape shape{static_cast<std::int64_t>(maps.masks.size()), side, side};
  out.give("resized_scores", Tensor::from(shape, maps.scores));
  normalise(maps.scores);
  out.give("normalised_scores", Tensor::from(shape, maps.scores));
  out.give("resized_masks", to_tensor(maps.masks, side, side));
  return maps;
}

}  // namespace

void run_metrics(const GoldenCase& golden, GoldenContext&, Outputs& out) {
  const std::string storage = golden.info.value("storage", "plain");
  if (storage == "plain")
    give_metrics(golden, read_plain(golden), out);
  else if (storage == "compact")
    give_metrics(golden, read_compact(golden), out);
  else if (storage == "eval_pipeline")
    give_metrics(golden, run_evaluation(golden, out), out);
  else
    throw NotSupported(fmt::format("the storage '{}'", storage));
}

}  // namespace anomalyvlm::golden
