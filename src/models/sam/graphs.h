#pragma once
// The three graphs that SAM runs as: an image to its embedding; prompts to vectors; both to masks. Each is
// given as a request that only lacks weights, precision and taps. Names of weights are the checkpoints'.
#include "models/sam/prompt_encoder.h"
#include "nn/engine.h"

namespace anomalyvlm::sam {

// What prompts of one call have in common.
struct PromptShape {
  std::int64_t prompts = 1;
  std::int64_t points = 0;  // of each prompt; a box is two
  bool mask = false;
  auto operator<=>(const PromptShape&) const = default;
};

// "image" [B, 3, H, W], normalised -> "embedding" [B, channels, h, w]. Taps: those of encode_image().
nn::CompileRequest image_graph(const SamConfig& config, const Shape& image);

// "points" [N, P, 2] and "kinds" [N, P, kPointKinds] where there are points, "mask" [N, 1, 4 h, 4 w] where
// there is one -> "sparse" [N, P, channels] where there are points, "dense" [N, channels, h, w] or [1,
// channels, 1, 1]. Needs points or a mask. `input` is the size of the network's input, `grid` that of its
// embedding.
nn::CompileRequest prompt_graph(const SamConfig& config, const PromptShape& shape, PixelSize input,
                                PixelSize grid);

// "embedding" [1, channels, h, w], "sparse" and "dense" as above -> "masks" [N, 1 + multimask_outputs, 4 h, 4
// w], "quality" [N, 1 + multimask_outputs]. Tap: "dense_pe", where the places of the embedding are.
nn::CompileRequest decoder_graph(const SamConfig& config, const PromptShape& shape, PixelSize grid);

// Every weight that the graphs ask for, and patterns of those that checkpoints hold besides.
std::vector<ExpectedTensor> expected_tensors(const SamConfig& config);
std::vector<std::string> ignorable_tensors();

}  // namespace anomalyvlm::sam
