#pragma once
// Models that see the image squashed to a square, as in the paper's evaluation (IV-A), while all coordinates
// in questions and answers are pixels of the image itself.
#include "roles/model_set.h"

namespace anomalyvlm {

// `image` is resized to side x side by PIL's bilinear filter; the roles keep the copy. `models` must outlive
// them.
ImageRoles open_squashed(const ModelSet& models, const Image& image, int side, const StageOptions& options);

}  // namespace anomalyvlm
