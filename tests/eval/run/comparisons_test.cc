// Finished runs side by side.
#include "eval/studies/comparisons.h"

#include <gmock/gmock.h>

#include "core/platform.h"
#include "detector/methods.h"
#include "errors.h"
#include "eval/report/documents.h"
#include "eval/run/small_run.h"

namespace anomalyvlm::eval {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

MetricValue share(double value) { return MetricValue::of(value); }

FinishedRun::Part part(const std::string& name, double f1) {
  return {name, share(f1), share(f1 / 2), share(f1 / (2 - f1))};
}

FinishedRun run(const std::string& label, double f1) {
  FinishedRun run;
  run.label = label;
  run.model = "nano";
  run.categories = {part("bottle", f1), part("carpet", f1 / 2)};
  run.means = {part("object", f1), part("texture", f1 / 2), part("total", 0.75 * f1)};
  run.seconds = 0.25;
  run.peak_memory = 512e6;
  run.parameters = 3.5e6;
  return run;
}

std::vector<std::string> groups_of(const StudyTable& table) {
  std::vector<std::string> groups;
  for (const StudyTable::Row& row : table.rows)
    if (groups.empty() || groups.back() != row.group) groups.push_back(row.group);
  return groups;
}

// What a run and its documents leave in a folder is what it is compared by.
class ReadRun : public SmallRun {
 protected:
  void write_results() const {
    const LoadedDetector detector = fake_detector();
    RunFolder folder(out(), plan());
    folder.check_models(ids_of(detector.method->models()));
    collect(plan(), detector, folder, {});
    write_results_json(evaluate(plan(), *detector.method->judge(), folder), {}, out() / "results.json");
  }
};

TEST_F(ReadRun, OfOneCategory) {
  write_results();
  write_file_atomically(out() / "machine.json",
                        std::string(R"({"peak_memory_bytes": 3000000, "parameters": 12, "calls": []})"));
  const FinishedRun run = read_run("fake", out());
  EXPECT_EQ(run.label, "fake");
  EXPECT_EQ(run.model, "nano");
  ASSERT_EQ(run.categories.size(), 1u);
  EXPECT_THAT(run.means, IsEmpty());
  EXPECT_NEAR(run.whole().max_f1.value, 2.0 / 3, 1e-9);
  EXPECT_NEAR(run.whole().max_iou.value, 0.5, 1e-9);
  EXPECT_GT(run.seconds, 0);
  EXPECT_EQ(run.peak_memory, 3e6);
  EXPECT_EQ(run.parameters, 12);
  EXPECT_EQ(run.references, 0u);
  EXPECT_EQ(run.prompts, 1u);
}

TEST_F(ReadRun, WithoutANoteOfTheMachine) {
  write_results();
  const FinishedRun run = read_run("fake", out());
  EXPECT_EQ(run.peak_memory, 0);
  const StudyTable table = compare_complexity({&run, 1});
  EXPECT_THAT(table.rows[0].values[0].undefined, HasSubstr("did not note"));
  EXPECT_FALSE(table.rows[0].values[3].defined());
}

TEST_F(ReadRun, UndefinedMetricsKeepTheirReason) {
  std::filesystem::remove_all(root_ / "set" / "masks");
  write_results();
  const FinishedRun run = read_run("fake", out());
  EXPECT_FALSE(run.whole().max_f1.defined());
  EXPECT_THAT(run.whole().max_f1.undefined, Not(IsEmpty()));
}

TEST_F(ReadRun, OtherFilesAreNamed) {
  write("other/results.json", "[]");
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { read_run("fake", root_ / "other"); }),
              HasSubstr("results.json"));
  write("other/results.json", "{\"categories\": 7}");
  EXPECT_THAT(test::error_of(ErrorKind::kBadInput, [&] { read_run("fake", root_ / "other"); }),
              HasSubstr("does not hold a run"));
}

