// What is not understood is said, with the word, and never ignored.
#include <gmock/gmock.h>

#include "prompts/prompt_helpers.h"

namespace anomalyvlm {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// The part of the quoted line above the carets.
std::string pointed_at(const std::string& text) {
  const std::string message = error_of(text);
  const std::size_t carets = message.rfind('\n');
  if (carets == std::string::npos) return "(" + message + ")";
  const std::size_t line = message.rfind('\n', carets - 1);
  const std::string quoted = message.substr(line + 1, carets - line - 1), marks = message.substr(carets + 1);
  const std::size_t first = marks.find('^');
  return first >= quoted.size() ? "(end)" : quoted.substr(first, marks.rfind('^') - first + 1);
}

TEST(SentenceErrors, WholeMessage) {
  EXPECT_EQ(error_of("Defect. Anomalies are smaler than 5%. At most five abnormal regions."),
            "The prompt was not understood: expected a rule here, such as \"smaller than 5%\", \"longer than "
            "20 px\" or "
            "\"darker than the surroundings\"; did you mean \"smaller\"?\n"
            "  Anomalies are smaler than 5%\n"
            "                ^^^^^^");
}

TEST(SentenceErrors, NearMissesPointAtTheWord) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"Anomalies are smaler than 5%", "smaler"},
      {"smaller 5", "5"},
      {"At most many regions", "many"},
      {"Anomalies tiny", "(end)"},
      {"Anomalies are", "(end)"},
      {"Anomalies are smaller then 5%", "then"},
      {"Anomalies are smaller than", "(end)"},
      {"Anomalies are smaller than 5% of the objct", "of"},
      {"Anomalies are usually smaller than 5%", "usually"},
      {"Anomalies are smaller than 5% probably", "probably"},
      {"Anomalies are smaller than 5% or longer than 20 px", "are smaller than 5% or longer than 20 px"},
      {"Anomalies are smaller than 150%", "150%"},
      {"Anomalies are smaller than 5", "5"},
      {"Anomalies are larger than 5 degrees", "5 degrees"},
      {"Anomalies are at most 20 px", "(end)"},
      {"Cracks are longer than 5%", "5%"},
      {"Cracks are longer than 20", "20"},
      {"Cracks are longer than 20 pz", "20"},
      {"Cracks are longer than 1,000 px", "1,000"},
      {"Cracks are longer than -20 px", "- 20 px"},
      {"Cracks are between 30 and 20 px long", "30"},
      {"Cracks are 20 px long", "20"},
      {"Anomalies have a circularity above 2", "2"},
      {"Anomalies have an aspect ratio above 0.5", "0.5"},
      {"Anomalies have a colour below 5", "a"},
      {"Holes are darker than the moon", "the"},
      {"Holes are darker than their surroundings by lots", "lots"},
      {"Anomalies lie inside the rectangle 10, 20, 200", "the rectangle 10, 20, 200"},
      {"Anomalies lie inside the rectangle 200, 20, 10, 180", "the rectangle 200, 20, 10, 180"},
      {"Anomalies lie inside the triangle 1, 2, 3, 4, 5, 6", "triangle"},
      {"Anomalies lie inside the rectangle 10%, 20 px, 30, 40", "10%, 20 px, 30, 40"},
      {"Anomalies lie inside the polygon 1, 2, 3, 4", "the polygon 1, 2, 3, 4"},
      {"Ignore anomalies", "(end)"},
      {"Ignore anomalies within 5 px of the moon", "the"},
      {"At mst five regions", "mst"},
      {"At most 5 cracks and cuts", "and"},
      {"At most 5 cracks. At most 4 cracks", "At most 4 cracks"},
      {"5 cracks", "cracks"},
      {"Look for cracks and ignore dents", "ignore"},
      {"Cracks unless longer than 5 px", "unless"},
      {"Cracks are not allowed except short ones", "allowed"},
      {"At most five", "(end)"},
      {"At least two abnormal regions", "At least two abnormal regions"},
      {"Between two and five anomalies", "Between two and five anomalies"},
      {"Zero abnormal regions", "Zero abnormal regions"},
      {"At most 2.5 abnormal regions", "At most 2.5 abnormal regions"},
      {"No anomalies", "No anomalies"},
      {"There is a crack", "a"},
      {"They are longer than 20 px", "They"},
      {"a very long name of something wrong here", "here"},
      {"a thing that is wrong", "wrong"},
      {"Cracks seem big", "seem"},
      {"The picture shows cracks everywhere in it", "cracks"},
      {"It is bad", "It"},
      {"one two three", "two"},
      {"crack & hole", "&"},
      {"cracks longer than 20 px", "longer"},
      {"Anomalies are not larger than 5% and longer than 20 px", "longer"},
      {"cracks, \"holes", "\""},
      {"A pixel is 5 px wide", "5 px"},
      {"Anomlies are smaller than 5%", "Anomlies"},
      {"No defcts are smaller than 5%", "defcts"},
      {"The number of anomalies is at least 5", "is at least 5"},
      {"No crack is longer than 20 px and wider than 5 px", "is longer than 20 px and wider than 5 px"},
      {"Only cracks longer than 20 px", "longer"},
      {"max. crack", "crack"},
      {"At most five anomalies. At most three anomalies", "At most three anomalies"},
      {"The object is a nut. The image shows 2 candles", "2 candles"},
      {"A pixel is 5 mm. A pixel is 4 mm", "4 mm"},
  };
  for (const auto& [text, word] : cases) {
    EXPECT_NE(error_of(text), "") << text;
    const std::string shown = pointed_at(text);
    EXPECT_TRUE(shown == word || (std::string_view(word) == "- 20 px" && shown == "-20 px"))
        << text << "\n"
        << shown << "\n"
        << error_of(text);
  }
}

