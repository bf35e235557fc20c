#include "eval/calibrate/calibration.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

#include "core/check.h"

namespace anomalyvlm::eval {
namespace {

constexpr double kDecimals = 1e4;
constexpr std::size_t kFew = 10;

// The lowest number of four decimals above a score.
double just_above(double score) {
  double whole = std::floor(score * kDecimals);
  while (whole / kDecimals <= score) ++whole;
  return whole / kDecimals;
}

// A limit between two neighbouring scores: their middle, with four decimals where these suffice.
double between(double below, double above) {
  const double middle = std::round((below + above) / 2 * kDecimals) / kDecimals;
  return middle > below && middle <= above ? middle : above;
}

void check_scores(const std::vector<ScoredImage>& images) {
  for (const ScoredImage& image : images)
    if (!std::isfinite(image.score))
      fail(ErrorKind::kBadInput, "The score of '{}' is not a finite number: it cannot be calibrated with.",
           image.file);
}

std::size_t at_or_above(const std::vector<ScoredImage>& images, double limit) {
  return static_cast<std::size_t>(
      std::count_if(images.begin(), images.end(), [&](const auto& image) { return image.score >= limit; }));
}

ProposedLimit measured(const Calibration& c, double limit) {
  return {limit, rate_of(at_or_above(c.good, limit), c.good.size()),
          rate_of(c.defective.size() - at_or_above(c.defective, limit), c.defective.size())};
}

// If k of n good images lie at or above the limit, the next one does with a probability of at most (k + 1) /
// (n + 1).
void propose_by_target(Calibration& c) {
  std::vector<double> scores;
  for (const ScoredImage& image : c.good) scores.push_back(image.score);
  std::sort(scores.begin(), scores.end(), std::greater<>());
  const double allowed = std::floor(c.target * static_cast<double>(scores.size() + 1) + 1e-9) - 1;
  c.target_is_met = allowed >= 0;
  const auto highest_below = std::min(static_cast<std::size_t>(std::max(0.0, allowed)), scores.size() - 1);
  c.by_target = measured(c, just_above(std::max(0.0, scores[highest_below])));
}

std::vector<double> distinct_scores(const Calibration& c) {
  std::vector<double> scores{0};
  for (const auto* images : {&c.good, &c.defective})
    for (const ScoredImage& image : *images) scores.push_back(image.score);
  std::sort(scores.begin(), scores.end());
  scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
  return scores;
}

// A limit in each gap between scores. The fewest errors win, then the fewest missed, then the widest gap.
void try_all(Calibration& c) {
  const std::vector<double> scores = distinct_scores(c);
  struct Best {
    std::size_t errors, missed;
    double narrowness;
    double limit;
    auto rank() const { return std::tuple(errors, missed, narrowness); }
  };
  std::optional<Best> best;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool last = i + 1 == scores.size();
    const double limit = last ? just_above(scores[i]) : between(scores[i], scores[i + 1]);
    const std::size_t false_alarms = at_or_above(c.good, limit);
    const std::size_t missed = c.defective.size() - at_or_above(c.defective, limit);
    c.trade_off.push_back({limit, false_alarms, missed});
    const Best tried{false_alarms + missed, missed, last ? 0 : scores[i] - scores[i + 1], limit};
    if (!best || tried.rank() < best->rank()) best = tried;
  }
  if (!c.defective.empty()) c.fewest_errors = measured(c, best->limit);
}

void add_notes(Calibration& c) {
  if (c.good.size() < kFew)
    c.notes.push_back(fmt::format(
        "The limit is a rough guess, from only {} good image{}. Give 50 or more, of different days "
        "and lots.",
        c.good.size(), c.good.size() == 1 ? "" : "s"));
  if (!c.defective.empty() && c.defective.size() < kFew)
    c.notes.push_back(
        fmt::format("Little can be said of how many will be missed, from only {} defective image{}.",
                    c.defective.size(), c.defective.size() == 1 ? "" : "s"));
  if (!c.target_is_met)
    c.notes.push_back(
        fmt::format("At most {:.3g} % false alarms cannot be promised from {} good images, that takes at "
                    "least {}; the limit "
                    "above all of them promises no better than {:.1f} %.",
                    100 * c.target, c.good.size(), std::ceil(1 / c.target - 1e-9) - 1,
                    100 * c.by_target.false_alarms.expected));
  if (std::all_of(c.good.begin(), c.good.end(), [](const auto& image) { return image.score <= 0; }))
    c.notes.emplace_back("No good image has any region: whatever is found at all makes an image not OK.");
  if (c.fewest_errors && c.fewest_errors->false_alarms.count + c.fewest_errors->missed.count > 0)
    c.notes.emplace_back(
        "No limit tells all these good and defective images apart; other words, --resize or --tile may.");
}

}  // namespace

Calibration calibrate(std::vector<ScoredImage> good, std::vector<ScoredImage> defective, double target,
                      bool keep_target) {
  if (good.empty()) fail(ErrorKind::kBadInput, "A limit needs good images; there are none.");
  if (!(target > 0 && target < 1))
    fail(ErrorKind::kBadInput, "A share of false alarms is above 0 and below 100 %, not {}.", target);
  check_scores(good);
  check_scores(defective);
  Calibration c;
  c.good = std::move(good);
  c.defective = std::move(defective);
  c.target = target;
  propose_by_target(c);
  try_all(c);
  c.by_target_is_proposed = keep_target || !c.fewest_errors;
  add_notes(c);
  return c;
}

double parse_share(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(end, text.data() + text.size());
  std::erase(unit, ' ');
  if (unit == "%") value /= 100;
  if (error != std::errc() || (!unit.empty() && unit != "%") || !(value > 0 && value < 1))
    fail(ErrorKind::kBadInput, "'{}' is not a share above 0 and below 100 %, such as 1% or 0.01", text);
  return value;
}

report::Histogram histogram_of(const Calibration& c) {
  report::ImageScoresByClass scores;
  for (const ScoredImage& image : c.good) scores.good.push_back(image.score);
  for (const ScoredImage& image : c.defective) scores.defective.push_back(image.score);
  const double limit = c.proposed().limit;
  return report::histogram_of(scores, limit, "limit " + fmt::format("{}", limit));
}

}  // namespace anomalyvlm::eval
