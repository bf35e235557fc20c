#include "train/nano/validation.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "train/nano/batches.h"
#include "train/nano/loss.h"
#include "train/nano/words.h"

namespace anomalyvlm::train {
namespace {

constexpr int kBatch = 8;

// Max-F1 and average precision of scores against labels; pairs are sorted by falling score.
void rank_metrics(std::vector<std::pair<float, bool>>& pairs, Validation& result) {
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  const double positives =
      static_cast<double>(std::count_if(pairs.begin(), pairs.end(), [](const auto& p) { return p.second; }));
  if (positives == 0) return;
  double hits = 0, recall = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    hits += pairs[i].second;
    if (i + 1 < pairs.size() && pairs[i + 1].first == pairs[i].first) continue;
    const double n = static_cast<double>(i + 1);
    result.max_f1 = std::max(result.max_f1, 2 * hits / (n + positives));
    result.average_precision += (hits / positives - recall) * hits / n;
    recall = hits / positives;
  }
}

struct Counts {
  int instances = 0, right = 0, named = 0, first = 0;
};

// For each kind in each picture that shows several: does one of its instances have the highest probability of
// its name times the defect score?
void count_named(const Batch& batch, const at::Tensor& p, const at::Tensor& strength, Counts& counts) {
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    const auto likeliest =
        static_cast<std::size_t>(p[static_cast<std::int64_t>(i)].argmax().item<std::int64_t>());
    counts.right += likeliest == batch.labels[i].family;
    ++counts.instances;
    std::size_t best = i;
    bool several = false;
    const auto score = [&](std::size_t k) {
      const auto row = static_cast<std::int64_t>(k),
                 family = static_cast<std::int64_t>(batch.labels[i].family);
      return p[row][family].item<float>() * strength[row].item<float>();
    };
    for (std::size_t k = 0; k < batch.labels.size(); ++k) {
      if (batch.labels[k].picture != batch.labels[i].picture) continue;
      several = several || batch.labels[k].family != batch.labels[i].family;
      if (score(k) > score(best)) best = k;
    }
    if (!several) continue;
    ++counts.named;
    counts.first += batch.labels[best].family == batch.labels[i].family;
  }
}

}  // namespace

Validation validate(TrainedParameters& parameters, const nano::NetworkConfig& config, const at::Tensor& words,
                    const nano::Lexicon& lexicon, int pictures, const at::Device& device) {
  const at::NoGradGuard no_gradients;
  Validation result;
  Counts counts;
  std::vector<std::pair<float, bool>> pairs;
  const at::Tensor names = at::matmul(usual_names(lexicon).to(device), words);
  synthetic::Options options;
  options.validation = true;
  options.min_visibility = 1.2;
  for (int first = 0; first < pictures; first += kBatch) {
    options.families_at_least = first % (2 * kBatch) == 0 ? 0 : 2;
    const Batch batch = draw_batch(static_cast<std::uint64_t>(first), kBatch, options);
    nn::TorchBackend backend(device);
    const nano::Heads heads = [&] {
      const nn::Scope root(backend, parameters);
      return nano::decode(root, config, nano::encode(root, backend.value(batch.images.to(device))));
    }();
    const at::Tensor scores = at::sigmoid(nn::torch_tensor(heads.defect)).to(at::kCPU).contiguous();
    const at::Tensor labels = batch.defects.gt(0.5).contiguous();
    for (std::int64_t i = 0; i < scores.numel(); ++i)
      pairs.emplace_back(scores.data_ptr<float>()[i], labels.data_ptr<bool>()[i]);
    if (batch.labels.empty()) continue;
    const at::Tensor p =
        kind_log_probabilities(nn::torch_tensor(heads.embedding), batch, names, {}).exp().to(at::kCPU);
    // The strongest score within each instance, on stride 8's grid.
    const at::Tensor coarse = at::max_pool2d(scores, {4, 4}, {4, 4}).flatten(1);
    std::vector<at::Tensor> strengths;
    for (std::size_t i = 0; i < batch.labels.size(); ++i)
      strengths.push_back(
          (coarse[batch.labels[i].picture] * batch.instances[static_cast<std::int64_t>(i)].gt(0)).max());
    count_named(batch, p, at::stack(strengths), counts);
  }
  rank_metrics(pairs, result);
  result.kinds_right = counts.instances ? static_cast<double>(counts.right) / counts.instances : 0;
  result.named_first = counts.named ? static_cast<double>(counts.first) / counts.named : 0;
  return result;
}

}  // namespace anomalyvlm::train
