// Documents are the same in a program that writes numbers with commas.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "comma_locale.h"
#include "core/platform.h"
#include "eval/report/documents.h"
#include "eval/report/made_up.h"
#include "temporary_folder.h"

namespace anomalyvlm::eval {
namespace {

using anomalyvlm::test::TemporaryFolder;

std::vector<std::string> documents() {
  const TemporaryFolder folder;
  const EvaluationResult result = test::made_up_single_result();
  write_results_json(result, test::made_up_studies(), folder / "results.json");
  write_results_csv(result, folder / "results.csv");
  write_images_csv(result, folder / "images.csv");
  write_report_markdown(result, test::made_up_studies(), folder / "report.md");
  write_report_html(result, test::made_up_studies(), folder / "report.html");
  for (const StudyTable& study : test::made_up_studies()) write_study(study, folder.path());
  std::vector<std::string> texts;
  for (const char* name : {"results.json", "results.csv", "images.csv", "report.md", "report.html",
                           "area.csv", "area.md", "area.svg", "saliency.svg"})
    texts.push_back(read_file(folder / name));
  return texts;
}

TEST(Documents, DoNotDependOnTheLocale) {
  const std::vector<std::string> usual = documents();
  const anomalyvlm::test::CommaLocale commas;
  EXPECT_EQ(documents(), usual);
}

}  // namespace
}  // namespace anomalyvlm::eval
