#include "models/grounding_dino/graphs.h"

#include <algorithm>
#include <set>

#include "models/grounding_dino/decoder.h"
#include "models/grounding_dino/encoder.h"
#include "models/grounding_dino/image_features.h"
#include "nn/layers.h"

namespace anomalyvlm::grounding_dino {
namespace {

using nn::NamedValues;
using nn::Scope;
using nn::Value;

// Levels are part of a graph: an image on its side has as many places, but others.
std::string on_levels(std::string_view what, const Levels& levels) {
  std::string name = fmt::format("Grounding DINO, {} on", what);
  for (const Extent& map : levels.maps) name += fmt::format(" {}x{}", map.height, map.width);
  if (!levels.padded()) return name;
  for (const auto& image : levels.valid) {
    name += ", image";
    for (const Extent& map : image) name += fmt::format(" {}x{}", map.height, map.width);
  }
  return name;
}

}  // namespace

nn::CompileRequest image_graph(const GroundingDinoConfig& config, const Shape& image) {
  const auto function = [config](const Scope& root, const std::vector<Value>& in) {
    return NamedValues{{"tokens", image_features(root, config, in[0])}};
  };
  return nn::make_request("Grounding DINO, image", function, {{"image", image}});
}

nn::CompileRequest text_graph(const GroundingDinoConfig& config, const TextShape& text) {
  const auto function = [config](const Scope& root, const std::vector<Value>& in) {
    const Value words = nn::tap("bert", bert(root / "bert", config.text, in[0], in[1]));
    return NamedValues{{"text", nn::linear(root / "feat_map", words, config.channels)}};
  };
  const std::int64_t rows = config.sub_sentences ? text.tokens : 1;
  return nn::make_request("Grounding DINO, text", function,
                          {{"embeddings", {text.captions, text.tokens, config.text.channels}},
                           {"seen", {text.captions, 1, rows, text.tokens}}});
}

nn::CompileRequest encoder_graph(const GroundingDinoConfig& config, const Levels& levels,
                                 const TextShape& text) {
  const auto function = [config, levels](const Scope& root, const std::vector<Value>& in) {
    const Scope at = root / "transformer";
    const EncoderInputs inputs = {in[0], in[1], in[2], in[3], in[4]};
    const ImageAndText encoded = encode(at, config, levels, inputs);
    return NamedValues{{"memory", encoded.image},
                       {"memory_text", encoded.text},
                       {"scores", proposal_scores(at, config, levels, encoded, inputs.seen)}};
  };
  const Shape tokens = {text.captions, text.tokens, config.channels};
  return nn::make_request(on_levels("encoder", levels), function,
                          {{"image", {levels.images(), levels.places(), config.channels}},
                           {"text", tokens},
                           {"positions", tokens},
                           {"phrases", {text.captions, 1, text.tokens, text.tokens}},
                           {"seen", {text.captions, 1, 1, text.tokens}}});
}

nn::CompileRequest decoder_graph(const GroundingDinoConfig& config, const Levels& levels,
                                 const TextShape& text) {
  const auto function = [config, levels](const Scope& root, const std::vector<Value>& in) {
    const Decoded decoded = decode(root, config, levels, {in[0], in[1], in[2], in[3], in[4]});
    return NamedValues{{"logits", decoded.logits}, {"boxes", decoded.boxes}};
  };
  const std::int64_t queries = query_count(config, levels), c = config.channels;
  return nn::make_request(on_levels("decoder", levels), function,
                          {{"memory", {text.captions, levels.places(), c}},
                           {"text", {text.captions, text.tokens, c}},
                           {"seen", {text.captions, 1, 1, text.tokens}},
                           {"selected", {text.captions, queries, c}},
                           {"anchors", {text.captions, queries, 4}}});
}

std::int64_t query_count(const GroundingDinoConfig& config, const Levels& levels) {
  return std::min(config.queries, levels.places());
}

std::vector<ExpectedTensor> expected_tensors(const GroundingDinoConfig& config) {
  constexpr Extent kInput = {64, 64};  // any will do
  const Levels levels = make_levels(map_sizes(config, kInput), kInput, {kInput});
  const TextShape text;
  std::vector<ExpectedTensor> all = bert_tables(config.text, "bert");
  std::set<std::string> seen;
  for (const nn::CompileRequest& graph :
       {image_graph(config, {1, 3, kInput.height, kInput.width}), text_graph(config, text),
        encoder_graph(config, levels, text), decoder_graph(config, levels, text)}) {
    for (ExpectedTensor& tensor : nn::trace_signature(graph.function, graph.inputs).weights)
      if (seen.insert(tensor.name).second) all.push_back(std::move(tensor));
  }
  return all;
}

std::vector<std::string> ignorable_tensors(const GroundingDinoConfig& config) {
  std::vector<std::string> patterns = bert_ignorable("bert");
  for (std::string& pattern : swin_ignorable("backbone.0")) patterns.push_back(std::move(pattern));
  patterns.push_back("label_enc.weight");  // of training with noise; published files have it
  // The boxes of all but the last layer come from transformer.decoder.bbox_embed, the same weights.
  for (int i = 0; i + 1 < config.decoder_layers; ++i) patterns.push_back(fmt::format("bbox_embed.{}.*", i));
  return patterns;
}

}  // namespace anomalyvlm::grounding_dino
