// Masks and positions of phrases against their definition, token by token.
#include "models/grounding_dino/captions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "anomalyvlm/error.h"
#include "models/bert/exercise.h"
#include "models/grounding_dino/exercise.h"

namespace anomalyvlm::grounding_dino {
namespace {

using Ids = std::vector<std::int64_t>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const WordPieceTokenizer& tokenizer() { return test::wordpiece_tokenizer(); }

TokenizedCaptions tokenize(const std::vector<std::string>& captions, std::int64_t longest = 256) {
  return tokenize_captions(tokenizer(), captions, longest);
}

Ids row_of(const Tensor& table, std::int64_t row) {
  const auto values = table.values<std::int64_t>().subspan(static_cast<std::size_t>(row * table.dim(1)),
                                                           static_cast<std::size_t>(table.dim(1)));
  return {values.begin(), values.end()};
}

bool ends_phrase(std::int64_t id) {
  const std::string& token = tokenizer().token(id);
  return token == "[CLS]" || token == "[SEP]" || token == "." || token == "?";
}

// The first mark at or behind a column, and the last before it; -1: none. The batch has `columns` columns.
struct Bounds {
  std::int64_t before = -1, at = -1;
  bool phrase(std::int64_t columns) const { return at > 0 && at < columns - 1; }
};

Bounds bounds(const Ids& ids, std::int64_t column) {
  Bounds found;
  for (std::int64_t i = 0; i < std::ssize(ids); ++i) {
    if (!ends_phrase(ids[static_cast<std::size_t>(i)])) continue;
    if (i < column) found.before = i;
    if (i >= column && found.at < 0) found.at = i;
  }
  return found;
}

void expect_definition(const std::vector<std::string>& texts, std::int64_t longest) {
  const TokenizedCaptions got = tokenize(texts, longest);
  std::vector<Ids> all;
  std::int64_t columns = 0;
  for (const std::string& text : texts) {
    all.push_back(tokenizer().encode(text));
    columns = std::max<std::int64_t>(columns, std::ssize(all.back()));
  }
  const std::int64_t n = std::min(columns, longest);
  ASSERT_EQ(got.masks.shape(), (Shape{std::ssize(texts), n, n}));
  for (std::int64_t row = 0; row < std::ssize(texts); ++row) {
    const Ids& ids = all[static_cast<std::size_t>(row)];
    for (std::int64_t i = 0; i < n; ++i) {
      const bool real = i < std::ssize(ids);
      const Bounds mine = bounds(ids, i);
      EXPECT_EQ(row_of(got.ids, row)[i], real ? ids[i] : tokenizer().padding());
      EXPECT_EQ(row_of(got.real, row)[i], real);
      EXPECT_EQ(row_of(got.types, row)[i], 0);
      EXPECT_EQ(row_of(got.positions, row)[i], real && mine.phrase(columns) ? i - mine.before - 1 : 0) << i;
      for (std::int64_t j = 0; j < n; ++j) {
        const bool together = real && mine.phrase(columns) && bounds(ids, j).at == mine.at;
        EXPECT_EQ(got.masks.values<std::uint8_t>()[static_cast<std::size_t>((row * n + i) * n + j)],
                  i == j || together)
            << row << " " << i << " " << j;
      }
    }
  }
}

TEST(Captions, MasksAreThoseOfTheDefinition) {
  expect_definition({"crack."}, 256);
  expect_definition({"metal nut. crack. hole? nut crack"}, 256);
  expect_definition({"crack. hole", "nut crack hole", "a. b? c.", ""}, 256);
  expect_definition({"..crack..", "?"}, 256);
  expect_definition({"metal nut. crack hole metal. nut", "crack [SEP] hole [CLS]. a"}, 6);
  expect_definition({"crack."}, 1);
}

TEST(Captions, MasksOfAnyText) {
  std::mt19937 random(12);
  const std::string_view words[] = {"crack", "metal_nut", ".", "?", "[SEP]", " ", "hole ", "holes", "a!"};
  for (int i = 0; i < 100; ++i) {
    std::vector<std::string> texts(1 + random() % 4);
    for (std::string& text : texts)
      for (unsigned n = random() % 9; n > 0; --n)
        text += std::string(words[random() % std::size(words)]) + " ";
    SCOPED_TRACE(fmt::format("{}", fmt::join(texts, "|")));
    expect_definition(texts, random() % 3 == 0 ? 1 + random() % 9 : 256);
  }
}

TEST(Captions, AnyBytesAreRead) {
  std::mt19937 random(8);
  for (int i = 0; i < 300; ++i) {
    const std::string text = test::random_text(random);
    SCOPED_TRACE(text);
    test::exercise_captions(text);
  }
}

using Columns = std::vector<std::pair<std::int64_t, std::int64_t>>;

Columns phrases(const TokenizedCaptions& captions, std::size_t row) {
  Columns out;
  for (const PhraseColumns& phrase : captions.phrases[row]) out.emplace_back(phrase.begin, phrase.end);
  return out;
}

TEST(Captions, PhrasesLeaveTheirMarksOut) {
  const TokenizedCaptions got = tokenize({"metal nut. crack. hole", "a..", "crack"}, 4);
  EXPECT_EQ(phrases(got, 0), (Columns{{1, 3}, {4, 5}}));  // also behind the fourth column
  EXPECT_EQ(phrases(got, 1), (Columns{{1, 2}, {3, 3}, {4, 4}}));
  EXPECT_EQ(phrases(got, 2), (Columns{{1, 2}}));
  EXPECT_TRUE(phrases(tokenize({"crack hole"}), 0).empty());
}

TEST(Captions, WhatCannotBeMade) {
  EXPECT_THROW(tokenize({}), Error);
  EXPECT_THROW(tokenize({"crack"}, 0), Error);
}

TEST(Captions, AHostileLengthIsCutBeforeItCosts) {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "a.";
  const TokenizedCaptions got = tokenize({text});
  EXPECT_EQ(got.masks.shape(), (Shape{1, 256, 256}));
  EXPECT_EQ(got.phrases[0].size(), 200000U);
}

// "crack. hole." is [CLS] crack . hole . [SEP]: six tokens.
TEST(PackCaptions, NoneIsLongerThanItMayBe) {
  const std::vector<std::string> phrases = {"crack", "hole", "white print", "cut"};
  const auto packed = [&](std::int64_t longest) { return pack_captions(tokenizer(), phrases, longest); };
  EXPECT_THAT(packed(256), ElementsAre("crack. hole. white print. cut"));
  EXPECT_THAT(packed(11), ElementsAre("crack. hole. white print. cut"));
  EXPECT_THAT(packed(10), ElementsAre("crack. hole. white print", "cut"));
  EXPECT_THAT(packed(6), ElementsAre("crack. hole", "white print", "cut"));
  for (const std::string& text : packed(6)) EXPECT_LE(tokenize({text + "."}, 100).length(), 6) << text;
}

TEST(PackCaptions, APhraseIsNotParted) {
  const std::vector<std::string> one = {"white print cut"}, listed = {"crack. hole. cut"};
  EXPECT_THAT(pack_captions(tokenizer(), one, 6), ElementsAre("white print cut"));
  EXPECT_THAT(pack_captions(tokenizer(), listed, 6), ElementsAre("crack. hole", "cut"));
  try {
    pack_captions(tokenizer(), one, 5);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadPrompt);
    EXPECT_THAT(error.what(), HasSubstr("\"white print cut\" takes 6 tokens of a caption, which can have 5"));
  }
}

}  // namespace
}  // namespace anomalyvlm::grounding_dino
