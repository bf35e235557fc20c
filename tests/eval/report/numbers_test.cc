// results.json, results.csv: what programs read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "anomalyvlm/error.h"
#include "core/platform.h"
#include "errors.h"
#include "eval/report/documents.h"
#include "eval/report/made_up.h"
#include "eval/report/text.h"
#include "number.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using anomalyvlm::test::TemporaryFolder;
using nlohmann::json;
using ::testing::HasSubstr;

json written_json(const EvaluationResult& result) {
  const TemporaryFolder folder;
  write_results_json(result, {}, folder / "results.json");
  return json::parse(read_file(folder / "results.json"));
}

// RFC 4180, strictly.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& field = rows.back().back();
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      EXPECT_TRUE(field.empty()) << "a quote inside a field that is not quoted";
      quoted = true;
    } else if (c == ',') {
      rows.back().emplace_back();
    } else if (c == '\r') {
      EXPECT_EQ(text.at(++i), '\n');
      rows.push_back({""});
    } else {
      EXPECT_NE(c, '\n');
      field += c;
    }
  }
  EXPECT_FALSE(quoted);
  EXPECT_EQ(rows.back(), std::vector<std::string>{""}) << "the last line has no end";
  rows.pop_back();
  return rows;
}

std::vector<std::vector<std::string>> written_csv(const EvaluationResult& result) {
  const TemporaryFolder folder;
  write_results_csv(result, folder / "results.csv");
  return parse_csv(read_file(folder / "results.csv"));
}

TEST(ResultsJson, HoldsEveryFigure) {
  const EvaluationResult result = test::made_up_result();
  const json root = written_json(result);
  EXPECT_EQ(root["format"], "anomalyvlm.evaluation");
  EXPECT_EQ(root["version"], 1);
  EXPECT_EQ(root["dataset"], "mvtec");
  EXPECT_EQ(root["configuration"]["profile"], "nano");
  ASSERT_EQ(root["categories"].size(), 6U);
  ASSERT_EQ(root["means"].size(), 3U);
  const json& bottle = root["categories"][0];
  const Metrics& metrics = result.categories[0].metrics;
  EXPECT_EQ(bottle["pixel"]["max_f1"].get<double>(), metrics.pixel.max_f1.value) << "not rounded";
  EXPECT_EQ(bottle["image"]["auroc"].get<double>(), metrics.image.auroc.value);
  EXPECT_EQ(bottle["pixel"]["pro"].get<double>(), metrics.pro.value);
  EXPECT_EQ(bottle["region"]["f1"].get<double>(), metrics.region_f1.value);
  EXPECT_EQ(bottle["pixel"]["curve"].size(), metrics.pixel.curve.size());
  EXPECT_EQ(bottle["kinds"].size(), 3U);
  EXPECT_EQ(bottle["best"][0]["id"], "bottle/test/broken_large/000.png");
  EXPECT_TRUE(bottle["undefined"].empty());
  EXPECT_EQ(root["stages"][1]["stage"], "regions (ARG)");
  EXPECT_EQ(root["failures"].size(), 1U);
}

TEST(ResultsJson, HoldsTheStudies) {
  const TemporaryFolder folder;
  write_results_json(test::made_up_single_result(), test::made_up_studies(), folder / "results.json");
  const json studies = json::parse(read_file(folder / "results.json"))["studies"];
  ASSERT_EQ(studies.size(), 3U);
  EXPECT_EQ(studies[0]["name"], "area");
  EXPECT_EQ(studies[0]["columns"], (json{"max-F1", "AP", "max-IoU", "ms an image"}));
  EXPECT_EQ(studies[0]["rows"][0]["x"], 0.1);
  EXPECT_TRUE(studies[0]["rows"][0]["values"][1].is_null());
  EXPECT_TRUE(studies[2]["rows"][0]["x"].is_null()) << "it has no x";
  EXPECT_EQ(studies[2]["rows"][2]["group"], "texture");
  EXPECT_EQ(studies[2]["rows"][2]["values"][0], 0.512);
  EXPECT_EQ(studies[2]["notes"].size(), 1U);
}

TEST(ResultsJson, SaysWhyAFigureIsNone) {
  EvaluationResult result = test::made_up_result();
  result.categories[0].metrics.pixel.ap = MetricValue{};  // claims to be a number
  const json root = written_json(result);
  const json& grid = root["categories"][4];
  EXPECT_TRUE(grid["pixel"]["pro"].is_null());
  EXPECT_EQ(grid["undefined"]["pixel.pro"], "a part of the ground truth covers the whole image");
  EXPECT_EQ(grid["undefined"]["region.f1"], "no region was found");
  EXPECT_TRUE(root["categories"][0]["pixel"]["ap"].is_null());
  EXPECT_NE(root["categories"][0]["undefined"]["pixel.ap"], "");
}

TEST(ResultsJson, ReplacesWhatIsNoText) {
  const json root = written_json(test::made_up_result());
  EXPECT_EQ(root["categories"][2]["name"], "<script>alert(1)</script> & \"quotes' \xef\xbf\xbd|,");
}

TEST(ResultsCsv, HasARowForEachCategoryKindAndMean) {
  const EvaluationResult result = test::made_up_result();
  const auto rows = written_csv(result);
  std::size_t kinds = 0;
  for (const CategoryResult& category : result.categories) kinds += category.kinds.size();
  ASSERT_EQ(rows.size(), 1 + 6 + kinds + 3);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_EQ(rows[0][7], "pixel_max_f1");
  EXPECT_EQ(rows[1][0], "category");
  EXPECT_EQ(rows[1][1], "bottle");
  EXPECT_EQ(anomalyvlm::test::number(rows[1][7]), result.categories[0].metrics.pixel.max_f1.value);
  EXPECT_EQ(rows[2][0], "kind");
  EXPECT_EQ(rows[2][3], "broken_large");
  EXPECT_EQ(rows.back()[0], "mean");
  EXPECT_EQ(rows.back()[1], "total");
}

