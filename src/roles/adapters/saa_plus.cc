#include "roles/adapters/saa_plus.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/check.h"
#include "models/grounding_dino/phrases.h"

namespace anomalyvlm {
namespace {

// A double as Python writes it: the fewest digits that give it again, with an exponent below 1e-4 and from
// 1e16 on.
std::string python_number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const double size = std::fabs(value);
  char text[400];
  const bool plain = value == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value, format);
  AVLM_CHECK(error == std::errc());
  std::string digits(text, end);
  if (plain && digits.find('.') == std::string::npos) digits += ".0";
  return digits;
}

}  // namespace

std::string KeptBox::label() const { return phrase + "(" + python_number(score).substr(0, 4) + ")"; }

std::vector<KeptBox> suppress_boxes(std::span<const float> boxes, std::span<const float> scores, int columns,
                                    std::span<const std::string> tokens, const BoxSuppression& limits) {
  const std::size_t count = boxes.size() / 4, width = static_cast<std::size_t>(columns);
  AVLM_CHECK(columns > 0 && boxes.size() == count * 4 && scores.size() == count * width);
  const auto box_threshold = static_cast<float>(limits.box_threshold);
  const auto text_threshold = static_cast<float>(limits.text_threshold);
  const auto max_area = static_cast<float>(limits.max_area), min_area = static_cast<float>(limits.min_area);
  std::vector<KeptBox> kept;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> row = scores.subspan(i * width, width);
    const float best = *std::max_element(row.begin(), row.end());
    const std::span<const float> box = boxes.subspan(i * 4, 4);
    const float area = box[2] * box[3];
    if (!(best > box_threshold && area < max_area && area > min_area)) continue;
    std::string phrase = grounding_dino::read_phrase(row, tokens, text_threshold);
    if (phrase.find(limits.filter_phrase) != std::string::npos) continue;
    kept.push_back({static_cast<int>(i), {box[0], box[1], box[2], box[3]}, best, std::move(phrase)});
  }
  return kept;
}

}  // namespace anomalyvlm
