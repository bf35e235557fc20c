#pragma once
// Hugging Face publishes DINOv2's weights (dinov2-small, dinov2-with-registers-small, ...) under other names
// than its authors, with the matrices of queries, keys and values apart. Models here read the authors' names.
// The weights are the same, but Hugging Face's code resamples the positions of models without registers
// otherwise: at other sizes than 518 x 518 pixels it gives other features.
#include <memory>

#include "weights/weights.h"

namespace anomalyvlm::dinov2 {

bool has_hugging_face_names(const WeightFile& file);

// The file with the authors' names; the file itself if it has them already. Throws as renamed_tensors() does.
std::shared_ptr<const WeightFile> with_authors_names(std::shared_ptr<const WeightFile> file);

}  // namespace anomalyvlm::dinov2
