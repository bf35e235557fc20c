#include "models/nano/lexicon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "errors.h"

namespace anomalyvlm::nano {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Lexicon small() {
  return Lexicon({"scratch", "crack", "hairline", "foreign", "body", "hole"},
                 {"defect", "anomaly", "visible"},
                 {{"scratch"}, {"crack", "hairline crack"}, {"foreign body"}, {"hole"}});
}

TEST(Lexicon, WordsOfAPhrase) {
  EXPECT_THAT(words_of("A white-ish  Scratch, 2nd."), ElementsAre("a", "white", "ish", "scratch", "2nd"));
  EXPECT_THAT(words_of(" .,- "), IsEmpty());
  EXPECT_THAT(words_of("Na\u00efve \u00c9"), ElementsAre("na\u00efve", "\u00c9"));
}

TEST(Lexicon, PluralsAreTheirSingulars) {
  const Lexicon lexicon = small();
  EXPECT_EQ(lexicon.find("scratch"), lexicon.find("scratches"));
  EXPECT_EQ(lexicon.find("crack"), lexicon.find("cracks"));
  EXPECT_EQ(lexicon.find("body"), lexicon.find("bodies"));
  EXPECT_EQ(lexicon.find("hole"), lexicon.find("holes"));
  EXPECT_EQ(lexicon.find("crack"), std::optional<std::size_t>(1));
  for (const char* word : {"blorf", "s", "es", "ies", ""})
    EXPECT_EQ(lexicon.find(word), std::nullopt) << word;
}

TEST(Lexicon, KnownWordsOfAPhrase) {
  EXPECT_THAT(small().indices("Thin hairline CRACKS near a hole"), ElementsAre(2, 1, 5));
  EXPECT_THAT(small().indices("blorf"), IsEmpty());
}

TEST(Lexicon, GenericPhrasesNameNoKind) {
  const Lexicon lexicon = small();
  for (const char* phrase : {"defect", "Defects.", "any visible anomaly", "anomalies"})
    EXPECT_TRUE(lexicon.is_generic(phrase)) << phrase;
  for (const char* phrase : {"scratch", "scratch defect", "blorf", ""})
    EXPECT_FALSE(lexicon.is_generic(phrase)) << phrase;
}

TEST(Lexicon, PhrasesNameFamiliesByAllWordsOfAName) {
  const Lexicon lexicon = small();
  EXPECT_TRUE(lexicon.names("thin scratches", 0));
  EXPECT_FALSE(lexicon.names("thin scratches", 1));
  EXPECT_TRUE(lexicon.names("crack", 1));
  EXPECT_TRUE(lexicon.names("bodies, foreign", 2));
  EXPECT_FALSE(lexicon.names("foreign thing", 2));
  EXPECT_FALSE(lexicon.names("", 0));
}

TEST(Lexicon, TravelsInTheMetadata) {
  const WeightFile file("w", {}, small().to_metadata());
  const Lexicon lexicon = Lexicon::from_metadata(file);
  EXPECT_EQ(lexicon.words(), small().words());
  EXPECT_EQ(lexicon.families(), small().families());
  EXPECT_TRUE(lexicon.is_generic("visible anomaly"));
}

TEST(Lexicon, DamagedMetadataIsOneSentence) {
  const auto error_of = [](const WeightFile::Strings& metadata) {
    return test::error_of(ErrorKind::kBadModel,
                          [&] { Lexicon::from_metadata(WeightFile("w.safetensors", {}, metadata)); });
  };
  EXPECT_THAT(error_of({}), HasSubstr("w.safetensors: the metadata has no \"lexicon\""));
  for (const char* text :
       {"", "{", "[]", "5", R"({"words":[]})", R"({"words":[1],"generic":[],"families":[]})",
        R"({"words":[],"generic":{},"families":[["a",["b"]]]})"}) {
    EXPECT_THAT(error_of({{"lexicon", text}}), HasSubstr("\"lexicon\" is damaged")) << text;
  }
  EXPECT_THAT(error_of({{"lexicon", R"({"words":["a"],"generic":[],"families":[["a"],[]]})"}}),
              HasSubstr("a kind of defect without a name"));
  const std::string deep = std::string(1'000'000, '['), text = error_of({{"lexicon", deep}});
  EXPECT_THAT(text, HasSubstr("damaged"));
  EXPECT_LT(text.size(), 200U);
  EXPECT_LT(error_of({{"lexicon", "\"" + std::string(100'000, 'x')}}).size(), 200U);
}

}  // namespace
}  // namespace anomalyvlm::nano
