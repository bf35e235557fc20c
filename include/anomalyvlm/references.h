#pragma once
// References: a few good images of a product, which other images of it are compared with. What looks like
// them is normal, whatever a model takes it for; what they have nothing like of is an anomaly, whatever it is
// called.
//
//   anomalyvlm::References references = anomalyvlm::References::build(detector, good_images);
//   auto found = detector.detect(view, prompt, references);
//
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/export.h"
#include "anomalyvlm/image.h"

namespace anomalyvlm {

class Bank;
class Detector;
struct HybridPrompt;

constexpr std::size_t kMostReferences = 10'000;  // images of one bank

// A good image to be described.
struct ReferenceInput {
  std::string name;  // what it is called in reasons: "good_07.png"
  // Called once, on the calling thread. What it throws ends the work.
  std::function<Image()> load;
  // Only this part of it is normal, in pixels: a false alarm that was found in it. None: all of it.
  std::optional<Box> part = {};
};

// An image of a bank.
struct ReferenceInfo {
  std::string name;
  std::string sha256;  // of its size and pixels
  int width = 0, height = 0;
  std::optional<Box> part;
  Image thumbnail;  // small
};

constexpr int kMostRotations = 36;
constexpr double kUsualNearby = 0.15;

struct ReferenceOptions {
  // Each image is also described at these many angles, evenly over the full turn: for parts that lie at any
  // angle. 1 to kMostRotations; 1: as it is. Costs as many times the memory and search.
  int rotations = 1;
  // Each of these is also described moved by half a cell of the describer's grid, and darker and brighter by
  // 15 %: for small differences of position and light that few good images do not show. Costs four times the
  // memory and search.
  bool variations = false;
  // For parts that a fixture holds: places are only compared with those that lie at most this share of the
  // image's width and height away, above 0 and below 1, for instance kUsualNearby; not with tiles. 0: with
  // all.
  double nearby = 0;
  // The images are not known to be good: they are the batch itself, of which each is judged beside the others
  // (docs/REFERENCES.md). Of more than kMutualImages so many are taken, spread evenly.
  bool mutual = false;
};
constexpr std::size_t kMutualImages = 64, kFewMutualImages = 8;  // fewer than these say little of each other

struct ReferencesInfo {
  std::vector<ReferenceInfo> images;
  std::string describer;  // what the vectors are, and the SHA-256 of the weights that made them
  std::string method, model;
  int resize = 0, tile = 0, tile_overlap = 0;  // as in DetectorOptions; 0: none
  std::string date;                            // of the last change, "2026-11-28T21:15:56Z"
  ReferenceOptions options;
  std::size_t vectors = 0, bytes = 0;  // of all scales
  // Image scores of the good images, each compared with the others (calibrate()), and the prompt that they
  // are of, as TOML; empty without calibration.
  std::vector<double> good_scores;
  std::string prompt;
};

// What the images of a bank say of each other.
struct ReferenceCheck {
  // How unlike the others each image is: the mean of the highest hundredth of its places' distances to the
  // nearest place of the others, 0..2 (of PatchCore, whose vectors are not of unit length, 0 or more); none
  // where nothing is left of an image, and for parts of images.
  std::vector<std::optional<double>> unlike;
  std::vector<std::size_t>
      outliers;  // images that are far more unlike the others than these are: no good ones?
  // The mean of that over some images, when each is compared with so many others only.
  std::vector<std::pair<std::size_t, double>> by_number;
  // How many times that becomes when only nearby places are compared (kUsualNearby); close to 1 the parts lie
  // all alike. 0: unknown.
  double nearby_factor = 0;
};

// The least share of false alarms that limit_for() can promise with so many good images, rounded up to three
// significant digits.
ANOMALYVLM_API double promised_share(std::size_t good_images);

// Called after each image. Returning false cancels: the call throws Cancelled.
using ReferenceProgress = std::function<bool(std::size_t done, std::size_t all)>;

// Of References::build_file().
struct ReferenceFileOptions {
  ReferenceOptions references = {};
  const HybridPrompt* prompt = nullptr;  // of which scores are measured, as by calibrate(); null: none are
  // An unfinished build of other images or options may be replaced.
  bool replace = false;
  std::function<void(std::size_t images)> goes_on = {};  // called if so many are done of an unfinished build
  ReferenceProgress described = {}, scored = {};
};

// Cheap to copy: copies share what they hold. Const methods may be called from several threads at once; a
// bank that was read from a file of more than 64 MB stays mapped, so that processes share its memory.
class ANOMALYVLM_API References {
 public:
  References() = default;  // none: images are not compared
  explicit References(std::shared_ptr<const Bank> bank) : bank_(std::move(bank)) {}

