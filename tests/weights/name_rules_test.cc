#include "weights/name_rules.h"

#include <gtest/gtest.h>

namespace anomalyvlm {
namespace {

TEST(NameRules, PlainNames) {
  EXPECT_EQ(renamed(NameRule{"a.b", "c"}, "a.b"), "c");
  for (const char* other : {"", "a", "a.", "a.bb", "xa.b"})
    EXPECT_FALSE(renamed(NameRule{"a.b", "c"}, other)) << other;
}

TEST(NameRules, NumbersKeepTheirOrder) {
  const NameRule rule = {"layers.#.fc#.w", "l.#.linear#"};
  EXPECT_EQ(renamed(rule, "layers.12.fc1.w"), "l.12.linear1");
  for (const char* other :
       {"layers..fc1.w", "layers.x.fc1.w", "layers.1.fc.w", "layers.-1.fc1.w", "layers.1.fc1"})
    EXPECT_FALSE(renamed(rule, other)) << other;
  EXPECT_EQ(renamed(NameRule{"a.#.b.#", "c.#"}, "a.7.b.8"), "c.7");
}

TEST(NameRules, EndingsAreAnythingButNothing) {
  const NameRule rule = {"model.*", "*.of.model"};
  EXPECT_EQ(renamed(rule, "model.a.b"), "a.b.of.model");
  EXPECT_FALSE(renamed(rule, "model."));
  EXPECT_FALSE(renamed(rule, "modal.a"));
}

TEST(NameRules, TheFirstThatFits) {
  static constexpr NameRule kRules[] = {{"a.1.*", "one"}, {"a.#.*", "some"}};
  EXPECT_EQ(renamed(kRules, "a.1.x"), "one");
  EXPECT_EQ(renamed(kRules, "a.2.x"), "some");
  EXPECT_FALSE(renamed(kRules, "b"));
}

}  // namespace
}  // namespace anomalyvlm
