// The kind "clip_tiny": images and texts to vectors, step by step, with both kinds of GELU; preprocessing.
#include <algorithm>
#include <cmath>

#include "image/centred_square.h"
#include "models/clip/image_input.h"
#include "models/clip/text_encoder.h"
#include "reference/clip_config.h"
#include "reference/images.h"
#include "reference/pillow_image.h"
#include "reference/run_graph.h"
#include "reference/vocabulary.h"

namespace anomalyvlm::golden {
namespace {

using Json = nlohmann::json;

Tensor unit_rows(const Tensor& x) {
  std::vector<float> values(x.floats().begin(), x.floats().end());
  const auto width = static_cast<std::size_t>(x.dim(-1));
  for (std::size_t begin = 0; begin < values.size(); begin += width) {
    double squared = 0;
    for (std::size_t i = 0; i < width; ++i)
      squared += static_cast<double>(values[begin + i]) * values[begin + i];
    for (std::size_t i = 0; i < width; ++i)
      values[begin + i] = static_cast<float>(values[begin + i] / std::sqrt(squared));
  }
  return Tensor::from<float>(x.shape(), std::move(values));
}

// exp(scale) a b^T.
Tensor logits(const Tensor& a, const Tensor& b, double scale) {
  std::vector<float> values;
  const auto width = static_cast<std::size_t>(a.dim(1));
  for (std::size_t i = 0; i < static_cast<std::size_t>(a.dim(0)); ++i)
    for (std::size_t k = 0; k < static_cast<std::size_t>(b.dim(0)); ++k) {
      double dot = 0;
      for (std::size_t c = 0; c < width; ++c)
        dot += static_cast<double>(a.floats()[i * width + c]) * b.floats()[k * width + c];
      values.push_back(static_cast<float>(std::exp(scale) * dot));
    }
  return Tensor::from<float>({a.dim(0), b.dim(0)}, std::move(values));
}

class ClipRun {
 public:
  ClipRun(const GoldenCase& golden, GoldenContext& context, Outputs& out)
      : golden_(golden), context_(context), out_(out), info_(golden.info.at("config")) {}

  void run() {
    check_texts();
    const Json variants =
        info_.value("variants", Json{{"", {{"quick_gelu", info_.value("quick_gelu", true)}}}});
    for (const auto& [name, variant] : variants.items()) {
      clip::ClipConfig config = read_clip_config(info_);
      config.quick_gelu = variant.value("quick_gelu", config.quick_gelu);
      give_variant(name.empty() ? "" : name + ".", config);
    }
    for (const auto& [name, expected] : golden_.expected->tensors())
      if (name.starts_with(kPreprocess)) give_preprocessed(name, expected);
  }

 private:
  static constexpr std::string_view kPreprocess = "preprocess.";

  void check_texts() {
    if (!golden_.info.contains("texts")) return;
    const auto tokenizer = clip::Tokenizer::load(find_vocabulary(golden_, "bpe_simple_vocab_16e6.txt.gz"),
                                                 clip::SpecialTokens::kOpenAi);
    const Tensor& ids = golden_.input("ids");
    const Tensor got = clip::contexts_of(tokenizer, golden_.info["texts"].get<std::vector<std::string>>(),
                                         ids.dim(1), clip::TooLong::kCut);
    const auto a = got.values<std::int64_t>(), b = ids.values<std::int64_t>();
    const bool same = std::equal(a.begin(), a.end(), b.begin(), b.end());
    out_.check("ids of the texts", same, same ? "" : "are not those of the case");
  }

  void give_variant(const std::string& prefix, const clip::ClipConfig& config) {
    const Tensor images = golden_.input("images").to_f32();
    const Tensor& ids = golden_.input("ids");
    const Tensor embeddings = clip::token_embeddings(*golden_.weights, "", ids);
    nn::CompileRequest graph;
    graph.model = config.description();
    graph.inputs = {{"images", images.shape()}, {"embeddings", embeddings.shape()}};
    graph.function = [config](const nn::Scope& root, const std::vector<nn::Value>& in) {
      const nn::Scope at = root / "visual";
      const nn::Value tokens = clip::image_transformer(at, config, clip::image_tokens(at, config, in[0]));
      const nn::Value patches = slice(tokens, 1, 1, tokens.dim(1));
      return nn::NamedValues{{"visual_tokens", tokens},
                             {"patch_tokens", patches},
                             {"patch_tokens_projected", clip::image_projection(at, config, patches)},
                             {"image_features", clip::encode_image(at, config, in[0])},
                             {"text_hidden", clip::text_states(root, config, in[1])}};
    };
    std::map<std::string, Tensor> steps;
    for (auto& [name, value] : run_graph(golden_, *context_.engine(), graph, {images, embeddings}))
      steps.emplace(name, value);
    const clip::TextEncoder texts(golden_.weights, context_.engine(), nn::Precision::kF32, config);
    steps["text_features"] = texts.vectors(ids);
    steps["visual_ln_pre"] = steps["ln_pre"];
    for (int i = 0; i < config.vision.layers; ++i)
      steps[fmt::format("visual_block{}", i)] = steps[fmt::format("block_{}", i)];
    for (const char* what : {"image_features", "text_features"})
      steps[std::string(what) + "_normalized"] = unit_rows(steps[what]);
    const double scale = golden_.weights->at("logit_scale").to_f32().floats()[0];
    steps["logits_per_image"] =
        logits(steps["image_features_normalized"], steps["text_features_normalized"], scale);
    steps["logits_per_text"] =
        logits(steps["text_features_normalized"], steps["image_features_normalized"], scale);
    for (const auto& [name, value] : steps)
      if (golden_.wants(prefix + name)) out_.give(prefix + name, value);
  }

  // "resized_u8", "cropped_u8" at the network's size, "openai_tiny" at that, "openai_224" at 224 pixels.
  void give_preprocessed(const std::string& name, const Tensor& expected) {
    const Tensor* pixels = golden_.has_input("image_u8") ? &golden_.input("image_u8") : nullptr;
    const PillowImage image(golden_, golden_.info.value("image_file", ""), pixels);
    const bool bytes = expected.dtype() == DType::kU8;
    const auto shorter =
        static_cast<int>(bytes ? std::min(expected.dim(0), expected.dim(1)) : expected.dim(-1));
    const CentredSquare square = centred_square(image.width(), image.height(), shorter, shorter);
    const Image resized =
        image.resized(static_cast<int>(square.resized.width), static_cast<int>(square.resized.height));
    if (name.ends_with("resized_u8")) return out_.give(name, to_tensor(resized));
    Image cropped{shorter, shorter, {}};
    for (int y = 0; y < shorter; ++y) {
      const std::uint8_t* row = resized.row(square.top + y) + 3 * square.left;
      cropped.rgb.insert(cropped.rgb.end(), row, row + 3 * static_cast<std::size_t>(shorter));
    }
    if (bytes) return out_.give(name, to_tensor(cropped));
    out_.give(name, clip::normalised(cropped).reshaped({3, shorter, shorter}));
  }

  const GoldenCase& golden_;
  GoldenContext& context_;
  Outputs& out_;
  const Json& info_;
};

}  // namespace

void run_clip(const GoldenCase& golden, GoldenContext& context, Outputs& out) {
  ClipRun(golden, context, out).run();
}

}  // namespace anomalyvlm::golden
