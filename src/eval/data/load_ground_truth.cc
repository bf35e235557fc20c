#include <algorithm>
#include <array>

#include "core/check.h"
#include "eval/data/dataset.h"
#include "image/resize.h"

namespace anomalyvlm::eval {
namespace {

// An image's size as it is stored.
struct Size {
  int width = 0, height = 0;
};

Size stored_size(const Sample& sample, int width, int height) {
  return sample.turn >= 5 ? Size{height, width} : Size{width, height};
}

const char* stored_note(const Sample& sample) {
  return sample.turn == 1 ? "" : " as it is stored, before its EXIF orientation turns it";
}

Mask read_masks(const Sample& sample, const MaskRule& rule, const Size& size) {
  Mask all{size.width, size.height, {}};
  for (const std::filesystem::path& file : sample.masks) {
    const MaskLevels read = read_mask_levels(file);
    if (read.width != size.width || read.height != size.height)
      fail(ErrorKind::kBadInput, "The mask '{}' has {} x {} pixels, but its image '{}' {} x {}{}.",
           file.string(), read.width, read.height, sample.image.string(), size.width, size.height,
           stored_note(sample));
    Mask mask = apply(rule, read);
    if (all.values.empty()) {
      all = std::move(mask);
    } else {
      for (std::size_t i = 0; i < mask.values.size(); ++i) all.values[i] |= mask.values[i];
    }
  }
  return all;
}

bool shows_any(const Mask& mask) {
  return std::find(mask.values.begin(), mask.values.end(), 1) != mask.values.end();
}

std::vector<Mark> clipped_marks(const Sample& sample, const Size& size) {
  if (sample.marks_width > 0 && (sample.marks_width != size.width || sample.marks_height != size.height))
    fail(ErrorKind::kBadInput, "The annotations of '{}' were drawn on {} x {} pixels, but it has {} x {}{}.",
         sample.image.string(), sample.marks_width, sample.marks_height, size.width, size.height,
         stored_note(sample));
  std::vector<Mark> marks = sample.marks;
  for (Mark& mark : marks) {
    mark.box = clipped(mark.box, size.width, size.height);
    if (!(mark.box.area() > 0))
      fail(ErrorKind::kBadInput, "An annotation of '{}' lies outside of its {} x {} pixels.",
           sample.image.string(), size.width, size.height);
  }
  return marks;
}

}  // namespace

Mask apply(const MaskRule& rule, const MaskLevels& levels) {
  std::array<std::uint8_t, 256> is_defect{};
  for (int level = 0; level < 256; ++level)
    is_defect[static_cast<std::size_t>(level)] =
        level > rule.above || std::find(rule.also.begin(), rule.also.end(), level) != rule.also.end();
  Mask mask{levels.width, levels.height, std::vector<std::uint8_t>(levels.values.size())};
  std::transform(levels.values.begin(), levels.values.end(), mask.values.begin(),
                 [&](std::uint8_t level) { return is_defect[level]; });
  return mask;
}

GroundTruth load_ground_truth(const Sample& sample, const MaskRule& rule, int width, int height, int side) {
  AVLM_CHECK(width > 0 && height > 0 && side >= 0);
  AVLM_CHECK(sample.label != Label::kByMask || !sample.masks.empty());
  const Size stored = stored_size(sample, width, height);
  GroundTruth truth;
  truth.anomalous = sample.label == Label::kAnomalous;
  Mask full;
  if (!sample.masks.empty()) {
    full = read_masks(sample, rule, stored);
    const bool shown = shows_any(full);
    if (shown && sample.label == Label::kNormal)
      fail(ErrorKind::kBadInput, "'{}' is said to be normal, but its mask '{}' shows a defect.",
           sample.image.string(), sample.masks.front().string());
    if (sample.label == Label::kByMask) truth.anomalous = shown;
    truth.located = shown || !truth.anomalous;
  } else {
    const std::vector<Mark> marks = clipped_marks(sample, stored);
    truth.from_boxes = std::any_of(marks.begin(), marks.end(), [](const Mark& m) { return m.only_box(); });
    if (truth.from_boxes)
      for (const Mark& mark : marks)
        truth.boxes.push_back(upright(mark.box, sample.turn, stored.width, stored.height));
    full = covered_by(marks, stored.width, stored.height, fmt::format("'{}'", sample.image.string()));
    truth.located = !marks.empty() || !truth.anomalous;
  }
  if (truth.located) {
    full = upright(full, sample.turn);
    truth.mask = side == 0 ? std::move(full) : resize_nearest(full, side, side);
  }
  const float scale_x = side == 0 ? 1.0f : static_cast<float>(side) / static_cast<float>(width);
  const float scale_y = side == 0 ? 1.0f : static_cast<float>(side) / static_cast<float>(height);
  for (Box& box : truth.boxes) box = {box.x0 * scale_x, box.y0 * scale_y, box.x1 * scale_x, box.y1 * scale_y};
  return truth;
}

}  // namespace anomalyvlm::eval
