#pragma once
// Two-stage selection (Zhu et al., 2021; Zhang et al., 2023): each place of the encoded image proposes a box,
// and the places that fit the text best become the decoder's queries. Which those are depends on data, so it
// happens here, between two graphs.
#include "models/grounding_dino/levels.h"

namespace anomalyvlm::grounding_dino {

// The box that each place stands for: around its center, 0.05 of the image wide and high on the finest map
// and twice as much on each next. Where a place is padding, or a number is not within (0.01, 0.99), it is
// invalid: the authors give it an infinite box and discard what the encoder found there, but let it be
// selected.
struct Anchors {
  Tensor
      boxes;  // [images, places, 4]: center x and y, width, height, each as log(p / (1 - p)); invalid: +inf
  Tensor valid;  // [images, places]: 1 or 0
};
Anchors make_anchors(const Levels& levels);

// The `count` best of each row of scores [B, places], best first, of equal ones the first (no more than there
// are) -> B lists. What is not a number comes last.
std::vector<std::vector<std::int64_t>> select_best(const Tensor& scores, std::int64_t count);

// Rows `selected` of each item of x [B or 1, places, C] -> [B, count, C]. Lists must be of one length.
Tensor take_rows(const Tensor& x, const std::vector<std::vector<std::int64_t>>& selected);

// What the decoder is given of B encoded images: the `count` best places of each.
struct Selection {
  std::vector<std::vector<std::int64_t>> places;
  Tensor memory;   // [B, count, channels]: what the encoder found there, or 0 where the anchor is invalid
  Tensor anchors;  // [B, count, 4]: Anchors' boxes
};

// memory [B, places, channels], scores [B, places]; of one image for all, or of levels.images().
Selection select_proposals(const Levels& levels, const Tensor& memory, const Tensor& scores,
                           std::int64_t count);

}  // namespace anomalyvlm::grounding_dino