TEST(ResultsCsv, QuotesNamesAndLeavesUndefinedFiguresEmpty) {
  const auto rows = written_csv(test::made_up_result());
  const auto column =
      static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), "pixel_pro") - rows[0].begin());
  bool hostile = false, grid = false;
  for (const auto& row : rows) {
    hostile |= row[0] == "category" && row[1] == "<script>alert(1)</script> & \"quotes' \xef\xbf\xbd|,";
    if (row[1] == "grid") grid = row.at(column).empty();
  }
  EXPECT_TRUE(hostile);
  EXPECT_TRUE(grid);
}

TEST(ResultsCsv, FormulasAreText) {
  EvaluationResult result = test::made_up_single_result();
  const std::pair<const char*, const char*> names[] = {
      {"=1+1", "'=1+1"}, {"+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"},
      {"-a", "'-a"},     {"@SUM(A1)", "'@SUM(A1)"},
      {"\t=1", "'\t=1"}, {"\r=1", "'\r=1"},
      {"＝1", "'＝1"},   {"-0.5", "'-0.5"},
      {"a=b", "a=b"},    {"x;=1+1", "x;=1+1"}};
  for (const auto& [name, written] : names) {
    result.categories[0].name = result.categories[0].kinds[0].kind = name;
    const auto rows = written_csv(result);
    EXPECT_EQ(rows[1][1], written);
    EXPECT_EQ(rows[2][3], written);
    StudyTable study = test::made_up_studies()[0];
    study.rows[0].label = study.columns[0].name = name;
    study.rows[0].x = -0.5;
    study.rows[0].values[0] = MetricValue::of(-0.25);
    const TemporaryFolder folder;
    write_study(study, folder.path());
    const auto table = parse_csv(read_file(folder / "area.csv"));
    EXPECT_EQ(table[0][3], written);
    EXPECT_EQ(table[1],
              (std::vector<std::string>{"mtd", written, "-0.5", "-0.25", "", table[1][5], "103.2"}));
  }
  EXPECT_THAT(report::csv_field("x;=1+1"), "\"x;=1+1\"") << "one cell, also where semicolons part cells";
}

TEST(ImagesCsv, HasARowForEachImage) {
  EvaluationResult result = test::made_up_single_result();
  CategoryResult& category = result.categories[0];
  category.images.resize(3);
  category.images[0] = {"=a.png", "crack", true, 0.75, 2, 5, PixelCounts{30, 10, 20}};
  category.images[1] = {"b.png", "good", false, 0.25, 0, 1, PixelCounts{0, 7, 0}};
  category.images[2] = {"c.png", "crack", true, 0.5, 1, 1, {}};
  category.limit = {0.5, true};
  const TemporaryFolder folder;
  const auto rows = [&] {
    write_images_csv(result, folder / "images.csv");
    return parse_csv(read_file(folder / "images.csv"));
  };
  using Row = std::vector<std::string>;
  const auto all = rows();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].size(), 15u);
  EXPECT_EQ(all[1], (Row{"'=a.png", "mtd", "crack", "1", "0.75", "0.5", "not OK", "2", "5", "50", "40",
                         "0.75", "0.6", "0.6666666666666666", "0.5"}));
  EXPECT_EQ(all[2],
            (Row{"b.png", "mtd", "good", "0", "0.25", "0.5", "OK", "0", "1", "0", "7", "", "", "", ""}));
  EXPECT_EQ(all[3],
            (Row{"c.png", "mtd", "crack", "1", "0.5", "0.5", "not OK", "1", "1", "", "", "", "", "", ""}));
  category.limit = {0.5, false};
  EXPECT_EQ(rows()[1][6], "") << "nobody asked for that limit";
}

TEST(ResultsJson, TellsTheVerdicts) {
  const json category = written_json(test::made_up_single_result())["categories"][0];
  const json& limit = category["limit"];
  EXPECT_EQ(limit["value"], 0.5);
  EXPECT_EQ(limit["good_ok"].get<int>() + limit["good_not_ok"].get<int>() + limit["defective_ok"].get<int>() +
                limit["defective_not_ok"].get<int>(),
            category["images"]);
  EXPECT_THAT(category["detect"].get<std::string>(), HasSubstr("--resize 256"));
}

TEST(Documents, AreNotThereWhenTheyCannotBeWritten) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", std::string("not a folder"));
  const std::filesystem::path place = folder.path() / "file";
  const EvaluationResult result = test::made_up_single_result();
  const std::function<void()> writers[] = {
      [&] { write_results_json(result, {}, place / "results.json"); },
      [&] { write_results_csv(result, place / "results.csv"); },
      [&] { write_images_csv(result, place / "images.csv"); },
      [&] { write_report_markdown(result, {}, place / "report.md"); },
      [&] { write_report_html(result, {}, place / "report.html"); },
      [&] { write_study(test::made_up_studies()[0], place); },
  };
  for (const auto& write : writers) {
    const std::string error = anomalyvlm::test::error_of(ErrorKind::kIo, write);
    EXPECT_THAT(error, HasSubstr(place.string()));
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
}

TEST(Documents, LeaveNothingInAReadOnlyFolder) {
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  if (can_write_into(folder.path())) GTEST_SKIP() << "this user writes into read-only folders too";
  const std::string error = anomalyvlm::test::error_of(
      ErrorKind::kIo, [&] { write_results_csv(test::made_up_single_result(), folder / "results.csv"); });
  EXPECT_THAT(error, HasSubstr("results.csv"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace anomalyvlm::eval
