#pragma once
// What an evaluation gives: figures, pictures, tables. The writers beside this file turn it into documents.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/image.h"
#include "eval/metrics/figures.h"

namespace anomalyvlm::eval {

// One picture of the report, in the columns of the paper's Fig. 3. All of one size.
struct Example {
  std::string id, kind;
  bool anomalous = false;
  Figure f1;               // of its pixels, at the category's f1_threshold; none where nothing is marked
  double image_score = 0;  // the map's maximum
  Image image;
  Mask truth;         // empty: only a label is known
  FloatMap saliency;  // empty: not kept
  FloatMap anomaly;
};

struct KindResult {  // images of one kind of defect, against the category's normal images
  std::string kind;
  Metrics metrics;
};

struct CategoryResult {
  std::string name, group;
  std::string prompt;  // the hybrid prompt as sentences, for people
  Metrics metrics;
  std::vector<KindResult> kinds;     // only where there are several
  std::vector<Example> best, worst;  // by F1; worst also normal images with the highest scores
};

// Mean of the categories' figures; a figure is none if it is of no category.
struct MeanResult {
  std::string name;  // "object", "texture", "total"
  std::size_t categories = 0;
  Metrics metrics;  // images and anomalous: sums
};

struct StageTime {
  std::string stage;
  double seconds = 0;  // of an image: median, for the first of a size compiles the models
};

struct EvaluationResult {
  std::string dataset, title;                                      // "mtd", "Magnetic Tile Defect"
  std::vector<std::pair<std::string, std::string>> configuration;  // what was run, for people, in order
  std::vector<CategoryResult> categories;
  std::vector<MeanResult> means;  // groups, then the total
  std::vector<StageTime> stages;
  std::vector<std::string> failures;  // images that could not be read: sentences
  // What a reader has to know: "truth is boxes: pixels are compared with ..."
  std::vector<std::string> notes;
};

// A table of a study with its plot: lines over x, one panel a column of shares, or bars, one panel a column.
struct StudyTable {
  struct Column {
    std::string name;   // "max-F1", "AP", "ms an image", ...
    bool share = true;  // values 0..1, shown in percent
  };
  struct Row {
    std::string group;           // "mtd", "object", "total": rows of one group make one line of the plot
    std::string label;           // "30 %"
    double x = 0;                // on the plot
    std::vector<Figure> values;  // one a column
  };
  std::string name;     // "area": part of the files' names
  std::string title;    // "Area threshold (paper, Fig. 5)"
  std::string x_label;  // "largest area, share of the object"; empty: no plot over x but a bar for each row
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::vector<std::string> notes;  // for people, below the table
};

// A figure of others: from the paper, and the page of the released code.
struct PublishedFigure {
  const char* method;
  const char* data;            // "MTD", "all four data sets"
  double max_f1, ap, max_iou;  // percent; NaN: not published
  const char* measured_with;   // models and picture size
};
// Those of a data set ("mvtec", "visa", "ksdd2", "mtd"), then those over all four; none for other data sets.
std::vector<PublishedFigure> published_figures(const std::string& dataset);

// The writers. Each document is whole or not there; folders exist. Throw Error(kIo) where a file cannot be
// written. docs/RESULT_FORMAT.md describes the JSON and the CSV. Text may be any bytes: what is no UTF-8 in
// it is replaced, and nothing of it is taken for markup. The page is one file, loads nothing and runs
// nothing.
void write_results_json(const EvaluationResult& result, const std::filesystem::path& file);
void write_results_csv(const EvaluationResult& result, const std::filesystem::path& file);
void write_report_markdown(const EvaluationResult& result, const std::filesystem::path& file);
void write_report_html(const EvaluationResult& result, const std::vector<StudyTable>& studies,
                       const std::filesystem::path& file);
// NAME.csv, NAME.md, NAME.svg
void write_study(const StudyTable& table, const std::filesystem::path& folder);

}  // namespace anomalyvlm::eval
