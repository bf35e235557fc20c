#include "models/clip/tokenizer.h"

#include <gmock/gmock.h>

#include <fstream>
#include <random>

#include "errors.h"
#include "models/clip/exercise.h"
#include "source_dir.h"
#include "temporary_folder.h"

namespace anomalyvlm::clip {
namespace {

using test::clip_tokenizer;
using test::error_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Ids = std::vector<std::int64_t>;

// Tokens of single bytes: visible ASCII in order from "!" on; the last byte of a word is 256 higher.
std::int64_t inside(char c) { return c - '!'; }
std::int64_t last(char c) { return c - '!' + 256; }
constexpr std::int64_t kCrack = 517, kHole = 520, kFourA = 522, kPossessive = 523;

TEST(ClipTokenizer, WordsAndMarks) {
  EXPECT_EQ(clip_tokenizer().encode("Crack  HOLE\ncrack"), (Ids{kCrack, kHole, kCrack}));
  EXPECT_EQ(clip_tokenizer().encode("hole-?!"), (Ids{kHole, inside('-'), inside('?'), last('!')}));
  EXPECT_EQ(clip_tokenizer().encode("crack's"), (Ids{kCrack, kPossessive}));
  EXPECT_EQ(clip_tokenizer().encode("12hole"), (Ids{last('1'), last('2'), kHole}));  // digit by digit
  EXPECT_EQ(clip_tokenizer().encode(""), Ids{});
  EXPECT_EQ(clip_tokenizer().encode(" \t\r\n"), Ids{});
  EXPECT_EQ(clip_tokenizer().encode("&lt;hole &amp;amp; crack"), (Ids{last('<'), kHole, last('&'), kCrack}));
}

TEST(ClipTokenizer, OtherScriptsAreBytes) {
  EXPECT_EQ(clip_tokenizer().encode("\xC3\xA9"), Ids{525});  // one merge of its two bytes
  EXPECT_EQ(clip_tokenizer().encode("北").size(), 3U);
  EXPECT_EQ(clip_tokenizer().encode("x\u0345y"), (Ids{last('x'), last('y')}));  // vanishes, and parts
  EXPECT_EQ(clip_tokenizer().encode("'ſ").front(), inside('\''));               // together, as "'s" is
  EXPECT_EQ(clip_tokenizer().encode("'x").front(), last('\''));
}

TEST(ClipTokenizer, WrittenOutSpecialTokens) {
  const auto openclip = Tokenizer::parse(test::kClipMerges, SpecialTokens::kOpenClip);
  EXPECT_EQ(clip_tokenizer().encode("<|startoftext|>hole<|ENDOFTEXT|>"),
            (Ids{clip_tokenizer().start(), kHole, clip_tokenizer().end()}));
  EXPECT_EQ(openclip.encode("<start_of_text>hole<end_of_text>"),
            (Ids{openclip.start(), kHole, openclip.end()}));
  EXPECT_GT(openclip.encode("<|startoftext|>").size(), 1U);
  EXPECT_GT(clip_tokenizer().encode("<end_of_text>").size(), 1U);
}

TEST(ClipTokenizer, Contexts) {
  const Tokenizer& t = clip_tokenizer();
  EXPECT_THAT(t.context("hole", 5, TooLong::kRefuse), ElementsAre(t.start(), kHole, t.end(), 0, 0));
  EXPECT_THAT(t.context("hole hole", 4, TooLong::kRefuse), ElementsAre(t.start(), kHole, kHole, t.end()));
  EXPECT_THAT(t.context("hole hole ! !", 4, TooLong::kCut), ElementsAre(t.start(), kHole, kHole, t.end()));
  EXPECT_THAT(t.context("! ! !", 4, TooLong::kCut), ElementsAre(t.start(), 256, 256, t.end()));
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { t.context("hole hole hole", 4, TooLong::kRefuse); }),
              AllOf(HasSubstr("hole hole"), HasSubstr("3 tokens"), HasSubstr("at most 2")));
  std::string letters;
  for (int i = 0; i < 40; ++i) letters += "\xE2\x82\xAC";  // of 3 bytes each
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { t.context("a" + letters, 4, TooLong::kRefuse); }),
              HasSubstr("\xE2\x82\xAC...\" has"))
      << "cut in front of a character";
  EXPECT_THAT(error_of(ErrorKind::kBadInput, [&] { t.encode(std::string(1 << 20, 'a')); }),
              HasSubstr("too long"));
}

// As the tokenizers are described: the first of the merges that occurs, everywhere, until none does.
Ids merged_simply(std::string_view word, std::span<const std::pair<Ids, std::int64_t>> merges) {
  Ids ids;
  for (const char c : word) ids.push_back(inside(c));
  ids.back() += 256;
  for (bool again = true; again;) {
    again = false;
    for (const auto& [pair, merged] : merges) {
      for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
        if (ids[i] != pair[0] || ids[i + 1] != pair[1]) continue;
        ids[i] = merged;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        again = true;
      }
      if (again) break;
    }
  }
  return ids;
}

TEST(ClipTokenizer, MergesAreThoseOfASimpleLoop) {
  std::string lines = "#\n";
  std::vector<std::pair<Ids, std::int64_t>> merges;
  std::vector<std::pair<std::string, std::int64_t>> known;
  for (const char c : {'a', 'b', 'c'}) known.push_back({std::string(1, c), inside(c)});
  std::mt19937 random(3);
  for (std::int64_t id = 512; id < 540; ++id) {
    const auto left = known[random() % known.size()], right = known[random() % known.size()];
    const std::string both = left.first + right.first;
    if (std::any_of(known.begin(), known.end(), [&](const auto& k) { return k.first == both; })) {
      --id;
      continue;
    }
    lines += left.first + " " + right.first + "\n";
    merges.push_back({{left.second, right.second}, id});
    known.push_back({both, id});
  }
  const auto tokenizer = Tokenizer::parse(lines, SpecialTokens::kOpenAi);
  for (int i = 0; i < 500; ++i) {
    std::string word(1 + random() % 40, 'a');
    for (char& c : word) c = static_cast<char>('a' + random() % 3);
    ASSERT_EQ(tokenizer.encode(word), merged_simply(word, merges)) << word;
  }
  EXPECT_EQ(tokenizer.encode(std::string(1 << 16, 'a')), merged_simply(std::string(1 << 16, 'a'), merges));
}

TEST(ClipTokenizer, OtherFilesAreRefused) {
  for (const char* bad : {"#\na\n", "#\na b c\n", "#\nab c\n"})
    EXPECT_THAT(error_of(ErrorKind::kBadModel, [&] { Tokenizer::parse(bad, SpecialTokens::kOpenAi); }),
                HasSubstr("it is not one of CLIP's"));
  const test::TemporaryFolder folder;
  std::ofstream(folder / "v.txt") << "#\nab c\n";
  EXPECT_THAT(error_of([&] { Tokenizer::load(folder / "v.txt", SpecialTokens::kOpenAi); }),
              HasSubstr("v.txt"));
}

TEST(ClipTokenizer, AnyBytesAreText) {
  std::mt19937 random(5);
  const std::string_view parts[] = {"crack", "'s", "&amp;", "<|endoftext|>", "Ã©", "\u0345", "\n", "1"};
  for (int i = 0; i < 1000; ++i) {
    std::string text;
    for (unsigned n = random() % 30; n > 0; --n)
      text +=
          random() % 2 == 0 ? std::string(1, static_cast<char>(random())) : std::string(parts[random() % 8]);
    test::exercise_clip_tokenizer(text);
  }
}

}  // namespace
}  // namespace anomalyvlm::clip
