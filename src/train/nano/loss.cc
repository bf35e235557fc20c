#include "train/nano/loss.h"

#include <limits>

#include "nn/engines/torch_backend.h"

namespace anomalyvlm::train {
namespace {

at::Tensor defect_loss(const at::Tensor& logits, const at::Tensor& target) {
  constexpr double kFocal = 3, kDice = 0.3;
  const at::Tensor cross = at::binary_cross_entropy_with_logits(logits, target, {}, {}, at::Reduction::None);
  const at::Tensor p = at::sigmoid(logits);
  const at::Tensor focal = (cross * (p - target).square()).mean();
  const at::Tensor dice = 1 - (2 * (p * target).sum() + 1) / (p.sum() + target.sum() + 1);
  return cross.mean() + kFocal * focal + kDice * dice;
}

// Each defect has the same weight here, however small: -log of the mean probability on it.
at::Tensor instance_loss(const at::Tensor& logits, const Batch& batch) {
  const at::Tensor coarse = at::avg_pool2d(at::sigmoid(logits), {4, 4}, {4, 4}).flatten(1);
  const at::Tensor found = (coarse.index_select(0, batch.image_index) * batch.instances.flatten(1)).sum(1);
  return -at::log(found + 1e-4).mean();
}

at::Tensor log_choice(const at::Tensor& scores, const at::Tensor& hidden) {
  if (!hidden.defined()) return at::log_softmax(scores, 1);
  return at::log_softmax(scores.masked_fill(hidden, -std::numeric_limits<float>::infinity()), 1);
}

// Where defects touch, a region may contain parts of both, so each location is classified as well.
at::Tensor place_loss(const at::Tensor& embedding, const Batch& batch, const at::Tensor& phrases,
                      const at::Tensor& hidden) {
  const at::Tensor scores = at::matmul(phrases, embedding.flatten(2)).index_select(0, batch.image_index);
  const at::Tensor log_p = log_choice(scores, hidden.unsqueeze(2));  // [I, families, cells]
  const at::Tensor own = batch.families.view({-1, 1, 1}).expand({-1, 1, log_p.size(2)});
  return -(log_p.gather(1, own).squeeze(1) * batch.instances.flatten(1)).sum(1).mean();
}

}  // namespace

at::Tensor kind_log_probabilities(const at::Tensor& embedding, const Batch& batch, const at::Tensor& phrases,
                                  const at::Tensor& hidden) {
  const at::Tensor features = embedding.flatten(2).index_select(0, batch.image_index);
  const at::Tensor instances = at::matmul(features, batch.instances.flatten(1).unsqueeze(2)).squeeze(2);
  return log_choice(at::matmul(instances, phrases.transpose(0, 1)), hidden);
}

at::Tensor total_loss(const nano::Heads& heads, const Batch& batch, const at::Tensor& words,
                      const PhraseDraw& phrases) {
  constexpr double kObject = 0.2, kKind = 0.3, kPlaces = 0.15, kInstance = 0.03;
  const auto in_float32 = [](const nn::Value& head) { return nn::torch_tensor(head).to(at::kFloat); };
  const at::Tensor defect = in_float32(heads.defect), embedding = in_float32(heads.embedding);
  at::Tensor loss = defect_loss(defect, batch.defects);
  loss = loss + kObject * at::binary_cross_entropy_with_logits(in_float32(heads.object), batch.objects);
  if (batch.image_index.numel() == 0) return loss;
  loss = loss + kInstance * instance_loss(defect, batch);
  const at::Tensor vectors = at::matmul(phrases.mixture, words);
  const at::Tensor hidden = phrases.ambiguous.index_select(0, batch.families);
  const at::Tensor log_p = kind_log_probabilities(embedding, batch, vectors, hidden);
  return loss + kKind * at::nll_loss(log_p, batch.families) +
         kPlaces * place_loss(embedding, batch, vectors, hidden);
}

}  // namespace anomalyvlm::train
