#pragma once
// The role that says what of an image its references explain.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roles/proposal.h"
#include "roles/reference_pool.h"

namespace anomalyvlm {

// Of one image, and StageOptions::references. For one thread.
class ReferenceComparer {
 public:
  virtual ~ReferenceComparer() = default;
  // How far each pixel of the image is from what is most like it among the references, as a multiple of what
  // is usual among themselves; 0 or more.
  virtual FloatMap unlikeness() = 0;
  // For each proposal and its refined region: where the references look like that. Nothing: they do not.
  virtual std::vector<std::optional<ReferencePlace>> explain(std::span<const Proposal> proposals,
                                                             std::span<const Region> regions) = 0;
};

// What a region is called that no words asked for, but that the references do not explain.
inline constexpr const char* kUnlikeReferencesPhrase = "unlike the references";

}  // namespace anomalyvlm
