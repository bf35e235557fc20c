#pragma once
// What the network is trained to do.
#include "models/nano/network.h"
#include "train/nano/batches.h"
#include "train/nano/words.h"

namespace anomalyvlm::train {

// Cross entropy, focal term and Dice over the batch for the defects (none per image: it rewards false
// alarms), cross entropy for the object and for each instance's kind among one phrase a family, of the
// instance as a whole and of its places one by one. A scalar. All on the heads' device; nothing waits for it.
at::Tensor total_loss(const nano::Heads& heads, const Batch& batch, const at::Tensor& words,
                      const PhraseDraw& phrases);

// Log-probabilities of the families for each instance, [I, families], from phrases [families, E]; `hidden`
// [I, families] marks phrases that are left out of the choice (may be undefined).
at::Tensor kind_log_probabilities(const at::Tensor& embedding, const Batch& batch, const at::Tensor& phrases,
                                  const at::Tensor& hidden);

}  // namespace anomalyvlm::train
