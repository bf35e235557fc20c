// The evaluation as a table for spreadsheets. docs/RESULT_FORMAT.md describes its columns.
#include <fmt/format.h>

#include "core/platform.h"
#include "eval/report/figure_columns.h"
#include "eval/report/results.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval {
namespace {

using report::csv_field;

std::string row(const char* scope, const std::string& name, const std::string& group, const std::string& kind,
                const Metrics& metrics) {
  std::string line = fmt::format("{},{},{},{},{},{},{}", scope, csv_field(name), csv_field(group),
                                 csv_field(kind), metrics.images, metrics.anomalous, metrics.regions);
  for (const auto& column : report::figure_columns()) {
    const Figure& figure = column.of(metrics);
    line += report::is_number(figure) ? fmt::format(",{}", figure.value) : ",";
  }
  return line + "\r\n";
}

}  // namespace

void write_results_csv(const EvaluationResult& result, const std::filesystem::path& file) {
  std::string text = "scope,name,group,kind,images,anomalous,regions";
  for (const auto& column : report::figure_columns()) text += fmt::format(",{}_{}", column.level, column.key);
  text += "\r\n";
  for (const CategoryResult& category : result.categories) {
    text += row("category", category.name, category.group, "", category.metrics);
    for (const KindResult& kind : category.kinds)
      text += row("kind", category.name, category.group, kind.kind, kind.metrics);
  }
  for (const MeanResult& mean : result.means) text += row("mean", mean.name, "", "", mean.metrics);
  write_file_atomically(file, text);
}

}  // namespace anomalyvlm::eval
