#include "eval/run/collect.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "anomalyvlm/codec.h"
#include "anomalyvlm/error.h"
#include "core/timings.h"
#include "detector/reference_bank.h"
#include "eval/data/dataset.h"

namespace anomalyvlm::eval {
namespace {

class Collector {
 public:
  Collector(const RunPlan& plan, const LoadedDetector& detector, RunFolder& folder,
            const CollectOptions& options)
      : plan_(plan),
        detector_(detector),
        folder_(folder),
        options_(options),
        images_(planned_images(plan)),
        provenance_(provenance_of(detector, std::max(1, options.jobs), options.command)) {
    for (std::size_t i = 0; i < images_.size(); ++i)
      if (!folder.record(i)) pending_.push_back(i);
    if (pending_.empty()) return;
    if (plan.mutual)
      for (const Category& category : plan.dataset.categories)
        banks_.push_back(bank_of(category.samples, {.mutual = true}));
    else if (plan.compares)
      for (const CategoryReferences& references : plan.references)
        banks_.push_back(bank_of(references.samples, plan.reference_options));
  }

  std::vector<std::string> run() {
    const auto jobs = std::min(static_cast<std::size_t>(std::max(1, options_.jobs)), pending_.size());
    std::vector<std::thread> threads;
    try {
      for (std::size_t j = 1; j < jobs; ++j) threads.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      // The system allows no more threads: the existing ones do the work.
    }
    work();
    for (std::thread& thread : threads) thread.join();
    if (broken_) std::rethrow_exception(broken_);
    std::sort(failures_.begin(), failures_.end());
    return std::move(failures_);
  }

 private:
  void work() {
    for (std::size_t next = next_++; next < pending_.size() && !stop_; next = next_++) {
      const std::size_t index = pending_[next];
      std::string failure;
      try {
        failure = one(index);
      } catch (...) {
        const std::lock_guard lock(telling_);
        broken_ = std::current_exception();
        stop_ = true;
        return;
      }
      const std::lock_guard lock(telling_);
      if (!failure.empty()) failures_.push_back(std::move(failure));
      ++finished_;
      if (options_.progress)
        options_.progress(images_.size() - pending_.size() + finished_, images_.size(),
                          images_[index].sample->id);
    }
  }

  // Of images that are seen as the judged ones are.
  References bank_of(const std::vector<Sample>& samples, const ReferenceOptions& options) const {
    std::vector<ReferenceInput> inputs;
    for (const Sample& sample : samples)
      inputs.push_back({sample.image.filename().string(),
                        [&] { return squashed(read_planned(plan_, sample), plan_.side); }});
    return References(build_bank(detector_, inputs, options));
  }

  // Empty, or why the image cannot be used.
  std::string one(std::size_t index) {
    const auto& [category, sample] = images_[index];
    Timings reading;
    ImageRecord record{
        .index = index, .id = sample->id, .kind = sample->kind, .label = label_name(sample->label)};
    Image image;
    try {
      record.files = source_files(*sample);
      const Timings::Scope scope(reading, "read");
      image = read_planned(plan_, *sample);
      record.width = image.width;
      record.height = image.height;
      record.anomalous =
          load_ground_truth(*sample, plan_.dataset.mask_rule, image.width, image.height, plan_.side)
              .anomalous;
      image = squashed(std::move(image), plan_.side);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kInternal) throw;
      return error.what();
    }
    const std::vector<HybridPrompt>& prompts = plan_.categories[category].prompts;
    DetectSettings settings;
    if (!banks_.empty()) settings.references = banks_[category];
    std::vector<Evidence> evidence = detector_.method->observe(image, prompts, settings);
    record.evidence_sha256 = folder_.keep(index, evidence);
    const Detection own =
        detector_.method->judge()->judge(image, std::move(evidence.front()), prompts.front());
    record.score = own.image_score;
    record.kept = own.kept;
    record.candidates = own.candidates.size();
    record.notes = own.notes;
    record.seconds = reading.stages();
    record.seconds.insert(record.seconds.end(), own.timings.begin(), own.timings.end());
    record.by = provenance_;
    folder_.add(std::move(record));
    return {};
  }

  const RunPlan& plan_;
  const LoadedDetector& detector_;
  RunFolder& folder_;
  const CollectOptions& options_;
  const std::vector<PlannedImage> images_;
  const Provenance provenance_;
  std::vector<std::size_t> pending_;
  std::vector<References> banks_;  // of the categories; empty: none
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex telling_;
  std::vector<std::string> failures_;
  std::size_t finished_ = 0;
  std::exception_ptr broken_;
};

}  // namespace

std::vector<std::string> collect(const RunPlan& plan, const LoadedDetector& detector, RunFolder& folder,
                                 const CollectOptions& options) {
  for (const CategoryPlan& category : plan.categories)
    for (const HybridPrompt& prompt : category.prompts) validate(prompt);
  return Collector(plan, detector, folder, options).run();
}

}  // namespace anomalyvlm::eval
