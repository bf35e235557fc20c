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

// Each defect counts alike here, however small: -log of the mean probability on it.
at::Tensor instance_loss(const at::Tensor& logits, const Batch& batch, const at::Tensor& pictures) {
  const at::Tensor coarse = at::avg_pool2d(at::sigmoid(logits), {4, 4}, {4, 4}).flatten(1);
  const at::Tensor found = (coarse.index_select(0, pictures) * batch.instances.to(logits.device())).sum(1);
  return -at::log(found + 1e-4).mean();
}

at::Tensor instance_pictures(const Batch& batch, const at::Device& device) {
  std::vector<std::int64_t> pictures;
  for (const Instance& label : batch.labels) pictures.push_back(label.picture);
  return at::tensor(pictures, at::kLong).to(device);
}

}  // namespace

at::Tensor kind_log_probabilities(const at::Tensor& embedding, const Batch& batch, const at::Tensor& phrases,
                                  const at::Tensor& hidden) {
  const at::Device device = embedding.device();
  const at::Tensor features = embedding.flatten(2).index_select(0, instance_pictures(batch, device));
  const at::Tensor instances = at::matmul(features, batch.instances.to(device).unsqueeze(2)).squeeze(2);
  at::Tensor scores = at::matmul(instances, phrases.transpose(0, 1));
  if (hidden.defined())
    scores = scores.masked_fill(hidden.to(device), -std::numeric_limits<float>::infinity());
  return at::log_softmax(scores, 1);
}

at::Tensor total_loss(const nano::Heads& heads, const Batch& batch, const at::Tensor& words,
                      const PhraseDraw& phrases) {
  constexpr double kObject = 0.2, kKind = 0.3, kInstance = 0.03;
  const at::Tensor& defect = nn::torch_tensor(heads.defect);
  const at::Device device = defect.device();
  at::Tensor loss = defect_loss(defect, batch.defects.to(device));
  loss = loss + kObject * at::binary_cross_entropy_with_logits(nn::torch_tensor(heads.object),
                                                               batch.objects.to(device));
  if (batch.labels.empty()) return loss;
  loss = loss + kInstance * instance_loss(defect, batch, instance_pictures(batch, device));
  std::vector<std::int64_t> families;
  for (const Instance& label : batch.labels) families.push_back(static_cast<std::int64_t>(label.family));
  const at::Tensor target = at::tensor(families, at::kLong);
  const at::Tensor vectors = at::matmul(phrases.mixture.to(device), words);
  const at::Tensor log_p = kind_log_probabilities(nn::torch_tensor(heads.embedding), batch, vectors,
                                                  phrases.ambiguous.index_select(0, target));
  return loss + kKind * at::nll_loss(log_p, target.to(device));
}

}  // namespace anomalyvlm::train
