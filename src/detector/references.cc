#include "anomalyvlm/references.h"

#include <algorithm>
#include <cmath>

#include "anomalyvlm/detector.h"
#include "core/check.h"
#include "detector/boundary.h"
#include "detector/reference_bank.h"
#include "references/check.h"
#include "references/partial_bank.h"

namespace anomalyvlm {
namespace {

// Without what shows these pixels: an image, and false alarms that were marked in it. Throws Error(kBadInput)
// if nothing is left.
std::shared_ptr<const Bank> bank_without(std::shared_ptr<const Bank> bank, const std::string& sha256,
                                         const std::string& name) {
  for (std::size_t i = bank->images().size(); i-- > 0;) {
    if (bank->images()[i].sha256 != sha256) continue;
    if (bank->images().size() == 1)
      fail(ErrorKind::kBadInput,
           "There is no other reference that '{}' could be compared with; give more good images.", name);
    bank = std::make_shared<const Bank>(bank->without(i));
  }
  return bank;
}

// Which prompt scores are of: limits have no part in them.
std::string calibrated_prompt(HybridPrompt prompt) {
  prompt.limit.reset();
  return to_toml(prompt);
}

// partial: where scores are kept, and may be already; may be null.
const char* why_without_scores(const Bank& bank) {
  if (bank.origin().options.mutual) return "The images of a batch have no scores as good images.";
  if (bank.images().size() == 1)
    return "A single reference has no score beside others; give more good images.";
  return "These references have no scores of good images; 'anomalyvlm reference build' measures them.";
}

bool is_calibrated(const Bank& bank, const LoadedDetector& detector, const HybridPrompt& prompt) {
  const BankCalibration& known = bank.calibration();
  return !known.scores.empty() && known.detector == scored_by(detector) &&
         known.prompt == calibrated_prompt(prompt);
}

std::shared_ptr<const Bank> calibrated(const Detector& detector, const std::shared_ptr<const Bank>& bank,
                                       const HybridPrompt& prompt, std::span<const ReferenceInput> images,
                                       const ReferenceProgress& progress, PartialBank* partial) {
  BankCalibration calibration{scored_by(detector.loaded()), calibrated_prompt(prompt), {}};
  const std::string scored_with = calibration.detector + "\n" + calibration.prompt;
  for (const ReferenceInput& input : images) {
    const Image image = input.load();
    const std::string sha256 = fingerprint(image);
    std::optional<double> score;
    if (partial != nullptr) score = partial->score(scored_with, sha256);
    if (!score) {
      const References others(bank_without(bank, sha256, input.name));
      score = detector.detect(image.view(), prompt, others).image_score;
      if (partial != nullptr) partial->keep_score(scored_with, sha256, *score);
    }
    calibration.scores.push_back(*score);
    if (progress && !progress(calibration.scores.size(), images.size())) throw Cancelled("Stopped as asked.");
  }
  return std::make_shared<const Bank>(bank->with(std::move(calibration)));
}

const Bank& of(const std::shared_ptr<const Bank>& bank) {
  if (bank == nullptr) fail(ErrorKind::kBadInput, "There are no reference images; give at least one.");
  return *bank;
}

}  // namespace

std::string scored_by(const LoadedDetector& detector) {
  const DetectorOptions& options = detector.options;
  return fmt::format("{} on {}, profile {}", options.method, options.model, options.profile.value_or(""));
}

std::optional<double> p_value_of(const References& references, const LoadedDetector& detector,
                                 const HybridPrompt& prompt, double image_score) {
  const bool comparable = references.bank() != nullptr && is_calibrated(*references.bank(), detector, prompt);
  return comparable ? references.p_value(image_score) : std::nullopt;
}

std::string described(const References& references) {
  if (references.empty()) return {};
  const Bank& bank = *references.bank();
  const std::size_t count = bank.images().size();
  return fmt::format("{} image{}{}, {}", count, count == 1 ? "" : "s",
                     bank.origin().options.mutual ? " of the batch" : "", bank.date());
}

References References::build(const Detector& detector, std::span<const ReferenceInput> images,
                             const ReferenceOptions& options, const ReferenceProgress& progress) {
  return guarded(
      [&] { return References(build_bank(detector.loaded(), images, options, nullptr, progress)); });
}

References References::open(const std::filesystem::path& file) {
  return guarded([&] { return References(read_bank(file)); });
}

References References::build_file(const Detector& detector, std::span<const ReferenceInput> images,
                                  const std::filesystem::path& file, const ReferenceFileOptions& options) {
  return guarded([&] {
    const BankOrigin origin = origin_of(detector.loaded(), options.references);
    PartialBank partial(file, origin, options.replace);
    std::shared_ptr<const Bank> bank = go_on_building(detector.loaded(), images, options, partial);
    if (options.prompt != nullptr)
      bank = calibrated(detector, bank, *options.prompt, images, options.scored, &partial);
    const References made(bank);
    made.save(file);
    partial.remove();
    return made;
  });
}

void References::add(const Detector& detector, const ReferenceInput& image) {
  guarded([&] { bank_ = build_bank(detector.loaded(), {&image, 1}, {}, bank_.get()); });
}

void References::save(const std::filesystem::path& file) const {
  guarded([&] { write_bank(file, of(bank_)); });
}

void References::require_fit(const Detector& detector) const {
  guarded([&] { anomalyvlm::require_fit(of(bank_), detector.loaded()); });
}

void References::calibrate(const Detector& detector, const HybridPrompt& prompt,
                           std::span<const ReferenceInput> images, const ReferenceProgress& progress) {
  guarded([&] {
    of(bank_);
    bank_ = calibrated(detector, bank_, prompt, images, progress, nullptr);
  });
}

References References::without(const Image& image, const std::string& name) const {
  return guarded([&] {
    of(bank_);
    return References(bank_without(bank_, fingerprint(image), name));
  });
}

double promised_share(std::size_t good_images) {
  const double share = 1 / static_cast<double>(good_images + 1);
  const double digits = std::pow(10.0, 2 - std::floor(std::log10(share)));
  return std::ceil(share * digits - 1e-9) / digits;
}

double References::limit_for(double false_alarms) const {
  return guarded([&] {
    std::vector<double> scores = of(bank_).calibration().scores;
    if (!(false_alarms > 0 && false_alarms < 1))
      fail(ErrorKind::kBadInput, "A share of false alarms is above 0 and below 1, not {}.", false_alarms);
    if (scores.empty()) fail(ErrorKind::kBadInput, "{}", why_without_scores(of(bank_)));
    // So many good images may reach the limit: (1 + that) / (n + 1) is at most the share.
    const double may = std::floor(false_alarms * static_cast<double>(scores.size() + 1) + 1e-9) - 1;
    if (may < 0)
      fail(ErrorKind::kBadInput,
           "{} good images cannot promise {:g} % of false alarms: that takes {} at least, or a share of "
           "{:.3g} % or more.",
           scores.size(), 100 * false_alarms, static_cast<long>(std::ceil(1 / false_alarms - 1 - 1e-9)),
           100 * promised_share(scores.size()));
    std::sort(scores.begin(), scores.end(), std::greater<>());
    return std::nextafter(scores[static_cast<std::size_t>(may)], HUGE_VAL);
  });
}

bool References::is_calibrated_for(const Detector& detector, const HybridPrompt& prompt) const {
  return guarded([&] { return bank_ != nullptr && is_calibrated(*bank_, detector.loaded(), prompt); });
}

std::optional<double> References::p_value(double image_score) const {
  if (bank_ == nullptr || bank_->calibration().scores.empty()) return std::nullopt;
  const std::vector<double>& scores = bank_->calibration().scores;
  const auto as_high =
      std::count_if(scores.begin(), scores.end(), [&](double score) { return score >= image_score; });
  return static_cast<double>(1 + as_high) / static_cast<double>(scores.size() + 1);
}

ReferenceCheck References::check() const {
  return guarded([&] { return check_bank(of(bank_)); });
}

ReferencesInfo References::info() const {
  return guarded([&] {
    ReferencesInfo info;
    if (bank_ == nullptr) return info;
    const BankOrigin& origin = bank_->origin();
    info.describer = origin.describer;
    info.method = origin.method;
    info.model = origin.model;
    info.resize = origin.resize;
    info.tile = origin.tile;
    info.tile_overlap = origin.tile_overlap;
    info.options = origin.options;
    info.date = bank_->date();
    info.good_scores = bank_->calibration().scores;
    info.prompt = bank_->calibration().prompt;
    for (const BankImage& image : bank_->images())
      info.images.push_back(
          {image.name, image.sha256, image.width, image.height, image.part, image.thumbnail});
    for (const BankRows& rows : bank_->rows()) info.vectors += static_cast<std::size_t>(rows.count());
    info.bytes = bank_->bytes();
    return info;
  });
}

}  // namespace anomalyvlm
