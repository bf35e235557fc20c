// How a text is read place by place, for editors.
#include "anomalyvlm/prompt_reading.h"

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <locale>
#include <sstream>

#include "prompts/prompt_helpers.h"
#include "prompts/reading_properties.h"
#include "source_dir.h"

namespace anomalyvlm {
namespace {

using Sets = PromptNumber::Sets;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

template <typename Place>
std::string at(std::string_view text, const Place& place) {
  return std::string(
      text.substr(static_cast<std::size_t>(place.begin), static_cast<std::size_t>(place.end - place.begin)));
}

const char* name_of(PromptPart::Kind kind) {
  constexpr const char* kNames[] = {"phrase", "rule", "count", "limit", "object", "other"};
  return kNames[static_cast<int>(kind)];
}

// "phrase scratch at 'Scratch'"
std::vector<std::string> parts_in(const std::string& text) {
  std::vector<std::string> found;
  for (const PromptSentence& sentence : read_prompt_text(text).sentences)
    for (const PromptPart& part : sentence.parts)
      found.push_back(std::string(name_of(part.kind)) + " " + part.text + " at '" + at(text, part) + "'");
  return found;
}

// "5 % of the object sets rule 0 at '5'"
std::vector<std::string> numbers_found(const std::string& text) {
  constexpr const char* kNames[] = {"rule",        "max_regions",  "kind_limit",
                                    "image_limit", "object_count", "pixel_size"};
  std::vector<std::string> found;
  for (const PromptSentence& sentence : read_prompt_text(text).sentences) {
    for (const PromptNumber& number : sentence.numbers) {
      std::ostringstream line;
      line.imbue(std::locale::classic());
      line << number.value << (number.unit.empty() ? "" : " " + number.unit) << " sets "
           << kNames[static_cast<int>(number.sets)];
      if (number.index >= 0) line << " " << number.index;
      line << " at '" << at(text, number) << "'";
      found.push_back(line.str());
    }
  }
  return found;
}

// "message" -> where it points
std::vector<std::string> pointed_at_in(const std::string& text) {
  std::vector<std::string> found;
  for (const PromptProblem& problem : test::problems_of(read_prompt_text(text)))
    found.push_back(at(text, problem));
  return found;
}

TEST(Reading, Parts) {
  EXPECT_THAT(parts_in("White prints, cracks.\nAnomalies are smaller than 5%.\nAt most five regions."),
              ElementsAre("phrase white prints at 'White prints'", "phrase cracks at 'cracks'",
                          "rule area < 5% of the object at 'Anomalies are smaller than 5%'",
                          "count at most 5 regions at 'At most five regions'"));
  EXPECT_THAT(
      parts_in("The image shows four candles. Nothing else counts."),
      ElementsAre("object 4 in the image at 'The image shows four candles'", "object candles at 'candles'",
                  "other nothing else counts at 'Nothing else counts'"));
  EXPECT_THAT(parts_in("A pixel is 0.05 mm. At most one dent or pit."),
              ElementsAre("other a pixel is 0.05 mm at 'A pixel is 0.05 mm'",
                          "count at most 1 region of dent, pit at 'At most one dent or pit'",
                          "phrase dent at 'dent'", "phrase pit at 'pit'"));
  EXPECT_THAT(
      parts_in("Reject thin_scratches longer than 60 px."),
      ElementsAre("rule length > 60 px (thin scratches only) at 'Reject thin_scratches longer than 60 px'",
                  "phrase thin scratches at 'thin_scratches'"));
  EXPECT_THAT(parts_in("Cracks are exactly 5 px long."),
              ElementsAre("rule length >= 5 px (cracks only) at 'Cracks are exactly 5 px long'",
                          "rule length <= 5 px (cracks only) at 'Cracks are exactly 5 px long'"));
}

TEST(Reading, WhatIsRepeatedStandsWhereItIsRepeated) {
  EXPECT_THAT(parts_in("Crack; CRACK"), ElementsAre("phrase crack at 'Crack'", "phrase crack at 'CRACK'"));
  EXPECT_THAT(parts_in("At most five regions. At most 5 anomalies."),
              ElementsAre("count at most 5 regions at 'At most five regions'",
                          "other as said before at 'At most 5 anomalies'"));
  EXPECT_TRUE(numbers_found("At most five regions. At most 5 anomalies.").empty())
      << "one of them alone cannot be changed";
}

TEST(Reading, Numbers) {
  EXPECT_THAT(numbers_found("Anomalies are smaller than 5%. At most five regions. A pixel is 50 um."),
              ElementsAre("5 % of the object sets rule 0 at '5'", "5 sets max_regions at 'five'",
                          "50 \u00B5m sets pixel_size at '50'"));
  EXPECT_THAT(numbers_found("Cracks are between 2 and 5 cm long and narrower than 3 px."),
              ElementsAre("2 cm sets rule 0 at '2'", "5 cm sets rule 1 at '5'", "3 px sets rule 2 at '3'"));
  EXPECT_THAT(numbers_found("At most 2 scratches. The image shows four candles."),
              ElementsAre("2 sets kind_limit 0 at '2'", "4 sets object_count at 'four'"));
  EXPECT_THAT(numbers_found("Cracks are exactly twenty-five px long."),
              ElementsAre("25 px sets rule 0 at 'twenty-five'"));
  EXPECT_THAT(numbers_found("Cracks are 20-30 px long."),
              ElementsAre("20 px sets rule 0 at '20'", "30 px sets rule 1 at '30'"));
  EXPECT_THAT(numbers_found("Cracks are 20 px - 30 px long."),
              ElementsAre("20 px sets rule 0 at '20'", "30 px sets rule 1 at '30'"));
  EXPECT_THAT(numbers_found("Stains are darker by 10%. Rust has a hue between 350 and 40 degrees."),
              ElementsAre("10 % sets rule 0 at '10'", "350 \u00B0 sets rule 1 at '350'",
                          "40 \u00B0 sets rule 1 at '40'"));
  EXPECT_THAT(
      numbers_found("Anomalies lie at least 80% inside the rectangle 10, 20, 200, 180."),
      ElementsAre("80 % sets rule 0 at '80'", "10 px sets rule 0 at '10'", "20 px sets rule 0 at '20'",
                  "200 px sets rule 0 at '200'", "180 px sets rule 0 at '180'"));
  EXPECT_THAT(numbers_found("Anomalies are larger than 0.2 mm2 and have a confidence above 0.3."),
              ElementsAre("0.2 mm\u00B2 sets rule 0 at '0.2'", "0.3 sets rule 1 at '0.3'"));
}

// Where any of the numbers that are tried contradicts another rule.
TEST(Reading, NumbersInNarrowRanges) {
  EXPECT_THAT(
      numbers_found("Anomalies are larger than 44%. Anomalies are smaller than 0.75 of the object."),
      ElementsAre("44 % of the object sets rule 0 at '44'", "0.75 of the object sets rule 1 at '0.75'"));
}

TEST(Reading, NumbersInWordsAreReplacedAsAWhole) {
  EXPECT_THAT(numbers_found("Anomalies are smaller than half of the object. At most half a dozen regions."),
              ElementsAre("0.5 of the object sets rule 0 at 'half'", "6 sets max_regions at 'half a dozen'"));
  EXPECT_THAT(numbers_found("A single abnormal region."), ElementsAre("1 sets max_regions at 'A single'"));
  EXPECT_THAT(numbers_found("The anomaly would not exceed 1. object area."),
              ElementsAre("1 of the object sets rule 0 at '1.'"));
}

TEST(Reading, NumbersThatSetNothingAreLeftOut) {
  EXPECT_TRUE(numbers_found("\"3D print 7\". # 5 of them").empty());
  EXPECT_TRUE(numbers_found("# At most 5 regions.\n1. Cracks\n2) Holes").empty());
  EXPECT_TRUE(numbers_found("Anomalies are smaler than 5%.").empty());
  EXPECT_TRUE(numbers_found("Cracks are longer than " + std::string(400, '9') + " px.").empty());
}

TEST(Reading, OneBadSentenceDoesNotHideTheOthers) {
  const std::string text = "Cracks. Anomalies are smaler than 5%. At most five regions. Holes seem big.";
  const PromptReading reading = read_prompt_text(text);
  ASSERT_EQ(reading.sentences.size(), 4u);
  EXPECT_THAT(pointed_at_in(text), ElementsAre("smaler", "seem"));
  EXPECT_THAT(reading.sentences[1].problem->message, AllOf(testing::StartsWith("Expected a rule here"),
                                                           testing::EndsWith("did you mean \"smaller\"?")));
  EXPECT_EQ(reading.prompt, parse_prompt_text("Cracks. At most five regions."));
  EXPECT_THAT(numbers_found(text), ElementsAre("5 sets max_regions at 'five'"));
}

// A part of it was understood before the rest was not.
TEST(Reading, NothingOfABadSentenceIsKept) {
  for (const char* bad : {"The image shows 4 candles with many", "Cracks are longer than 5 px, and seem big",
                          "Dents must not be longer than 5 px, and pits must not be wider than 5",
                          "At most 2 scratches are kept, and dents seem big"})
    EXPECT_EQ(read_prompt_text(std::string("Holes. ") + bad).prompt, parse_prompt_text("Holes.")) << bad;
}

TEST(Reading, OpenQuotationMarksEndWithTheirLine) {
  const std::string text = "Holes. cracks, \"dents. Pits\n  \"Ab\nAnomalies are smaller than 5%.";
  const PromptReading reading = read_prompt_text(text);
  ASSERT_EQ(reading.sentences.size(), 4u);
  EXPECT_THAT(pointed_at_in(text), ElementsAre("\"", "\""));
  EXPECT_EQ(at(text, reading.sentences[1]), "cracks, \"dents. Pits");
  EXPECT_EQ(at(text, reading.sentences[2]), "\"Ab");
  EXPECT_EQ(reading.prompt, parse_prompt_text("Holes. Anomalies are smaller than 5%."));
}

TEST(Reading, WhatIsMissingAtTheEnd) {
  const std::string text = "Anomalies are smaller than . Holes.";
  const PromptReading reading = read_prompt_text(text);
  EXPECT_EQ(reading.sentences[0].problem->begin, 26);
  EXPECT_EQ(reading.sentences[0].problem->end, 26);
}

TEST(Reading, ContradictionsStandAtTheLaterRule) {
  const std::string text =
      "Holes. Anomalies are larger than 60%. Cracks. Anomalies are smaller than half of the object.";
  EXPECT_THAT(pointed_at_in(text), ElementsAre("Anomalies are smaller than half of the object"));
  EXPECT_THAT(read_prompt_text(text).problem->message, HasSubstr("contradict each other"));
  EXPECT_EQ(numbers_found(text).size(), 2u) << "either of them can mend it";
  EXPECT_THAT(pointed_at_in("Holes. Anomalies are smaller than 0%."),
              ElementsAre("Anomalies are smaller than 0%"));
}

TEST(Reading, PlacesInBytesOfWhatWasGiven) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"R\u00FC\u00DF\u00E4 are smaler than 5%", "smaler"},
      {"\u00D6l\u00A0fleck. Anomalies\u00A0are\u00A0smaler than 5%", "smaler"},
      {"\uFEFFHoles.\r\nAnomalies are smaler than 5%.\r\n", "smaler"},
      {"# \u00E4 comment: smaler\r\nHoles\r\nAnomalies are smaler than 5%", "smaler"},
      {"\u201EL\u00F6cher\u201C\u3001cracks\u3002Anomalies are smaler than 5%", "smaler"},
      {"\uFF21nomalies are \uFF53maler than 5%", "\uFF53maler"},
      {"sca\u00ADled. Anomalies are sma\u00ADler than 5%", "sma\u00ADler"},
      {"Anomalies are smaller than \uFF15\u00A0%. \u2022 Holes seem big", "seem"},
      {"Holes \u2026 cracks, \u201Eb", "\u201E"},
      {"Holes. Cracks are longer than 20 px\u2026 seem", "seem"},
  };
  for (const auto& [text, word] : cases) {
    EXPECT_THAT(pointed_at_in(text), ElementsAre(word)) << text;
    EXPECT_EQ(test::broken_property(text, 9), "") << text;
  }
  EXPECT_THAT(parts_in("\uFEFF\u201EL\u00F6cher\u201C\u3001\u00D6l\u00A0fleck"),
              ElementsAre("phrase l\u00F6cher at '\u201EL\u00F6cher\u201C'",
                          "phrase \u00F6l fleck at '\u00D6l\u00A0fleck'"));
  EXPECT_THAT(numbers_found("Anomalies are smaller than \uFF11\uFF15\u00A0%."),
              ElementsAre("15 % of the object sets rule 0 at '\uFF11\uFF15'"));
}

