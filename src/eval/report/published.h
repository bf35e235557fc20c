#pragma once
// Scores that others published, to stand beside ours.
#include <string>
#include <vector>

namespace anomalyvlm::eval {

// Scores of others: from the paper, and the page of the released code.
struct PublishedScore {
  const char* method;
  const char* data;            // "MTD", "all four data sets"
  double max_f1, ap, max_iou;  // percent; NaN: not published
  const char* measured_with;   // models and image size
  bool average = false;        // over several data sets
};
// What a reader of them has to know.
constexpr const char* kPublishedNote =
    "Published figures come from the paper and the page of the released code, with other models and image "
    "sizes, as named, and of the whole data set: they put this run in context and are no ranking.";
// Those of a data set ("mvtec", "visa", "ksdd2", "mtd"), then those over all four; none for other data sets.
std::vector<PublishedScore> published_scores(const std::string& dataset);

}  // namespace anomalyvlm::eval
