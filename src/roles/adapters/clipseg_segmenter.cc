#include "roles/adapters/clipseg_segmenter.h"

#include <mutex>
#include <utility>

#include "core/lru_cache.h"

namespace anomalyvlm {
namespace {

constexpr std::size_t kMostPhrases = 1024;  // whose vectors, of 2 kB each, are kept

class ClipSegSegmenter : public PhraseSegmenter {
 public:
  ClipSegSegmenter(std::shared_ptr<const WeightFile> weights, std::shared_ptr<nn::Engine> engine,
                   nn::Precision precision, const clipseg::ClipSegConfig& config, clip::Tokenizer tokenizer)
      : network_(std::move(weights), std::move(engine), precision, config),
        tokenizer_(std::move(tokenizer)) {}

  Tensor probabilities(const Image& image, const std::vector<std::string>& phrases) const override {
    const Tensor conditions = conditions_of(phrases);
    const Tensor found =
        network_.probabilities(clipseg::input_of(image, network_.config().input_side), conditions);
    return found.reshaped({found.dim(0), found.dim(2), found.dim(3)});
  }

 private:
  // One thread at a time: others that ask for the same phrases would compute the same.
  Tensor conditions_of(const std::vector<std::string>& phrases) const {
    const std::scoped_lock lock(mutex_);
    std::vector<float> all;
    for (const std::string& phrase : phrases) {
      auto known = known_.find(phrase);
      if (!known) {
        known = std::make_shared<const Tensor>(network_.conditions(tokenizer_, {phrase}));
        known_.add(phrase, known);
      }
      all.insert(all.end(), known->floats().begin(), known->floats().end());
    }
    const Shape shape = {static_cast<std::int64_t>(phrases.size()), network_.config().clip.embedding};
    return Tensor::from<float>(shape, std::move(all));
  }

  clipseg::ClipSeg network_;
  clip::Tokenizer tokenizer_;
  mutable std::mutex mutex_;
  mutable LruCache<Tensor> known_{kMostPhrases};
};

}  // namespace

std::shared_ptr<const PhraseSegmenter> clipseg_segmenter(std::shared_ptr<const WeightFile> weights,
                                                         std::shared_ptr<nn::Engine> engine,
                                                         nn::Precision precision,
                                                         const clipseg::ClipSegConfig& config,
                                                         clip::Tokenizer tokenizer) {
  return std::make_shared<const ClipSegSegmenter>(std::move(weights), std::move(engine), precision, config,
                                                  std::move(tokenizer));
}

}  // namespace anomalyvlm
