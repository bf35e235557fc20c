#include "models/bert/tokenizer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "anomalyvlm/error.h"
#include "models/bert/exercise.h"

namespace anomalyvlm {
namespace {

// The tokens between "[CLS]" and "[SEP]", with blanks between them.
std::string cut(std::string_view text, const WordPieceTokenizer& tokenizer = test::wordpiece_tokenizer()) {
  const std::vector<std::string> tokens = tokenizer.tokens(tokenizer.encode(text));
  EXPECT_EQ(tokens.front(), "[CLS]");
  EXPECT_EQ(tokens.back(), "[SEP]");
  return fmt::format("{}", fmt::join(tokens.begin() + 1, tokens.end() - 1, " "));
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(WordPiece, WordsAndMarks) {
  EXPECT_EQ(cut("Cracks on METAL_nut.Hole?!"), "crack ##s [UNK] metal _ nut . hole ? !");
  EXPECT_EQ(cut("crack-hole$'"), "crack - hole $ '");
  EXPECT_EQ(cut(""), "");
  EXPECT_EQ(cut(" \t\n\r "), "");
  EXPECT_EQ(cut("crack\xC2\xA0hole\xE3\x80\x80metal\xE2\x80\xA8nut\tcrack"), "crack hole metal nut crack");
}

TEST(WordPiece, TheLongestPieceIsTakenEvenIfItFails) {
  EXPECT_EQ(cut("abc"), "abc");
  EXPECT_EQ(cut("abcd"), "[UNK]");  // "ab ##cd" would fit
  EXPECT_EQ(cut("acrack"), "[UNK]");
  EXPECT_EQ(cut("s"), "[UNK]");  // only known inside a word
}

TEST(WordPiece, LongWordsAreUnknown) {
  EXPECT_EQ(cut(repeated("a", 100)), "a" + repeated(" ##a", 99));
  EXPECT_EQ(cut(repeated("a", 101)), "[UNK]");
  EXPECT_EQ(cut(repeated("\xC3\xA9", 100)), "e" + repeated(" ##e", 99));  // characters, not bytes
  EXPECT_EQ(cut(repeated("a", 1 << 20) + " crack"), "[UNK] crack");
  const auto short_words = WordPieceTokenizer::parse("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##a\n", 2);
  EXPECT_EQ(cut("aa aaa", short_words), "a ##a [UNK]");
}

TEST(WordPiece, AccentsAndCapitals) {
  EXPECT_EQ(cut("na\xC3\xAFve NA\xC3\x8FVE nai\xCC\x88ve"), "naive naive naive");
  EXPECT_EQ(cut("\xCE\x9F\xCE\xA3"), "\xCE\xBF\xCF\x83");  // no final sigma from a capital
  EXPECT_EQ(cut("\xCE\xBF\xCF\x82"), "\xCE\xBF\xCF\x82");
}

TEST(WordPiece, IdeographsAreWords) {
  EXPECT_EQ(cut("\xE5\x8C\x97\xE4\xBA\xAC"), "\xE5\x8C\x97 \xE4\xBA\xAC");
  EXPECT_EQ(cut("crack\xE5\x8C\x97hole"), "crack \xE5\x8C\x97 hole");
  EXPECT_EQ(cut("crack\xE3\x80\x82hole"), "crack \xE3\x80\x82 hole");
  EXPECT_EQ(cut("\xF0\xAB\xA0\xA0\xF0\xAB\xA0\xA0"), "[UNK]");        // U+2B820: not among them
  EXPECT_EQ(cut("\xF0\xAB\xA4\xA0\xF0\xAB\xA4\xA0"), "[UNK] [UNK]");  // U+2B920
}

TEST(WordPiece, CharactersThatAreDropped) {
  using namespace std::string_view_literals;
  EXPECT_EQ(cut("cr\0a\x01\x7F"
                "c\xC2\xAD\xE2\x80\x8Bk\xEF\xBB\xBF"sv),
            "crack");
  EXPECT_EQ(cut("cr\xEF\xBF\xBD\xC2\x85\x0B"
                "ack"),
            "crack");
  EXPECT_EQ(cut("crack\xCD\xB8"), "[UNK]");      // U+0378, assigned to nothing, is kept
  EXPECT_EQ(cut("crack\xE0\xA3\x94"), "[UNK]");  // U+08D4, a mark since Unicode 9, too
}

TEST(WordPiece, SpecialTokensInTheText) {
  EXPECT_EQ(cut("crack[SEP]hole [MASK]"), "crack [SEP] hole [MASK]");
  EXPECT_EQ(cut("[sep]"), "[ sep ]");
  EXPECT_EQ(cut("[[SEP]]"), "[ [SEP] ]");
  EXPECT_EQ(cut("[SEP"), "[ sep");
  EXPECT_EQ(cut("cr[CLS]ack"), "[UNK] [CLS] [UNK]");
}

TEST(WordPiece, IllFormedBytesAreDropped) {
  EXPECT_EQ(cut("cr\xFF"
                "ack"),
            "crack");
  EXPECT_EQ(cut("crack\xE5\x8C"), "crack");
  EXPECT_EQ(cut("\xC0\xAF\xED\xA0\x80 hole"), "hole");
}

TEST(WordPiece, AnyBytesAreCut) {
  std::mt19937 random(8);
  for (int i = 0; i < 300; ++i) {
    const std::string text = test::random_text(random);
    SCOPED_TRACE(text);
    test::exercise_wordpiece(text);
  }
}

TEST(WordPiece, VeryManyAccentsTakeNoLongTime) {
  EXPECT_EQ(cut("a" + repeated("\xCC\x81\xCC\x96", 1 << 18)), "a");
}

TEST(WordPiece, Vocabularies) {
  const auto tokenizer = WordPieceTokenizer::parse("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\ncrack\r\ncrack");
  EXPECT_EQ(tokenizer.size(), 6);
  EXPECT_EQ(tokenizer.id("crack"), 5);  // the last of equal ones
  EXPECT_EQ(tokenizer.id("hole"), tokenizer.id("[UNK]"));
  EXPECT_EQ(tokenizer.token(4), "crack");
  EXPECT_EQ(tokenizer.padding(), 0);
  EXPECT_THROW(tokenizer.token(6), Error);
  EXPECT_THROW(tokenizer.token(-1), Error);
  EXPECT_EQ(cut("[MASK]", tokenizer), "[UNK] [UNK] [UNK]");  // one that it does not know
}

TEST(WordPiece, OtherFilesAreRefused) {
  for (const char* lines : {"", "\n\n", "[PAD]\n[UNK]\n[CLS]\n", "{\"model\": 1}"}) {
    try {
      WordPieceTokenizer::parse(lines);
      FAIL() << lines;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadModel);
      EXPECT_THAT(error.what(), testing::HasSubstr("vocabulary"));
    }
  }
  try {
    WordPieceTokenizer::load("no/such/vocab.txt");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
  }
}

}  // namespace
}  // namespace anomalyvlm
