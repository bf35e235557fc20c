#include "methods/anomalyvlm/method.h"

#include <utility>

#include "methods/anomalyvlm/observer.h"
#include "methods/anomalyvlm/tile_regions.h"
#include "methods/describe.h"

namespace anomalyvlm {
namespace {

class PipelineJudge : public Judge {
 public:
  explicit PipelineJudge(const PipelineConfig& config) : config_(config) {}
  Detection judge(const Image& image, Evidence evidence, const HybridPrompt& prompt,
                  const JudgeSettings& settings) const override {
    return anomalyvlm::judge(image, std::move(evidence), prompt, config_, settings);
  }

 private:
  PipelineConfig config_;
};

class PipelineMethod : public Method {
 public:
  PipelineMethod(std::unique_ptr<const ModelSet> models, const PipelineConfig& config)
      : Method(pipeline_judge(config)), models_(std::move(models)), config_(config) {}

  std::vector<LoadedModel> models() const override { return models_->models(); }

  std::vector<Evidence> observe(const Image& image, std::span<const HybridPrompt> prompts,
                                const DetectSettings& settings) const override {
    return anomalyvlm::observe(*models_, image, prompts, config_, settings);
  }

  std::shared_ptr<const ImageDescriber> describer() const override { return models_->describer(); }

  std::vector<DescribedPart> describe(const Image& image) const override {
    return described_in_parts(*models_->describer(), image, config_.tiles, config_.resize);
  }

  std::unique_ptr<Observer> open(const Image& image) const override {
    if (needs_tiles(image.width, image.height, config_.tiles)) return observing_anew(image);
    return std::make_unique<PipelineObserver>(*models_, image, config_, true);
  }

 private:
  std::unique_ptr<const ModelSet> models_;
  PipelineConfig config_;
};

}  // namespace

std::shared_ptr<const Judge> pipeline_judge(const PipelineConfig& config) {
  return std::make_shared<const PipelineJudge>(config);
}

std::unique_ptr<Method> pipeline_method(std::unique_ptr<const ModelSet> models,
                                        const PipelineConfig& config) {
  return std::make_unique<PipelineMethod>(std::move(models), config);
}

}  // namespace anomalyvlm
