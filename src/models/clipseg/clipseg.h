#pragma once
// CLIPSeg (Lueddecke and Ecker, "Image Segmentation Using Text and Image Prompts", CVPR 2022): where in an
// image a phrase applies. A small decoder over some layers of CLIP's image transformer, modulated by the
// phrase's vector. Names of weights are those of the authors' checkpoints; CLIP's stand below "clip_model".
#include <memory>
#include <string>
#include <vector>

#include "anomalyvlm/image.h"
#include "models/clip/text_encoder.h"
#include "nn/programs.h"

namespace anomalyvlm::clipseg {

// The defaults are those of the published rd64-uni.
struct ClipSegConfig {
  clip::ClipConfig clip;
  // CLIP's layers whose outputs are read, counted from 0. As in the authors' code their order means nothing,
  // layer 0 is not read, and there are as many blocks as numbers here; the published notebook takes 3, 6
  // and 9.
  std::vector<int> layers = {3, 7, 9};
  bool deepest_first = true;  // which layer the first block reads
  std::int64_t channels = 64;
  std::int64_t heads = 4;
  std::int64_t feed_forward = 2048;     // channels within
  int condition_block = 0;              // the block in front of which the phrase's vector comes in
  std::int64_t condition_channels = 0;  // that it is reduced to; 0: it is not
  int extra_blocks = 0;                 // after the others, each added to its input
  bool refined = false;                 // two smaller transposed convolutions in place of one
  std::int64_t up = 16;                 // pixels of the result for each patch, by the transposed convolution
  float norm_eps = 1e-5F;
  int input_side = 352;  // pixels of the square that an image becomes

  static ClipSegConfig rd64() { return {}; }
  static ClipSegConfig rd16();
  static ClipSegConfig rd64_refined();

  std::vector<int> read_layers() const;  // in the order of the blocks that read them
  std::string description() const;
};

// image [B, 3, H, W], normalised -> the outputs of CLIP's layers that are read, in the order of the blocks,
// each [B, 1 + h w, C]. CLIP's layers behind the deepest of them are not computed. `at`: "clip_model.visual".
// Throws as clip::image_tokens() does, and Error(kBadModel) where no layer is read.
std::vector<nn::Value> layer_outputs(const nn::Scope& at, const ClipSegConfig& config,
                                     const nn::Value& image);

// outputs: of layer_outputs(), B images or one for all; condition [B, clip.embedding]; grid: patches of the
// image
// -> logits [B, 1, up h, up w]. Taps: "reduceN", "decoder_blockN".
nn::Value decode(const nn::Scope& at, const ClipSegConfig& config, const std::vector<nn::Value>& outputs,
                 const nn::Value& condition, Extent grid);

// side x side pixels as the authors take them: normalised by ImageNet's mean and deviation, then resized
// bilinearly without smoothing, whatever the shape was -> [1, 3, side, side].
Tensor input_of(const Image& image, int side);

// Weights loaded once; const and usable from several threads.
class ClipSeg {
 public:
  // weights: the decoder's, and CLIP's below "clip_model" (see with_clip()).
  ClipSeg(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
          nn::Precision precision, const ClipSegConfig& config);

  // The phrases' vectors [phrases, clip.embedding]. Throws Error(kBadInput) for one that is too long for
  // CLIP.
  Tensor conditions(const clip::Tokenizer& tokenizer, const std::vector<std::string>& phrases) const;
  // input [1, 3, H, W], conditions [N, embedding] -> probabilities [N, 1, H, W] that each pixel is of the
  // phrase. The image is encoded once for all phrases, which are decoded in batches.
  Tensor probabilities(const Tensor& input, const Tensor& conditions) const;

  const ClipSegConfig& config() const { return config_; }

 private:
  Tensor answer(const std::vector<Tensor>& outputs, Extent grid, const Tensor& conditions) const;

  nn::Precision precision_;
  ClipSegConfig config_;
  clip::TextEncoder texts_;
  mutable nn::Programs programs_;
};

// One file of both: published decoders hold no CLIP, and CLIP's file has its names without "clip_model".
std::shared_ptr<const WeightFile> with_clip(const std::shared_ptr<const WeightFile>& decoder,
                                            const std::shared_ptr<const WeightFile>& clip);

// What the decoder asks for; and patterns of what checkpoints hold besides.
std::vector<ExpectedTensor> expected_tensors(const ClipSegConfig& config);
std::vector<std::string> ignorable_tensors();

}  // namespace anomalyvlm::clipseg
