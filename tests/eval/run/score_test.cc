// From evidence to metrics: by hand, and beside detect() itself.
#include "eval/run/score.h"

#include <gmock/gmock.h>

#include "eval/metrics/metrics.h"
#include "eval/run/means.h"
#include "eval/run/small_run.h"
#include "eval/studies/studies.h"

namespace anomalyvlm::eval {
namespace {

using testing::HasSubstr;

class Scoring : public SmallRun {
 protected:
  void collect_into(const RunPlan& plan) {
    folder_ = std::make_unique<RunFolder>(out(), plan);
    folder_->check_models(ids_of(detector_.method->models()));
    collect(plan, detector_, *folder_, {});
  }
  // "defect" and the name "crack", in one run.
  RunPlan compared() const {
    RunPlan plan = this->plan();
    HybridPrompt names = generic_prompt();
    names.phrases = {"crack"};
    plan.categories[0].prompts.push_back(names);
    plan.categories[0].generic = 0;
    plan.categories[0].names = 1;
    return plan;
  }

  LoadedDetector detector_ = fake_detector();
  std::unique_ptr<RunFolder> folder_;
};

// Each image of 24 pixels gets 4 of 0.5 exp(1) in the corner and 4 of 0.25 exp(0.5) elsewhere; three have
// the corner marked.
TEST_F(Scoring, GivesTheFiguresOfTheMaps) {
  const RunPlan plan = this->plan();
  collect_into(plan);
  const EvaluationResult result = evaluate(plan, *detector_.method->judge(), *folder_);
  ASSERT_EQ(result.categories.size(), 1u);
  const Metrics& m = result.categories[0].metrics;
  EXPECT_EQ(m.images, 6u);
  EXPECT_EQ(m.anomalous, 3u);
  // At the higher threshold 12 hits among 24 pixels, all 12 marked: F1 = 24 / 36.
  EXPECT_NEAR(m.pixel.max_f1.value, 2.0 / 3, 1e-9);
  EXPECT_NEAR(m.pixel.max_iou.value, 0.5, 1e-9);
  EXPECT_NEAR(m.pixel.f1_threshold.value, 0.5 * std::exp(1.0), 1e-6);
  EXPECT_NEAR(m.pixel.ap.value, 0.5, 1e-9);
  EXPECT_NEAR(m.image.max_f1.value, 2.0 / 3, 1e-9);
  EXPECT_NEAR(m.image.auroc.value, 0.5, 1e-9);
  EXPECT_NEAR(m.region_f1.value, 2.0 * 3 / (6 + 3), 1e-9) << "three of six predictions at the higher score";
  ASSERT_EQ(result.categories[0].kinds.size(), 2u);
  EXPECT_EQ(result.categories[0].kinds[0].kind, "crack");
  EXPECT_EQ(result.categories[0].kinds[0].metrics.images, 4u) << "and the three good ones";
  EXPECT_EQ(result.categories[0].kinds[1].metrics.anomalous, 2u);
  ASSERT_EQ(result.categories[0].best.size(), 3u);
  EXPECT_NEAR(result.categories[0].best[0].f1.value, 1, 1e-9);
  EXPECT_EQ(result.categories[0].best[0].image.width, 6);
  ASSERT_EQ(result.categories[0].worst.size(), 2u) << "normal ones that got a score";
  EXPECT_FALSE(result.categories[0].worst[0].anomalous);
  EXPECT_TRUE(result.means.empty());
  EXPECT_THAT(result.notes, testing::Contains("a note (6 images)"));
  EXPECT_EQ(result.stages.front().stage, "read");
}

TEST_F(Scoring, VariantsAreWhatDetectGives) {
  const RunPlan plan = compared();
  collect_into(plan);
  const std::vector<Variant> variants{
      {.label = "own"},
      {.label = "names", .prompt = PromptChoice::kNames},
      {.label = "one", .change = [](HybridPrompt& prompt, JudgeSettings&) { prompt.max_regions = 1; }},
      {.label = "unrefined",
       .change = [](HybridPrompt&, JudgeSettings& settings) { settings.saliency_gain = 0; }},
  };
  const auto metrics = score(plan, *detector_.method->judge(), *folder_, variants);
  for (std::size_t v = 0; v < variants.size(); ++v) {
    HybridPrompt prompt = plan.categories[0].prompts[variants[v].prompt == PromptChoice::kNames ? 1 : 0];
    JudgeSettings settings;
    if (variants[v].change) variants[v].change(prompt, settings);
    Scores<float> all;
    for (const Sample& sample : plan.dataset.categories[0].samples) {
      const Image image = read_image(sample.image);
      const GroundTruth truth = ground_truth_of(plan.dataset, sample);
      const Detection found = detector_.method->judge()->judge(
          image, detector_.method->observe(image, {&prompt, 1}).front(), prompt, settings);
      all.add(found.anomaly.values, PreparedGroundTruth(truth.mask), truth.anomalous, {});
    }
    Scores<float>* const one[] = {&all};
    const Metrics expected = measure<float>(one);
    ASSERT_TRUE(metrics[v][0]) << variants[v].label;
    EXPECT_EQ(metrics[v][0]->pixel.max_f1.value, expected.pixel.max_f1.value) << variants[v].label;
    EXPECT_EQ(metrics[v][0]->pixel.ap.value, expected.pixel.ap.value) << variants[v].label;
    EXPECT_EQ(metrics[v][0]->image.auroc.value, expected.image.auroc.value) << variants[v].label;
  }
}

TEST_F(Scoring, APromptThatWasNotAskedHasNoFigures) {
  const RunPlan plan = this->plan();
  collect_into(plan);
  const Variant names{.label = "names", .prompt = PromptChoice::kNames};
  EXPECT_FALSE(score(plan, *detector_.method->judge(), *folder_, {&names, 1})[0][0]);
}

TEST_F(Scoring, StudiesAreTablesOverTheRun) {
  const RunPlan plan = compared();
  collect_into(plan);
  const EvaluationResult result = evaluate(plan, *detector_.method->judge(), *folder_);
  for (const Study& study : studies()) {
    const StudyTable table = study.run({plan, *detector_.method->judge(), *folder_, result});
    EXPECT_EQ(table.name, study.name);
    EXPECT_FALSE(table.rows.empty()) << study.name;
    for (const StudyTable::Row& row : table.rows) EXPECT_EQ(row.values.size(), table.columns.size());
  }
  const StudyTable area = studies()[2].run({plan, *detector_.method->judge(), *folder_, result});
  ASSERT_EQ(area.rows.size(), 10u);
  EXPECT_NEAR(area.rows.front().values[0].value, 24.0 / 156, 1e-9)
      << "4 of 24 pixels are more than 1 %; what is left is to call all pixels defects";
  EXPECT_NEAR(area.rows.back().values[0].value, 2.0 / 3, 1e-9);
  EXPECT_THAT(area.notes, testing::Contains(HasSubstr("max-F1 66.7")));
  const StudyTable phrases = studies()[0].run({plan, *detector_.method->judge(), *folder_, result});
  ASSERT_EQ(phrases.rows.size(), 2u);
  // Half of the corner in six images, a quarter of the marked pixels' images without: 6 of 12 found, 6
  // false.
  EXPECT_NEAR(phrases.rows[0].values[0].value, 0.5, 1e-9);
  EXPECT_NEAR(phrases.rows[1].values[0].value, 2.0 / 3, 1e-9);
}

TEST_F(Scoring, LabelsAloneGiveFiguresOfImages) {
  std::filesystem::remove_all(root_ / "set" / "masks");
  const RunPlan plan = this->plan();
  collect_into(plan);
  const EvaluationResult result = evaluate(plan, *detector_.method->judge(), *folder_);
  const Metrics& m = result.categories[0].metrics;
  EXPECT_FALSE(m.pixel.max_f1.defined());
  EXPECT_NEAR(m.image.max_f1.value, 2.0 / 3, 1e-9);
  EXPECT_THAT(result.notes, testing::Contains(HasSubstr("image-level figures only")));
}

TEST(Means, AreOfTheCategoriesThatHaveAFigure) {
  Metrics a, b, c;
  a.images = 3;
  b.images = 4;
  a.pixel.max_f1 = MetricValue::of(0.25);
  b.pixel.max_f1 = MetricValue::of(0.75);
  c.pixel.max_f1 = MetricValue::none("nothing is marked");
  a.pro = b.pro = c.pro = MetricValue::none("no region");
  const std::vector<GroupedMetrics> categories{{"object", &a}, {"texture", &b}, {"object", &c}};
  const std::vector<MeanResult> means = group_means(categories);
  ASSERT_EQ(means.size(), 3u);
  EXPECT_EQ(means[0].name, "object");
  EXPECT_EQ(means[0].categories, 2u);
  EXPECT_EQ(means[0].metrics.pixel.max_f1.value, 0.25);
  EXPECT_EQ(means[2].name, "total");
  EXPECT_EQ(means[2].metrics.pixel.max_f1.value, 0.5);
  EXPECT_EQ(means[2].metrics.images, 7u);
  EXPECT_EQ(means[2].metrics.pro.undefined, "no region");
  EXPECT_TRUE(group_means({categories.data(), 1}).empty());
}

}  // namespace
}  // namespace anomalyvlm::eval