TEST(Reading, PlacesInUtf16AndUtf32) {
  using namespace std::string_literals;
  const std::string ascii = "\u0001holes. Anomalies are smaler";  // the first stands for a longer character
  std::string utf16 = "\xFF\xFE"s, utf32 = "\0\0\xFE\xFF"s;
  for (const char c : ascii) {
    utf16 += c == '\x01' ? "\x3D\xD8\0\xDE"s : std::string{c, '\0'};
    utf32 += c == '\x01' ? "\0\x01\xF6\0"s : std::string{'\0', '\0', '\0', c};
  }
  const PromptReading two = read_prompt_text(utf16), four = read_prompt_text(utf32);
  ASSERT_TRUE(two.sentences.size() == 2 && two.sentences[1].problem);
  ASSERT_TRUE(four.sentences.size() == 2 && four.sentences[1].problem);
  EXPECT_EQ(at(utf16, *two.sentences[1].problem), "s\0m\0a\0l\0e\0r\0"s);
  EXPECT_EQ(at(utf32, *four.sentences[1].problem), "\0\0\0s\0\0\0m\0\0\0a\0\0\0l\0\0\0e\0\0\0r"s);
}

TEST(Reading, TextsThatCannotBeRead) {
  const PromptReading control = read_prompt_text("\uFEFFH\u00F6le\x01s");
  ASSERT_TRUE(control.problem);
  EXPECT_THAT(control.problem->message, HasSubstr("U+0001"));
  EXPECT_EQ(control.problem->begin, 8);
  EXPECT_EQ(control.problem->end, 9);
  EXPECT_THAT(read_prompt_text("crack \xFF").problem->message, HasSubstr("UTF-8"));
  EXPECT_THAT(read_prompt_text(std::string(200'000, 'a')).problem->message, HasSubstr("too long"));
  EXPECT_FALSE(read_prompt_text("").problem);
  EXPECT_TRUE(read_prompt_text(" .\n\n# a comment").sentences.empty());
}

std::string file_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// The string literals of a C++ source, with the escapes that tests use.
std::vector<std::string> literals(const std::string& source) {
  std::vector<std::string> found;
  for (std::size_t i = source.find('"'); i != std::string::npos; i = source.find('"', i + 1)) {
    std::string text;
    for (++i; i < source.size() && source[i] != '"' && source[i] != '\n'; ++i) {
      if (source[i] != '\\') {
        text += source[i];
      } else if (source[++i] == 'x') {
        text += static_cast<char>(std::stoi(source.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        text += source[i] == 'n' ? '\n' : source[i];
      }
    }
    found.push_back(text);
  }
  return found;
}

TEST(ReadingProperties, EverySentenceOfTheTests) {
  int texts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() / "tests/prompts")) {
    if (!entry.path().filename().string().ends_with("_test.cc")) continue;
    for (const std::string& text : literals(file_text(entry.path()))) {
      EXPECT_EQ(test::broken_property(text, 9), "") << text;
      ++texts;
    }
  }
  EXPECT_GE(texts, 1000);
}

TEST(ReadingProperties, DocumentsAndCorpora) {
  int texts = 0;
  for (const char* folder : {"tests/prompts/corpus", "prompts/examples", "docs"}) {
    for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() / folder)) {
      if (entry.is_directory()) continue;
      const std::string text = file_text(entry.path());
      EXPECT_EQ(test::broken_property(text, 9), "") << entry.path();
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line); ++texts)
        EXPECT_EQ(test::broken_property(line, 9), "") << line;
    }
  }
  EXPECT_GE(texts, 1000);
}

// An editor asks while a person types. The limit is generous: machines that run tests are slow.
TEST(ReadingProperties, LongTextsTakeNoSeconds) {
  const auto filled = [](const std::string& sentence) {
    std::string text;
    while (text.size() + sentence.size() <= 100'000) text += sentence;
    return text;
  };
  std::string rules, names;
  for (int i = 1; i <= 900; ++i) rules += "Cracks are longer than " + std::to_string(i) + " px. ";
  for (char a = 'b'; a <= 'z'; ++a)
    for (char b = 'b'; b <= 'z'; ++b)
      for (char c = 'b'; c <= 'j'; ++c) names += std::string("\u00F6") + a + b + c + ".";
  for (const std::string& text :
       {rules, names, filled("At most 5 anomalies. "), filled("5. "), filled("\"a\n")}) {
    const auto start = std::chrono::steady_clock::now();
    const PromptReading reading = read_prompt_text(text);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << text.substr(0, 60);
    EXPECT_EQ(test::misplacement(text, reading), "") << text.substr(0, 60);
    EXPECT_EQ(test::disagreement(text, reading), "") << text.substr(0, 60);
  }
}

}  // namespace
}  // namespace anomalyvlm
