#include "eval/data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/platform.h"
#include "errors.h"
#include "eval/data/listing.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refused_csv(const std::string& text) {
  return test::error_of(ErrorKind::kBadInput, [&] { parse_csv(text, "t.csv"); });
}

TEST(Csv, FieldsQuotesAndLines) {
  const CsvTable table = parse_csv(
      "\xEF\xBB\xBF"
      "file,label,class\r\n"
      "a.png,1,\"a \"\"bad\"\" one, with\ntwo lines\"\r\n"
      "\n"
      "b.png,,\"\"\n"
      "c.png,0,",
      "t.csv");
  EXPECT_THAT(table.columns, ElementsAre("file", "label", "class"));
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_THAT(table.rows[0].fields, ElementsAre("a.png", "1", "a \"bad\" one, with\ntwo lines"));
  EXPECT_THAT(table.rows[1].fields, ElementsAre("b.png", "", ""));
  EXPECT_THAT(table.rows[2].fields, ElementsAre("c.png", "0", ""));
  EXPECT_EQ(table.rows[0].line, 2);
  EXPECT_EQ(table.rows[1].line, 5);
  EXPECT_EQ(table.where(table.rows[2]), "'t.csv', line 6,");
  EXPECT_EQ(table.column("label"), 1u);
  EXPECT_FALSE(table.find_column("mask"));
  EXPECT_EQ(
      test::error_of([&] { table.column("mask"); }),
      "'t.csv' has no column 'mask'; its first line names, separated by commas: 'file', 'label', 'class'.");
}

TEST(Csv, WhatIsNoTable) {
  EXPECT_EQ(refused_csv(""), "'t.csv' is empty.");
  EXPECT_EQ(refused_csv("\n\r\n\n"), "'t.csv' is empty.");
  EXPECT_EQ(refused_csv("a,b\n1\n"), "'t.csv', line 2, has 1 fields, but the first line names 2 columns.");
  EXPECT_EQ(refused_csv("a,b\n1,2,3"), "'t.csv', line 2, has 3 fields, but the first line names 2 columns.");
  EXPECT_EQ(refused_csv("a,b\n\n1,\"2"), "'t.csv', line 3, ends inside a quoted field.");
  EXPECT_EQ(refused_csv("a,b\n1,\"2\"x\n"), "'t.csv', line 2, has text behind a quoted field.");
  EXPECT_THAT(refused_csv("a,b\n1,2\"x\n"), HasSubstr("line 2, has a quotation mark inside a field"));
  EXPECT_THAT(refused_csv("a,b\n1\r,2\n"), HasSubstr("line 2, has a carriage return"));
  EXPECT_EQ(refused_csv("a,b,a\n"), "'t.csv' has two columns 'a'.");
  EXPECT_EQ(refused_csv(std::string("a,b\n\0,2\n", 8)), "'t.csv' is not text.");
  EXPECT_THAT(refused_csv(std::string(100000, ',')), HasSubstr("more than 1000 columns"));
  EXPECT_EQ(refused_csv("file;label\na.png;1;x\n"),
            "'t.csv', line 2, has 3 fields, but the first line names 2 columns.");
  EXPECT_EQ(refused_csv("sep=\"\na\n"), "'t.csv', line 1, names a quotation mark as separator.");
}

