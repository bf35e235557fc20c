#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.h"
#include "eval/data/coco.h"
#include "eval/data/dataset.h"
#include "image/codec.h"
#include "image/resize.h"

namespace anomalyvlm::eval {

namespace fs = std::filesystem;

namespace {

// A pixel is a defect where the brightest of its channels is above the level: masks are grey, or painted over
// black. Their alpha, if any, says nothing: drawing programs leave black as transparent.
Mask read_mask(const fs::path& file, int above, const Sample& sample, int width, int height) {
  const ReadOptions options{.alpha = ReadOptions::Alpha::kDropped};
  const Image picture = read_image(file, options);
  if (picture.width != width || picture.height != height)
    fail(ErrorKind::kBadInput, "The mask '{}' has {} x {} pixels, but its picture '{}' {} x {}.",
         file.string(), picture.width, picture.height, sample.image.string(), width, height);
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (std::size_t i = 0; i < mask.values.size(); ++i) {
    const std::uint8_t* rgb = &picture.rgb[3 * i];
    mask.values[i] = std::max({rgb[0], rgb[1], rgb[2]}) > above;
  }
  return mask;
}

bool shows_any(const Mask& mask) {
  return std::find(mask.values.begin(), mask.values.end(), 1) != mask.values.end();
}

// The pixels whose centres lie between the two; of a thinner interval the one that its middle lies in.
std::array<int, 2> covered(float from, float to, int size) {
  int first = static_cast<int>(std::ceil(from - 0.5f)), last = static_cast<int>(std::ceil(to - 0.5f));
  if (first >= last) first = static_cast<int>((from + to) / 2), last = first + 1;
  return {std::clamp(first, 0, size - 1), std::clamp(last, 1, size)};
}

Mask filled(const std::vector<Box>& boxes, int width, int height) {
  Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
  for (const Box& box : boxes) {
    const auto [left, right] = covered(box.x0, box.x1, width);
    const auto [top, bottom] = covered(box.y0, box.y1, height);
    for (int y = top; y < bottom; ++y) std::fill(&mask.at(left, y), &mask.at(right - 1, y) + 1, 1);
  }
  return mask;
}

std::vector<Box> boxes_of(const Sample& sample, int width, int height) {
  if (sample.boxes_width > 0 && (sample.boxes_width != width || sample.boxes_height != height))
    fail(ErrorKind::kBadInput, "The boxes of '{}' were drawn on {} x {} pixels, but it has {} x {}.",
         sample.image.string(), sample.boxes_width, sample.boxes_height, width, height);
  std::vector<Box> boxes;
  for (const Box& box : sample.boxes) {
    boxes.push_back(clipped(box, width, height));
    if (!(boxes.back().area() > 0))
      fail(ErrorKind::kBadInput, "A box of '{}' lies outside of its {} x {} pixels.", sample.image.string(),
           width, height);
  }
  return boxes;
}

}  // namespace

Truth load_truth(const Sample& sample, int mask_above, int width, int height, int side) {
  AVLM_CHECK(width > 0 && height > 0 && side >= 0);
  AVLM_CHECK(sample.label != Label::kByMask || !sample.mask.empty());
  Truth truth;
  truth.anomalous = sample.label == Label::kAnomalous;
  Mask full;
  if (!sample.mask.empty()) {
    full = read_mask(sample.mask, mask_above, sample, width, height);
    const bool shown = shows_any(full);
    if (shown && sample.label == Label::kNormal)
      fail(ErrorKind::kBadInput, "'{}' is said to be normal, but its mask '{}' shows a defect.",
           sample.image.string(), sample.mask.string());
    if (sample.label == Label::kByMask) truth.anomalous = shown;
    truth.located = shown || !truth.anomalous;
  } else if (!sample.boxes.empty()) {
    truth.from_boxes = true;
    truth.boxes = boxes_of(sample, width, height);
    full = filled(truth.boxes, width, height);
  } else {
    truth.located = !truth.anomalous;
    full = filled({}, width, height);
  }
  if (truth.located) truth.mask = side == 0 ? std::move(full) : resize_nearest(full, side, side);
  const float scale_x = side == 0 ? 1.0f : static_cast<float>(side) / static_cast<float>(width);
  const float scale_y = side == 0 ? 1.0f : static_cast<float>(side) / static_cast<float>(height);
  for (Box& box : truth.boxes) box = {box.x0 * scale_x, box.y0 * scale_y, box.x1 * scale_x, box.y1 * scale_y};
  return truth;
}

}  // namespace anomalyvlm::eval
