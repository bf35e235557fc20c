#include "reference/clip_config.h"

#include "reference/runner.h"

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;

clip::ClipConfig read_openai(const Json& config) {
  clip::ClipConfig c;
  c.embedding = config.value("embed_dim", c.embedding);
  c.image_size = config.value("image_resolution", c.image_size);
  c.patch = config.value("vision_patch_size", c.patch);
  c.vision.channels = config.value("vision_width", c.vision.channels);
  if (!config.value("vision_layers", Json(0)).is_number())
    throw NotSupported("CLIP's residual networks; only vision transformers are supported");
  c.vision.layers = config.value("vision_layers", c.vision.layers);
  c.vision.heads = config.value("vision_heads", c.vision.channels / 64);
  c.text.channels = config.value("transformer_width", c.text.channels);
  c.text.layers = config.value("transformer_layers", c.text.layers);
  c.text.heads = config.value("transformer_heads", c.text.channels / 64);
  c.context = config.value("context_length", c.context);
  c.vocabulary = config.value("vocab_size", c.vocabulary);
  c.quick_gelu = config.value("quick_gelu", true);
  return c;
}

clip::ClipConfig read_open_clip(const Json& config) {
  clip::ClipConfig c;
  const Json &vision = config.at("vision_cfg"), text = config.at("text_cfg");
  for (const char* name :
       {"timm_model_name", "ls_init_value", "global_average_pool", "attentional_pool", "input_patchnorm"})
    if (vision.contains(name) && vision[name] != Json(false) && !vision[name].is_null())
      throw NotSupported(fmt::format("open_clip's setting '{}'", name));
  if (vision.value("mlp_ratio", 4.0) != 4.0 || !vision.value("layers", Json(0)).is_number())
    throw NotSupported("open_clip's vision models with another inner size, or of another kind");
  c.embedding = config.value("embed_dim", c.embedding);
  c.image_size = vision.value("image_size", c.image_size);
  c.patch = vision.value("patch_size", c.patch);
  c.vision.channels = vision.value("width", c.vision.channels);
  c.vision.layers = vision.value("layers", c.vision.layers);
  c.vision.heads = c.vision.channels / vision.value("head_width", std::int64_t{64});
  c.text.channels = text.value("width", c.text.channels);
  c.text.layers = text.value("layers", c.text.layers);
  c.text.heads = text.value("heads", c.text.heads);
  c.context = text.value("context_length", c.context);
  c.vocabulary = text.value("vocab_size", c.vocabulary);
  c.quick_gelu = config.value("quick_gelu", false);
  return c;
}

}  // namespace

clip::ClipConfig read_clip_config(const Json& config) {
  clip::ClipConfig c = config.contains("vision_cfg") ? read_open_clip(config) : read_openai(config);
  c.norm_eps = config.value("layer_norm_eps", c.norm_eps);
  return c;
}

}  // namespace anomalyvlm::golden
