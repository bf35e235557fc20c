#include "roles/text_boxes.h"

#include <limits>

#include "roles/saa_plus.h"

namespace anomalyvlm {

std::vector<BoxCandidate> read_boxes(const grounding_dino::Answer& answer, const StageOptions& options,
                                     int width, int height) {
  const auto box_threshold = static_cast<float>(options.box_threshold),
             text_threshold = static_cast<float>(options.text_threshold);
  std::vector<BoxCandidate> candidates;
  if (options.phrases == PhraseReading::kWithoutMarks) {
    for (grounding_dino::Detection& found :
         grounding_dino::read_detections(answer, {box_threshold, text_threshold}, width, height))
      candidates.push_back({found.box, found.score, std::move(found.phrase)});
    return candidates;
  }
  const BoxSuppression limits{.box_threshold = options.box_threshold,
                              .text_threshold = options.text_threshold,
                              .max_area = std::numeric_limits<double>::infinity(),
                              .filter_phrase = "PlaceHolder"};
  for (KeptBox& kept : suppress_boxes(answer.boxes.floats(), answer.scores.floats(),
                                      static_cast<int>(answer.scores.dim(1)), answer.tokens, limits))
    candidates.push_back(
        {grounding_dino::in_pixels(kept.cxcywh.data(), width, height), kept.score, std::move(kept.phrase)});
  return candidates;
}

}  // namespace anomalyvlm
