#include "eval/data/label_words.h"

#include <algorithm>
#include <array>
#include <string>

#include "text/unicode.h"

namespace anomalyvlm::eval {
namespace {

using std::string_view_literals::operator""sv;

// Spreadsheets write TRUE and FALSE in their user's language.
constexpr std::array kNormal = {"good"sv,      "normal"sv,   "ok"sv,     "okay"sv, "defect free"sv,
                                "no defect"sv, "healthy"sv,  "intact"sv, "pass"sv, "passed"sv,
                                "accept"sv,    "accepted"sv, "false"sv,  "no"sv,   "n"sv,
                                "0"sv,         "0.0"sv,      "io"sv,     "i.o."sv, "gut"sv,
                                "falsch"sv,    "nein"sv,     "faux"sv,   "non"sv,  "falso"sv};
constexpr std::array kAnomalous = {
    "bad"sv,      "defect"sv, "defects"sv,  "defective"sv, "anomaly"sv,   "anomalies"sv, "anomalous"sv,
    "abnormal"sv, "faulty"sv, "ng"sv,       "nok"sv,       "not ok"sv,    "ko"sv,        "fail"sv,
    "failed"sv,   "reject"sv, "rejected"sv, "scrap"sv,     "damaged"sv,   "defekt"sv,    "true"sv,
    "yes"sv,      "y"sv,      "1"sv,        "1.0"sv,       "nio"sv,       "n.i.o."sv,    "schlecht"sv,
    "wahr"sv,     "ja"sv,     "vrai"sv,     "oui"sv,       "verdadero"sv, "vero"sv};

}  // namespace

std::optional<bool> means_anomalous(std::string_view word) {
  std::string text = folded_text(stripped_text(word));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
  if (std::find(kNormal.begin(), kNormal.end(), text) != kNormal.end()) return false;
  if (std::find(kAnomalous.begin(), kAnomalous.end(), text) != kAnomalous.end()) return true;
  return std::nullopt;
}

}  // namespace anomalyvlm::eval
