// The kind "clipseg_tiny": phrases and images to maps, step by step; other layers, the refined decoder and
// another resolution.
#include "models/clipseg/clipseg.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "reference/clip_config.h"
#include "reference/images.h"
#include "reference/run_graph.h"
#include "reference/vocabulary.h"

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;
using clipseg::ClipSegConfig;

ClipSegConfig read_clipseg_config(const Json& config) {
  for (const char* name : {"fix_shift", "upsample", "n_tokens"})
    if (config.contains(name) && !config[name].is_null() && config[name] != Json(false))
      throw NotSupported(fmt::format("CLIPSeg's setting '{}'", name));
  if (const std::string name = config.value("class", "CLIPDensePredT"); name != "CLIPDensePredT")
    throw NotSupported("CLIPSeg's class " + name);
  ClipSegConfig c;
  c.clip = read_clip_config(config);
  c.layers = config.value("extract_layers", std::vector<int>{3, 6, 9});
  c.deepest_first = !config.value("rev_activations", false);
  c.channels = config.value("reduce_dim", c.channels);
  c.heads = config.value("n_heads", c.heads);
  c.feed_forward = config.value("dim_feedforward", c.feed_forward);
  c.condition_block = config.value("cond_layer", c.condition_block);
  if (config.contains("reduce_cond") && !config["reduce_cond"].is_null())
    c.condition_channels = config["reduce_cond"].get<std::int64_t>();
  c.extra_blocks = config.value("extra_blocks", c.extra_blocks);
  c.refined = config.value("complex_trans_conv", c.refined);
  c.up = config.value("trans_conv_kernel", c.clip.patch);
  return c;
}

// "extract_3_6_9": these layers.
std::vector<int> layers_of(const std::string& variant) {
  std::vector<int> layers;
  for (std::size_t at = variant.find('_'); at != std::string::npos; at = variant.find('_', at + 1))
    layers.push_back(std::stoi(variant.substr(at + 1)));
  return layers;
}

Tensor corner_of(const Tensor& x, std::int64_t side) {
  std::vector<float> values;
  for (std::int64_t plane = 0; plane < x.dim(0) * x.dim(1); ++plane)
    for (std::int64_t row = 0; row < side; ++row) {
      const auto from = x.floats().subspan(static_cast<std::size_t>((plane * x.dim(2) + row) * x.dim(3)),
                                           static_cast<std::size_t>(side));
      values.insert(values.end(), from.begin(), from.end());
    }
  return Tensor::from<float>({x.dim(0), x.dim(1), side, side}, std::move(values));
}

class ClipSegRun {
 public:
  ClipSegRun(const GoldenCase& golden, GoldenContext& context, Outputs& out)
      : golden_(golden),
        context_(context),
        out_(out),
        config_(read_clipseg_config(golden.info.at("config"))),
        images_(golden.input("images").to_f32()) {}

  void run() {
    check_inputs();
    const clip::TextEncoder texts(golden_.weights, context_.engine(), nn::Precision::kF32, config_.clip,
                                  "clip_model");
    condition_ = texts.vectors(golden_.input("ids"));
    out_.give("cond", condition_);
    give_clip_layers();
    WeightFile::Tensors steps = decoded(golden_, config_, images_);
    give_sigmoid(steps.at("logits"));
    for (const auto& [name, value] : steps)
      if (golden_.wants(name)) out_.give(name, value);
    std::set<std::string> variants;
    for (const auto& [name, expected] : golden_.expected->tensors())
      if (const std::size_t end = name.find(".logits"); end != std::string::npos && end > 0)
        variants.insert(name.substr(0, end));
    for (const std::string& variant : variants) give_variant(variant);
  }

