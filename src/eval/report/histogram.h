#pragma once
// How the images' scores lie, good and defective ones, and what a limit makes of them.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/metrics/evaluation_result.h"
#include "eval/report/svg_plot.h"

namespace anomalyvlm::eval::report {

// Scores of images by what is known of them.
struct ImageScoresByClass {
  std::vector<double> good, defective;
};
ImageScoresByClass scores_of(const CategoryResult& category);

// Of verdicts: not OK where the score is the limit or more.
struct Confusion {
  std::size_t good_ok = 0, good_not_ok = 0;            // not OK: false alarms
  std::size_t defective_ok = 0, defective_not_ok = 0;  // OK: missed
};
Confusion confusion_at(const ImageScoresByClass& scores, double limit);
// "Of 150 good images 10 are not OK (false alarms); of 134 defective ones 14 are OK (missed)."
std::string in_words(const Confusion& confusion);

// Counts between neighbouring edges, the upper one not included but for the last. A limit is one of the
// edges, so that what lies on either side of it can be read off. Where nothing is defective, that is left out
// below.
struct Histogram {
  std::vector<double> edges;
  std::vector<std::size_t> good, defective;  // edges.size() - 1
  std::optional<double> limit;
  std::string limit_name;  // "limit 0.512"
};
Histogram histogram_of(const ImageScoresByClass& scores, std::optional<double> limit,
                       const std::string& limit_name);
Histogram histogram_of(const CategoryResult& category);

std::string text_histogram(const Histogram& histogram);  // lines of a terminal, at most 80 wide
svg::LinePanel histogram_panel(const Histogram& histogram);

}  // namespace anomalyvlm::eval::report
