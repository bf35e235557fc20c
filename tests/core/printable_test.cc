#include "core/printable.h"

#include <gtest/gtest.h>

#include "core/closest.h"

namespace anomalyvlm {
namespace {

TEST(Printable, LeavesTextOfAllLanguagesAsItIs) {
  for (const char* text :
       {"plain text.png", "gr\u00fc\u00dfe", "\u756b\u50cf", "\U0001F50D", "\u0440\u0438\u0441"})
    EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, ReplacesWhatATerminalObeys) {
  EXPECT_EQ(printable("a\x1b[31mb\x07\x7f\r\n\t"), "a?[31mb?????");
  EXPECT_EQ(printable(std::string("\0x", 2)), "?x");
  EXPECT_EQ(printable("\u009b31m \u0085"), "?31m ?") << "C1 controls";
  EXPECT_EQ(printable("\u202egnp.exe \u2066 \u200f \u061c \u2028 \ufeff \U000E0041"), "?gnp.exe ? ? ? ? ? ?");
  EXPECT_EQ(printable_lines("a\n\x1b\tb"), "a\n??b");
}

TEST(Printable, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(printable("\x9b"
                      "31m\xff.png"),
            "?31m?.png");
  EXPECT_EQ(printable("\xc3"), "?");
  EXPECT_EQ(printable("\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x82z"), "?? ??? ???? ??z");
}

TEST(CsvField, IsQuotedWhereItMustBeAndNeverAFormula) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
  EXPECT_EQ(csv_field("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
  EXPECT_EQ(csv_field("@SUM(1,2)"), "\"'@SUM(1,2)\"");
  for (const char* text : {"+1", "-1", "＝1"}) EXPECT_EQ(csv_field(text), "'" + std::string(text));
  EXPECT_EQ(csv_field("\tx"), "\"'\tx\"");
  EXPECT_EQ(csv_field("a;=1"), "\"a;=1\"") << "one cell, also where semicolons part cells";
}

TEST(Closest, FindsWhatWasMeant) {
  const std::vector<std::string> names = {"--threshold", "--threads", "--tile", "--out", "--log"};
  EXPECT_EQ(closest("--treshold", names), "--threshold");
  EXPECT_EQ(closest("--thraeds", names), "--threads");
  EXPECT_EQ(closest("--ouput", names), "--out");
  EXPECT_EQ(closest("--banana", names), "");
  EXPECT_EQ(closest("", names), "");
  EXPECT_EQ(closest(std::string(100'000, 'x'), names), "");
}

}  // namespace
}  // namespace anomalyvlm
