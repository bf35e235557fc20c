// A calibration in words, numbers and rows.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/check.h"
#include "core/platform.h"
#include "eval/calibrate/calibration_parts.h"
#include "eval/report/text.h"

namespace anomalyvlm::eval {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShown = 12;  // rows of the trade-off

constexpr const char* kFormat = "anomalyvlm.calibration";
constexpr const char* kHeadings = "file,class,image_score,limit,verdict,regions\r\n";

struct Document {
  const char* name;
  const char* mark;  // near its beginning: that it is ours
};
constexpr Document kPage{"calibration.html", kPageTitle}, kJson{"calibration.json", kFormat},
    kTable{"calibration.csv", kHeadings};

std::string range_line(const char* name, const std::vector<ScoredImage>& images) {
  if (images.empty()) return {};
  std::vector<double> scores;
  for (const ScoredImage& image : images) scores.push_back(image.score);
  std::sort(scores.begin(), scores.end());
  const std::size_t middle = scores.size() / 2;
  const double median = scores.size() % 2 == 1 ? scores[middle] : (scores[middle - 1] + scores[middle]) / 2;
  return fmt::format("{:<10}{:>6} image{}  scores {:.3f} to {:.3f}, median {:.3f}\n", name, scores.size(),
                     scores.size() == 1 ? " " : "s", scores.front(), scores.back(), median);
}

std::string trade_off_lines(const Calibration& c) {
  if (c.defective.empty()) return {};
  std::string out = fmt::format("\n{:>10}  {:>18}  {:>18}\n", "limit", "false alarms", "missed");
  for (const TradeOff& other : shown_trade_off(c))
    out += fmt::format("{:>10.4f}  {:>8} of {:>6}  {:>8} of {:>6}{}\n", other.limit, other.false_alarms,
                       c.good.size(), other.missed, c.defective.size(),
                       other.limit == c.proposed().limit ? "  proposed" : "");
  return out;
}

Json to_json(const Rate& rate) {
  return {{"count", rate.count},
          {"of", rate.of},
          {"expected", rate.expected},
          {"low", rate.low},
          {"high", rate.high}};
}

Json to_json(const ProposedLimit& limit, bool defective) {
  Json json = {{"limit", limit.limit}, {"false_alarms", to_json(limit.false_alarms)}};
  if (defective) json["missed"] = to_json(limit.missed);
  return json;
}

void write_json(const Calibration& c, const Settings& settings, const std::filesystem::path& file) {
  const bool defective = !c.defective.empty();
  Json json = {{"format", kFormat},
               {"version", 1},
               {"limit", c.proposed().limit},
               {"proposed", c.by_target_is_proposed ? "by_target" : "fewest_errors"},
               {"target", c.target},
               {"target_is_met", c.target_is_met},
               {"by_target", to_json(c.by_target, defective)}};
  json["fewest_errors"] = c.fewest_errors ? to_json(*c.fewest_errors, defective) : Json();
  json["trade_off"] = Json::array();
  for (const TradeOff& other : c.trade_off)
    json["trade_off"].push_back(
        {{"limit", other.limit}, {"false_alarms", other.false_alarms}, {"missed", other.missed}});
  json["settings"] = Json::object();
  for (const auto& [name, value] : settings) json["settings"][name] = value;
  json["notes"] = c.notes;
  write_file_atomically(file, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void write_csv(const Calibration& c, const std::filesystem::path& file) {
  std::string text = kHeadings;
  const double limit = c.proposed().limit;
  for (const auto& [name, images] : {std::pair{"good", &c.good}, std::pair{"defective", &c.defective}})
    for (const ScoredImage& image : *images)
      text += fmt::format("{},{},{},{},{},{}\r\n", report::csv_field(image.file), name, image.score, limit,
                          image.score >= limit ? "not OK" : "OK", image.regions);
  write_file_atomically(file, text);
}

}  // namespace

std::vector<TradeOff> shown_trade_off(const Calibration& c) {
  std::vector<TradeOff> shown;
  const std::size_t count = c.trade_off.size(), step = (count + kShown - 1) / kShown;
  for (std::size_t i = 0; i < count; ++i)
    if (i % step == 0 || i + 1 == count) shown.push_back(c.trade_off[i]);
  for (const ProposedLimit* own : {&c.by_target, c.fewest_errors ? &*c.fewest_errors : nullptr})
    if (own != nullptr) shown.push_back({own->limit, own->false_alarms.count, own->missed.count});
  std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) { return a.limit < b.limit; });
  const auto same = [](const auto& a, const auto& b) { return a.limit == b.limit; };
  shown.erase(std::unique(shown.begin(), shown.end(), same), shown.end());
  return shown;
}

std::vector<Expectation> expectations(const Calibration& c) {
  std::vector<Expectation> all;
  const auto add = [&](const ProposedLimit& limit, const std::string& name) {
    all.push_back({limit.limit, name, "false alarms", limit.false_alarms});
    if (!c.defective.empty()) all.push_back({limit.limit, name, "missed", limit.missed});
  };
  add(c.by_target, c.target_is_met
                       ? fmt::format("the lowest that promises at most {:.3g} % false alarms", 100 * c.target)
                       : std::string("the lowest above all good images"));
  if (c.fewest_errors) add(*c.fewest_errors, "the fewest errors on these images");
  return all;
}

std::string describe(const Calibration& c) {
  std::string out = range_line("good", c.good) + range_line("defective", c.defective) + "\n";
  out += report::text_histogram(histogram_of(c)) + trade_off_lines(c) + "\n";
  double shown = -1;
  for (const auto& [limit, name, what, rate] : expectations(c)) {
    if (limit != shown) out += fmt::format("limit {}: {}\n", limit, name);
    shown = limit;
    out += fmt::format(
        "  {:<13}{} of {} here; of 1000 to come at most {:.0f} (95 % confidence: {:.0f} to {:.0f})\n", what,
        rate.count, rate.of, 1000 * rate.expected, 1000 * rate.low, 1000 * rate.high);
  }
  out += fmt::format("{}\nproposed: --limit {}{}{}\n", kAssumption, c.proposed().limit,
                     c.detect_options.empty() ? "" : " ", c.detect_options);
  return out;
}

void check_calibration_folder(const std::filesystem::path& folder) {
  constexpr std::size_t kNear = 1024;
  for (const Document& document : {kPage, kJson, kTable}) {
    const std::filesystem::path file = folder / document.name;
    std::error_code ignored;
    const auto type = std::filesystem::symlink_status(file, ignored).type();
    if (type == std::filesystem::file_type::not_found) continue;
    if (type == std::filesystem::file_type::regular &&
        read_start(file, kNear).find(document.mark) != std::string::npos)
      continue;
    fail(ErrorKind::kBadInput, "'{}' is there and is not of an earlier calibration; choose another folder.",
         file.string());
  }
}

void write_calibration(const Calibration& c, const Settings& settings, const std::filesystem::path& folder) {
  write_csv(c, folder / kTable.name);
  write_file_atomically(folder / kPage.name, calibration_page(c, settings));
  write_json(c, settings, folder / kJson.name);
}

}  // namespace anomalyvlm::eval
