#include "eval/data/turned_images.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "anomalyvlm/codec.h"
#include "core/check.h"
#include "core/listing.h"
#include "image/file_orientation.h"

namespace anomalyvlm::eval {
namespace {

// How much marked pixels differ from their surroundings: between the mean colours inside the mask and around
// it, in the box that is half as large again. 0 for masks without an inside or a surrounding.
double contrast(const Image& image, const Mask& mask) {
  int x0 = mask.width, y0 = mask.height, x1 = 0, y1 = 0;
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      if (mask.at(x, y) != 0)
        x0 = std::min(x0, x), y0 = std::min(y0, y), x1 = std::max(x1, x + 1), y1 = std::max(y1, y + 1);
  if (x1 == 0) return 0;
  const int margin_x = 2 + (x1 - x0) / 4, margin_y = 2 + (y1 - y0) / 4;
  std::array<double, 3> sums[2] = {};
  double counts[2] = {};
  for (int y = std::max(0, y0 - margin_y); y < std::min(mask.height, y1 + margin_y); ++y) {
    for (int x = std::max(0, x0 - margin_x); x < std::min(mask.width, x1 + margin_x); ++x) {
      const std::size_t inside = mask.at(x, y);
      for (std::size_t c = 0; c < 3; ++c) sums[inside][c] += image.row(y)[3 * x + static_cast<int>(c)];
      ++counts[inside];
    }
  }
  if (counts[0] == 0 || counts[1] == 0) return 0;
  double difference = 0;
  for (std::size_t c = 0; c < 3; ++c) difference += std::abs(sums[0][c] / counts[0] - sums[1][c] / counts[1]);
  return difference;
}

class Turns {
 public:
  Turns(Dataset& dataset, const DatasetOptions& options)
      : dataset_(dataset), choice_(options.masks_orientation), bits_(options.bits) {}

  void settle() {
    for (Category& category : dataset_.categories)
      for (Sample& sample : category.samples)
        if (!sample.masks.empty() || !sample.marks.empty()) look_at(sample);
    if (quarter_stored_ + quarter_upright_ + undecided_.size() == 0) return;
    const std::string known_by = decide_rest();
    const std::size_t stored = quarter_stored_ + (rest_stored_ ? undecided_.size() : 0);
    const std::size_t all = quarter_stored_ + quarter_upright_ + undecided_.size();
    dataset_.notes.push_back(fmt::format(
        "{} with masks or annotations {} turned by EXIF orientation: {} of these masks and annotations {} "
        "taken as drawn on the stored pixels and turned with the image, {} as drawn on the upright image{}; "
        "--masks-orientation says it outright.",
        counted(all, "image"), all == 1 ? "is" : "are", stored, stored == 1 ? "was" : "were", all - stored,
        known_by));
  }

 private:
  void look_at(Sample& sample) {
    const int orientation = file_orientation(sample.image);
    if (orientation == 1) return;
    if (choice_ != MasksOrientation::kAuto) {
      undecided_.push_back(&sample);
      sample.turn = choice_ == MasksOrientation::kStored ? orientation : 1;
      rest_stored_ = choice_ == MasksOrientation::kStored;
      return;
    }
    try {
      compare(sample);
    } catch (const Error&) {
      // The run reports it.
    }
  }

  // Decides by the sizes, or else records how well each way fits.
  void compare(Sample& sample) {
    ReadInfo info;
    const Image image = read_image(sample.image, {.bits = bits_}, &info);
    if (info.orientation == 1) return;
    int width = sample.marks_width, height = sample.marks_height;
    bool is_upright = false;
    if (!sample.masks.empty()) {
      const MaskLevels mask = read_mask_levels(sample.masks.front());
      width = mask.width, height = mask.height;
      is_upright = mask.orientation != 1;  // has an orientation of its own, which was applied
    }
    const bool known = width > 0;
    const bool as_stored = !known || (width == info.stored_width && height == info.stored_height);
    const bool as_upright = !known || (width == image.width && height == image.height);
    if (is_upright || as_stored != as_upright) {
      const bool stored = as_stored && !is_upright;
      ++(stored ? quarter_stored_ : quarter_upright_);
      if (stored) sample.turn = info.orientation;
    } else if (as_stored) {
      upright_fit_ += fit(sample, image, 1);
      stored_fit_ += fit(sample, image, info.orientation);
      sample.turn = info.orientation;
      undecided_.push_back(&sample);
    }
  }

  double fit(const Sample& sample, const Image& image, int turn) const {
    Sample turned = sample;
    turned.turn = turn;
    turned.label = Label::kAnomalous;
    try {
      const GroundTruth truth = load_ground_truth(turned, dataset_.mask_rule, image.width, image.height, 0);
      return truth.located ? contrast(image, truth.mask) : 0;
    } catch (const Error&) {
      return 0;
    }
  }

  // Decides for those whose sizes do not. Returns how it was decided.
  std::string decide_rest() {
    if (undecided_.empty() || choice_ != MasksOrientation::kAuto) return "";
    constexpr double kClear = 1.1;
    std::string known_by;
    if ((quarter_stored_ > 0) != (quarter_upright_ > 0)) {
      rest_stored_ = quarter_stored_ > 0;
      known_by = ", as their sizes tell";
    } else if (std::max(stored_fit_, upright_fit_) > kClear * std::min(stored_fit_, upright_fit_)) {
      rest_stored_ = stored_fit_ > upright_fit_;
      known_by = fmt::format(
          ", since {} fit the images better that way",
          undecided_.size() == 1 ? std::string("it") : fmt::format("{} of them", undecided_.size()));
    } else {
      known_by = ", though nothing confirms it";
    }
    if (!rest_stored_)
      for (Sample* sample : undecided_) sample->turn = 1;
    return known_by;
  }

  Dataset& dataset_;
  const MasksOrientation choice_;
  const int bits_;
  std::size_t quarter_stored_ = 0, quarter_upright_ = 0;  // by their sizes
  std::vector<Sample*> undecided_;
  double stored_fit_ = 0, upright_fit_ = 0;
  bool rest_stored_ = true;
};

}  // namespace

void settle_turns(Dataset& dataset, const DatasetOptions& options) { Turns(dataset, options).settle(); }

}  // namespace anomalyvlm::eval
