#pragma once
// Banks of references made by a loaded detector, for internal code; see References.
#include <memory>
#include <span>

#include "anomalyvlm/references.h"
#include "detector/loaded.h"
#include "references/bank.h"

namespace anomalyvlm {

class PartialBank;

// Throws Error(kBadInput) for a method that compares with no references.
BankOrigin origin_of(const LoadedDetector& detector, const ReferenceOptions& wanted = {});

// Throws as References::build(). base: the images of that bank first; may be null. partial: what is kept of a
// build of the same images and options, and where what is done is kept; may be null.
std::shared_ptr<const Bank> build_bank(const LoadedDetector& detector, std::span<const ReferenceInput> images,
                                       const ReferenceOptions& options = {}, const Bank* base = nullptr,
                                       const ReferenceProgress& progress = {},
                                       PartialBank* partial = nullptr);

// The same from what is kept, of these images or of those they begin with. Throws Error(kBadInput), too, if
// it is of others and may not be replaced.
std::shared_ptr<const Bank> go_on_building(const LoadedDetector& detector,
                                           std::span<const ReferenceInput> images,
                                           const ReferenceFileOptions& options, PartialBank& partial);

// Which scores are comparable: method, model and profile, as in BankCalibration::detector.
std::string scored_by(const LoadedDetector& detector);

// p-value of a detection's image score, if the bank was calibrated with that detector and prompt.
std::optional<double> p_value_of(const References& references, const LoadedDetector& detector,
                                 const HybridPrompt& prompt, double image_score);

// Detection::references; empty without references.
std::string described(const References& references);

// Throws as References::require_fit().
void require_fit(const Bank& bank, const LoadedDetector& detector);

}  // namespace anomalyvlm