// As spreadsheets write them in other countries and on other systems.
TEST(Csv, DialectsOfSpreadsheets) {
  for (const char* text :
       {"file;label\r\nä.png;1\r\n", "sep=;\r\nfile;label\r\nä.png;1\r\n", "\"SEP=|\"\nfile|label\nä.png|1",
        "file\tlabel\nä.png\t1\n", "file,label\rä.png,1\r", "\n  \nfile,label\n\n ä.png , 1 \n",
        "file,label,,\nä.png,1,,\n,,,\n,,,\n", "\"file\";\"label\"\n\"ä.png\";\"1\"\n",
        "File;LABEL\nä.png;1\n;\n;\n"}) {
    const CsvTable table = parse_csv(text, "t.csv");
    ASSERT_EQ(table.columns.size(), 2u) << text;
    EXPECT_EQ(table.column("file"), 0u) << text;
    EXPECT_EQ(table.column("Label"), 1u) << text;
    ASSERT_EQ(table.rows.size(), 1u) << text;
    EXPECT_THAT(table.rows[0].fields, ElementsAre("ä.png", "1")) << text;
  }
  EXPECT_EQ(parse_csv("file;label;x\na,b.png;1;\n", "t.csv").rows[0].fields[0], "a,b.png");
}

TEST(Csv, OtherEncodings) {
  const std::u16string text = u"file\tlabel\r\nä€.png\t1\r\n";
  std::string little = "\xFF\xFE", big = "\xFE\xFF";
  for (const char16_t c : text) {
    little += {static_cast<char>(c & 255), static_cast<char>(c >> 8)};
    big += {static_cast<char>(c >> 8), static_cast<char>(c & 255)};
  }
  for (const std::string& bytes : {little, big, little.substr(2), big.substr(2)}) {
    const CsvTable table = parse_csv(bytes, "t.csv");
    EXPECT_FALSE(table.guessed_encoding);
    ASSERT_EQ(table.rows.size(), 1u);
    EXPECT_THAT(table.rows[0].fields, ElementsAre("ä€.png", "1"));
  }
  const CsvTable western = parse_csv("file;label\n\xE4\x80.png;1\n", "t.csv");
  EXPECT_TRUE(western.guessed_encoding);
  EXPECT_EQ(western.rows[0].fields[0], "ä€.png");
}

TEST(Csv, FilesAreLimited) {
  const test::TemporaryFolder folder;
  const std::string file = folder / "large.csv";
  write_file_atomically(file, std::string("a\n"));
  std::filesystem::resize_file(file, 65u << 20);  // a hole: takes no disk
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { read_csv(file); }), HasSubstr("more than the 67108864"));
  EXPECT_THAT(test::error_of(ErrorKind::kIo, [&] { read_csv(folder / "none.csv"); }), HasSubstr("none.csv"));
}

TEST(RelativeNames, StayBelow) {
  EXPECT_EQ(relative_name("a/b.png", "X"), "a/b.png");
  EXPECT_EQ(relative_name("./a//b.png", "X"), "a/b.png");
  EXPECT_EQ(relative_name("images\\b.png", "X"), "images/b.png");
  EXPECT_EQ(relative_name("..b/..c.png", "X"), "..b/..c.png");
  const auto refused = [](const std::string& name) {
    return test::error_of(ErrorKind::kBadInput, [&] { relative_name(name, "'t.csv', line 2,"); });
  };
  EXPECT_EQ(refused("../a.png"),
            "'t.csv', line 2, names the file '../a.png', which leads out of the data set's folder.");
  for (const char* name : {"a/../../b.png", "..", "a\\..\\..\\b.png", "a/.."})
    EXPECT_THAT(refused(name), HasSubstr("leads out of")) << name;
  for (const char* name : {"/etc/passwd", "\\\\host\\x.png", "C:\\x.png", "c:x.png"})
    EXPECT_THAT(refused(name), HasSubstr("is not a name below")) << name;
  for (const char* name : {"", ".", "./", "a/"}) EXPECT_THAT(refused(name), HasSubstr("is not a file name"));
  EXPECT_THAT(refused(std::string("a\0.png", 6)), HasSubstr("'a?.png', which has control characters"));
  EXPECT_THAT(refused("a\n.png"), HasSubstr("control characters"));
  EXPECT_THAT(refused(std::string(5000, 'a')), HasSubstr("too long"));
  EXPECT_LT(refused(std::string(5000, 'a')).size(), 300u);
}

}  // namespace
}  // namespace anomalyvlm::eval
