#pragma once
// What a region proposer finds: Eq. 1.
#include <string>

#include "anomalyvlm/region.h"

namespace anomalyvlm {

// A box with its confidence and the phrase it was found for.
struct Proposal {
  Box box;           // pixels of the image
  double score = 0;  // S, 0..1
  std::string phrase;
  double named = 1;  // as Candidate::named
  // What it is known by: no other proposal of the proposer has it since start_over(). -1: it is no
  // proposer's.
  int id = -1;
};

// A proposal whose probability of being of a named kind is lower counts as one of another kind. It is several
// times the probability of one of some thirty kinds picked at random, but not one half, since similar kinds
// (hole, pinhole, spot) share theirs.
constexpr double kNamedAbove = 0.2;

}  // namespace anomalyvlm