  // Describes the images with the detector's model, as detect() would see them. They need not be of one size.
  // Throws Error: kBadInput without any image, with more than kMostReferences, with the same pixels twice,
  // and for a method that compares with no references; and what load() throws.
  static References build(const Detector& detector, std::span<const ReferenceInput> images,
                          const ReferenceOptions& options = {}, const ReferenceProgress& progress = {});
  // The same into a file, with scores of the good images; for many images. Where the process ends or an error
  // is thrown, a folder beside the file (its name with ".partial" added) keeps what is done: the same call
  // goes on from it and makes the same bank. What is kept is bounded, about as much as three banks. Throws as
  // build(), calibrate() and save(); Error(kBadInput) while another process builds that file, and for an
  // unfinished build of other images, options or weights.
  static References build_file(const Detector& detector, std::span<const ReferenceInput> images,
                               const std::filesystem::path& file, const ReferenceFileOptions& options = {});
  // Throws Error: kIo, kBadModel for a file that is no bank or is damaged.
  static References open(const std::filesystem::path& file);

  // One more image; copies made before do not change. Throws as build(), and as require_fit().
  void add(const Detector& detector, const ReferenceInput& image);

  // Measures the scores of good images: of each as detect() gives it with the other references. `images`:
  // those of the bank, or some; others are compared with all. From then on detections with this prompt have a
  // p-value, and limit_for() knows a limit. Throws as detect(), and Error(kBadInput) for the only image.
  void calibrate(const Detector& detector, const HybridPrompt& prompt, std::span<const ReferenceInput> images,
                 const ReferenceProgress& progress = {});
  // The lowest limit on the image score that at most this share of good images is expected to reach, above 0
  // and below 1: conformal prediction, valid if they come from where the references come from. Throws
  // Error(kBadInput) without calibration, and where there are too few images for it: less than 1 / share - 1.
  double limit_for(double false_alarms) const;
  // With this method, model, profile and prompt, whatever its limit.
  bool is_calibrated_for(const Detector& detector, const HybridPrompt& prompt) const;
  // The probability that a good image has such a score or a higher one, at most: (1 + how many of the n good
  // ones have) / (n + 1). None without calibration.
  std::optional<double> p_value(double image_score) const;

  // Without what shows these pixels, an image and false alarms that were marked in it: for a good image that
  // is to be judged as if it were not known. Throws Error(kBadInput) if nothing is left; `name` is for that.
  References without(const Image& image, const std::string& name) const;

  // Compares the images with each other. Throws Error(kBadInput) without any.
  ReferenceCheck check() const;

  // The file is replaced as a whole or not at all. Throws Error: kIo; kBadInput without any image.
  void save(const std::filesystem::path& file) const;

  // Throws Error(kBadInput) if that detector cannot compare images with these references: it sees images in
  // another way, or by other weights.
  void require_fit(const Detector& detector) const;

  bool empty() const { return bank_ == nullptr; }
  ReferencesInfo info() const;
  const std::shared_ptr<const Bank>& bank() const { return bank_; }  // for this library's own code

 private:
  std::shared_ptr<const Bank> bank_;
};

}  // namespace anomalyvlm
