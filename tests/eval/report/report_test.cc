// report.md, report.html and the studies' files: what people read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/platform.h"
#include "eval/report/documents.h"
#include "eval/report/made_up.h"
#include "eval/report/published.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using anomalyvlm::test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kEscaped =
    "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&#39; \xef\xbf\xbd|,";

std::string page_of(const EvaluationResult& result, const std::vector<StudyTable>& studies = {}) {
  const TemporaryFolder folder;
  write_report_html(result, studies, folder / "report.html");
  return read_file(folder / "report.html");
}

std::string markdown_of(const EvaluationResult& result) {
  const TemporaryFolder folder;
  write_report_markdown(result, {}, folder / "report.md");
  return read_file(folder / "report.md");
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

// Every element that is opened is closed, in turn; what is between is left to the browser's test.
void expect_balanced(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const bool closes = text[at + 1] == '/', alone = text[text.find('>', at) - 1] == '/';
    const std::size_t begin = at + 1 + closes;
    const std::string name = text.substr(begin, text.find_first_of(" >/", begin) - begin);
    if (alone || name == "meta" || name == "img" || name == "!doctype") continue;
    if (closes) {
      ASSERT_FALSE(open.empty()) << name;
      ASSERT_EQ(open.back(), name);
      open.pop_back();
    } else {
      open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty());
}

// The page without the bytes of its images.
std::string without_images(const std::string& page) {
  const std::string mark = "base64,";
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = page.find(mark); at != std::string::npos; at = page.find(mark, from)) {
    out += page.substr(from, at - from);
    from = page.find('"', at);
  }
  return out + page.substr(from);
}

TEST(ReportHtml, ShowsAllSections) {
  const std::string page = page_of(test::made_up_result(), test::made_up_studies());
  for (const char* title :
       {"Evaluation on MVTec AD", "Results", "Beside published figures", "Kinds of defects",
        "Precision and recall", "Verdicts on images", "With detect", "Best and worst images", "Studies",
        "Time", "Prompts", "Configuration", "Images that could not be used", "How the figures are defined"}) {
    EXPECT_THAT(page, HasSubstr(std::string(">") + title + "</h")) << title;
  }
  EXPECT_THAT(page, HasSubstr("Mean, object (3)"));
  EXPECT_THAT(page, HasSubstr("Mean of all 6"));
  EXPECT_THAT(page, HasSubstr("<td class=\"n\">39.4</td>")) << "SAA+ on MVTec AD";
  EXPECT_THAT(page, HasSubstr("Area threshold (paper, Fig. 5)"));
  expect_balanced(without_images(page));
}

