#pragma once
// What the documents of a calibration have in common. Private to them.
#include <string>
#include <vector>

#include "eval/calibrate/calibration.h"

namespace anomalyvlm::eval {

constexpr const char* kAssumption =
    "This holds for parts and photographs like the good ones given here; calibrate again when camera, light "
    "or "
    "product change.";

// What is to be expected of a limit: a line for the good images, one for the defective ones if there are any.
struct Expectation {
  double limit = 0;
  std::string limit_name;  // "the lowest above all good images"
  std::string what;        // "false alarms", "missed"
  Rate rate;
};
std::vector<Expectation> expectations(const Calibration& calibration);

// Some rows of the trade-off, those of the proposed limits among them.
std::vector<TradeOff> shown_trade_off(const Calibration& calibration);

constexpr const char* kPageTitle = "Limit of the image score";
std::string calibration_page(const Calibration& calibration, const Settings& settings);

}  // namespace anomalyvlm::eval
