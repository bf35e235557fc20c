#pragma once
// The weights that training begins with.
#include <filesystem>
#include <string>

#include "models/nano/lexicon.h"
#include "train/synthetic/rng.h"
#include "weights/name_check.h"
#include "weights/weights.h"

namespace anomalyvlm::train {

Tensor random_normal(const Shape& shape, double deviation, synthetic::Rng& rng);
Tensor filled(const Shape& shape, float value);

// The last weights of a branch that corrects what it is added to: it begins at nothing.
bool is_correction(const std::string& name);
// Of a tensor that nothing is known of.
Tensor initial_value(const ExpectedTensor& tensor, synthetic::Rng& rng);

// EfficientNet-Lite0's published weights, folded, below "encoder".
WeightFile::Tensors published_encoder(const std::filesystem::path& file);
// Of an exported nano.safetensors; its word vectors only for the same lexicon. Its norms are folded.
// `folded`: they stay so; otherwise what is left of one, its convolution's bias, goes on as the bias of a
// norm that is still to be calibrated.
WeightFile::Tensors started_before(const std::filesystem::path& file, const nano::Lexicon& lexicon,
                                   bool folded);

}  // namespace anomalyvlm::train
