#include "models/clipseg/clipseg.h"

#include <algorithm>
#include <bit>
#include <set>

#include "image/resize.h"
#include "models/resnet/dense_features.h"
#include "nn/layers.h"

namespace anomalyvlm::clipseg {
namespace {

using nn::Scope;
using nn::Value;

constexpr std::string_view kClip = "clip_model";
constexpr std::size_t kMostPhrasesAtOnce = 8;  // the decoder takes 4 MB for each

// Norms follow the residuals (post-norm).
Value decoder_block(const Scope& at, const ClipSegConfig& c, const Value& x) {
  const Value y = nn::layer_norm(
      at / "norm1", x + nn::multi_head_attention(at / "self_attn", x, x, x, c.heads), c.norm_eps);
  const Value inner = relu(nn::linear(at / "linear1", y, c.feed_forward));
  return nn::layer_norm(at / "norm2", y + nn::linear(at / "linear2", inner, c.channels), c.norm_eps);
}

// Feature-wise modulation (FiLM, Perez et al., 2018) of all tokens, the class token included.
Value modulated(const Scope& at, const ClipSegConfig& c, const Value& x, const Value& condition) {
  const Value by =
      c.condition_channels > 0 ? nn::linear(at / "reduce_cond", condition, c.condition_channels) : condition;
  const auto each = [&](std::string_view name) {
    return reshape(nn::linear(at / name, by, c.channels), {by.dim(0), 1, c.channels});
  };
  return each("film_mul") * x + each("film_add");
}

Value enlarged(const Scope& at, const ClipSegConfig& c, const Value& x) {
  if (!c.refined) return nn::conv_transpose2d(at, x, 1, c.up);
  nn::ConvSpec same;
  same.padding = nn::same_padding(1);
  const Value y = relu(nn::conv2d(at / 0, x, c.channels, 3, same));
  return nn::conv_transpose2d(at / 4, relu(nn::conv_transpose2d(at / 2, y, c.channels / 2, c.up / 4)), 1,
                              c.up / 4);
}

void require_decoder(const ClipSegConfig& c, std::size_t outputs) {
  if (outputs == 0 || c.heads < 1 || c.channels % c.heads != 0 || c.up < 1 || (c.refined && c.up < 4))
    fail(ErrorKind::kBadModel,
         "CLIPSeg: {} layers of CLIP, {} channels for {} heads and {} pixels a patch are not possible.",
         outputs, c.channels, c.heads, c.up);
}

}  // namespace

ClipSegConfig ClipSegConfig::rd16() {
  ClipSegConfig config;
  config.channels = 16;
  return config;
}

ClipSegConfig ClipSegConfig::rd64_refined() {
  ClipSegConfig config;
  config.refined = true;
  return config;
}

std::vector<int> ClipSegConfig::read_layers() const {
  std::set<int> wanted(layers.begin(), layers.end());
  std::erase_if(wanted, [&](int layer) { return layer < 1 || layer >= clip.vision.layers; });
  std::vector<int> read(wanted.begin(), wanted.end());
  if (deepest_first) std::reverse(read.begin(), read.end());
  return read;
}

std::string ClipSegConfig::description() const {
  return fmt::format("CLIPSeg, layers {} {}, {} {} {}, condition {} {}, extra {}, {} {}, eps {}, {}",
                     fmt::join(layers, " "), deepest_first, channels, heads, feed_forward, condition_block,
                     condition_channels, extra_blocks, refined ? "refined" : "plain", up, norm_eps,
                     clip.description());
}

std::vector<Value> layer_outputs(const Scope& at, const ClipSegConfig& config, const Value& image) {
  const std::vector<int> read = config.read_layers();
  require_decoder(config, read.size());
  clip::ClipConfig shortened = config.clip;
  shortened.vision.layers = *std::max_element(read.begin(), read.end()) + 1;
  std::vector<Value> outputs(read.size());
  clip::image_transformer(at, shortened, clip::image_tokens(at, shortened, image),
                          [&](int layer, const Value& x) {
                            const auto found = std::find(read.begin(), read.end(), layer);
                            if (found != read.end())
                              outputs[static_cast<std::size_t>(found - read.begin())] = x;
                          });
  return outputs;
}

Value decode(const Scope& at, const ClipSegConfig& config, const std::vector<Value>& outputs,
             const Value& condition, Extent grid) {
  require_decoder(config, outputs.size());
  Value x;
  for (int i = 0; i < static_cast<int>(outputs.size()); ++i) {
    const Value reduced =
        tap(fmt::format("reduce{}", i),
            nn::linear(at / "reduces" / i, outputs[static_cast<std::size_t>(i)], config.channels));
    x = x.defined() ? reduced + x : reduced;
    if (i == config.condition_block) x = modulated(at, config, x, condition);
    x = tap(fmt::format("decoder_block{}", i), decoder_block(at / "blocks" / i, config, x));
  }
  for (int i = 0; i < config.extra_blocks; ++i) x = x + decoder_block(at / "extra_blocks" / i, config, x);
  const Value patches = transpose(slice(x, 1, 1, x.dim(1)), 1, 2);
  return enlarged(at / "trans_conv", config,
                  reshape(patches, {x.dim(0), config.channels, grid.height, grid.width}));
}

Tensor input_of(const Image& image, int side) {
  return resize_torch_bilinear(imagenet_input(image), side, side);
}

ClipSeg::ClipSeg(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                 nn::Precision precision, const ClipSegConfig& config)
    : precision_(precision),
      config_(config),
      texts_(weights, engine, precision, config.clip, std::string(kClip)),
      programs_(std::move(weights), std::move(engine)) {}

Tensor ClipSeg::conditions(const clip::Tokenizer& tokenizer, const std::vector<std::string>& phrases) const {
  return texts_.vectors(tokenizer, phrases, clip::TooLong::kRefuse);
}

Tensor ClipSeg::probabilities(const Tensor& input, const Tensor& conditions) const {
  const Extent grid{input.dim(2) / config_.clip.patch, input.dim(3) / config_.clip.patch};
  const auto encode = [config = config_](const Scope& root, const std::vector<Value>& in) {
    nn::NamedValues named;
    for (const Value& output : layer_outputs(root / kClip / "visual", config, in[0]))
      named.emplace_back(fmt::format("output{}", named.size()), output);
    return named;
  };
  const std::vector<Tensor> outputs =
      programs_
          .get(nn::make_request("image of " + config_.description(), encode, {{"image", input.shape()}}),
               precision_)
          ->run({input});
  // Batches of 8, 4, 2 and 1: few shapes are ever compiled.
  const auto phrases = static_cast<std::size_t>(conditions.dim(0)),
             numbers = static_cast<std::size_t>(conditions.dim(1));
  std::vector<float> all;
  Shape shape = {0, 1, 0, 0};
  for (std::size_t first = 0, count = 0; first < phrases; first += count) {
    count = std::bit_floor(std::min(phrases - first, kMostPhrasesAtOnce));
    const auto some = conditions.floats().subspan(first * numbers, count * numbers);
    const Tensor answered = answer(outputs, grid,
                                   Tensor::from<float>({static_cast<std::int64_t>(count), conditions.dim(1)},
                                                       {some.begin(), some.end()}));
    all.insert(all.end(), answered.floats().begin(), answered.floats().end());
    shape = answered.shape();
  }
  shape[0] = conditions.dim(0);
  return Tensor::from<float>(shape, std::move(all));
}

Tensor ClipSeg::answer(const std::vector<Tensor>& outputs, Extent grid, const Tensor& conditions) const {
  const auto decoded = [config = config_, grid](const Scope& root, const std::vector<Value>& in) {
    const std::vector<Value> read(in.begin(), in.end() - 1);
    return nn::NamedValues{{"probabilities", sigmoid(decode(root, config, read, in.back(), grid))}};
  };
  std::vector<nn::InputSpec> specs;
  std::vector<Tensor> inputs = outputs;
  for (const Tensor& output : outputs)
    specs.push_back({fmt::format("output{}", specs.size()), output.shape()});
  specs.push_back({"condition", conditions.shape()});
  inputs.push_back(conditions);
  const std::string name =
      fmt::format("phrases on {} x {} patches of {}", grid.height, grid.width, config_.description());
  return programs_.get(nn::make_request(name, decoded, std::move(specs)), precision_)->run(inputs).front();
}

std::shared_ptr<const WeightFile> with_clip(const std::shared_ptr<const WeightFile>& decoder,
                                            const std::shared_ptr<const WeightFile>& clip) {
  WeightFile::Tensors renamed;
  for (const auto& [name, tensor] : clip->tensors())
    renamed.emplace(fmt::format("{}.{}", kClip, name), tensor);
  auto below = std::make_shared<WeightFile>(clip->source(), std::move(renamed));
  for (const auto& file : clip->mapped()) below->keep(file);
  const std::shared_ptr<const WeightFile> both[] = {below, decoder};
  return merge(both);
}

std::vector<ExpectedTensor> expected_tensors(const ClipSegConfig& config) {
  const std::int64_t side = config.clip.grid(), tokens = 1 + side * side;
  const auto function = [&](const Scope& root, const std::vector<Value>& in) {
    const std::vector<Value> outputs(config.read_layers().size(), in[0]);
    return nn::NamedValues{{"logits", decode(root, config, outputs, in[1], {side, side})}};
  };
  return nn::trace_signature(function, {{"output", {1, tokens, config.clip.vision.channels}},
                                        {"condition", {1, config.clip.embedding}}})
      .weights;
}

// "reduce" is trained and not used; "model" is CLIP's image transformer under a second name.
std::vector<std::string> ignorable_tensors() { return {"clip_model.*", "model.*", "reduce.*"}; }

}  // namespace anomalyvlm::clipseg
