#include "prompts/phrase_match.h"

#include <gtest/gtest.h>

namespace anomalyvlm {
namespace {

TEST(PhraseMatch, SingularAndPlural) {
  for (const auto& [one, many] : {std::pair{"crack", "cracks"},
                                  {"scratch", "scratches"},
                                  {"cavity", "cavities"},
                                  {"leaf", "leaves"},
                                  {"knife", "knives"},
                                  {"cache", "caches"},
                                  {"box", "boxes"},
                                  {"white print", "white prints"},
                                  {"analysis", "analyses"},
                                  {"tooth", "teeth"},
                                  {"White_Print", "white print"},
                                  {"gas", "gases"}}) {
    EXPECT_TRUE(same_phrase(one, many)) << one;
    EXPECT_TRUE(same_phrase(many, one)) << many;
  }
  EXPECT_FALSE(same_phrase("crack", "hole"));
  EXPECT_FALSE(same_phrase("glas",
                           "gla"
                           "z"));
  EXPECT_FALSE(same_phrase("", ""));
}

TEST(PhraseMatch, TheNounAndItsAdjectives) {
  EXPECT_TRUE(names_phrase("cracks", "hairline crack"));
  EXPECT_TRUE(names_phrase("holes", "black hole"));
  EXPECT_TRUE(names_phrase("crack", "crack on the edge"));
  EXPECT_TRUE(names_phrase("scratches", "white scratch on pcb"));
  EXPECT_TRUE(names_phrase("white scratch on pcb", "white scratch on pcb"));
  EXPECT_TRUE(names_phrase("crack", "hole. crack."));
  EXPECT_TRUE(names_phrase("hole", "hole. crack."));
  EXPECT_FALSE(names_phrase("crack", "crack filler"));
  EXPECT_FALSE(names_phrase("edge", "crack on the edge"));
  EXPECT_FALSE(names_phrase("hairline crack", "crack"));
  EXPECT_FALSE(names_phrase("crack", ""));
  EXPECT_FALSE(names_phrase("", "crack"));
  EXPECT_FALSE(names_phrase("cut", "uncut"));
}

}  // namespace
}  // namespace anomalyvlm
