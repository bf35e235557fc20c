#include "weights/name_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weights/fixtures.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using ::testing::HasSubstr;
using ::testing::Not;

WeightFile file_of(const std::map<std::string, Shape>& shapes, WeightFile::Strings unreadable = {}) {
  WeightFile::Tensors tensors;
  for (const auto& [name, shape] : shapes) tensors.emplace(name, Tensor::zeros(shape));
  return WeightFile("w.pth", std::move(tensors), {}, std::move(unreadable));
}

TEST(NameCheck, WhatFitsIsFine) {
  const std::vector<ExpectedTensor> expected = {{"a", {2}}, {"b", {1, 3}}, {"a", {2}}};
  check_names(file_of({{"a", {2}}, {"b", {1, 3}}}), "toy", expected);
  const std::vector<std::string> ignorable = {"extra.*"};
  check_names(file_of({{"a", {2}}, {"b", {1, 3}}, {"extra.c", {1}}}), "toy", expected, ignorable);
}

TEST(NameCheck, TellsAllAtOnce) {
  const std::vector<ExpectedTensor> expected = {{"a", {2}}, {"b", {1, 3}}, {"c", {}}, {"d", {4}}};
  const std::string text = error_of([&] {
    check_names(file_of({{"a", {3}}, {"z", {1}}, {"y", {1}}}, {{"d", "F8"}}), "toy", expected);
  });
  EXPECT_EQ(text,
            "w.pth: these weights do not fit the model toy:\n"
            "  3 missing: b, c, d (there, but of the unknown element type F8)\n"
            "  1 of another shape: a is [3], not [2]\n"
            "  2 not part of the model: y, z");
}

TEST(NameCheck, ListsAreCutShort) {
  std::vector<ExpectedTensor> expected;
  for (int i = 0; i < 100; ++i) expected.push_back({"t" + std::to_string(i), {1}});
  const std::string text = error_of([&] { check_names(file_of({}), "toy", expected); });
  EXPECT_THAT(text, HasSubstr("100 missing: t0, t1, "));
  EXPECT_THAT(text, HasSubstr("t11 and 88 more"));
  EXPECT_THAT(text, Not(HasSubstr("t12")));
}

TEST(NameCheck, NamesOfAFileAreShownSafely) {
  const std::string text = error_of([&] {
    check_names(file_of({{"\x1b[2J" + std::string(1000, 'x'), {1}}}), "toy", {});
  });
  EXPECT_THAT(text, HasSubstr("not part of the model: ?[2Jxxx"));
  EXPECT_LT(text.size(), 200U);
}

TEST(NameCheck, Patterns) {
  EXPECT_TRUE(matches("bert.pooler.*", "bert.pooler.dense.bias"));
  EXPECT_FALSE(matches("bert.pooler.*", "bert.poole"));
  EXPECT_TRUE(matches("*.num_batches_tracked", "a.b.num_batches_tracked"));
  EXPECT_FALSE(matches("*.num_batches_tracked", "a.num_batches_tracked.b"));
  EXPECT_TRUE(matches("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(matches("a*b*c", "a-b-b"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a", "a"));
  EXPECT_FALSE(matches("a", "ab"));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_FALSE(matches(std::string(50, '*') + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace anomalyvlm
