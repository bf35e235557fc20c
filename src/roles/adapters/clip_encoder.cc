#include "roles/adapters/clip_encoder.h"

#include "models/clip/image_input.h"

namespace anomalyvlm {
namespace {

class ClipEncoder : public TextImageEncoder {
 public:
  ClipEncoder(const std::shared_ptr<const WeightFile>& weights, const std::shared_ptr<nn::Engine>& engine,
              nn::Precision precision, const clip::ClipConfig& config, clip::Tokenizer tokenizer)
      : tokenizer_(std::move(tokenizer)),
        texts_(weights, engine, precision, config),
        images_(weights, engine, precision, config) {}

  Tensor texts(const std::vector<std::string>& texts) const override {
    return texts_.vectors(tokenizer_, texts, clip::TooLong::kRefuse);
  }

  Seen see(const Image& image, std::span<const PixelWindows> windows) const override {
    const clip::ClipConfig& config = images_.config();
    Seen seen{{config.grid(), config.grid()}, {}, {}};
    std::vector<clip::Windows> kinds;
    for (const PixelWindows& kind : windows) {
      kinds.push_back({kind.side / config.patch, kind.stride / config.patch});
      seen.windows.push_back({{}, clip::patches_of(kinds.back(), seen.grid)});
    }
    const Image squashed = clip::squashed_input(image, static_cast<int>(config.image_size));
    const std::vector<Tensor> vectors = images_.vectors(clip::normalised(squashed), kinds);
    seen.whole = vectors.front();
    for (std::size_t i = 0; i < kinds.size(); ++i) seen.windows[i].vectors = vectors[i + 1];
    return seen;
  }

 private:
  clip::Tokenizer tokenizer_;
  clip::TextEncoder texts_;
  clip::ImageEncoder images_;
};

}  // namespace

std::shared_ptr<const TextImageEncoder> clip_encoder(std::shared_ptr<const WeightFile> weights,
                                                     std::shared_ptr<nn::Engine> engine,
                                                     nn::Precision precision, const clip::ClipConfig& config,
                                                     clip::Tokenizer tokenizer) {
  return std::make_shared<const ClipEncoder>(weights, engine, precision, config, std::move(tokenizer));
}

}  // namespace anomalyvlm
