// The report as one page that needs nothing but itself.
#include <fmt/format.h>

#include <algorithm>

#include "core/platform.h"
#include "eval/report/documents.h"
#include "eval/report/html.h"
#include "eval/report/study.h"
#include "eval/report/tables.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval {
namespace report {
namespace {

constexpr std::size_t kFailures = 50;  // shown; results.json has all

constexpr const char* kTerms = R"html(<dl class="terms">
<dt>max-F1</dt><dd>highest F1 over all thresholds, over all pixels of a category's images together</dd>
<dt>AP</dt><dd>average precision, the sum of (R<sub>n</sub> − R<sub>n−1</sub>) P<sub>n</sub> over
distinct scores</dd>
<dt>max-IoU</dt><dd>highest TP / (TP + FP + FN) over all thresholds</dd>
<dt>AUROC</dt><dd>area below the curve of true over false positive rate; equal scores count half</dd>
<dt>PRO</dt><dd>per-region overlap: area below its curve up to a false positive rate of 30 %,
divided by 0.3</dd>
<dt>Images</dt><dd>an image's score is the maximum of its anomaly map</dd>
<dt>Regions, F1</dt><dd>regions found and connected parts of the ground truth, matched one to one where IoU ≥ 0.6;
highest F1 over all thresholds</dd>
<dt>Mean</dt><dd>of the categories' figures, those that are defined</dd>
</dl>
)html";

std::string table_of(const Table& table, Numbering& numbering) {
  return table.rows.empty() ? "" : html_table(table, numbering.table());
}

std::string list(const std::vector<std::string>& items, std::size_t limit) {
  if (items.empty()) return {};
  std::string out = "<ul>\n";
  for (std::size_t i = 0; i < std::min(limit, items.size()); ++i)
    out += "<li>" + html_text(items[i]) + "</li>\n";
  out += "</ul>\n";
  if (items.size() > limit)
    out += fmt::format("<p>And {} more, in results.json.</p>\n", items.size() - limit);
  return out;
}

std::string key_metrics(const EvaluationResult& result) {
  const Metrics* all = overall(result);
  if (!all) return "<p>No category was evaluated.</p>\n";
  std::string out = "<dl class=\"key\">\n";
  const auto add = [&](const char* name, const MetricValue& metric) {
    out += fmt::format("<div><dt>{}</dt><dd{}>{}{}</dd></div>\n", name,
                       is_number(metric) ? "" : " title=\"" + html_text(reason_of(metric)) + "\"",
                       percent(metric), is_number(metric) ? "<small>%</small>" : "");
  };
  add("max-F1, pixels", all->pixel.max_f1);
  add("AP, pixels", all->pixel.ap);
  add("max-IoU, pixels", all->pixel.max_iou);
  add("PRO", all->pro);
  add("AUROC, images", all->image.auroc);
  add("F1, regions", all->region_f1);
  return out + "</dl>\n";
}

std::string header(const EvaluationResult& result) {
  std::size_t images = 0, anomalous = 0;
  for (const CategoryResult& category : result.categories)
    images += category.metrics.images, anomalous += category.metrics.anomalous;
  std::string lead = fmt::format("{}. {}, {} with defects, in {}.", html_text(result.method),
                                 counted(images, "image", "images"), anomalous,
                                 counted(result.categories.size(), "category", "categories"));
  if (!result.failures.empty())
    lead += fmt::format(" {} could not be used.", counted(result.failures.size(), "image", "images"));
  return fmt::format("<header>\n<h1>Evaluation on {}</h1>\n<p class=\"lead\">{}</p>\n{}</header>\n",
                     html_text(result.title), lead, key_metrics(result));
}

std::string curves(const EvaluationResult& result, Numbering& numbering) {
  const auto panels = curve_panels(result);
  if (panels.empty()) return {};
  return html_plots(
      panels, numbering.figure(),
      fmt::format("Precision over recall of {}, in percent. The ring marks the threshold of highest F1; "
                  "dotted lines join points of equal F1.",
                  result.categories.size() == 1 ? "pixels and of images" : "pixels"));
}

std::string verdicts(const EvaluationResult& result, Numbering& numbering) {
  const auto panels = score_panels(result);
  if (panels.empty()) return {};
  return html_plots(
             panels, numbering.figure(),
             "Scores of good and of defective images, and the limit from which on an image is not OK.") +
         table_of(limits_table(result), numbering);
}

std::string examples(const EvaluationResult& result, Numbering& numbering) {
  std::string out;
  for (const CategoryResult& category : result.categories) out += html_examples(category);
  if (out.empty()) return {};
  return fmt::format(
      "<figure>\n<figcaption><b>{}.</b> Images with the highest and the lowest F1 of their pixels at "
      "the category's best threshold; among the worst also normal images with the highest scores. "
      "All maps of a category share one colour scale; the score is the image's."
      "</figcaption>\n{}</figure>\n",
      numbering.figure(), out);
}

std::string times(const EvaluationResult& result, Numbering& numbering) {
  const Table table = stages_table(result);
  if (table.rows.empty()) return {};
  svg::BarPanel bars;
  bars.width = 460;
  for (const StageTime& stage : result.stages)
    bars.bars.push_back({stage.stage, stage.seconds, fmt::format("{:.1f} ms", 1e3 * stage.seconds)});
  return html_plots({bars}, numbering.figure(), "Time of an image in each stage, median over all images.") +
         table_of(table, numbering);
}

std::string study(const StudyTable& study, Numbering& numbering) {
  std::string out = fmt::format("<h3>{}</h3>\n", html_text(study.title));
  Table table = study_table(study);
  table.caption = study.title + ".";
  if (const auto panels = study_panels(study); !panels.empty()) {
    const std::string label = numbering.figure();
    out += html_plots(panels, label, html_text(study.title) + ".");
    table.caption = study.drawn.empty() ? fmt::format("The values of {}.", label)
                                        : fmt::format("All values, those of {} among them.", label);
  }
  return out + table_of(table, numbering);
}

}  // namespace

std::string html_section(const char* title, const std::string& content) {
  return content.empty() ? "" : fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", title, content);
}

std::string html_page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      html_text(title), kStyle, body);
}

}  // namespace report

void write_report_html(const EvaluationResult& result, const std::vector<StudyTable>& studies,
                       const std::filesystem::path& file) {
  using namespace report;
  Numbering numbering;
  std::string page = header(result) + "<main>\n";
  page += html_section("Results",
                       table_of(results_table(result), numbering) + list(result.notes, result.notes.size()));
  page += html_section("Beside published figures", table_of(published_table(result), numbering));
  page += html_section("Kinds of defects", table_of(kinds_table(result), numbering));
  page += html_section("Precision and recall", curves(result, numbering));
  page += html_section("Verdicts on images", verdicts(result, numbering));
  page += html_section("Best and worst images", examples(result, numbering));
  std::string all_studies;
  for (const StudyTable& table : studies) all_studies += study(table, numbering);
  page += html_section("Studies", all_studies);
  page += html_section("Time", times(result, numbering));
  page += html_section("Prompts", table_of(prompts_table(result), numbering));
  page += html_section("With detect", table_of(detect_table(result), numbering));
  page += html_section("Configuration", table_of(configuration_table(result), numbering));
  page += html_section("Images that could not be used", list(result.failures, kFailures));
  page += html_section("How the figures are defined", kTerms);
  write_file_atomically(file, html_page("Evaluation on " + result.title, page + "</main>\n"));
}

}  // namespace anomalyvlm::eval
