#include "eval/studies/studies.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "eval/report/text.h"
#include "eval/run/means.h"
#include "eval/run/score.h"
#include "eval/studies/paper_tables.h"

namespace anomalyvlm::eval {
namespace {

std::vector<MetricValue> paper_metrics(const Metrics& metrics) {
  return {metrics.pixel.max_f1, metrics.pixel.ap, metrics.pixel.max_iou};
}

// A row for the only category, or one for each group's mean and the total.
void add_rows(const StudyInput& input, const Variant& variant, const CategoryMetrics& metrics,
              StudyTable& table) {
  std::vector<GroupedMetrics> measured;
  std::string only;
  for (std::size_t c = 0; c < metrics.size(); ++c) {
    if (!metrics[c]) continue;
    measured.push_back({input.plan.dataset.categories[c].group, &*metrics[c]});
    only = input.plan.dataset.categories[c].name;
  }
  const auto add = [&](const std::string& group, const Metrics& m) {
    table.rows.push_back({group, variant.label, variant.x, paper_metrics(m)});
  };
  if (measured.size() == 1) add(only, *measured[0].metrics);
  for (const MeanResult& mean : group_means(measured)) add(mean.name, mean.metrics);
}

// Rows of one group side by side.
void sort_by_group(StudyTable& table) {
  std::vector<std::string> order;
  for (const StudyTable::Row& row : table.rows)
    if (std::find(order.begin(), order.end(), row.group) == order.end()) order.push_back(row.group);
  std::stable_sort(table.rows.begin(), table.rows.end(), [&](const auto& a, const auto& b) {
    const auto place = [&](const auto& row) { return std::find(order.begin(), order.end(), row.group); };
    return place(a) < place(b);
  });
}

StudyTable table_of(const StudyInput& input, StudyTable table, std::span<const Variant> variants) {
  table.columns = paper_columns();
  const std::vector<CategoryMetrics> metrics = score(input.plan, input.judge, input.folder, variants);
  for (std::size_t v = 0; v < variants.size(); ++v) add_rows(input, variants[v], metrics[v], table);
  sort_by_group(table);
  return table;
}

// The same, with a note of what the run's own prompts give.
StudyTable sweep(const StudyInput& input, StudyTable table, std::span<const Variant> variants) {
  table = table_of(input, std::move(table), variants);
  const auto note = [&](const std::string& name, const Metrics& metrics) {
    std::string text = fmt::format("With the prompts' own rules and numbers, {}:", name);
    const std::vector<MetricValue> values = paper_metrics(metrics);
    for (std::size_t i = 0; i < values.size(); ++i)
      text += fmt::format("{} {} {}", i == 0 ? "" : ",", table.columns[i].name, report::percent(values[i]));
    table.notes.push_back(text + ".");
  };
  if (input.result.means.empty()) note(input.result.categories[0].name, input.result.categories[0].metrics);
  for (const MeanResult& mean : input.result.means) note(mean.name, mean.metrics);
  return table;
}

StudyTable study_phrases(const StudyInput& input) {
  const std::array<Variant, 2> variants{
      Variant{.label = "names of the defects", .prompt = PromptChoice::kNames},
      Variant{.label = "\"defect\"", .x = 1, .prompt = PromptChoice::kGeneric}};
  StudyTable table = table_of(
      input, titled("phrases", "Prompt 1 against the generic \"defect\" (paper, Table II)"), variants);
  for (std::size_t c = 0; c < input.plan.categories.size(); ++c)
    if (input.plan.categories[c].names < 0)
      table.notes.push_back(fmt::format("{} is left out: its prompt names no defects, and no other one does.",
                                        input.plan.dataset.categories[c].name));
  return table;
}

StudyTable study_saliency(const StudyInput& input) {
  const std::array<Variant, 2> variants{
      Variant{.label = "with"},
      Variant{.label = "without", .x = 1, .change = [](HybridPrompt&, JudgeSettings& settings) {
                settings.saliency_gain = 0;  // Eq. 4: S^r = S
              }}};
  return table_of(input, titled("saliency", "Confidence refinement by saliency, Eq. 4 (paper, Table III)"),
                  variants);
}

bool limits_share_of_object(const Rule& rule) {
  return rule.quantity == Quantity::kArea && rule.unit == Unit::kOfObject &&
         (rule.comparison == Comparison::kLess || rule.comparison == Comparison::kAtMost);
}

StudyTable study_area(const StudyInput& input) {
  std::vector<Variant> variants;
  for (const int percent : {1, 2, 5, 10, 20, 30, 40, 50, 70, 90}) {
    const double share = percent / 100.0;
    variants.push_back({.label = fmt::format("{} %", percent),
                        .x = share,
                        .change = [share](HybridPrompt& prompt, JudgeSettings&) {
                          std::erase_if(prompt.rules, limits_share_of_object);
                          Rule rule;
                          rule.quantity = Quantity::kArea;
                          rule.comparison = Comparison::kLess;
                          rule.unit = Unit::kOfObject;
                          rule.value = share;
                          prompt.rules.push_back(rule);
                        }});
  }
  return sweep(input,
               titled("area", "Prompt 2: one area threshold for all categories (paper, Fig. 5)",
                      "regions smaller than this share of the object"),
               std::move(variants));
}

StudyTable study_number(const StudyInput& input) {
  std::vector<Variant> variants;
  for (int k = 1; k <= 10; ++k)
    variants.push_back({.label = fmt::format("{}", k),
                        .x = static_cast<double>(k),
                        .change = [k](HybridPrompt& prompt, JudgeSettings&) { prompt.max_regions = k; }});
  return sweep(input,
               titled("number", "Prompt 3: one number of regions for all categories (paper, Fig. 6)",
                      "at most so many regions"),
               std::move(variants));
}

StudyTable study_stages(const StudyInput& input) {
  const std::vector<StageTime>& times = input.result.stages;
  double total = 0;
  for (const StageTime& time : times) total += time.seconds;
  StudyTable table = titled("stages", "Time of an image by stage (paper, IV-D)");
  table.columns = {{"ms an image", false}, {"share"}};
  for (std::size_t i = 0; i < times.size(); ++i)
    table.rows.push_back(
        {"",
         times[i].stage,
         static_cast<double>(i),
         {MetricValue::of(1e3 * times[i].seconds), MetricValue::of(times[i].seconds / total)}});
  return table;
}

constexpr std::array kStudies = {
    Study{"phrases", "names of defects against \"defect\" (Table II)", study_phrases},
    Study{"saliency", "with and without refinement by saliency (Table III)", study_saliency},
    Study{"area", "ten area thresholds (Fig. 5)", study_area},
    Study{"number", "one to ten regions (Fig. 6)", study_number},
    Study{"stages", "the stages' shares of the time", study_stages},
};

}  // namespace

std::span<const Study> studies() { return kStudies; }

}  // namespace anomalyvlm::eval
