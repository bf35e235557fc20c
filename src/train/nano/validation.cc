#include "train/nano/validation.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "train/nano/batches.h"
#include "train/nano/loss.h"
#include "train/nano/references.h"
#include "train/nano/words.h"

namespace anomalyvlm::train {
namespace {

constexpr int kBatch = 8;

using Pairs = std::vector<std::pair<float, bool>>;  // scores and labels

// Max-F1 and average precision of scores against labels; pairs are sorted by falling score.
template <typename Result>
void rank_metrics(Pairs& pairs, Result& result) {
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

// The share of (positive, negative) that the scores order rightly.
double auroc(const Pairs& pairs) {
  double right = 0, all = 0;
  for (const auto& [high, positive] : pairs) {
    for (const auto& [low, negative] : pairs) {
      if (!positive || negative) continue;
      right += high > low ? 1 : high == low ? 0.5 : 0;
      ++all;
    }
  }
  return all > 0 ? right / all : 0;
}

struct Counts {
  int instances = 0, right = 0, named = 0, first = 0;
};

// For each kind in each image that shows several: does one of its instances have the highest probability of
// its name times the defect score? p: [I, families], strength: [I], in host memory.
void count_named(const Batch& batch, const at::Tensor& p, const at::Tensor& strength, Counts& counts) {
  const auto probability = p.accessor<float, 2>();
  const auto strengths = strength.accessor<float, 1>();
  const auto image_index = batch.image_index.accessor<std::int64_t, 1>(),
             families = batch.families.accessor<std::int64_t, 1>();
  const at::Tensor likeliest = p.argmax(1);
  for (std::int64_t i = 0; i < image_index.size(0); ++i) {
    counts.right += likeliest.accessor<std::int64_t, 1>()[i] == families[i];
    ++counts.instances;
    const auto score = [&](std::int64_t k) { return probability[k][families[i]] * strengths[k]; };
    std::int64_t best = i;
    bool several = false;
    for (std::int64_t k = 0; k < image_index.size(0); ++k) {
      if (image_index[k] != image_index[i]) continue;
      several = several || families[k] != families[i];
      if (score(k) > score(best)) best = k;
    }
    if (!several) continue;
    ++counts.named;
    counts.first += families[best] == families[i];
  }
}

}  // namespace

std::vector<Batch> draw_validation(int images, int threads) {
  BatchFeed feed(0, threads, [](std::int64_t number) {
    synthetic::Options options;
    options.validation = true;
    options.min_visibility = 1.2;
    options.families_at_least = number % 2 == 0 ? 0 : 2;
    return draw_batch(static_cast<std::uint64_t>(number * kBatch), kBatch, options);
  });
  std::vector<Batch> batches;
  for (int generated = 0; generated < images; generated += kBatch) batches.push_back(feed.next());
  return batches;
}

Validation validate(TrainedParameters& parameters, const nano::NetworkConfig& config, const at::Tensor& words,
                    const nano::Lexicon& lexicon, const std::vector<Batch>& batches,
                    const at::Device& device) {
  const at::NoGradGuard no_gradients;
  Validation result;
  Counts counts;
  Pairs pairs;
  const at::Tensor names = at::matmul(usual_names(lexicon).to(device), words);
  for (const Batch& batch : batches) {
    nn::TorchBackend backend(device);
    const Batch there = batch.to(device);
    const nano::Heads heads = [&] {
      const nn::Scope root(backend, parameters);
      return nano::decode(root, config, nano::encode(root, backend.value(there.images)));
    }();
    const at::Tensor scores = at::sigmoid(nn::torch_tensor(heads.defect)).to(at::kCPU).contiguous();
    const auto* labels = batch.defects.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < scores.numel(); ++i)
      pairs.emplace_back(scores.data_ptr<float>()[i], labels[i] > 127);
    if (batch.image_index.numel() == 0) continue;
    const at::Tensor p =
        kind_log_probabilities(nn::torch_tensor(heads.embedding), there, names, {}).exp().to(at::kCPU);
    // The strongest score within each instance, on stride 8's grid.
    const at::Tensor coarse = at::max_pool2d(scores, {4, 4}, {4, 4}).flatten(1);
    const at::Tensor within = coarse.index_select(0, batch.image_index) * batch.instances.flatten(1).gt(0);
    count_named(batch, p.contiguous(), at::amax(within, {1}), counts);
  }
  rank_metrics(pairs, result);
  result.kinds_right = counts.instances ? static_cast<double>(counts.right) / counts.instances : 0;
  result.named_first = counts.named ? static_cast<double>(counts.first) / counts.named : 0;
  return result;
}

std::vector<ProductBatch> draw_product_validation(int products, int threads) {
  constexpr int kImages = 4;
  const auto draw = [&](double others) {
    BatchFeed feed(0, threads, [others](std::int64_t number) {
      synthetic::Options options;
      options.validation = true;
      options.min_visibility = 1.2;
      options.normal_share = 0.4;
      const Comparison comparison = {.images = kImages, .references = 4, .contaminated = 0, .others = others};
      return draw_product_batch(static_cast<std::uint64_t>(2 * number), 2 * kImages, options, comparison);
    });
    std::vector<Batch> batches;
    for (int drawn = 0; drawn < products; drawn += 2) batches.push_back(feed.next());
    return batches;
  };
  const std::vector<Batch> with = draw(0), others = draw(1);
  std::vector<ProductBatch> both;
  for (std::size_t k = 0; k < with.size(); ++k) both.push_back({with[k], others[k]});
  return both;
}

ProductValidation validate_products(TrainedParameters& parameters, const nano::NetworkConfig& config,
                                    const std::vector<ProductBatch>& batches, const at::Device& device) {
  const at::NoGradGuard no_gradients;
  Pairs pixels[3], images[3];
  for (const ProductBatch& both : batches) {
    nn::TorchBackend backend(device);
    const nn::Scope root(backend, parameters);
    const Batch with = both.with.to(device), others = both.others.to(device);
    const std::vector<nn::Value> features = nano::encode(root, backend.value(with.images));
    const auto* labels = both.with.defects.data_ptr<std::uint8_t>();
    for (int k = 0; k < 3; ++k) {
      std::optional<nn::Value> references;
      if (k > 0) references = compare_with_references(root, backend, features, k == 1 ? with : others);
      const nano::Heads heads = nano::decode(root, config, features, references);
      const at::Tensor scores =
          at::sigmoid(nn::torch_tensor(heads.defect)).to(at::kCPU).flatten(1).contiguous();
      const std::int64_t pixels_each = scores.size(1);
      for (std::int64_t i = 0; i < scores.numel(); ++i)
        pixels[k].emplace_back(scores.data_ptr<float>()[i], labels[i] > 127);
      for (std::int64_t i = 0; i < scores.size(0); ++i) {
        const bool bad = std::any_of(labels + i * pixels_each, labels + (i + 1) * pixels_each,
                                     [](std::uint8_t v) { return v > 127; });
        images[k].emplace_back(scores[i].max().item<float>(), bad);
      }
    }
  }
  ProductValidation result;
  Ranking* const rankings[] = {&result.without, &result.with, &result.others};
  for (int k = 0; k < 3; ++k) {
    rank_metrics(pixels[k], *rankings[k]);
    rankings[k]->image_auroc = auroc(images[k]);
  }
  return result;
}

}  // namespace anomalyvlm::train
