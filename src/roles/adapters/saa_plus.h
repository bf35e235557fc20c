#pragma once
// Which boxes of a text-guided detector the released SAA+ code keeps, and how it reads their phrases.
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm {

struct BoxSuppression {
  double box_threshold = 0.1;   // a query's highest token score must be above it
  double text_threshold = 0.1;  // tokens above it make up the phrase
  double max_area = 1.0;        // of w * h in shares of the image: must be below it ...
  double min_area = 0.0;        // ... and above this
  std::string filter_phrase;  // a box whose phrase contains it is dropped (the empty one is in every phrase)
};

struct KeptBox {
  int query = 0;                  // index into the given boxes
  std::array<float, 4> cxcywh{};  // unchanged
  double score = 0;               // highest token score
  std::string phrase;
  std::string label() const;  // "crack(0.45)": the score's first four characters, not rounded
};

// boxes: [n, 4] centre and size in shares of the image; scores: [n, columns] after the sigmoid, a column per
// token position; tokens: the caption's WordPiece tokens, "[CLS]" and "[SEP]" included. All comparisons in
// float32. Throws Error(kBadInput) when a column without a token is above the text threshold.
std::vector<KeptBox> suppress_boxes(std::span<const float> boxes, std::span<const float> scores, int columns,
                                    std::span<const std::string> tokens, const BoxSuppression& limits);

}  // namespace anomalyvlm
