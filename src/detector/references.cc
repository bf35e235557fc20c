#include "anomalyvlm/references.h"

#include <algorithm>
#include <cmath>

#include "anomalyvlm/detector.h"
#include "core/check.h"
#include "detector/boundary.h"
#include "detector/reference_bank.h"
#include "methods/describe.h"
#include "references/check.h"

namespace anomalyvlm {
namespace {

BankOrigin origin_of(const LoadedDetector& detector, const ReferenceOptions& wanted = {}) {
  const std::shared_ptr<const ImageDescriber> describer = detector.method->describer();
  if (describer == nullptr)
    fail(ErrorKind::kBadInput, "The method {} compares images with no references.", detector.options.method);
  const DetectorOptions& options = detector.options;
  return {describer->id(),
          options.method,
          options.model,
          options.resize.value_or(0),
          options.tile.value_or(0),
          options.tile ? options.tile_overlap.value_or(0) : 0,
          wanted};
}

std::string seen_as(const BankOrigin& origin) {
  std::string text = origin.resize > 0 ? fmt::format("squashed to {0} x {0}", origin.resize) : "";
  if (origin.tile > 0)
    text += fmt::format("{}in tiles of {} that share {}", text.empty() ? "" : ", ", origin.tile,
                        origin.tile_overlap);
  return text.empty() ? "as they are" : text;
}

void require_possible(const BankOrigin& origin) {
  const ReferenceOptions& options = origin.options;
  if (options.rotations < 1 || options.rotations > kMostRotations)
    fail(ErrorKind::kBadInput, "References can be described at 1 to {} angles, not {}.", kMostRotations,
         options.rotations);
  if (!(options.nearby >= 0 && options.nearby < 1))
    fail(ErrorKind::kBadInput, "Nearby places lie within a share of the image above 0 and below 1, not {}.",
         options.nearby);
  if (options.nearby > 0 && origin.tile > 0)
    fail(ErrorKind::kBadInput, "With tiles places are compared with all others; leave nearby places out.");
  if (options.nearby > 0 && options.rotations > 1)
    fail(ErrorKind::kBadInput,
         "Parts at any angle (rotations) are not held by a fixture (nearby places); leave one of them out.");
}

// Without what shows these pixels: an image, and false alarms that were marked in it. Throws Error(kBadInput)
// if nothing is left.
std::shared_ptr<const Bank> without(std::shared_ptr<const Bank> bank, const std::string& sha256,
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

const Bank& of(const std::shared_ptr<const Bank>& bank) {
  if (bank == nullptr) fail(ErrorKind::kBadInput, "There are no reference images; give at least one.");
  return *bank;
}

}  // namespace

std::shared_ptr<const Bank> build_bank(const LoadedDetector& detector, std::span<const ReferenceInput> images,
                                       const ReferenceOptions& options, const Bank* base,
                                       const ReferenceProgress& progress) {
  const BankOrigin origin = base != nullptr ? base->origin() : origin_of(detector, options);
  require_possible(origin);
  if (base != nullptr) require_fit(*base, detector);
  if (!options.mutual && images.size() + (base != nullptr ? base->images().size() : 0) > kMostReferences)
    fail(ErrorKind::kBadInput, "References are at most {} images.", kMostReferences);
  const CoresetOptions coreset = detector.method->coreset();
  BankBuilder builder = base != nullptr ? BankBuilder(*base, coreset) : BankBuilder(origin, coreset);
  std::size_t done = 0;
  const std::size_t all = options.mutual ? std::min(images.size(), kMutualImages) : images.size();
  for (std::size_t k = 0; k < all; ++k) {
    const ReferenceInput& input = images[k * images.size() / all];  // of more than are taken, spread evenly
    Image image;
    try {
      image = input.load();
    } catch (const Error&) {
      if (!options.mutual) throw;
      continue;  // it is reported when it is its turn to be judged
    }
    if (image.empty()) fail(ErrorKind::kBadInput, "The reference '{}' has no pixels.", input.name);
    const std::string sha256 = fingerprint(image);
    if (options.mutual && builder.holds(sha256)) continue;  // a batch may hold an image twice
    builder.add({.name = input.name,
                 .sha256 = sha256,
                 .width = image.width,
                 .height = image.height,
                 .thumbnail = thumbnail_of(image),
                 .part = input.part},
                described_views(*detector.method, image, origin.options));
    if (progress && !progress(++done, all)) throw Cancelled("Stopped as asked.");
  }
  return builder.finish();
}

std::optional<double> p_value_of(const References& references, const HybridPrompt& prompt,
                                 double image_score) {
  return references.is_calibrated_for(prompt) ? references.p_value(image_score) : std::nullopt;
}

void require_fit(const Bank& bank, const LoadedDetector& detector) {
  const BankOrigin made = bank.origin(), wanted = origin_of(detector);
  if (made.describer != wanted.describer)
    fail(ErrorKind::kBadInput,
         "The references were described by {}, and this detector compares by {}; build them again from the "
         "good images.",
         made.describer, wanted.describer);
  if (made.resize != wanted.resize || made.tile != wanted.tile || made.tile_overlap != wanted.tile_overlap)
    fail(ErrorKind::kBadInput,
         "The references were seen {}, and images are now seen {}; use the same sizes, or build the "
         "references "
         "again.",
         seen_as(made), seen_as(wanted));
}

References References::build(const Detector& detector, std::span<const ReferenceInput> images,
                             const ReferenceOptions& options, const ReferenceProgress& progress) {
  return guarded(
      [&] { return References(build_bank(detector.loaded(), images, options, nullptr, progress)); });
}

References References::open(const std::filesystem::path& file) {
  return guarded([&] { return References(read_bank(file)); });
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
    const Bank& bank = of(bank_);
    BankCalibration calibration{calibrated_prompt(prompt), {}};
    for (const ReferenceInput& input : images) {
      const Image image = input.load();
      const References others(without(bank_, fingerprint(image), input.name));
      calibration.scores.push_back(detector.detect(image.view(), prompt, others).image_score);
      if (progress && !progress(calibration.scores.size(), images.size()))
        throw Cancelled("Stopped as asked.");
    }
    bank_ = std::make_shared<const Bank>(bank.with(std::move(calibration)));
  });
}

double References::limit_for(double false_alarms) const {
  return guarded([&] {
    std::vector<double> scores = of(bank_).calibration().scores;
    if (!(false_alarms > 0 && false_alarms < 1))
      fail(ErrorKind::kBadInput, "A share of false alarms is above 0 and below 1, not {}.", false_alarms);
    if (scores.empty())
      fail(ErrorKind::kBadInput,
           "These references have no scores of good images; 'anomalyvlm reference build' measures them.");
    // So many good images may reach the limit: (1 + that) / (n + 1) is at most the share.
    const double may = std::floor(false_alarms * static_cast<double>(scores.size() + 1) + 1e-9) - 1;
    if (may < 0)
      fail(ErrorKind::kBadInput,
           "{} good images cannot promise {:g} % of false alarms: that takes {} at least.", scores.size(),
           100 * false_alarms, static_cast<long>(std::ceil(1 / false_alarms - 1 - 1e-9)));
    std::sort(scores.begin(), scores.end(), std::greater<>());
    return std::nextafter(scores[static_cast<std::size_t>(may)], HUGE_VAL);
  });
}

bool References::is_calibrated_for(const HybridPrompt& prompt) const {
  return guarded([&] {
    return bank_ != nullptr && !bank_->calibration().scores.empty() &&
           bank_->calibration().prompt == calibrated_prompt(prompt);
  });
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
