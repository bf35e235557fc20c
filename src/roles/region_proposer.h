#pragma once
// The role that finds regions from words: ARG, Eq. 1.
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roles/proposal.h"

namespace anomalyvlm {

using Caption = std::vector<std::string>;  // phrases that are asked together: "crack. hole."

// Of one image. For one thread.
class RegionProposer {
 public:
  virtual ~RegionProposer() = default;
  // What was found for each caption, in their order. Each proposal has an id.
  virtual std::vector<std::vector<Proposal>> propose(std::span<const Caption> captions) = 0;
  std::vector<Proposal> propose_one(const Caption& caption) {
    return std::move(propose({&caption, 1}).front());
  }
  // The next prompt begins: earlier proposals and notes are no part of it. Features stay.
  virtual void start_over() {}
  // What a person should know about the image or the phrases so far, for Detection::notes.
  virtual std::vector<std::string> notes() const { return {}; }
};

}  // namespace anomalyvlm
