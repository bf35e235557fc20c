// The evaluation as tables for spreadsheets. docs/RESULT_FORMAT.md describes their columns.
#include <fmt/format.h>

#include "core/platform.h"
#include "eval/metrics/evaluation_result.h"
#include "eval/report/documents.h"
#include "eval/report/metric_columns.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval {
namespace {

using report::csv_field;

std::string row(const char* scope, const std::string& name, const std::string& group, const std::string& kind,
                const Metrics& metrics) {
  std::string line = fmt::format("{},{},{},{},{},{},{}", scope, csv_field(name), csv_field(group),
                                 csv_field(kind), metrics.images, metrics.anomalous, metrics.regions);
  for (const auto& column : report::metric_columns()) {
    const MetricValue& metric = column.of(metrics);
    line += report::is_number(metric) ? fmt::format(",{}", metric.value) : ",";
  }
  return line + "\r\n";
}

// A share, or nothing where there is nothing to share.
std::string share(std::size_t part, std::size_t whole) {
  return whole == 0 ? "" : fmt::format("{}", static_cast<double>(part) / static_cast<double>(whole));
}

std::string pixel_columns(const std::optional<PixelCounts>& pixels) {
  if (!pixels) return ",,,,,";
  const auto [both, only_found, only_marked] = *pixels;
  const std::size_t marked = both + only_marked, found = both + only_found;
  std::string columns = fmt::format("{},{}", marked, found);
  if (marked == 0) return columns + ",,,,";
  return columns + fmt::format(",{},{},{},{}", share(both, found), share(both, marked),
                               share(2 * both, marked + found), share(both, both + only_found + only_marked));
}

std::string image_row(const CategoryResult& category, const ImageResult& image) {
  const bool judged = category.limit && category.limit->given;
  const double limit = judged ? category.limit->value : 0;
  return fmt::format("{},{},{},{},{},{},{},{},{},{}\r\n", csv_field(image.id), csv_field(category.name),
                     csv_field(image.kind), image.anomalous ? 1 : 0, image.score,
                     judged ? fmt::format("{}", limit) : "",
                     !judged                ? ""
                     : image.score >= limit ? "not OK"
                                            : "OK",
                     image.regions, image.candidates, pixel_columns(image.pixels));
}

}  // namespace

void write_results_csv(const EvaluationResult& result, const std::filesystem::path& file) {
  std::string text = "scope,name,group,kind,images,anomalous,regions";
  for (const auto& column : report::metric_columns()) text += fmt::format(",{}_{}", column.level, column.key);
  text += "\r\n";
  for (const CategoryResult& category : result.categories) {
    text += row("category", category.name, category.group, "", category.metrics);
    for (const KindResult& kind : category.kinds)
      text += row("kind", category.name, category.group, kind.kind, kind.metrics);
  }
  for (const MeanResult& mean : result.means) text += row("mean", mean.name, "", "", mean.metrics);
  write_file_atomically(file, text);
}

void write_images_csv(const EvaluationResult& result, const std::filesystem::path& file) {
  std::string text =
      "file,category,kind,anomalous,image_score,limit,verdict,regions,candidates,pixels_marked,pixels_found,"
      "pixel_precision,pixel_recall,pixel_f1,pixel_iou\r\n";
  for (const CategoryResult& category : result.categories)
    for (const ImageResult& image : category.images) text += image_row(category, image);
  write_file_atomically(file, text);
}

}  // namespace anomalyvlm::eval
