#include "models/grounding_dino/phrases.h"

#include <gtest/gtest.h>

#include "anomalyvlm/error.h"

namespace anomalyvlm::grounding_dino {
namespace {

using Tokens = std::vector<std::string>;

const Tokens kCaption = {"[CLS]", "white", "print", ".", "is", "it", "?", "hole", "##s", ".", "[SEP]"};

// A score of 1 at these columns of 256, a score of 2 at `best`.
std::vector<float> scores(const std::vector<int>& chosen, int best = -1) {
  std::vector<float> all(256, 0.0F);
  for (const int column : chosen) all[static_cast<std::size_t>(column)] = 1;
  if (best >= 0) all[static_cast<std::size_t>(best)] = 2;
  return all;
}

std::string around_best(const std::vector<int>& chosen, int best) {
  return detected_phrase(scores(chosen, best), kCaption, 0.5F, true);
}

TEST(Phrases, Captions) {
  EXPECT_EQ(detector_caption("Defect on mtd "), "defect on mtd.");
  EXPECT_EQ(detector_caption("defect."), "defect.");
  EXPECT_EQ(detector_caption("mtd,"), "mtd,.");
  EXPECT_EQ(detector_caption("hole?"), "hole?.");
  EXPECT_EQ(detector_caption(""), ".");
  EXPECT_EQ(detector_caption("\xC2\xA0\xC3\x89T\xC3\x89. \n"), "\xC3\xA9t\xC3\xA9.");
}

TEST(Phrases, WordPieces) {
  EXPECT_EQ(join_wordpieces(Tokens{"##d", "white", "-", "print", "##s", ".", "it", "'", "s", "[SEP]"}),
            "##d white - prints. it's [SEP]");
  EXPECT_EQ(join_wordpieces(Tokens{"do", "n't", "!", ","}), "don't!,");
  EXPECT_EQ(join_wordpieces({}), "");
}

TEST(Phrases, ReadWithinARange) {
  const auto all = scores({0, 1, 2, 7, 8, 10});
  EXPECT_EQ(read_phrase(all, kCaption, 0.5F), "[CLS] white print holes [SEP]");
  EXPECT_EQ(read_phrase(all, kCaption, 0.5F, kCaptionTokens), "white print holes [SEP]");
  EXPECT_EQ(read_phrase(all, kCaption, 0.5F, {1, 8}), "print hole");
  EXPECT_EQ(read_phrase(all, kCaption, 1.0F), "");  // above, not at
  EXPECT_EQ(read_phrase(all, kCaption, 0.5F, {5, 5}), "");
  EXPECT_EQ(read_phrase({}, kCaption, 0.5F), "");
}

TEST(Phrases, AColumnWithoutATokenIsAnError) {
  EXPECT_THROW(read_phrase(scores({11}), kCaption, 0.5F), Error);
  EXPECT_THROW(read_phrase(scores({255}), kCaption, 0.5F), Error);
  EXPECT_EQ(read_phrase(scores({255}), kCaption, 0.5F, kCaptionTokens), "");
}

TEST(Phrases, DetectedWithoutFullStops) {
  EXPECT_EQ(detected_phrase(scores({0, 2, 3, 7}), kCaption, 0.5F), "print hole");
  EXPECT_EQ(detected_phrase(scores({}), kCaption, 0.5F), "");
}

TEST(Phrases, OnlyAroundTheBestToken) {
  EXPECT_EQ(around_best({1, 7}, 2), "white print");
  EXPECT_EQ(around_best({1, 4}, 7), "is hole");         // a question mark does not bound
  EXPECT_EQ(around_best({1, 2, 7}, 3), "white print");  // the mark belongs to what it ends
  EXPECT_EQ(around_best({1, 2, 7}, 10), "");
  EXPECT_EQ(around_best({1, 2, 7}, 0), "");
  EXPECT_EQ(around_best({1, 2, 7}, 200), "");
  EXPECT_EQ(detected_phrase({}, {}, 0.5F, true), "");
}

}  // namespace
}  // namespace anomalyvlm::grounding_dino