 private:
  WeightFile::Tensors decoded(const GoldenCase& golden, const ClipSegConfig& config, const Tensor& images) {
    const Extent grid{images.dim(2) / config.clip.patch, images.dim(3) / config.clip.patch};
    nn::CompileRequest graph;
    graph.model = config.description();
    graph.inputs = {{"images", images.shape()}, {"condition", condition_.shape()}};
    graph.function = [config, grid](const nn::Scope& root, const std::vector<nn::Value>& in) {
      const auto outputs = clipseg::layer_outputs(root / "clip_model" / "visual", config, in[0]);
      return nn::NamedValues{{"logits", clipseg::decode(root, config, outputs, in[1], grid)}};
    };
    return run_graph(golden, *context_.engine(), graph, {images, condition_});
  }

  // All of CLIP's layers, and the image's vector behind them.
  void give_clip_layers() {
    nn::CompileRequest graph;
    graph.model = config_.clip.description();
    graph.inputs = {{"images", images_.shape()}};
    graph.function = [config = config_.clip](const nn::Scope& root, const std::vector<nn::Value>& in) {
      return nn::NamedValues{{"visual_q", clip::encode_image(root / "clip_model" / "visual", config, in[0])}};
    };
    out_.give("pos_embed_interpolated",
              golden_.weights->at("clip_model.visual.positional_embedding").to_f32());
    for (auto& [name, value] : run_graph(golden_, *context_.engine(), graph, {images_})) {
      if (name == "positions") out_.give("pos_embed_interpolated", value);
      const std::string output = name.starts_with("block_") ? "activation_" + name.substr(6) : name;
      if (golden_.wants(output)) out_.give(output, value);
    }
  }

  void give_sigmoid(const Tensor& logits) {
    std::vector<float> values;
    for (const float value : logits.floats())
      values.push_back(static_cast<float>(1 / (1 + std::exp(-static_cast<double>(value)))));
    out_.give("sigmoid", Tensor::from<float>(logits.shape(), std::move(values)));
  }

  void give_variant(const std::string& variant) {
    ClipSegConfig config = config_;
    GoldenCase golden = golden_;
    Tensor images = images_;
    if (variant.starts_with("extract_")) {
      config.layers = layers_of(variant);
    } else if (variant == "refined") {
      config.refined = true;
      const std::shared_ptr<const WeightFile> files[] = {golden_.weights,
                                                         golden_.load("weights_refined.safetensors")};
      golden.weights = merge(files);
    } else if (variant == "native_resolution") {
      images = corner_of(images_, config.clip.image_size);
    } else {
      return;
    }
    out_.give(variant + ".logits", decoded(golden, config, images).at("logits"));
  }

  // The tokens are those of the phrases, and the images those of the file.
  void check_inputs() {
    const Tensor& ids = golden_.input("ids");
    if (golden_.info.contains("prompts")) {
      const auto tokenizer = clip::Tokenizer::load(find_vocabulary(golden_, "bpe_simple_vocab_16e6.txt.gz"),
                                                   clip::SpecialTokens::kOpenAi);
      const Tensor got = clip::contexts_of(tokenizer, golden_.info["prompts"].get<std::vector<std::string>>(),
                                           ids.dim(1), clip::TooLong::kRefuse);
      const auto a = got.values<std::int64_t>(), b = ids.values<std::int64_t>();
      const bool same = std::equal(a.begin(), a.end(), b.begin(), b.end());
      out_.check("ids of the prompts", same, same ? "" : "are not those of the case");
    }
    if (!golden_.has_input("image_u8") || images_.dim(2) != images_.dim(3)) return;
    const Tensor input =
        clipseg::input_of(to_image(golden_.input("image_u8")), static_cast<int>(images_.dim(2)));
    double most = 0;
    for (std::size_t i = 0; i < input.floats().size(); ++i)
      most = std::max(most, std::abs(static_cast<double>(input.floats()[i]) - images_.floats()[i]));
    out_.check("image 0 from its pixels", most <= 5e-5, fmt::format("differs by {:.2e}", most));
  }

  const GoldenCase& golden_;
  GoldenContext& context_;
  Outputs& out_;
  ClipSegConfig config_;
  Tensor images_, condition_;
};

}  // namespace

void run_clipseg(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  ClipSegRun(golden, context, out).run();
}

}  // namespace anomalyvlm::golden
