#pragma once
// Banks of references made by a loaded detector, for internal code; see References.
#include <memory>
#include <span>

#include "anomalyvlm/references.h"
#include "detector/loaded.h"
#include "references/bank.h"

namespace anomalyvlm {

// Throws as References::build(). base: the images of that bank first; may be null.
std::shared_ptr<const Bank> build_bank(const LoadedDetector& detector, std::span<const ReferenceInput> images,
                                       const ReferenceOptions& options = {}, const Bank* base = nullptr,
                                       const ReferenceProgress& progress = {});

// p-value of a detection's image score, if the bank was calibrated with its prompt.
std::optional<double> p_value_of(const References& references, const HybridPrompt& prompt,
                                 double image_score);

// Throws as References::require_fit().
void require_fit(const Bank& bank, const LoadedDetector& detector);

}  // namespace anomalyvlm
