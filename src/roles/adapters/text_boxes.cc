#include "roles/adapters/text_boxes.h"

#include <limits>

#include "roles/adapters/saa_plus.h"

namespace anomalyvlm {

std::vector<Proposal> read_boxes(const grounding_dino::CaptionOutputs& answer, const StageOptions& options,
                                 int width, int height, int first_id) {
  const auto box_threshold = static_cast<float>(options.box_threshold),
             text_threshold = static_cast<float>(options.text_threshold);
  std::vector<Proposal> proposals;
  const auto add = [&](const Box& box, double score, std::string phrase) {
    const int id = first_id + static_cast<int>(proposals.size());
    proposals.push_back({.box = box, .score = score, .phrase = std::move(phrase), .id = id});
  };
  if (options.phrases == PhraseReading::kWithoutMarks) {
    for (grounding_dino::PhraseBox& found :
         grounding_dino::read_phrase_boxes(answer, {box_threshold, text_threshold}, width, height))
      add(found.box, found.score, std::move(found.phrase));
    return proposals;
  }
  const BoxSuppression limits{.box_threshold = options.box_threshold,
                              .text_threshold = options.text_threshold,
                              .max_area = std::numeric_limits<double>::infinity(),
                              .filter_phrase = "PlaceHolder"};
  for (KeptBox& kept : suppress_boxes(answer.boxes.floats(), answer.scores.floats(),
                                      static_cast<int>(answer.scores.dim(1)), answer.tokens, limits))
    add(grounding_dino::in_pixels(kept.cxcywh.data(), width, height), kept.score, std::move(kept.phrase));
  return proposals;
}

}  // namespace anomalyvlm