TEST(ReportHtml, NeedsNothingButItself) {
  const std::string page = without_images(page_of(test::made_up_result(), test::made_up_studies()));
  EXPECT_THAT(page, Not(HasSubstr("http:")));
  EXPECT_THAT(page, Not(HasSubstr("https:")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<link")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(page, Not(HasSubstr("url(")));
  EXPECT_EQ(count(page, "src="), count(page, "src=\"data:image/"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(ReportHtml, TakesNoNameForMarkup) {
  const std::string page = page_of(test::made_up_result());
  EXPECT_GE(count(page, kEscaped), 8U) << "tables, plot, images, prompt, note";
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<b>kind")));
}

TEST(ReportHtml, SaysWhyAFigureIsNone) {
  const std::string page = page_of(test::made_up_result());
  EXPECT_THAT(
      page,
      HasSubstr("<span title=\"a part of the ground truth covers the whole image\">–<sup>a</sup></span>"));
  EXPECT_THAT(page, HasSubstr("<sup>a</sup> a part of the ground truth covers the whole image</p>"));
  EXPECT_THAT(page, HasSubstr("<sup>b</sup> no region was found</p>"));
  EXPECT_EQ(count(page, ">nan<"), 0U);
}

TEST(ReportHtml, ShowsImagesOfEachExample) {
  const EvaluationResult result = test::made_up_result();
  const std::string page = page_of(result);
  EXPECT_EQ(count(page, ": image\""), 36U);
  EXPECT_EQ(count(page, ": anomaly map\""), 36U);
  EXPECT_EQ(count(page, ": saliency\""), 36U);
  EXPECT_EQ(count(page, ": ground truth\""), 35U);
  EXPECT_EQ(count(page, "no location annotations"), 1U);
  EXPECT_LT(page.size(), 36U * 60'000U) << "fifteen categories are to stay below some megabytes";
}

TEST(ReportHtml, LeavesOutColumnsThatNoExampleHas) {
  EvaluationResult result = test::made_up_single_result();
  for (auto* examples : {&result.categories[0].best, &result.categories[0].worst})
    for (Example& example : *examples) example.saliency = {}, example.ground_truth = {};
  const std::string page = page_of(result);
  EXPECT_THAT(page, HasSubstr("class=\"examples n2\""));
  EXPECT_THAT(page, Not(HasSubstr("<span>saliency</span>")));
  EXPECT_THAT(page, Not(HasSubstr("ground truth</span>")));
}

TEST(ReportHtml, ShrinksLargeImagesAndTakesFlatMaps) {
  EvaluationResult result = test::made_up_single_result();
  Example large;
  large.id = "large";
  large.image = {900, 400, std::vector<std::uint8_t>(900 * 400 * 3, 90)};
  large.ground_truth = {900, 400, std::vector<std::uint8_t>(900 * 400, 1)};
  large.anomaly = large.saliency = {900, 400, std::vector<float>(900 * 400, 0.0F)};
  result.categories[0].best = {large};
  result.categories[0].worst.clear();
  EXPECT_EQ(count(page_of(result), "width=\"288\" height=\"128\""), 4U);
}

TEST(ReportHtml, OfNothingIsStillAPage) {
  EvaluationResult result;
  result.title = "Nothing";
  const std::string page = page_of(result);
  EXPECT_THAT(page, HasSubstr("No category was evaluated."));
  expect_balanced(page);
  EXPECT_THAT(markdown_of(result), HasSubstr("No category was evaluated."));
}

TEST(ReportHtml, ShowsTheKindsCurvesOfAnOnlyCategory) {
  const std::string page = page_of(test::made_up_single_result());
  EXPECT_THAT(page, HasSubstr(">MT_Blowhole</text>"));
  EXPECT_THAT(page, HasSubstr(">Images</text>"));
  EXPECT_THAT(page, Not(HasSubstr("Mean of all"))) << "it is the category's row again";
  EXPECT_THAT(page, HasSubstr("UTAD"));
}

TEST(ReportMarkdown, HasTheTables) {
  const std::string text = markdown_of(test::made_up_result());
  EXPECT_THAT(text, HasSubstr("# Evaluation on MVTec AD\n"));
  EXPECT_THAT(text, HasSubstr("| Category | Number of: all |"));
  EXPECT_THAT(text, HasSubstr("| metal\\_nut | 121 |"));
  EXPECT_THAT(text, HasSubstr("| **Mean of all 6** |"));
  EXPECT_THAT(text, HasSubstr("–<sup>a</sup> |"));
  EXPECT_THAT(text, HasSubstr("&lt;script\\>alert(1)&lt;/script\\> &amp; \"quotes' \xef\xbf\xbd\\|,"));
  EXPECT_THAT(text, Not(HasSubstr("<script")));
}

TEST(ReportMarkdown, HasVerdictsAndHowToRepeatThem) {
  const std::string text = markdown_of(test::made_up_single_result());
  EXPECT_THAT(text, HasSubstr("## Verdicts"));
  EXPECT_THAT(text, HasSubstr("---- limit 0.5"));
  EXPECT_THAT(text, HasSubstr("--resize 256"));
  EXPECT_THAT(text, HasSubstr("not OK (false alarms)"));
}

TEST(ReportHtml, SaysWhichLimitsWereChosenHere) {
  EvaluationResult result = test::made_up_single_result();
  result.categories[0].limit = {0.4321, false};
  EXPECT_THAT(page_of(result), HasSubstr("chosen on these very images"));
  EXPECT_THAT(page_of(result), HasSubstr("limit 0.4321 (best image F1)"));
  result.categories[0].limit = {0.4321, true};
  EXPECT_THAT(page_of(result), Not(HasSubstr("chosen on these very images")));
  EXPECT_THAT(page_of(result), HasSubstr(">0.4321</td>"));
  result.categories[0].limit.reset();
  EXPECT_THAT(page_of(result), HasSubstr("Verdicts on images"));
}

TEST(PublishedScores, AreThoseOfTheDataSetThenOfAll) {
  const auto mtd = published_scores("mtd");
  ASSERT_EQ(mtd.size(), 6U);
  EXPECT_EQ(mtd[0].max_f1, 35.4);
  EXPECT_EQ(mtd.back().ap, 27.3);
  EXPECT_TRUE(mtd.back().average);
  EXPECT_FALSE(mtd.front().average);
  EXPECT_TRUE(published_scores("folder").empty());
  EXPECT_TRUE(published_scores("").empty());
}

TEST(WriteStudy, WritesTableTextAndPlot) {
  const TemporaryFolder folder;
  for (const StudyTable& study : test::made_up_studies()) write_study(study, folder.path());
  EXPECT_THAT(read_file(folder / "area.csv"),
              HasSubstr("group,label,x,max-F1,AP,max-IoU,ms an image\r\nmtd,10 %,0.1,0.32325,,"));
  EXPECT_THAT(read_file(folder / "area.md"), HasSubstr("](area.svg)"));
  EXPECT_THAT(read_file(folder / "area.md"),
              HasSubstr("| mtd | 10 % | 32.3 | –<sup>a</sup> | 19.3 | 103.2 |"));
  EXPECT_THAT(read_file(folder / "saliency.md"),
              HasSubstr("| texture | with saliency | 51.2 | 47.1 | 34.4 | 103.0 |"));
  for (const char* name : {"area.svg", "regions.svg", "saliency.svg"}) {
    const std::string svg = read_file(folder / name);
    EXPECT_THAT(svg, HasSubstr("xmlns=\"http://www.w3.org/2000/svg\""));
    expect_balanced(svg);
  }
}

TEST(WriteStudy, DrawsTheGroupsThatItIsToldTo) {
  const TemporaryFolder folder;
  StudyTable study = test::made_up_studies()[2];
  study.drawn = {"texture"};
  study.row_title = "Method";
  write_study(study, folder.path());
  EXPECT_THAT(read_file(folder / "saliency.svg"), AllOf(HasSubstr("without"), Not(HasSubstr("object"))));
  EXPECT_THAT(read_file(folder / "saliency.md"),
              AllOf(HasSubstr("| Data | Method |"), HasSubstr("| object |")));
}

TEST(ReportMarkdown, HasTheStudies) {
  const TemporaryFolder folder;
  write_report_markdown(test::made_up_single_result(), test::made_up_studies(), folder / "report.md");
  EXPECT_THAT(read_file(folder / "report.md"),
              AllOf(HasSubstr("## Studies\n\n### Area threshold (paper, Fig. 5)\n\n| Data |"),
                    HasSubstr("| mtd | 10 % | 32.3 |")));
}

TEST(WriteStudy, WithoutRowsHasNoPlot) {
  const TemporaryFolder folder;
  StudyTable study = test::made_up_studies()[0];
  study.rows.clear();
  write_study(study, folder.path());
  EXPECT_FALSE(std::filesystem::exists(folder / "area.svg"));
  EXPECT_THAT(read_file(folder / "area.md"), Not(HasSubstr("svg")));
}

}  // namespace
}  // namespace anomalyvlm::eval
