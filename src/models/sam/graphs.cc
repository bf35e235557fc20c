#include "models/sam/graphs.h"

#include <set>

#include "models/sam/image_encoder.h"
#include "models/sam/mask_decoder.h"
#include "nn/ops.h"

namespace anomalyvlm::sam {
namespace {

using nn::NamedValues;
using nn::Scope;
using nn::Value;

}  // namespace

nn::CompileRequest image_graph(const SamConfig& config, const Shape& image) {
  const auto function = [config](const Scope& root, const std::vector<Value>& inputs) {
    return NamedValues{{"embedding", encode_image(root / "image_encoder", config, inputs[0])}};
  };
  return nn::make_request("SAM, image", function, {{"image", image}});
}

nn::CompileRequest prompt_graph(const SamConfig& config, const PromptShape& shape, PixelSize input,
                                PixelSize grid) {
  const auto function = [config, shape, input](const Scope& root, const std::vector<Value>& inputs) {
    const Scope at = root / "prompt_encoder";
    NamedValues outputs;
    if (shape.points > 0)
      outputs.emplace_back("sparse", encode_points(at, config, input, inputs[0], inputs[1]));
    outputs.emplace_back("dense", shape.mask ? encode_masks(at, config, inputs.back()) : no_mask(at, config));
    return outputs;
  };
  std::vector<nn::InputSpec> inputs;
  if (shape.points > 0) {
    inputs.push_back({"points", {shape.prompts, shape.points, 2}});
    inputs.push_back({"kinds", {shape.prompts, shape.points, kPointKinds}});
  }
  if (shape.mask) inputs.push_back({"mask", {shape.prompts, 1, 4 * grid.height, 4 * grid.width}});
  return nn::make_request("SAM, prompts", function, std::move(inputs));
}

nn::CompileRequest decoder_graph(const SamConfig& config, const PromptShape& shape, PixelSize grid) {
  const auto function = [config, shape](const Scope& root, const std::vector<Value>& inputs) {
    const Value& embedding = inputs[0];
    const Value places = nn::tap("dense_pe", place_encoding(root / "prompt_encoder", config, embedding,
                                                            embedding.dim(2), embedding.dim(3)));
    const Masks masks = decode_masks(root / "mask_decoder", config, embedding, places,
                                     shape.points > 0 ? inputs[1] : Value{}, inputs.back());
    return NamedValues{{"masks", masks.logits}, {"quality", masks.quality}};
  };
  std::vector<nn::InputSpec> inputs = {{"embedding", {1, config.channels, grid.height, grid.width}}};
  if (shape.points > 0) inputs.push_back({"sparse", {shape.prompts, shape.points, config.channels}});
  inputs.push_back({"dense", shape.mask ? Shape{shape.prompts, config.channels, grid.height, grid.width}
                                        : Shape{1, config.channels, 1, 1}});
  return nn::make_request("SAM, masks", function, std::move(inputs));
}

std::vector<ExpectedTensor> expected_tensors(const SamConfig& config) {
  const PixelSize input = {config.image_size(), config.image_size()};
  const PixelSize grid = {config.grid_size(), config.grid_size()};
  const PromptShape box = {1, 2, false}, mask = {1, 0, true};
  std::vector<ExpectedTensor> all;
  std::set<std::string> seen;
  for (const nn::CompileRequest& graph :
       {image_graph(config, {1, 3, input.height, input.width}), prompt_graph(config, box, input, grid),
        prompt_graph(config, mask, input, grid), decoder_graph(config, box, grid)}) {
    for (ExpectedTensor& tensor : nn::trace_signature(graph.function, graph.inputs).weights)
      if (seen.insert(tensor.name).second) all.push_back(std::move(tensor));
  }
  return all;
}

std::vector<std::string> ignorable_tensors() {
  return {
      "image_encoder.norm_head.*",  // TinyViT's classifier
      "image_encoder.head.*",
      "*.num_batches_tracked",  // of batch norms
      "*.attention_bias_idxs",  // which bias belongs to which pair of tokens; computed here
      "*.attn.ab",              // the biases gathered by it
      "pixel_mean",
      "pixel_std",  // part of SamConfig
  };
}

}  // namespace anomalyvlm::sam
