// Writes reports of made-up results, to look at: sample_report FOLDER
#include <cstdio>
#include <filesystem>

#include "eval/report/documents.h"
#include "eval/report/made_up.h"

int main(int argc, char** argv) try {
  using namespace anomalyvlm::eval;
  if (argc != 2) {
    std::fputs("usage: sample_report FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  const auto studies = test::made_up_studies();
  write_report_html(test::made_up_result(), studies, folder / "report.html");
  write_report_html(test::made_up_single_result(), {}, folder / "single.html");
  write_report_markdown(test::made_up_result(), studies, folder / "report.md");
  write_results_json(test::made_up_result(), studies, folder / "results.json");
  write_results_csv(test::made_up_result(), folder / "results.csv");
  for (const StudyTable& study : studies) write_study(study, folder);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
