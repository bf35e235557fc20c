#include "eval/run/provenance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/platform.h"
#include "core/threads.h"
#include "eval/run/commit.h"

namespace anomalyvlm::eval {
namespace {

struct Values {
  std::string name;
  std::vector<std::pair<std::string, std::size_t>> counted;  // each value, and of how many images
};

template <typename Container, typename Key>
auto& entry(Container& container, const Key& key) {
  const auto has_key = [&](const auto& one) {
    if constexpr (requires { one.name; }) {
      return one.name == key;
    } else {
      return one.first == key;
    }
  };
  auto at = std::find_if(container.begin(), container.end(), has_key);
  if (at == container.end()) at = container.insert(at, {key, {}});
  return *at;
}

std::vector<Values> values_of(const std::vector<Provenance>& images) {
  std::vector<Values> all;
  for (const Provenance& image : images)
    for (const auto& [name, value] : image) ++entry(entry(all, name).counted, value).second;
  return all;
}

}  // namespace

Provenance provenance_of(const LoadedDetector& detector, int jobs, const std::string& command) {
  const DetectorOptions& options = detector.options;
  Provenance lines{{kModels, fmt::format("{}", fmt::join(ids_of(detector.method->models()), "; "))},
                   {"engine", detector.engine ? detector.engine->description() : options.engine},
                   {"device", options.device},
                   {"precision", std::string(to_string(options.precision))},
                   {"CPU", cpu_name()},
                   {"threads", fmt::format("{}", thread_count())},
                   {"images at the same time", fmt::format("{}", jobs)},
                   {"program", "anomalyvlm " + version()}};
  if (const std::uint64_t parameters = detector.method->parameters(); parameters > 0)
    lines.insert(lines.begin() + 1,
                 {"parameters", fmt::format("{:.1f} million", 1e-6 * static_cast<double>(parameters))});
  if (const std::string built_from = commit(); !built_from.empty()) lines.emplace_back("commit", built_from);
  if (!command.empty()) lines.emplace_back(kCommand, command);
  return lines;
}

Provenance united(const std::vector<Provenance>& images) {
  Provenance lines;
  for (const Values& values : values_of(images)) {
    std::string text = values.counted.front().first;
    if (values.counted.size() > 1) {
      text.clear();
      for (const auto& [value, count] : values.counted)
        text +=
            fmt::format("{}{} ({} image{})", text.empty() ? "" : "; ", value, count, count == 1 ? "" : "s");
    }
    lines.emplace_back(values.name, text);
  }
  return lines;
}

std::string mixed_note(const std::vector<Provenance>& images) {
  std::vector<std::string> names;
  for (const Values& values : values_of(images))
    if (values.counted.size() > 1 && values.name != kCommand) names.push_back(values.name);
  if (names.empty()) return {};
  return fmt::format(
      "The images were not all run in the same way; they differ in: {}. The configuration "
      "says how many were run how.",
      fmt::join(names, ", "));
}

}  // namespace anomalyvlm::eval
