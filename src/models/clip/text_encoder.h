#pragma once
// CLIP's texts to vectors.
#include <memory>
#include <string>
#include <vector>

#include "models/clip/clip.h"
#include "models/clip/tokenizer.h"
#include "nn/programs.h"

namespace anomalyvlm::clip {

// Usable from several threads at once.
class TextEncoder {
 public:
  // prefix: of the names of the weights ("clip_model"), or "".
  TextEncoder(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
              nn::Precision precision, const ClipConfig& config, std::string prefix = "");

  // ids: int64 [B, T], T at most config.context -> [B, embedding], of any length. In batches, and of the
  // tokens only as many as the longest text of a batch has: few shapes are ever compiled. Throws
  // Error(kBadModel) when the weights do not fit, Error(kBadInput) for numbers beyond the vocabulary.
  Tensor vectors(const Tensor& ids) const;
  // Of texts; too long ones as the tokenizer is told.
  Tensor vectors(const Tokenizer& tokenizer, const std::vector<std::string>& texts, TooLong too_long) const;

 private:
  Tensor batch_of(const Tensor& ids, std::int64_t first, std::int64_t count) const;

  nn::Precision precision_;
  ClipConfig config_;
  std::string prefix_;
  mutable nn::Programs programs_;
};

// int64 [texts, context].
Tensor contexts_of(const Tokenizer& tokenizer, const std::vector<std::string>& texts, std::int64_t context,
                   TooLong too_long);

}  // namespace anomalyvlm::clip
