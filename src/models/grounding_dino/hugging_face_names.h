#pragma once
// Hugging Face publishes Grounding DINO's weights (grounding-dino-tiny, -base) under other names than its
// authors, with the matrices of queries, keys and values apart and shared ones once. Models here read the
// authors' names.
#include <memory>

#include "weights/weights.h"

namespace anomalyvlm::grounding_dino {

bool has_hugging_face_names(const WeightFile& file);

// The file with the authors' names; the file itself if it has them already. What is joined is copied, the
// rest shares the file's memory. Unknown names are kept. Throws Error(kBadModel) for queries, keys and values
// that are not all there, or do not fit each other.
std::shared_ptr<const WeightFile> with_authors_names(std::shared_ptr<const WeightFile> file);

}  // namespace anomalyvlm::grounding_dino
