// The kind "utad": an image's heat map by its own features, and the score map made of it.
#include "methods/utad/utad.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "anomalyvlm/codec.h"
#include "image/blur.h"
#include "models/resnet/dense_features.h"
#include "reference/resnet_config.h"
#include "reference/runner.h"

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;

// "layer2[3]": the features behind block 3 of layer 2. The network ends there.
ResNetConfig read_backbone(const Json& config) {
  ResNetConfig network = read_resnet_config(config.value("backbone", Json::object()));
  const std::string where = config.value("layer", "layer2[3]");
  unsigned layer = 0, block = 0;
  char rest = 0;
  if (std::sscanf(where.c_str(), "layer%u[%u]%c", &layer, &block, &rest) != 2 || layer < 1 ||
      layer > network.layers.size() || block >= static_cast<unsigned>(network.layers[layer - 1]))
    throw NotSupported("the features of " + where);
  network.layers[layer - 1] = static_cast<int>(block) + 1;
  network.out_indices = {static_cast<int>(layer)};
  return network;
}

// One number for all images, or one for each.
int read_side(const Json& config, const char* name, std::size_t image, int otherwise) {
  if (!config.contains(name)) return otherwise;
  const Json& sides = config[name];
  return (sides.is_array() ? sides.at(image) : sides).get<int>();
}

utad::Config read_utad_config(const Json& config, std::size_t image) {
  static const std::set<std::string> known = {
      "backbone",        "layer",  "avgpool",  "n_neighbors", "cut_heatmap", "cut_surrounding",
      "smoothing_sigma", "resize", "cropsize", "image_mean",  "image_std",   "official_full_size"};
  for (const auto& [name, value] : config.items())
    if (!known.contains(name)) throw NotSupported(fmt::format("UTAD has no setting '{}' here", name));
  utad::Config read;
  read.shorter_side = read_side(config, "resize", image, read.shorter_side);
  read.input_side = read_side(config, "cropsize", image, read.input_side);
  read.neighbours = config.value("n_neighbors", read.neighbours);
  read.border = config.value("cut_heatmap", read.border);
  read.crop = config.value("cut_surrounding", read.crop);
  read.smoothing_sigma = config.value("smoothing_sigma", read.smoothing_sigma);
  const std::vector<int> pooling = config.value("avgpool", std::vector{read.pooling, 1, read.pooling / 2});
  if (pooling.size() != 3 || pooling[0] % 2 == 0 || pooling[1] != 1 || pooling[2] != pooling[0] / 2)
    throw NotSupported(fmt::format("average pooling of [{}]", fmt::join(pooling, ", ")));
  read.pooling = pooling[0];
  return read;
}

// The image file made the network's input, beside the case's own. A JPEG decoder may differ by a grey level
// here and there; other arithmetic would differ by more, or everywhere.
void check_preparation(const GoldenCase& golden, std::size_t image, const utad::Config& config,
                       const Tensor& expected, Outputs& out) {
  constexpr double kLevel = 1 / (255 * 0.224), kMost = 2, kMean = 0.01;
  const Json files = golden.info.value("image_files", Json::array());
  if (image >= files.size() || !std::filesystem::exists(golden.dir / files[image].get<std::string>())) return;
  const Image decoded = read_image(golden.dir / files[image].get<std::string>());
  const Tensor got = imagenet_input(utad::input_of(decoded, config));
  double most = got.size() == expected.size() ? 0 : HUGE_VAL, sum = 0;
  for (std::size_t i = 0; most < HUGE_VAL && i < got.floats().size(); ++i) {
    const double levels = std::abs(static_cast<double>(got.floats()[i]) - expected.floats()[i]) / kLevel;
    most = std::max(most, levels);
    sum += levels / static_cast<double>(got.size());
  }
  const bool same = most <= kMost && sum <= kMean;
  out.check(fmt::format("image{} from its file", image), same,
            same ? "" : fmt::format("differs by {:.2f} grey levels at most, {:.3f} in the mean", most, sum));
}

Tensor with_rank(const FloatMap& map, int rank) {
  Shape shape(static_cast<std::size_t>(rank), 1);
  shape[static_cast<std::size_t>(rank) - 2] = map.height;
  shape[static_cast<std::size_t>(rank) - 1] = map.width;
  return Tensor::from(std::move(shape), map.values);
}

// From pooled features to the score, every step.
void give_steps(const std::string& name, const Tensor& pooled, const utad::Config& config, Extent input,
                Outputs& out) {
  const FloatMap heat = utad::heat_map(pooled, config.neighbours);
  const FloatMap upsampled = utad::enlarged(heat, config.border, input);
  const FloatMap smoothed = blur_gaussian(upsampled, config.smoothing_sigma);
  const FloatMap score_map = utad::cropped(smoothed, config.crop);
  out.give(name + ".heatmap", with_rank(heat, 3));
  out.give(name + ".upsampled", with_rank(upsampled, 4));
  out.give(name + ".smoothed", with_rank(smoothed, 4));
  out.give(name + ".score_map", with_rank(score_map, 4));
  out.give(name + ".image_score",
           Tensor::from<float>({1}, {*std::max_element(score_map.values.begin(), score_map.values.end())}));
}

}  // namespace

// The inputs are images, "image0", or pooled features, "image0.pooled_feature".
void run_utad(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  const Json& config = golden.info.at("config");
  const DenseFeatures network(golden.weights, context.engine(), nn::Precision::kF32, read_backbone(config));
  for (const auto& [name, tensor] : golden.inputs->tensors()) {
    const std::string image = name.substr(0, name.find('.'));
    if (!image.starts_with("image")) throw NotSupported("the input " + name);
    const std::size_t number = std::stoul(image.substr(5));
    const utad::Config settings = read_utad_config(config, number);
    Extent input{settings.input_side, settings.input_side};
    Tensor pooled = tensor.to_f32();
    if (image == name) {
      check_preparation(golden, number, settings, pooled, out);
      input = {tensor.dim(-2), tensor.dim(-1)};
      const Tensor batch = pooled.reshaped({1, 3, input.height, input.width});
      pooled = utad::pooled(network.layers(batch).front(), settings.pooling);
      out.give(image + ".pooled_feature", pooled);
    }
    give_steps(image, pooled, settings, input, out);
  }
}

}  // namespace anomalyvlm::golden
