// The kind "dinov2_tiny": DINOv2 from images to dense features, block by block, and what images are prepared
// to.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/dinov2/dinov2.h"
#include "models/dinov2/image_input.h"
#include "models/dinov2/patch_features.h"
#include "models/dinov2/positions.h"
#include "reference/images.h"
#include "reference/run_graph.h"

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;

// Settings of the authors' class with which no published model is made.
void require_supported(const Json& config) {
  const Json fixed = {
      {"in_chans", 3}, {"qkv_bias", true}, {"proj_bias", true}, {"ffn_bias", true}, {"block_chunks", 0}};
  for (const auto& [name, value] : fixed.items())
    if (config.value(name, value) != value)
      throw NotSupported(fmt::format("DINOv2 with {} = {}", name, config[name].dump()));
  if (config.contains("init_values") && (config["init_values"].is_null() || config["init_values"] == 0))
    throw NotSupported("DINOv2 without scales of layers");
}

dinov2::Dinov2Config read_dinov2_config(const GoldenCase& golden) {
  const Json& json = golden.info.at("config");
  require_supported(json);
  dinov2::Dinov2Config config = dinov2::read_config(*golden.weights);
  config.heads = json.value("num_heads", config.heads);
  config.norm_eps = json.value("norm_eps", config.norm_eps);
  config.resampling.antialias = json.value("interpolate_antialias", config.resampling.antialias);
  config.resampling.offset = json.value("interpolate_offset", config.resampling.offset);
  return config;
}

// What the file's names and shapes tell is what the case states.
void check_config(const Json& json, const dinov2::Dinov2Config& config, Outputs& out) {
  const bool gated = config.feed_forward == dinov2::FeedForward::kSwiGlu;
  const Json read = {{"patch_size", config.patch},
                     {"img_size", config.grid * config.patch},
                     {"embed_dim", config.channels},
                     {"depth", config.blocks},
                     {"num_register_tokens", config.registers}};
  for (const auto& [name, value] : read.items()) {
    const bool same = json.value(name, value) == value;
    out.check(name + " of the file", same, same ? "" : fmt::format("is {}", value.dump()));
  }
  const bool same = json.value("ffn_layer", gated ? "swiglu" : "mlp").starts_with("swiglu") == gated;
  out.check("ffn_layer of the file", same, same ? "" : gated ? "is SwiGLU" : "is an MLP");
}

// [B, T, C] -> its tokens from `begin` to `end`; the axis goes if there is only the class token.
Tensor some_tokens(const Tensor& x, std::int64_t begin, std::int64_t end, bool keep_axis = true) {
  const std::int64_t channels = x.dim(2);
  std::vector<float> values;
  for (std::int64_t image = 0; image < x.dim(0); ++image) {
    const auto first = x.floats().begin() + (image * x.dim(1) + begin) * channels;
    values.insert(values.end(), first, first + (end - begin) * channels);
  }
  return Tensor::from<float>(keep_axis ? Shape{x.dim(0), end - begin, channels} : Shape{x.dim(0), channels},
                             std::move(values));
}

class Dinov2Run {
 public:
  Dinov2Run(const GoldenCase& golden, GoldenContext& context, Outputs& out)
      : golden_(golden),
        context_(context),
        out_(out),
        config_(read_dinov2_config(golden)),
        features_(golden.weights, context.engine(), nn::Precision::kF32, config_) {}

  void run() {
    check_config(golden_.info["config"], config_, out_);
    constexpr std::string_view kImages = "images";
    for (const auto& [name, tensor] : golden_.inputs->tensors()) {
      if (!name.starts_with(kImages)) continue;
      const int i = std::stoi(name.substr(kImages.size()));
      const Tensor images = tensor.to_f32();
      give_tokens(i, images);
      give_maps(i, images);
      check_preparation(i, images);
    }
  }

 private:
  void give_tokens(int i, const Tensor& images) {
    const Tensor places =
        dinov2::positions(*golden_.weights, config_, dinov2::grid_of(config_, images.shape()));
    out_.give(fmt::format("pos_embed{}", i), places);
    const auto function = [config = config_](const nn::Scope& root, const std::vector<nn::Value>& in) {
      nn::Value x = dinov2::image_tokens(root, config, in[0], in[1]);
      for (int b = 0; b < config.blocks; ++b) x = dinov2::block(root, config, b, x);
      return nn::NamedValues{{"x_prenorm", x}, {"x_norm", dinov2::final_norm(root, config, x)}};
    };
    const auto steps =
        run_graph(golden_, *context_.engine(),
                  nn::make_request(config_.description(), function,
                                   {{"images", images.shape()}, {"positions", places.shape()}}),
                  {images, places});
    out_.give(fmt::format("tokens{}", i), steps.at("tokens"));
    for (int b = 0; b < config_.blocks; ++b)
      out_.give(fmt::format("block{}.{}", b, i), steps.at(fmt::format("block_{}", b)));
    out_.give(fmt::format("x_prenorm{}", i), steps.at("x_prenorm"));
    const Tensor& normed = steps.at("x_norm");
    const std::int64_t patches = 1 + config_.registers;
    out_.give(fmt::format("x_norm_clstoken{}", i), some_tokens(normed, 0, 1, false));
    out_.give(fmt::format("x_norm_regtokens{}", i), some_tokens(normed, 1, patches));
    out_.give(fmt::format("x_norm_patchtokens{}", i), some_tokens(normed, patches, normed.dim(1)));
  }

  void give_maps(int i, const Tensor& images) {
    auto layers = golden_.info.value("layers", std::vector<int>{config_.blocks - 1});
    std::sort(layers.begin(), layers.end());  // outputs are named, their order is free
    const std::vector<Tensor> maps = features_.maps(images, layers);
    for (std::size_t n = 0; n < layers.size(); ++n)
      out_.give(fmt::format("layer{}.{}", layers[n], i), maps[n]);
  }

  // The image that an input was made of, where the case has it.
  void check_preparation(int i, const Tensor& images) {
    const Json all = golden_.info.value("preprocess", Json::array());
    const std::string raw = fmt::format("raw{}", i);
    if (static_cast<std::size_t>(i) >= all.size() || all[i].is_null() || !golden_.has_input(raw)) return;
    const Json& how = all[i];
    const std::array<double, 3> mean = {0.485, 0.456, 0.406}, deviation = {0.229, 0.224, 0.225};
    if (how.value("mean", mean) != mean || how.value("std", deviation) != deviation)
      throw NotSupported("other means and deviations than ImageNet's");
    const Tensor got = dinov2::normalised(dinov2::prepared_image(
        to_image(golden_.input(raw)), how.at("smaller_edge").get<std::int64_t>(), config_.patch));
    double most = got.shape() == images.shape() ? 0 : HUGE_VAL;
    for (std::size_t k = 0; most < HUGE_VAL && k < got.floats().size(); ++k)
      most = std::max(most, std::abs(static_cast<double>(got.floats()[k]) - images.floats()[k]));
    constexpr double kRounding = 2e-6;  // a grey level is 0.017
    out_.check(fmt::format("images{} from {}", i, raw), most <= kRounding,
               most <= kRounding ? "" : fmt::format("differ by {:g}", most));
  }

  const GoldenCase& golden_;
  GoldenContext& context_;
  Outputs& out_;
  const dinov2::Dinov2Config config_;
  const dinov2::PatchFeatures features_;
};

}  // namespace

void run_dinov2(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  Dinov2Run(golden, context, out).run();
}

}  // namespace anomalyvlm::golden
