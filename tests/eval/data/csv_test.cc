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

std::string refused(const std::string& text) {
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
  EXPECT_EQ(test::error_of([&] { table.column("mask"); }),
            "'t.csv' has no column 'mask'; its first line names: 'file', 'label', 'class'.");
}

TEST(Csv, WhatIsNoTable) {
  EXPECT_EQ(refused(""), "'t.csv' is empty.");
  EXPECT_EQ(refused("\n\r\n\n"), "'t.csv' is empty.");
  EXPECT_EQ(refused("a,b\n1\n"), "'t.csv', line 2, has 1 fields, but the first line names 2 columns.");
  EXPECT_EQ(refused("a,b\n1,2,3"), "'t.csv', line 2, has 3 fields, but the first line names 2 columns.");
  EXPECT_EQ(refused("a,b\n\n1,\"2"), "'t.csv', line 3, ends inside a quoted field.");
  EXPECT_EQ(refused("a,b\n1,\"2\"x\n"), "'t.csv', line 2, has text behind a quoted field.");
  EXPECT_THAT(refused("a,b\n1,2\"x\n"), HasSubstr("line 2, has a quotation mark inside a field"));
  EXPECT_THAT(refused("a,b\r1,2\r"), HasSubstr("carriage return"));
  EXPECT_EQ(refused("a,b,a\n"), "'t.csv' has two columns 'a'.");
  EXPECT_EQ(refused("a,b\n\xFF,2\n"), "'t.csv' is not text in UTF-8.");
  EXPECT_EQ(refused(std::string("a,b\n\0,2\n", 8)), "'t.csv' is not text.");
  EXPECT_THAT(refused(std::string(100000, ',')), HasSubstr("more than 1000 columns"));
  EXPECT_EQ(refused("file;label\na.png;1,5\n"),
            "'t.csv', line 2, has 2 fields, but the first line names 1 columns.");
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
  for (const char* name : {"", ".", "./", "a/"}) EXPECT_THAT(refused(name), HasSubstr("is no file's name"));
  EXPECT_THAT(refused(std::string("a\0.png", 6)), HasSubstr("'a?.png', which has control characters"));
  EXPECT_THAT(refused("a\n.png"), HasSubstr("control characters"));
  EXPECT_THAT(refused(std::string(5000, 'a')), HasSubstr("too long"));
  EXPECT_LT(refused(std::string(5000, 'a')).size(), 300u);
}

}  // namespace
}  // namespace anomalyvlm::eval