TEST(CompareMethods, HasARowForEachMethodInEachCategoryAndMean) {
  std::vector<FinishedRun> runs{run("anomalyvlm", 0.5), run("utad", 0.25)};
  runs[1].categories.pop_back();
  const StudyTable table = compare_methods(runs, "mvtec");
  EXPECT_EQ(table.name, "methods");
  EXPECT_THAT(groups_of(table), ElementsAre("bottle", "carpet", "object", "texture", "total", "published"));
  ASSERT_EQ(table.rows.size(), 11u);
  EXPECT_EQ(table.rows[0].label, "anomalyvlm");
  EXPECT_EQ(table.rows[1].label, "utad");
  EXPECT_EQ(table.rows[1].values[0].value, 0.25);
  EXPECT_THAT(table.rows[3].values[0].undefined, HasSubstr("none of its images")) << "carpet of utad";
  EXPECT_EQ(table.rows[8].values[0].value, 0.375);
  EXPECT_THAT(table.drawn, ElementsAre("object", "texture", "total", "published"));
  EXPECT_EQ(table.rows[10].label, "SAA+");
  EXPECT_NEAR(table.rows[10].values[0].value, 0.394, 1e-9);
  EXPECT_EQ(table.rows[10].values[1].undefined, "not published");
  EXPECT_THAT(table.notes, Contains(HasSubstr("anomalyvlm on nano, utad on nano")));
  EXPECT_THAT(table.notes, Contains(HasSubstr("SAA+: Grounding DINO, SAM ViT-H")));
  EXPECT_THAT(table.notes, Not(Contains(HasSubstr("references"))));
}

TEST(CompareMethods, PublishedFiguresSayWhatTheyWereMeasuredWith) {
  FinishedRun only = run("anomalyvlm", 0.5);
  only.means.clear();
  only.categories.pop_back();
  const StudyTable table = compare_methods({&only, 1}, "mtd");
  EXPECT_THAT(table.notes,
              Contains(AllOf(HasSubstr("the page of the released code"), HasSubstr(" SAA+: Grounding DINO"),
                             HasSubstr("400; SAA, UTAD, ClipSeg: as published beside SAA+."))));
}

TEST(CompareMethods, OfOwnImagesHasNothingPublished) {
  FinishedRun only = run("anomalyvlm", 0.5);
  only.means.clear();
  only.categories.pop_back();
  const StudyTable table = compare_methods({&only, 1}, "folder");
  EXPECT_THAT(groups_of(table), ElementsAre("bottle"));
  EXPECT_THAT(table.drawn, IsEmpty()) << "the plot shows the only category";
  EXPECT_THAT(table.notes, Not(Contains(HasSubstr("ublished"))));
}

TEST(CompareMethods, SaysWhoKnowsGoodImages) {
  std::vector<FinishedRun> runs{run("anomalyvlm", 0.5), run("patchcore", 0.75)};
  runs[1].references = 4;
  const StudyTable apart = compare_methods(runs, "mtd");
  EXPECT_THAT(apart.notes, Contains("4 good images of each category were given to patchcore as references."));
  EXPECT_THAT(apart.notes, Contains(HasSubstr("patchcore cannot do without good images")));
  runs[0].references = 1;
  runs.pop_back();
  const StudyTable alone = compare_methods(runs, "mtd");
  EXPECT_THAT(alone.notes, Contains("1 good image of each category was given to anomalyvlm as references."));
  EXPECT_THAT(alone.notes, Not(Contains(HasSubstr("zero-shot"))));
}

TEST(CompareComplexity, IsInMillionsMillisecondsAndMegabytes) {
  std::vector<FinishedRun> runs{run("anomalyvlm", 0.5), run("utad", 0.25)};
  runs[0].prompts = 2;
  runs[1].seconds = 0;
  const StudyTable table = compare_complexity(runs);
  EXPECT_EQ(table.name, "complexity");
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[2].label, "AnomalyVLM (paper)");
  const auto& values = table.rows[0].values;
  ASSERT_EQ(values.size(), table.columns.size());
  EXPECT_EQ(values[0].value, 3.5);
  EXPECT_EQ(values[1].value, 4);
  EXPECT_EQ(values[2].value, 250);
  EXPECT_EQ(values[3].value, 512);
  EXPECT_FALSE(table.rows[1].values[1].defined());
  EXPECT_THAT(table.notes, Contains("The time of anomalyvlm is that of 2 prompts about each image."));
}

TEST(CompareModels, ShowsTheTotalAndWhatItCosts) {
  const std::vector<FinishedRun> runs{run("nano", 0.5), run("paper", 0.75)};
  const StudyTable table = compare_models(runs);
  EXPECT_EQ(table.name, "backbones");
  EXPECT_EQ(table.rows[1].label, "paper");
  EXPECT_EQ(table.rows[0].values.size(), table.columns.size());
  EXPECT_EQ(table.rows[0].values[0].value, 0.375);
}

}  // namespace
}  // namespace anomalyvlm::eval
