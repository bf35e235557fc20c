#include "reference/grounding_dino_config.h"

#include "reference/bert_config.h"
#include "reference/runner.h"
#include "reference/swin_config.h"

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;

// A setting of which only this value is known here.
void require(const Json& config, const char* key, const Json& only) {
  if (config.contains(key) && config[key] != only)
    throw NotSupported(fmt::format("{} is {}; only {} is supported", key, config[key].dump(), only.dump()));
}

nn::Unary read_activation(const Json& config) {
  const std::string name = config.value("transformer_activation", "relu");
  if (name != "relu" && name != "gelu")
    throw NotSupported("transformer_activation is " + name + "; relu and gelu are supported");
  return name == "relu" ? nn::Unary::kRelu : nn::Unary::kGelu;
}

}  // namespace

GroundingDinoConfig read_grounding_dino_config(const Json& config) {
  require(config, "pre_norm", false);
  require(config, "query_dim", 4);
  require(config, "num_patterns", 0);
  require(config, "two_stage_type", "standard");
  require(config, "text_encoder_type", "bert-base-uncased");
  if (const std::string kind = config.value("position_embedding", "sine"); kind != "sine" && kind != "v2")
    throw NotSupported("position_embedding is " + kind + "; only sine is supported");
  GroundingDinoConfig c;
  c.backbone = read_swin_config(config);
  if (config.contains("bert")) c.text = read_bert_config(config["bert"]);
  c.channels = config.value("hidden_dim", c.channels);
  c.heads = config.value("nheads", c.heads);
  c.feed_forward = config.value("dim_feedforward", c.feed_forward);
  c.encoder_layers = config.value("enc_layers", c.encoder_layers);
  c.decoder_layers = config.value("dec_layers", c.decoder_layers);
  c.levels = config.value("num_feature_levels", c.levels);
  c.encoder_points = config.value("enc_n_points", c.encoder_points);
  c.decoder_points = config.value("dec_n_points", c.decoder_points);
  c.queries = config.value("num_queries", c.queries);
  c.max_text = config.value("max_text_len", c.max_text);
  c.activation = read_activation(config);
  c.temperature_y = config.value("pe_temperatureH", c.temperature_y);
  c.temperature_x = config.value("pe_temperatureW", c.temperature_x);
  c.fusion = config.value("use_fusion_layer", c.fusion);
  c.text_enhancer = config.value("use_text_enhancer", c.text_enhancer);
  c.text_cross_attention = config.value("use_text_cross_attention", c.text_cross_attention);
  c.learned_queries = config.value("embed_init_tgt", c.learned_queries);
  c.sub_sentences = config.value("sub_sentence_present", c.sub_sentences);
  c.mixed_up_masks = true;
  return c;
}

}  // namespace anomalyvlm::golden
