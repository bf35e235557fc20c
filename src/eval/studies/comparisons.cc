#include "eval/studies/comparisons.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "detector/methods.h"
#include "eval/report/published.h"
#include "eval/studies/paper_tables.h"

namespace anomalyvlm::eval {
namespace {

using Part = FinishedRun::Part;
constexpr const char* kPublished = "published";

std::vector<StudyTable::Column> complexity_columns() {
  return {{"parameters, million", false},
          {"images/s", false},
          {"ms an image", false},
          {"peak memory, MB", false}};
}

std::vector<MetricValue> quality_of(const Part& part) { return {part.max_f1, part.ap, part.max_iou}; }

MetricValue above_zero(double value, const char* otherwise) {
  return value > 0 ? MetricValue::of(value) : MetricValue::none(otherwise);
}

std::vector<MetricValue> complexity_of(const FinishedRun& run) {
  return {above_zero(run.parameters / 1e6, "the run did not note them"),
          above_zero(run.seconds > 0 ? 1 / run.seconds : 0, "it took no time"),
          MetricValue::of(1e3 * run.seconds),
          above_zero(run.peak_memory / 1e6, "the system does not report it")};
}

const Part* find_part(const std::vector<Part>& parts, const std::string& name) {
  const auto at =
      std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == name; });
  return at == parts.end() ? nullptr : &*at;
}

// Names of all runs' parts, in the order of the first run that has them.
std::vector<std::string> names_of(std::span<const FinishedRun> runs, std::vector<Part> FinishedRun::*parts) {
  std::vector<std::string> names;
  for (const FinishedRun& run : runs)
    for (const Part& part : run.*parts)
      if (std::find(names.begin(), names.end(), part.name) == names.end()) names.push_back(part.name);
  return names;
}

std::vector<MetricValue> with_images(const Part& part) {
  return {part.max_f1, part.ap, part.max_iou, part.image_auroc};
}

void add_parts(std::span<const FinishedRun> runs, std::vector<Part> FinishedRun::*parts, StudyTable& table) {
  for (const std::string& name : names_of(runs, parts))
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Part* part = find_part(runs[i].*parts, name);
      const MetricValue none = MetricValue::none("none of its images could be used");
      table.rows.push_back({name, runs[i].label, static_cast<double>(i),
                            part != nullptr ? with_images(*part) : std::vector<MetricValue>(4, none)});
    }
}

MetricValue share_of(double percent) {
  return std::isnan(percent) ? MetricValue::none("not published") : MetricValue::of(percent / 100);
}

// Averages over several data sets have no place beside figures of one.
void add_published(const std::string& dataset, StudyTable& table) {
  std::string measured_with;  // "A: models and side; B, C: others"
  const char* last = "";
  for (const PublishedScore& score : published_scores(dataset)) {
    if (score.average) continue;
    table.rows.push_back({kPublished,
                          score.method,
                          static_cast<double>(table.rows.size()),
                          {share_of(score.max_f1), share_of(score.ap), share_of(score.max_iou),
                           MetricValue::none("not published")}});
    const bool same = std::string_view(last) == score.measured_with;
    if (!measured_with.empty()) measured_with += same ? ", " : fmt::format(": {}; ", last);
    measured_with += score.method;
    last = score.measured_with;
  }
  if (measured_with.empty()) return;
  table.notes.push_back(fmt::format("{} {}: {}.", kPublishedNote, measured_with, last));
}

bool needs_references(const std::string& method) {
  for (const MethodEntry& entry : method_entries())
    if (entry.name == method) return entry.references == ReferenceUse::kRequired;
  return false;
}

// What is not the same for all rows.
void note_conditions(std::span<const FinishedRun> runs, StudyTable& table) {
  std::vector<std::string> models, informed, unranked;
  std::size_t references = 0;
  for (const FinishedRun& run : runs) {
    models.push_back(fmt::format("{} on {}", run.label, run.model));
    if (run.references == 0) continue;
    informed.push_back(run.label);
    references = std::max(references, run.references);
    if (needs_references(run.label)) unranked.push_back(run.label);
  }
  table.notes.push_back(fmt::format("Run with the models: {}.", fmt::join(models, ", ")));
  if (informed.empty()) return;
  table.notes.push_back(fmt::format("{} good image{} of each category {} given to {} as references.",
                                    references, references == 1 ? "" : "s", references == 1 ? "was" : "were",
                                    fmt::join(informed, ", ")));
  if (!unranked.empty())
    table.notes.push_back(fmt::format(
        "{} cannot do without good images of the product, so it is no zero-shot method: the paper "
        "shows such a method, but leaves it out of its ranking.",
        fmt::join(unranked, ", ")));
}

void note_prompts(std::span<const FinishedRun> runs, StudyTable& table) {
  for (const FinishedRun& run : runs)
    if (run.prompts > 1)
      table.notes.push_back(
          fmt::format("The time of {} is that of {} prompts about each image.", run.label, run.prompts));
}

}  // namespace

StudyTable compare_models(std::span<const FinishedRun> runs) {
  StudyTable table = titled("backbones", "Models, their time and memory (paper, Table IV)");
  table.row_title = "Model";
  table.columns = paper_columns();
  for (StudyTable::Column& column : complexity_columns()) table.columns.push_back(std::move(column));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<MetricValue> values = quality_of(runs[i].whole());
    for (MetricValue& value : complexity_of(runs[i])) values.push_back(std::move(value));
    table.rows.push_back({"", runs[i].label, static_cast<double>(i), std::move(values)});
  }
  return table;
}

StudyTable compare_methods(std::span<const FinishedRun> runs, const std::string& dataset) {
  StudyTable table = titled("methods", "Methods, by the pixels that they find (paper, Tables I and V)");
  table.row_title = "Method";
  table.columns = paper_columns();
  table.columns.push_back({"image AUROC"});
  add_parts(runs, &FinishedRun::categories, table);
  add_parts(runs, &FinishedRun::means, table);
  // A bar for each category would hide the figures that count.
  table.drawn = names_of(runs, &FinishedRun::means);
  if (!table.drawn.empty()) table.drawn.emplace_back(kPublished);
  note_conditions(runs, table);
  add_published(dataset, table);
  return table;
}

StudyTable compare_complexity(std::span<const FinishedRun> runs) {
  StudyTable table = titled("complexity", "Complexity of the methods, measured here (paper, Table IV)");
  table.row_title = "Method";
  table.columns = complexity_columns();
  for (std::size_t i = 0; i < runs.size(); ++i)
    table.rows.push_back({"", runs[i].label, static_cast<double>(i), complexity_of(runs[i])});
  // Table IV's row of the models that the paper recommends.
  table.rows.push_back({kPublished,
                        "AnomalyVLM (paper)",
                        static_cast<double>(runs.size()),
                        {MetricValue::none("the paper has 192.3 MB"), MetricValue::of(3.7),
                         MetricValue::of(1e3 / 3.7), MetricValue::none("not published")}});
  table.notes.emplace_back(
      "Published: Grounding DINO Swin-T and MobileSAM at 256 x 256 pixels on an NVIDIA RTX 3090 Ti, with "
      "192.3 MB of "
      "parameters.");
  table.notes.emplace_back(
      "Parameters are the numbers in the weights that a method reads. The time of an image includes reading "
      "and "
      "judging it, but not loading the models and describing references. The peak memory is that of the "
      "whole "
      "process.");
  note_prompts(runs, table);
  return table;
}

}  // namespace anomalyvlm::eval
