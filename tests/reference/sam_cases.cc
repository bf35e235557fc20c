#include "reference/sam_cases.h"

#include <algorithm>
#include <cmath>

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;

// An activation, where a config names one, must be the published one.
void require_activation(const Json& config, const char* key, std::string_view expected) {
  if (!config.contains(key)) return;
  std::string name = config[key].get<std::string>();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name.find(expected) == std::string::npos)
    throw NotSupported(fmt::format("{} is {}; only {} is supported", key, name, expected));
}

SamVitConfig read_vit_config(const Json& config) {
  require_activation(config, "act_layer", "gelu");
  SamVitConfig c;
  c.image_size = config.value("img_size", c.image_size);
  c.patch = config.value("patch_size", c.patch);
  c.channels = config.value("embed_dim", c.channels);
  c.depth = config.value("depth", c.depth);
  c.heads = config.value("num_heads", c.heads);
  c.mlp_ratio = config.value("mlp_ratio", c.mlp_ratio);
  c.window = config.value("window_size", std::int64_t{0});
  c.global_blocks = config.value("global_attn_indexes", std::vector<int>());
  c.qkv_bias = config.value("qkv_bias", true);
  c.absolute_positions = config.value("use_abs_pos", true);
  c.relative_positions = config.value("use_rel_pos", false);
  c.norm_eps = config.value("norm_eps", c.norm_eps);
  return c;
}

void read_decoder(const Json& config, SamConfig& c) {
  const Json prompts = config.value("prompt_encoder", Json::object());
  const Json transformer = config.value("transformer", Json::object());
  const Json decoder = config.value("mask_decoder", Json::object());
  require_activation(prompts, "activation", "gelu");
  require_activation(transformer, "activation", "relu");
  require_activation(decoder, "activation", "gelu");
  c.mask_channels = prompts.value("mask_in_chans", c.mask_channels);
  c.decoder_depth = transformer.value("depth", c.decoder_depth);
  c.decoder_heads = transformer.value("num_heads", c.decoder_heads);
  c.decoder_mlp = transformer.value("mlp_dim", c.decoder_mlp);
  c.attention_downsample = transformer.value("attention_downsample_rate", c.attention_downsample);
  c.multimask_outputs = decoder.value("num_multimask_outputs", c.multimask_outputs);
  c.iou_depth = decoder.value("iou_head_depth", c.iou_depth);
  c.iou_channels = decoder.value("iou_head_hidden_dim", c.iou_channels);
  for (const auto& [part, key] : {std::pair(&prompts, "embed_dim"), std::pair(&transformer, "embedding_dim"),
                                  std::pair(&decoder, "transformer_dim")})
    if (const std::int64_t width = part->value(key, c.channels); width != c.channels)
      throw NotSupported(
          fmt::format("{} is {}, but the image's embedding has {} channels", key, width, c.channels));
}

}  // namespace

TinyVitConfig read_tiny_vit_config(const Json& config) {
  TinyVitConfig c;
  c.image_size = config.value("img_size", c.image_size);
  c.dims = config.value("embed_dims", c.dims);
  c.depths = config.value("depths", c.depths);
  c.heads = config.value("num_heads", c.heads);
  c.windows = config.value("window_sizes", c.windows);
  c.mlp_ratio = config.value("mlp_ratio", c.mlp_ratio);
  c.conv_expansion = config.value("mbconv_expand_ratio", c.conv_expansion);
  c.local_conv = config.value("local_conv_size", c.local_conv);
  // The authors tell a merging that keeps the resolution by its number of channels.
  const bool forced = config.value("force_last_downsample_stride_1", false);
  c.merge_strides.clear();
  for (std::size_t next = 1; next < c.dims.size(); ++next) {
    const bool wide = c.dims[next] == 320 || c.dims[next] == 448 || c.dims[next] == 576;
    c.merge_strides.push_back(wide || (forced && next + 1 == c.dims.size()) ? 1 : 2);
  }
  return c;
}

SamConfig read_sam_config(const Json& config) {
  const Json& encoder = config.at("image_encoder");
  SamConfig c;
  if (encoder.contains("embed_dims"))
    c.encoder = read_tiny_vit_config(encoder);
  else
    c.encoder = read_vit_config(encoder);
  c.channels = encoder.value("out_chans", c.channels);
  read_decoder(config, c);
  c.pixel_mean = config.value("pixel_mean", c.pixel_mean);
  c.pixel_std = config.value("pixel_std", c.pixel_std);
  c.mask_threshold = config.value("mask_threshold", c.mask_threshold);
  return c;
}

sam::PixelSize read_size(const Json& pair) {
  return {pair.at(0).get<std::int64_t>(), pair.at(1).get<std::int64_t>()};
}

Tensor channels_of(const Tensor& x, std::int64_t begin, std::int64_t end) {
  Shape shape = x.shape();
  shape[1] = end - begin;
  const std::int64_t inner = x.size() / x.dim(0) / x.dim(1);
  std::vector<float> values;
  for (std::int64_t b = 0; b < x.dim(0); ++b) {
    const float* from = x.floats().data() + b * x.dim(1) * inner;
    values.insert(values.end(), from + begin * inner, from + end * inner);
  }
  return Tensor::from<float>(std::move(shape), std::move(values));
}

std::int64_t side_of(std::int64_t tokens) {
  return static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(tokens))));
}

Tensor as_map(const Tensor& tokens) {
  const std::int64_t side = side_of(tokens.dim(1));
  return tokens.reshaped({tokens.dim(0), side, side, tokens.dim(2)});
}

}  // namespace anomalyvlm::golden
