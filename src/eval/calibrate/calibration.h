#pragma once
// Proposes the image score from which an image is not OK, from the scores of images that are known to be good
// and, if available, of defective ones.
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eval/calibrate/rate.h"
#include "eval/report/histogram.h"

namespace anomalyvlm::eval {

struct ScoredImage {
  std::string file;
  double score = 0;
  std::size_t regions = 0;  // kept
};

struct ProposedLimit {
  double limit = 0;   // of four decimals, above 0
  Rate false_alarms;  // of good images: not OK
  Rate missed;        // of defective ones: OK; of none: without meaning
};

// What another limit would give on the same images.
struct TradeOff {
  double limit = 0;
  std::size_t false_alarms = 0, missed = 0;
};

struct Calibration {
  std::vector<ScoredImage> good, defective;
  double target = 0.01;       // share of good images that may be not OK
  bool target_is_met = true;  // false: there are too few good images to promise that
  ProposedLimit by_target;    // the lowest limit that promises the target, or is above all good images
  std::optional<ProposedLimit> fewest_errors;  // where there are defective images
  bool by_target_is_proposed = true;
  std::vector<TradeOff> trade_off;  // all limits that differ in what they give, from the lowest
  std::vector<std::string> notes;   // sentences: few images, targets that cannot be promised
  std::string detect_options;  // what detect has to be given beside the limit ("--bits 12"); may be empty

  const ProposedLimit& proposed() const { return by_target_is_proposed ? by_target : *fewest_errors; }
};

// `target`: above 0 and below 1. `keep_target`: propose that limit though there are defective images. Throws
// Error(kBadInput) without good images, or for a score that is not finite.
Calibration calibrate(std::vector<ScoredImage> good, std::vector<ScoredImage> defective, double target,
                      bool keep_target);

// "1%", "0.5 %", "0.01". Throws Error(kBadInput).
double parse_share(const std::string& text);

report::Histogram histogram_of(const Calibration& calibration);
// Lines for a terminal: scores, histogram, both limits, what is to be expected, the trade-off.
std::string describe(const Calibration& calibration);

// calibration.html, .json and .csv in a folder that is there. `settings`: how the images were judged, names
// and values for people. Throws Error(kIo).
using Settings = std::vector<std::pair<std::string, std::string>>;
void write_calibration(const Calibration& calibration, const Settings& settings,
                       const std::filesystem::path& folder);
// Throws Error(kBadInput) where one of them would replace somebody else's file.
void check_calibration_folder(const std::filesystem::path& folder);

}  // namespace anomalyvlm::eval
