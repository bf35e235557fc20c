#pragma once
// The phrasebook as the network's lexicon, and phrases as averages of word vectors.
#include <ATen/ATen.h>

#include "models/nano/lexicon.h"
#include "train/synthetic/rng.h"

namespace anomalyvlm::train {

nano::Lexicon make_lexicon();

// One random phrase for each family: row f of `mixture` [families, words] averages the word vectors of family
// f's phrase.
struct PhraseDraw {
  at::Tensor mixture;
  at::Tensor ambiguous;  // [families, families] bool: phrase f (column) names family g (row) too, g != f

  PhraseDraw to(const at::Device& device) const {
    return {mixture.to(device, at::kFloat, /*non_blocking=*/true), ambiguous.to(device, at::kBool, true)};
  }
};
PhraseDraw draw_phrases(const nano::Lexicon& lexicon, synthetic::Rng& rng);

// The same of the families' usual names.
at::Tensor usual_names(const nano::Lexicon& lexicon);

}  // namespace anomalyvlm::train
