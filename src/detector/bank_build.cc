// How a bank is built from images, and which detector it fits.
#include <algorithm>
#include <optional>
#include <utility>

#include "core/check.h"
#include "detector/reference_bank.h"
#include "methods/describe.h"
#include "references/bank_builder.h"
#include "references/partial_bank.h"

namespace anomalyvlm {
namespace {

// Of a scale. Where there are more, a bank of the images so far takes their place, which a build that is
// ended goes on from: both memory and what it keeps are bounded. The same rows come out wherever it was
// ended.
constexpr std::int64_t kMostUnreducedRows = 3 * kMostRows;

std::int64_t rows_of(std::span<const DescribedPart> described) {
  std::vector<std::int64_t> rows;
  for (const DescribedPart& part : described) {
    rows.resize(std::max(rows.size(), part.grids.size()));
    for (std::size_t g = 0; g < part.grids.size(); ++g)
      rows[g] += static_cast<std::int64_t>(part.grids[g].cells());
  }
  return rows.empty() ? 0 : *std::max_element(rows.begin(), rows.end());
}

// Whether these images begin with those of the bank.
bool begin_with(std::span<const ReferenceInput> images, const Bank& bank) {
  const std::size_t count = bank.images().size();
  if (count > images.size()) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const BankImage& known = bank.images()[i];
    if (images[i].name != known.name || fingerprint(images[i].load()) != known.sha256) return false;
  }
  return true;
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

class BankBuild {
 public:
  BankBuild(const LoadedDetector& detector, const BankOrigin& origin, const Bank* base, PartialBank* partial)
      : method_(*detector.method),
        origin_(origin),
        coreset_(method_.coreset()),
        bounded_(coreset_.share >= 1 && !origin.options.mutual),
        partial_(partial),
        builder_(origin, coreset_) {
    const std::shared_ptr<const Bank> start = partial != nullptr ? partial->start() : nullptr;
    if (start == nullptr && base == nullptr) return;
    builder_ = BankBuilder(start != nullptr ? *start : *base, coreset_);
    if (start == nullptr) return;
    done_ = start->images().size();
    rows_ = kMostRows;
  }

  std::size_t done() const { return done_; }  // images that need not be added

  void add(std::size_t number, const ReferenceInput& input, const Image& image) {
    if (image.empty()) fail(ErrorKind::kBadInput, "The reference '{}' has no pixels.", input.name);
    const std::string sha256 = fingerprint(image);
    if (origin_.options.mutual && builder_.holds(sha256)) return;  // a batch may hold an image twice
    std::optional<std::vector<DescribedPart>> kept;
    if (partial_ != nullptr) kept = partial_->described(number, sha256);
    const std::vector<DescribedPart> described =
        kept ? std::move(*kept) : described_views(method_, image, origin_.options);
    builder_.add({.name = input.name,
                  .sha256 = sha256,
                  .width = image.width,
                  .height = image.height,
                  .thumbnail = thumbnail_of(image),
                  .part = input.part},
                 described);
    if (partial_ != nullptr && !kept) partial_->keep(number, sha256, described);
    rows_ += rows_of(described);
    if (bounded_ && rows_ > kMostUnreducedRows) reduce();
  }

  std::shared_ptr<const Bank> finish() { return builder_.finish(); }

 private:
  void reduce() {
    const std::shared_ptr<const Bank> start = builder_.finish();
    if (partial_ != nullptr) partial_->keep_start(*start);
    builder_ = BankBuilder(*start, coreset_);
    rows_ = kMostRows;
  }

  const Method& method_;
  const BankOrigin origin_;
  const CoresetOptions coreset_;
  const bool bounded_;
  PartialBank* const partial_;
  BankBuilder builder_;
  std::size_t done_ = 0;
  std::int64_t rows_ = 0;  // at most so many of a scale
};

}  // namespace

BankOrigin origin_of(const LoadedDetector& detector, const ReferenceOptions& wanted) {
  const std::shared_ptr<const ImageDescriber> describer = detector.method->describer();
  if (describer == nullptr)
    fail(ErrorKind::kBadInput, "The method {} takes no references: it compares images with nothing.",
         detector.options.method);
  const DetectorOptions& options = detector.options;
  return {describer->id(),
          options.method,
          options.model,
          options.resize.value_or(0),
          options.tile.value_or(0),
          options.tile ? options.tile_overlap.value_or(0) : 0,
          wanted};
}

std::shared_ptr<const Bank> build_bank(const LoadedDetector& detector, std::span<const ReferenceInput> images,
                                       const ReferenceOptions& options, const Bank* base,
                                       const ReferenceProgress& progress, PartialBank* partial) {
  const BankOrigin origin = base != nullptr ? base->origin() : origin_of(detector, options);
  require_possible(origin);
  if (base != nullptr) require_fit(*base, detector);
  if (!options.mutual && images.size() + (base != nullptr ? base->images().size() : 0) > kMostReferences)
    fail(ErrorKind::kBadInput, "References are at most {} images.", kMostReferences);
  if (options.mutual && detector.method->coreset().share < 1)
    fail(ErrorKind::kBadInput,
         "The method {} compares with good images only, not a batch with itself (--mutual).", origin.method);
  BankBuild build(detector, origin, base, options.mutual ? nullptr : partial);
  const std::size_t all = options.mutual ? std::min(images.size(), kMutualImages) : images.size();
  for (std::size_t k = build.done(); k < all; ++k) {
    const ReferenceInput& input = images[k * images.size() / all];  // of more than are taken, spread evenly
    Image image;
    try {
      image = input.load();
    } catch (const Error&) {
      if (!options.mutual) throw;
      continue;  // it is reported when it is its turn to be judged
    }
    build.add(k, input, image);
    if (progress && !progress(k + 1, all)) throw Cancelled("Stopped as asked.");
  }
  return build.finish();
}

std::shared_ptr<const Bank> go_on_building(const LoadedDetector& detector,
                                           std::span<const ReferenceInput> images,
                                           const ReferenceFileOptions& options, PartialBank& partial) {
  const auto tell = [&] {
    if (options.goes_on && partial.images() > 0) options.goes_on(partial.images());
  };
  if (const auto whole = partial.whole();
      whole != nullptr && whole->images().size() == images.size() && begin_with(images, *whole)) {
    tell();
    return whole;
  }
  const auto start = partial.start();
  const std::string first = partial.first_image();
  const bool fits = start != nullptr
                        ? begin_with(images, *start)
                        : first.empty() || images.empty() || fingerprint(images[0].load()) == first;
  if (!fits) partial.refuse("of other images");
  tell();
  const auto bank = build_bank(detector, images, options.references, nullptr, options.described, &partial);
  partial.keep_whole(*bank);
  return bank;
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

}  // namespace anomalyvlm
