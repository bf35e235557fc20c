#pragma once
// CLIP (Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021):
// images and texts to vectors of one space. Its vision transformers only, not its residual networks. Names of
// weights are those of openai/CLIP's checkpoints, which open_clip's share ("visual.conv1.weight",
// "token_embedding.weight").
#include <functional>
#include <string>
#include <vector>

#include "core/extent.h"
#include "models/clip/tokenizer.h"
#include "nn/ops.h"
#include "nn/scope.h"

namespace anomalyvlm::clip {

struct TransformerConfig {
  std::int64_t channels = 768;
  int layers = 12;
  std::int64_t heads = 12;
};

// The defaults are those of OpenAI's ViT-B/16.
struct ClipConfig {
  std::int64_t embedding = 512;   // channels of the common space
  std::int64_t image_size = 224;  // pixels a side
  std::int64_t patch = 16;        // pixels a side
  TransformerConfig vision;
  TransformerConfig text = {.channels = 512, .layers = 12, .heads = 8};
  std::int64_t context = 77;        // tokens of a text
  std::int64_t vocabulary = 49408;  // rows of the tokens' table
  bool quick_gelu = true;           // x sigmoid(1.702 x), as OpenAI's are trained; else the exact GELU
  float norm_eps = 1e-5F;
  SpecialTokens special_tokens = SpecialTokens::kOpenAi;  // of the tokenizer that it was trained with

  static ClipConfig vit_b_16() { return {}; }
  static ClipConfig vit_b_16_plus_240();  // of open_clip

  std::int64_t grid() const { return image_size / patch; }  // patches a side
  std::string description() const;                          // all of it, in one line
};

// ---- images. `at` is the scope of the weights below "visual".

// x [B, 3, H, W], normalised; what is left of whole patches at the right and at the bottom is not seen
// -> [B, 1 + h w, C]: the class token and the patches row by row, with positions, after the first norm. For
// another number of patches than grid() x grid() the positions are resized by torch's bicubic interpolation
// (a = -3/4, not smoothed). Throws Error(kBadModel) for configs that cannot be and images smaller than a
// patch. Tap: "positions" [1 + h w, C] where they are resized.
nn::Value image_tokens(const nn::Scope& at, const ClipConfig& config, const nn::Value& x);

// tokens [B, T, C] -> the same after all layers. Taps: "block_N". `visit`, if any, is given each layer's
// output.
using VisitLayer = std::function<void(int layer, const nn::Value& tokens)>;
nn::Value image_transformer(const nn::Scope& at, const ClipConfig& config, const nn::Value& tokens,
                            const VisitLayer& visit = {});

// tokens [..., C] -> [..., embedding]: norm and projection, of the class token for the image's vector.
nn::Value image_projection(const nn::Scope& at, const ClipConfig& config, const nn::Value& tokens);

// tokens [B, T, C] of image_tokens() -> the vectors of what they show [B, embedding]: image_projection() of
// the class token after all layers, of the last of which no other token is computed. No taps.
nn::Value image_vector(const nn::Scope& at, const ClipConfig& config, const nn::Value& tokens);

// Windows of an image: tokens [1, 1 + T, C] of image_tokens(); cells: of each window the same number of
// patches, counted from 0 row by row, one window after the other -> [windows, embedding], the vectors of the
// windows, each encoded as if the image had the class token and these patches alone (Jeong et al., WinCLIP,
// CVPR 2023). No taps.
nn::Value encode_windows(const nn::Scope& at, const ClipConfig& config, const nn::Value& tokens,
                         const std::vector<std::int64_t>& cells, std::int64_t cells_of_each);

// x [B, 3, H, W] -> the image's vector [B, embedding], of any length. Taps as above.
nn::Value encode_image(const nn::Scope& at, const ClipConfig& config, const nn::Value& x);

// ---- texts. `at` is the scope of all weights.

// The tokens' vectors from the table "token_embedding.weight" below `prefix`. Looked up here and not in the
// graph, so that the table (100 MB) stays in the mapped file. ids: int64 [B, T] -> float32 [B, T, C]. Throws
// as VectorTable does.
Tensor token_embeddings(const WeightFile& weights, const std::string& prefix, const Tensor& ids);

// embeddings [B, T, C] of the first T tokens -> [B, T, C] after the last norm. A token sees itself and those
// before it, so what follows a text's end changes nothing.
nn::Value text_states(const nn::Scope& at, const ClipConfig& config, const nn::Value& embeddings);

// states [B, T, C]; place [B, 1, T], 1 at the text's end and 0 elsewhere -> the text's vector [B, embedding].
nn::Value text_projection(const nn::Scope& at, const ClipConfig& config, const nn::Value& states,
                          const nn::Value& place);

// Where a text ends: the first place of its highest number. ids: int64 [B, T]. An end that is written out in
// a text counts, as in the published code.
std::vector<std::int64_t> ends_of_texts(const Tensor& ids);
// The same as text_projection() takes it, for the first `length` places.
Tensor end_places(const Tensor& ids, std::int64_t length);

// Every weight that the functions ask for, without "logit_scale"; and patterns of what checkpoints hold
// besides.
std::vector<ExpectedTensor> expected_tensors(const ClipConfig& config);
std::vector<std::string> ignorable_tensors();

}  // namespace anomalyvlm::clip
