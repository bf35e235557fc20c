#pragma once
// What an evaluation gives: metrics, scores of images, examples. eval/run fills it, eval/report shows it.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "anomalyvlm/image.h"
#include "eval/metrics/metric_values.h"

namespace anomalyvlm::eval {

// One image to show, in the columns of the paper's Fig. 3. All of one size.
struct Example {
  std::string id, kind;
  bool anomalous = false;
  MetricValue f1;          // of its pixels, at the category's f1_threshold; none where nothing is marked
  double image_score = 0;  // Detection::image_score
  Image image;
  Mask ground_truth;  // empty: only a label is known
  FloatMap saliency;  // empty: not kept
  FloatMap anomaly;
};

struct KindResult {  // images of one kind of defect, against the category's normal images
  std::string kind;
  Metrics metrics;
};

// Pixels of one image, at the category's f1_threshold.
struct PixelCounts {
  std::size_t both = 0, only_found = 0, only_marked = 0;
};

// One image, in numbers.
struct ImageResult {
  std::string id, kind;  // "good" without a defect
  bool anomalous = false;
  double score = 0;                         // Detection::image_score
  std::size_t regions = 0, candidates = 0;  // kept, and of all
  std::optional<PixelCounts> pixels;  // none: without location annotations, or the category has no threshold
};

// From which image score on an image is not OK.
struct ScoreLimit {
  double value = 0;
  bool given = false;  // by an option or the prompt; false: that of the best image F1 on these very images
};

struct CategoryResult {
  std::string name, group;
  std::string prompt;  // the hybrid prompt as sentences, for people
  Metrics metrics;
  std::vector<ImageResult> images;   // in the data set's order
  std::optional<ScoreLimit> limit;   // none: not given, and not to be had from these images
  std::string detect_command;        // gives the same maps; empty: none does
  std::vector<KindResult> kinds;     // only where there are several
  std::vector<Example> best, worst;  // by F1; worst also normal images with the highest scores
};

// Mean of the categories' metrics; one is none if it is of no category.
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
  std::string method;                                              // "anomalyvlm on nano, 4 references"
  std::vector<std::pair<std::string, std::string>> configuration;  // what was run, for people, in order
  std::vector<CategoryResult> categories;
  std::vector<MeanResult> means;  // groups, then the total
  std::vector<StageTime> stages;
  std::vector<std::string> failures;  // images that could not be read: sentences
  // What a reader has to know: "ground truth is boxes: pixels are compared with ..."
  std::vector<std::string> notes;
};

}  // namespace anomalyvlm::eval