TEST(SentenceErrors, CaretsCountCharactersNotBytes) {
  const std::string message = error_of("R\xC3\xBC\xC3\x9F\xC3\xA4 are smaler than 5%");
  EXPECT_THAT(message, HasSubstr("\n           ^^^^^^"));
}

TEST(SentenceErrors, LongSentencesAreShownAroundTheWord) {
  std::string text = "Anomalies are smaller than 5%";
  for (int i = 0; i < 200; ++i) text += " and longer than 20 px";
  const std::string message = error_of(text + " and smaler than 6%" + std::string(3000, 'x'));
  EXPECT_LT(message.size(), 500u);
  EXPECT_THAT(message, HasSubstr("smaler"));
}

TEST(SentenceErrors, ControlCharactersAreNotPrinted) {
  const std::string message = error_of("Anomalies are \x1B[31m smaller than 5%");
  EXPECT_NE(message, "");
  EXPECT_THAT(message, Not(HasSubstr("\x1B")));
}

TEST(SentenceErrors, Limits) {
  EXPECT_THAT(error_of(std::string(200'000, 'a')), HasSubstr("too long"));
  EXPECT_THAT(error_of("crack \xFF\xFE"), HasSubstr("UTF-8"));
  EXPECT_NE(error_of("Anomalies are smaller than " + std::string(5000, '9') + " px"), "");
}

TEST(SentenceErrors, ContradictionsNameBothRules) {
  EXPECT_THAT(error_of("Anomalies are larger than 60%. Anomalies are smaller than half of the object."),
              AllOf(HasSubstr("\"Anomalies are larger than 60%\""),
                    HasSubstr("\"Anomalies are smaller than half of the object\"")));
  EXPECT_NE(error_of("Anomalies are longer than 20 px. Cracks are at most 20 px long."), "");
  EXPECT_NE(error_of("Cracks are longer than 20 px. Hairline cracks are shorter than 10 px."), "");
  EXPECT_NE(error_of("A pixel is 0.1 mm. Cracks are longer than 20 px and shorter than 1 mm."), "");
  EXPECT_NE(error_of("Anomalies lie on the object. Anomalies lie outside the object."), "");
  EXPECT_NE(error_of("Anomalies are smaller than 0%"), "");
  EXPECT_EQ(error_of("Cracks are longer than 20 px. Holes are shorter than 10 px."), "");
  EXPECT_EQ(error_of("Cracks are at least 20 px long. Cracks are at most 20 px long."), "");
}

}  // namespace
}  // namespace anomalyvlm
