#pragma once
// SAM as mask refiner: a box becomes the mask of what lies in it.
#include <memory>

#include "models/sam/predictor.h"
#include "roles/joined_models.h"

namespace anomalyvlm {

// It embeds an image when the first boxes come, in the order of colours of the options. Of a proposal it
// takes the box alone. Regions are binary; empty where SAM sees nothing.
RoleOpener<MaskRefiner> sam_refiner(std::shared_ptr<const sam::Predictor> predictor);

}  // namespace anomalyvlm
