#include "anomalyvlm/detector.h"

#include "core/check.h"
#include "core/threads.h"
#include "detector/registry.h"
#include "nn/precision.h"
#include "pipeline/pipeline.h"

namespace anomalyvlm {
namespace {

DetectorOptions completed(DetectorOptions options) {
  if (options.resize < 0 || options.resize == 1 || options.resize > kLargestResize)
    fail(ErrorKind::kBadInput,
         "Images cannot be resized to a side of {}; use 2 to {}, or 0 for their own size.", options.resize,
         kLargestResize);
  if (options.proposal_side != 0 &&
      (options.proposal_side < kSmallestProposalSide || options.proposal_side > kLargestProposalSide))
    fail(ErrorKind::kBadInput,
         "Regions cannot be proposed at a side of {}; use {} to {}, or 0 for the usual one.",
         options.proposal_side, kSmallestProposalSide, kLargestProposalSide);
  if (options.threads != 0) set_thread_count(options.threads);
  if (options.profile.empty()) options.profile = model_entry(options.model).profile;
  return options;
}

}  // namespace

struct Detector::Impl {
  DetectorOptions options;
  PipelineConfig config;
  std::shared_ptr<nn::Engine> engine;
  std::unique_ptr<ModelSet> models;

  explicit Impl(const DetectorOptions& given)
      : options(completed(given)), config(PipelineConfig::by_name(options.profile)) {
    config.resize = options.resize;
    const ModelEntry& entry = model_entry(options.model);
    engine = nn::make_engine(options.engine, {options.device, options.disk_cache});
    const nn::Precision precision = nn::choose_precision(options.precision, *engine);
    options.precision = precision == nn::Precision::kBF16 ? "bf16" : "f32";
    models = entry.load({options.model, options.data_folder, engine, precision, options.proposal_side});
  }
};

Detector::Detector(const DetectorOptions& options) : impl_(std::make_unique<const Impl>(options)) {}
Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

Detection Detector::detect(const ImageView& image, const HybridPrompt& prompt) const {
  return anomalyvlm::detect(*impl_->models, to_rgb8(image), prompt, impl_->config);
}

std::vector<std::string> Detector::models() const { return impl_->models->ids(); }
std::string Detector::engine() const { return impl_->engine->description(); }
const DetectorOptions& Detector::options() const { return impl_->options; }

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelEntry& entry : model_entries()) names.emplace_back(entry.name);
  return names;
}

std::vector<std::string> profile_names() { return {"nano", "paper", "saa-plus"}; }
std::vector<std::string> engine_names() { return nn::engine_names(); }

}  // namespace anomalyvlm
